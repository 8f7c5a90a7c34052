//! The shape of a model, read from its key/values and checked before anything relies on it.

use super::error::LoadFault;
use super::gguf::{Metadata, shown};

/// The architectures that the decoder computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Llama 1 to 3, `SmolLM2` and other models of that shape.
    Llama,
    /// Qwen2 and Qwen2.5: biases on query, key and value.
    Qwen2,
    /// Qwen3: norms on the heads of query and key.
    Qwen3,
}

impl Architecture {
    const ALL: [Self; 3] = [Self::Llama, Self::Qwen2, Self::Qwen3];

    /// Its name in GGUF files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
        }
    }

    fn parse(name: &str) -> Result<Self, LoadFault> {
        Self::ALL.into_iter().find(|known| known.name() == name).ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            LoadFault::Architecture { found: shown(name), known }
        })
    }

    /// Which components of a head are rotated together.
    pub(crate) fn pairs(self) -> Pairs {
        match self {
            // The conversion to GGUF reorders Llama's query and key rows for this.
            Self::Llama => Pairs::Neighbours,
            Self::Qwen2 | Self::Qwen3 => Pairs::Halves,
        }
    }

    pub(crate) fn has_head_norms(self) -> bool {
        match self {
            Self::Qwen3 => true,
            Self::Llama | Self::Qwen2 => false,
        }
    }

    pub(crate) fn needs_biases(self) -> bool {
        match self {
            Self::Qwen2 => true,
            Self::Llama | Self::Qwen3 => false,
        }
    }
}

/// Which components of a head are rotated together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pairs {
    /// 0 with 1, 2 with 3, and so on.
    Neighbours,
    /// The first half with the second.
    Halves,
}

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
    /// Base of the rotation's frequencies.
    pub(crate) rope_base: f32,
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

impl Config {
    pub(crate) fn read(metadata: &Metadata) -> Result<Self, LoadFault> {
        let architecture = Architecture::parse(metadata.text("general.architecture")?)?;
        let keys = Keys { metadata, architecture };
        keys.refuse_unsupported()?;
        let width = keys.size("embedding_length", MAX_WIDTH)?;
        let heads = keys.heads(width)?;
        Ok(Self {
            architecture,
            layers: keys.size("block_count", MAX_LAYERS)?,
            width,
            hidden: keys.size("feed_forward_length", MAX_WIDTH)?,
            heads,
            epsilon: keys.positive("attention.layer_norm_rms_epsilon", None)?,
            rope_base: keys.positive("rope.freq_base", Some(10_000.0))?,
            context: keys.context()?,
        })
    }
}

/// The key/values of one architecture.
struct Keys<'a> {
    metadata: &'a Metadata,
    architecture: Architecture,
}

impl Keys<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture.name())
    }

    fn size(&self, name: &str, cap: u64) -> Result<usize, LoadFault> {
        let key = self.key(name);
        let size = self.metadata.unsigned(&key)?;
        if size == 0 || size > cap {
            return Err(LoadFault::damaged(format!(
                "`{key}` is {size}, and 1 to {cap} make sense"
            )));
        }
        Ok(size as usize)
    }

    fn size_or(&self, name: &str, cap: u64, absent: usize) -> Result<usize, LoadFault> {
        if self.metadata.contains(&self.key(name)) { self.size(name, cap) } else { Ok(absent) }
    }

    fn positive(&self, name: &str, absent: Option<f32>) -> Result<f32, LoadFault> {
        let key = self.key(name);
        let number = match (Metadata::optional(self.metadata.float(&key))?, absent) {
            (Some(number), _) => number as f32,
            (None, Some(number)) => number,
            (None, None) => self.metadata.float(&key)? as f32,
        };
        if number.is_finite() && number > 0.0 {
            Ok(number)
        } else {
            Err(LoadFault::damaged(format!("`{key}` is {number}")))
        }
    }

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
        let rotated = self.size_or("rope.dimension_count", MAX_HEAD, dim)?;
        if value != dim || rotated != dim {
            let what = format!("keys of {dim}, values of {value} and rotations of {rotated}");
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
            Architecture::Llama => Ok(context),
            // The releases of July 2025 were trained on their long context.
            Architecture::Qwen2 | Architecture::Qwen3 if name.contains("2507") => Ok(context),
            Architecture::Qwen2 | Architecture::Qwen3 => Ok(context.min(QWEN_CONTEXT)),
        }
    }

    fn refuse_unsupported(&self) -> Result<(), LoadFault> {
        let experts = self.key("expert_count");
        if Metadata::optional(self.metadata.unsigned(&experts))?.unwrap_or(0) > 0 {
            return Err(LoadFault::Unsupported { what: "a mixture of experts".to_owned() });
        }
        if Metadata::optional(self.metadata.unsigned("split.count"))?.unwrap_or(1) > 1 {
            return Err(LoadFault::Unsupported { what: "weights in several files".to_owned() });
        }
        let scaling = self.key("rope.scaling.type");
        match Metadata::optional(self.metadata.text(&scaling))? {
            None | Some("none") => Ok(()),
            Some(kind) => {
                let what = format!("rotations scaled by \"{}\"", shown(kind));
                Err(LoadFault::Unsupported { what })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Architecture, Config, LoadFault};
    use crate::engine::gguf::{Metadata, Value};

    fn with(changes: &[(&str, Option<Value>)]) -> Result<Config, LoadFault> {
        let mut pairs = vec![
            ("general.architecture", Some(Value::Text("qwen2".into()))),
            ("qwen2.block_count", Some(Value::Integer(2))),
            ("qwen2.context_length", Some(Value::Integer(131_072))),
            ("qwen2.embedding_length", Some(Value::Integer(64))),
            ("qwen2.feed_forward_length", Some(Value::Integer(128))),
            ("qwen2.attention.head_count", Some(Value::Integer(4))),
            ("qwen2.attention.head_count_kv", Some(Value::Integer(2))),
            ("qwen2.attention.layer_norm_rms_epsilon", Some(Value::Float(1e-6))),
        ];
        pairs.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
        pairs.extend(changes.iter().cloned());
        let metadata: Metadata =
            pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect();
        Config::read(&metadata)
    }

    fn refused(changes: &[(&str, Option<Value>)]) -> String {
        with(changes).unwrap_err().to_string()
    }

    #[test]
    fn a_plain_model_is_read() {
        let config = with(&[]).unwrap();
        assert_eq!(config.architecture, Architecture::Qwen2);
        assert_eq!((config.heads.query, config.heads.kv, config.heads.dim), (4, 2, 16));
        assert!((config.rope_base - 10_000.0).abs() < f32::EPSILON);
    }

    #[test]
    fn qwen_files_claim_more_context_than_they_were_trained_on() {
        assert_eq!(with(&[]).unwrap().context, 32_768);
        let long = Value::Text("Qwen3 4B Instruct 2507".into());
        assert_eq!(with(&[("general.name", Some(long))]).unwrap().context, 131_072);
    }

    #[test]
    fn an_unknown_architecture_is_named_with_the_known_ones() {
        let error = refused(&[("general.architecture", Some(Value::Text("mam\u{7}ba".into())))]);
        assert!(error.contains("\"mam\\u{7}ba\""), "{error}");
        assert!(error.contains("llama, qwen2, qwen3"), "{error}");
    }

    #[test]
    fn numbers_that_make_no_sense_are_named() {
        for (key, value, says) in [
            ("qwen2.block_count", Value::Integer(0), "`qwen2.block_count` is 0"),
            ("qwen2.block_count", Value::Integer(1 << 40), "1 to 1024 make sense"),
            ("qwen2.block_count", Value::Text("two".into()), "should be an integer"),
            ("qwen2.attention.head_count", Value::Integer(3), "cannot share 2"),
            ("qwen2.attention.head_count", Value::Integer(6), "do not divide a width of 64"),
            ("qwen2.attention.head_count_kv", Value::Integer(0), "is 0"),
            ("qwen2.attention.layer_norm_rms_epsilon", Value::Float(f64::NAN), "is NaN"),
            ("qwen2.attention.layer_norm_rms_epsilon", Value::Float(0.0), "is 0"),
            ("qwen2.rope.freq_base", Value::Float(-1.0), "is -1"),
            ("qwen2.attention.key_length", Value::Integer(5), "have 5 components"),
            ("qwen2.rope.dimension_count", Value::Integer(8), "rotations of 8"),
            ("qwen2.expert_count", Value::Integer(8), "a mixture of experts"),
            ("split.count", Value::Integer(3), "weights in several files"),
            ("qwen2.rope.scaling.type", Value::Text("yarn".into()), "\"yarn\""),
        ] {
            let error = refused(&[(key, Some(value))]);
            assert!(error.contains(says), "{key}: {error}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        let error = refused(&[("qwen2.feed_forward_length", None)]);
        assert!(error.contains("`qwen2.feed_forward_length`"), "{error}");
        let error = refused(&[("qwen2.attention.layer_norm_rms_epsilon", None)]);
        assert!(error.contains("rms_epsilon"), "{error}");
    }
}
