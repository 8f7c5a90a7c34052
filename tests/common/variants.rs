//! The tiny models that llama.cpp has been asked about.

use candle_core::quantized::GgmlDType;
use vivavoce::engine::{Architecture, BackendKind, LoadOptions, Model};

use crate::tiny::Tiny;

/// One of them.
pub(crate) struct Variant {
    /// What the fixture calls it. `@` and a number ask for so much context.
    name: &'static str,
    architecture: Architecture,
    context: Option<usize>,
}

pub(crate) const VARIANTS: [Variant; 7] = [
    Variant::of("llama", Architecture::Llama, None),
    Variant::of("llama3", Architecture::Llama, None),
    Variant::of("qwen2", Architecture::Qwen2, None),
    Variant::of("qwen3", Architecture::Qwen3, None),
    Variant::of("gemma3", Architecture::Gemma3, None),
    Variant::of("phi3@256", Architecture::Phi3, Some(256)),
    Variant::of("phi3@512", Architecture::Phi3, Some(512)),
];

impl Variant {
    const fn of(name: &'static str, architecture: Architecture, context: Option<usize>) -> Self {
        Self { name, architecture, context }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn tiny(&self) -> Tiny {
        let mut tiny = Tiny::new(self.architecture, GgmlDType::F32);
        if self.name == "llama3" {
            let factors: Vec<f32> = (0..8).map(|n| 1.0 + n as f32).collect();
            tiny.add("rope_freqs.weight", GgmlDType::F32, &factors, &[8]);
        }
        tiny
    }

    pub(crate) fn open(&self, backend: BackendKind) -> Model {
        let options = LoadOptions { backend, context: self.context, ..LoadOptions::default() };
        Model::open(&self.tiny().saved().path, &options).unwrap()
    }
}
