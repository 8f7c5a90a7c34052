//! How layers look back, and what positions do to what they look at.

use super::keys::Keys;
use super::{Heads, MAX_CONTEXT, MAX_HEAD, MAX_LAYERS};
use crate::engine::architecture::Architecture;
use crate::engine::error::LoadFault;
use crate::engine::gguf::{Metadata, Value, shown};

/// One of the ways in which layers look back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    /// How many positions a token sees, the last of them its own; all before it where there is no
    /// window.
    pub(crate) window: Option<usize>,
    /// Base of the rotation's frequencies.
    pub(crate) base: f32,
    /// What all of them are divided by.
    pub(crate) slowed: f32,
}

/// What rotations of all layers share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rotation {
    /// Components of a head that turn, the first; the others stay.
    pub(crate) dim: usize,
    /// What those that turn are multiplied by as well.
    pub(crate) magnitude: f32,
    /// Up to this context `rope_factors_short.weight` holds where a file has it, for longer ones
    /// `rope_factors_long.weight`.
    pub(crate) original_context: usize,
}

/// The base of Gemma 3's layers with a window, which files leave out.
const LOCAL_BASE: f32 = 10_000.0;
/// Of so many of Gemma 3's layers the last sees everything, where the file does not say.
const GEMMA_PATTERN: u64 = 6;

impl Keys<'_> {
    /// The ways in which layers look back, and for each layer its own.
    pub(super) fn reaches(&self, layers: usize) -> Result<(Vec<Reach>, Vec<usize>), LoadFault> {
        let base = self.positive("rope.freq_base", Some(10_000.0))?;
        let all = Reach { window: None, base, slowed: self.slowed()? };
        let window = self.size_if_any("attention.sliding_window", MAX_CONTEXT)?;
        match (self.architecture, window) {
            (Architecture::Gemma3, Some(window)) => {
                let base = self.positive("rope.freq_base_swa", Some(LOCAL_BASE))?;
                let near = Reach { window: Some(window), base, slowed: 1.0 };
                Ok((vec![all, near], self.pattern(layers)?))
            }
            (Architecture::Phi3, Some(_)) => Ok((vec![Reach { window, ..all }], vec![0; layers])),
            // Others mention a window that they were not trained with.
            (Architecture::Gemma3 | Architecture::Phi3, None)
            | (Architecture::Llama | Architecture::Qwen2 | Architecture::Qwen3, _) => {
                Ok((vec![all], vec![0; layers]))
            }
        }
    }

    /// For each layer whether it has a window, as 0 or 1.
    fn pattern(&self, layers: usize) -> Result<Vec<usize>, LoadFault> {
        let key = self.key("attention.sliding_window_pattern");
        match Metadata::optional(self.metadata.value(&key))? {
            Some(Value::Integers(windows)) if windows.len() == layers => {
                Ok(windows.iter().map(|window| usize::from(*window != 0)).collect())
            }
            Some(Value::Integers(windows)) => {
                let windows = windows.len();
                Err(LoadFault::damaged(format!("`{key}` is of {windows} layers, not of {layers}")))
            }
            Some(_) => Ok(every(self.metadata.unsigned(&key)?, layers)),
            None => Ok(every(GEMMA_PATTERN, layers)),
        }
    }

    /// What a file that stretches positions divides all frequencies by.
    fn slowed(&self) -> Result<f32, LoadFault> {
        let scaling = self.key("rope.scaling.type");
        match (Metadata::optional(self.metadata.text(&scaling))?, self.architecture) {
            (Some("none"), _) | (Some("longrope"), Architecture::Phi3) => Ok(1.0),
            (None | Some("linear"), _) => self.positive("rope.scaling.factor", Some(1.0)),
            (Some(kind), _) => {
                let what = format!("rotations scaled by \"{}\"", shown(kind));
                Err(LoadFault::Unsupported { what })
            }
        }
    }

    pub(super) fn rotation(&self, heads: Heads, context: usize) -> Result<Rotation, LoadFault> {
        let dim = self.size_or("rope.dimension_count", MAX_HEAD, heads.dim)?;
        if dim > heads.dim || !dim.is_multiple_of(2) {
            let what = format!("{dim} components of heads of {} turn", heads.dim);
            return Err(LoadFault::damaged(what));
        }
        let original = "rope.scaling.original_context_length";
        Ok(Rotation {
            dim,
            magnitude: self.positive("rope.scaling.attn_factor", Some(1.0))?,
            original_context: self.size_or(original, MAX_CONTEXT, context)?,
        })
    }
}

/// Every `n`th layer without a window; all with one for 0.
fn every(n: u64, layers: usize) -> Vec<usize> {
    let n = n.min(MAX_LAYERS + 1) as usize;
    (1..=layers).map(|layer| usize::from(n == 0 || !layer.is_multiple_of(n))).collect()
}
