//! What sets the architectures apart that the decoder computes: it knows none of them by name.

use super::error::LoadFault;
use super::gguf::shown;

/// The architectures that the decoder computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// Llama 1 to 3, `SmolLM2` and other models of that shape.
    Llama,
    /// Qwen2 and Qwen2.5: biases on query, key and value.
    Qwen2,
    /// Qwen3: norms on the heads of query and key.
    Qwen3,
    /// Gemma 3: layers that look back only so far between others that see everything, norms after
    /// attention and feed-forward part too, embeddings scaled up.
    Gemma3,
    /// Phi-3 and Phi-4: fused matrices, heads that turn in part, rotations that depend on how long
    /// a context is wanted.
    Phi3,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3, Self::Phi3];

    /// Its name in GGUF files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
            Self::Phi3 => "phi3",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, LoadFault> {
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
            Self::Qwen2 | Self::Qwen3 | Self::Gemma3 | Self::Phi3 => Pairs::Halves,
        }
    }

    /// What the gate of the feed-forward part goes through.
    pub(crate) fn activation(self) -> Activation {
        match self {
            Self::Llama | Self::Qwen2 | Self::Qwen3 | Self::Phi3 => Activation::Silu,
            Self::Gemma3 => Activation::Gelu,
        }
    }

    /// What embeddings of `width` components are multiplied by, where they are.
    pub(crate) fn embedding_scale(self, width: usize) -> Option<f32> {
        match self {
            Self::Llama | Self::Qwen2 | Self::Qwen3 | Self::Phi3 => None,
            Self::Gemma3 => Some((width as f32).sqrt()),
        }
    }

    pub(crate) fn has_head_norms(self) -> bool {
        match self {
            Self::Qwen3 | Self::Gemma3 => true,
            Self::Llama | Self::Qwen2 | Self::Phi3 => false,
        }
    }

    /// Whether attention and feed-forward part are normalised before they are added, too.
    pub(crate) fn has_post_norms(self) -> bool {
        match self {
            Self::Gemma3 => true,
            Self::Llama | Self::Qwen2 | Self::Qwen3 | Self::Phi3 => false,
        }
    }

    /// Whether gate and up of the feed-forward part are one matrix, which is called as up is.
    pub(crate) fn fuses_gate(self) -> bool {
        match self {
            Self::Phi3 => true,
            Self::Llama | Self::Qwen2 | Self::Qwen3 | Self::Gemma3 => false,
        }
    }

    pub(crate) fn needs_biases(self) -> bool {
        match self {
            Self::Qwen2 => true,
            Self::Llama | Self::Qwen3 | Self::Gemma3 | Self::Phi3 => false,
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

/// What the gate of a feed-forward part goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x / (1 + exp(-x))`.
    Silu,
    /// The Gaussian error linear unit, by its approximation with the hyperbolic tangent.
    Gelu,
}
