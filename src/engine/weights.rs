//! Which tensors an architecture consists of, and their shapes.

use std::sync::Arc;

use super::backend::{Backend, BackendError, View};
use super::config::{Config, Reach};
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
        let views = self.views()?;
        self.source.finish()?;
        let (backend, config) = (self.backend, self.config.clone());
        Ok(Decoder { backend, config, views, vocabulary, embedding, layers, norm, output })
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
        let Config { architecture, width, hidden, heads, .. } = *self.config;
        let at = |part: &str| format!("blk.{number}.{part}");
        let post = |part: &str| architecture.has_post_norms().then(|| at(part));
        let attention_norm = self.vector(&at("attn_norm.weight"), width)?;
        let [query, key, value] = self.attention(number)?;
        let [gate, up] = self.gate_and_up(number)?;
        Ok(Layer {
            attention_norm,
            query,
            key,
            value,
            output: self.matrix(&at("attn_output.weight"), (width, heads.query_width()))?,
            attention_post_norm: self.vector_if(post("post_attention_norm.weight"), width)?,
            feed_norm: self.vector(&at("ffn_norm.weight"), width)?,
            gate,
            up,
            down: self.matrix(&at("ffn_down.weight"), (width, hidden))?,
            feed_post_norm: self.vector_if(post("post_ffw_norm.weight"), width)?,
        })
    }

    /// The projections of query, key and value, which some files have as one matrix.
    fn attention(&mut self, number: usize) -> Result<[Projection<B>; 3], LoadFault> {
        let at = |part: &str| format!("blk.{number}.{part}");
        let Config { width, heads, .. } = *self.config;
        let rows = [heads.query_width(), heads.kv_width(), heads.kv_width()];
        let names = ["attn_q", "attn_k", "attn_v"].map(at);
        let fused = at("attn_qkv.weight");
        let [query, key, value] = if self.source.has(&fused) {
            self.stacked(&fused, rows, width)?
        } else {
            let [query, key, value] = [0, 1, 2].map(|part| (&names[part], (rows[part], width)));
            [self.part(query)?, self.part(key)?, self.part(value)?]
        };
        let norms = self.config.architecture.has_head_norms();
        Ok([
            self.projection(query, &names[0], rows[0], norms)?,
            self.projection(key, &names[1], rows[1], norms)?,
            self.projection(value, &names[2], rows[2], false)?,
        ])
    }

    /// The first two matrices of the feed-forward part, which some files have as one.
    fn gate_and_up(&mut self, number: usize) -> Result<[B::Weight; 2], LoadFault> {
        let Config { width, hidden, .. } = *self.config;
        let (gate, up) = (format!("blk.{number}.ffn_gate"), format!("blk.{number}.ffn_up"));
        if self.config.architecture.fuses_gate() {
            return self.stacked(&format!("{up}.weight"), [hidden, hidden], width);
        }
        Ok([self.part((&gate, (hidden, width)))?, self.part((&up, (hidden, width)))?])
    }

    fn projection(
        &mut self,
        weight: B::Weight,
        name: &str,
        rows: usize,
        head_norm: bool,
    ) -> Result<Projection<B>, LoadFault> {
        let Config { architecture, heads, .. } = *self.config;
        let bias = format!("{name}.bias");
        let has_bias = architecture.needs_biases() || self.source.has(&bias);
        Ok(Projection {
            weight,
            bias: self.vector_if(has_bias.then_some(bias), rows)?,
            head_norm: self
                .vector_if(head_norm.then(|| format!("{name}_norm.weight")), heads.dim)?,
        })
    }

    fn views(&mut self) -> Result<Vec<View>, LoadFault> {
        let Config { architecture, rotation, .. } = *self.config;
        let factors = self.factors()?;
        let view = |reach: &Reach| {
            let rope = Rope::new(architecture.pairs(), rotation, *reach);
            let rope = match &factors {
                None => rope,
                Some((name, factors)) => rope.slowed(factors, name)?,
            };
            Ok(View { rope, window: reach.window })
        };
        self.config.reaches.iter().map(view).collect()
    }

    /// What the pairs are slowed down by, with the name of the tensor that says it.
    fn factors(&mut self) -> Result<Option<(&'static str, Vec<f32>)>, LoadFault> {
        let (rotation, long) = (self.config.rotation, self.config.is_long());
        let mut holds = None;
        for (name, is_it) in [
            ("rope_freqs.weight", true),
            ("rope_factors_long.weight", long),
            ("rope_factors_short.weight", !long),
        ] {
            if self.source.has(name) {
                let factors = self.source.vector(name, rotation.dim / 2)?;
                holds = holds.or(is_it.then_some((name, factors)));
            }
        }
        Ok(holds)
    }

    fn stacked<const N: usize>(
        &mut self,
        name: &str,
        rows: [usize; N],
        columns: usize,
    ) -> Result<[B::Weight; N], LoadFault> {
        let matrices = self.source.stacked(name, rows, columns)?;
        let weights = matrices.iter().map(|raw| self.backend.weight(raw));
        let weights = weights.collect::<Result<Vec<_>, _>>()?;
        Ok(weights.try_into().ok().expect("there are as many as matrices"))
    }

    fn part(&mut self, (name, shape): (&String, (usize, usize))) -> Result<B::Weight, LoadFault> {
        self.matrix(&format!("{name}.weight"), shape)
    }

    fn matrix(&mut self, name: &str, shape: (usize, usize)) -> Result<B::Weight, LoadFault> {
        Ok(self.backend.weight(&self.source.matrix(name, shape)?)?)
    }

    /// The vector of this name, where there is a name.
    fn vector_if(
        &mut self,
        name: Option<String>,
        length: usize,
    ) -> Result<Option<B::Vector>, LoadFault> {
        name.map(|name| self.vector(&name, length)).transpose()
    }

    fn vector(&mut self, name: &str, length: usize) -> Result<B::Vector, LoadFault> {
        Ok(self.backend.vector(self.source.vector(name, length)?)?)
    }
}
