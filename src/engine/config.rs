//! The shape of a model, read from its key/values and checked before anything relies on it.

mod keys;
mod positions;

use super::architecture::{Activation, Architecture};
use super::error::LoadFault;
use super::gguf::Metadata;

use keys::Keys;
pub(crate) use positions::{Reach, Rotation};

/// How attention is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Heads {
    /// Heads of the query.
    pub(crate) query: usize,
    /// Heads of key and value; each serves `query / kv` heads of the query.
    pub(crate) kv: usize,
    /// Components of a head.
    pub(crate) dim: usize,
}

impl Heads {
    pub(crate) fn query_width(self) -> usize {
        self.query * self.dim
    }

    pub(crate) fn kv_width(self) -> usize {
        self.kv * self.dim
    }
}

/// The shape of a model. Every number is positive and below a cap, so that no product of two
/// overflows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    pub(crate) architecture: Architecture,
    pub(crate) layers: usize,
    /// Components of an activation.
    pub(crate) width: usize,
    /// Components inside the feed-forward part.
    pub(crate) hidden: usize,
    pub(crate) heads: Heads,
    /// Added under the root of every norm.
    pub(crate) epsilon: f32,
    pub(crate) activation: Activation,
    /// What embeddings are multiplied by, where they are.
    pub(crate) embedding_scale: Option<f32>,
    pub(crate) rotation: Rotation,
    /// The ways in which layers look back.
    pub(crate) reaches: Vec<Reach>,
    /// For each layer its way, an index into `reaches`.
    pub(crate) reach_of: Vec<usize>,
    /// Tokens that a cache may hold.
    pub(crate) context: usize,
}

/// Larger than any model's layers, widths and heads.
const MAX_LAYERS: u64 = 1 << 10;
const MAX_WIDTH: u64 = 1 << 20;
const MAX_HEAD: u64 = 1 << 10;
/// A longer context than any model was trained on.
const MAX_CONTEXT: u64 = 1 << 24;
/// What Qwen2.5 and Qwen3 were trained on. Files that claim more rely on a stretching of
/// positions (`YaRN`) that they leave to the program.
const QWEN_CONTEXT: usize = 32_768;
/// Gemma 3 27B has so many layers, and divides scores by another root than its head's. The file
/// says nothing of that.
const GEMMA_27B_LAYERS: usize = 62;

impl Config {
    /// The shape that a file describes, with a context of at most `room` tokens.
    pub(crate) fn read(metadata: &Metadata, room: Option<usize>) -> Result<Self, LoadFault> {
        let architecture = Architecture::parse(metadata.text("general.architecture")?)?;
        let keys = Keys { metadata, architecture };
        keys.refuse_unsupported()?;
        let width = keys.size("embedding_length", MAX_WIDTH)?;
        let layers = keys.size("block_count", MAX_LAYERS)?;
        let heads = keys.heads(width)?;
        let context = keys.context()?;
        let (reaches, reach_of) = keys.reaches(layers)?;
        Ok(Self {
            architecture,
            layers,
            width,
            hidden: keys.size("feed_forward_length", MAX_WIDTH)?,
            heads,
            epsilon: keys.positive("attention.layer_norm_rms_epsilon", None)?,
            activation: architecture.activation(),
            embedding_scale: architecture.embedding_scale(width),
            rotation: keys.rotation(heads, context)?,
            reaches,
            reach_of,
            context: room.map_or(context, |room| room.min(context)),
        })
    }
}

impl Config {
    /// Whether the context is longer than what the model was first trained on.
    pub(crate) fn is_long(&self) -> bool {
        self.context > self.rotation.original_context
    }
}

impl Keys<'_> {
    fn heads(&self, width: usize) -> Result<Heads, LoadFault> {
        let query = self.size("attention.head_count", MAX_WIDTH)?;
        let kv = self.size_or("attention.head_count_kv", MAX_WIDTH, query)?;
        if !query.is_multiple_of(kv) {
            let what = format!("{query} heads cannot share {kv} heads of keys and values");
            return Err(LoadFault::damaged(what));
        }
        let dim = self.head_dim(width, query)?;
        Ok(Heads { query, kv, dim })
    }

    fn head_dim(&self, width: usize, query: usize) -> Result<usize, LoadFault> {
        let dim = if self.metadata.contains(&self.key("attention.key_length")) {
            self.size("attention.key_length", MAX_HEAD)?
        } else if width.is_multiple_of(query) {
            width / query
        } else {
            let what = format!("{query} heads do not divide a width of {width}");
            return Err(LoadFault::damaged(what));
        };
        let value = self.size_or("attention.value_length", MAX_HEAD, dim)?;
        if value != dim {
            let what = format!("keys of {dim} and values of {value} components");
            return Err(LoadFault::Unsupported { what });
        }
        if !dim.is_multiple_of(2) || dim as u64 > MAX_HEAD {
            return Err(LoadFault::damaged(format!("its heads have {dim} components")));
        }
        Ok(dim)
    }

    fn context(&self) -> Result<usize, LoadFault> {
        let context = self.size("context_length", MAX_CONTEXT)?;
        let name = Metadata::optional(self.metadata.text("general.name"))?.unwrap_or_default();
        match self.architecture {
            Architecture::Llama | Architecture::Gemma3 | Architecture::Phi3 => Ok(context),
            // The releases of July 2025 were trained on their long context.
            Architecture::Qwen2 | Architecture::Qwen3 if name.contains("2507") => Ok(context),
            Architecture::Qwen2 | Architecture::Qwen3 => Ok(context.min(QWEN_CONTEXT)),
        }
    }

    fn refuse_unsupported(&self) -> Result<(), LoadFault> {
        let what = if self.number("expert_count")? > 0.0 {
            "a mixture of experts"
        } else if Metadata::optional(self.metadata.unsigned("split.count"))?.unwrap_or(1) > 1 {
            "weights in several files"
        } else if self.number("final_logit_softcapping")? > 0.0 {
            "capped logits"
        } else if self.architecture == Architecture::Gemma3
            && self.size("block_count", MAX_LAYERS)? == GEMMA_27B_LAYERS
        {
            "attention that is scaled as in Gemma 3 27B"
        } else {
            return Ok(());
        };
        Err(LoadFault::Unsupported { what: what.to_owned() })
    }
}

#[cfg(test)]
mod tests;
