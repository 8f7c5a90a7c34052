//! Which tensors an architecture consists of, and their shapes.

use std::sync::Arc;

use super::backend::{Backend, BackendError};
use super::config::Config;
use super::decoder::{Decoder, Layer, Projection};
use super::error::LoadFault;
use super::gguf::TensorSource;
use super::rope::Rope;

impl From<BackendError> for LoadFault {
    fn from(error: BackendError) -> Self {
        Self::Backend(error.to_string())
    }
}

/// Hands the tensors of a file to a back end.
pub(crate) struct Loader<'a, B> {
    pub(crate) backend: B,
    pub(crate) config: &'a Config,
    pub(crate) source: TensorSource,
}

impl<B: Backend> Loader<'_, B> {
    /// All weights, each of the shape that the key/values say, and nothing left over.
    pub(crate) fn decoder(mut self) -> Result<Decoder<B>, LoadFault> {
        let width = self.config.width;
        let vocabulary = self.source.rows("token_embd.weight")?;
        let (embedding, output) = self.ends(vocabulary)?;
        let layers = (0..self.config.layers).map(|n| self.layer(n)).collect::<Result<_, _>>()?;
        let norm = self.vector("output_norm.weight", width)?;
        let rope = self.rope()?;
        self.source.finish()?;
        let (backend, config) = (self.backend, self.config.clone());
        Ok(Decoder { backend, config, rope, vocabulary, embedding, layers, norm, output })
    }

    /// The first and the last matrix, one in models that tie the two.
    fn ends(&mut self, vocabulary: usize) -> Result<(B::Table, Arc<B::Weight>), LoadFault> {
        let shape = (vocabulary, self.config.width);
        let first = self.source.matrix("token_embd.weight", shape)?;
        if self.source.has("output.weight") {
            let output = Arc::new(self.matrix("output.weight", shape)?);
            return Ok((self.backend.table(&first)?, output));
        }
        let output = Arc::new(self.backend.weight(&first)?);
        Ok((self.backend.shared_table(&output), output))
    }

    fn layer(&mut self, number: usize) -> Result<Layer<B>, LoadFault> {
        let Config { width, hidden, heads, .. } = *self.config;
        let at = |part: &str| format!("blk.{number}.{part}");
        let head_norms = self.config.architecture.has_head_norms();
        Ok(Layer {
            attention_norm: self.vector(&at("attn_norm.weight"), width)?,
            query: self.projection(&at("attn_q"), heads.query_width(), head_norms)?,
            key: self.projection(&at("attn_k"), heads.kv_width(), head_norms)?,
            value: self.projection(&at("attn_v"), heads.kv_width(), false)?,
            output: self.matrix(&at("attn_output.weight"), (width, heads.query_width()))?,
            feed_norm: self.vector(&at("ffn_norm.weight"), width)?,
            gate: self.matrix(&at("ffn_gate.weight"), (hidden, width))?,
            up: self.matrix(&at("ffn_up.weight"), (hidden, width))?,
            down: self.matrix(&at("ffn_down.weight"), (width, hidden))?,
        })
    }

    fn projection(
        &mut self,
        name: &str,
        rows: usize,
        head_norm: bool,
    ) -> Result<Projection<B>, LoadFault> {
        let Config { architecture, width, heads, .. } = *self.config;
        let weight = self.matrix(&format!("{name}.weight"), (rows, width))?;
        let bias = format!("{name}.bias");
        let has_bias = architecture.needs_biases() || self.source.has(&bias);
        Ok(Projection {
            weight,
            bias: has_bias.then(|| self.vector(&bias, rows)).transpose()?,
            head_norm: head_norm
                .then(|| self.vector(&format!("{name}_norm.weight"), heads.dim))
                .transpose()?,
        })
    }

    fn rope(&mut self) -> Result<Rope, LoadFault> {
        const FACTORS: &str = "rope_freqs.weight";
        let Config { architecture, heads, rope_base, .. } = *self.config;
        let rope = Rope::new(architecture.pairs(), heads, rope_base);
        if !self.source.has(FACTORS) {
            return Ok(rope);
        }
        rope.slowed(&self.source.vector(FACTORS, heads.dim / 2)?)
    }

    fn matrix(&mut self, name: &str, shape: (usize, usize)) -> Result<B::Weight, LoadFault> {
        Ok(self.backend.weight(&self.source.matrix(name, shape)?)?)
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<B::Vector, LoadFault> {
        Ok(self.backend.vector(self.source.vector(name, length)?)?)
    }
}
