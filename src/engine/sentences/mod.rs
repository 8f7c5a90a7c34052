//! Sentences as vectors: how alike two are in meaning.
//!
//! A folder as sentence-transformers publishes it: `config.json`, `tokenizer.json` and
//! `model.safetensors`, all read as hostile input. The arithmetic is that of candle's BERT.

mod config;
mod error;
mod file;
mod weights;
mod words;

use std::fmt;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;

pub use error::{EmbedError, SentencesError, SentencesFault};
use words::Words;

/// Tokens of a text that are read, its two marks among them: what the model was trained for.
const MOST_TOKENS: usize = 256;

/// A model that turns texts into vectors. Never changes, so threads can share it.
pub struct Embedder {
    words: Words,
    model: BertModel,
    width: usize,
}

impl Embedder {
    /// Opens the folder of a model. Takes about twice the weights' size in memory while it reads
    /// them, and that size from then on.
    pub fn open(folder: &Path) -> Result<Self, SentencesError> {
        let at = |file: &str| folder.join(file);
        let config = file::within(&at("config.json"), config::read)?;
        let most = MOST_TOKENS.min(config.max_position_embeddings);
        let words = |bytes: &[u8]| Words::read(bytes, config.vocab_size, most);
        let words = file::within(&at("tokenizer.json"), words)?;
        let model = file::within(&at("model.safetensors"), |bytes| {
            let tensors = weights::read(bytes, &config)?;
            let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
            BertModel::load(weights, &config).map_err(SentencesFault::damaged)
        })?;
        Ok(Self { words, model, width: config.hidden_size })
    }

    /// Components of a vector: 384 for all-MiniLM-L6-v2.
    pub fn width(&self) -> usize {
        self.width
    }

    /// One vector a text, in order: the mean over the text's tokens, of length 1, with
    /// [`width`](Self::width) components. Of a text only the first 256 tokens count; one without
    /// any has a vector too.
    ///
    /// A text's vector is the same to the bit whatever else is asked for: each is computed by
    /// itself. Padding texts to one length would change it, and cost more than it gains.
    pub fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
        texts.iter().map(|text| self.vector(text)).collect()
    }

    fn vector(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        let tokens = self.words.tokens(text)?;
        let hidden =
            self.hidden(&tokens).map_err(|error| EmbedError::Backend(error.to_string()))?;
        let vector = unit(&mean(&hidden, self.width));
        if vector.iter().all(|x| x.is_finite()) { Ok(vector) } else { Err(EmbedError::NotFinite) }
    }

    /// What the last layer makes of each token: [`width`](Self::width) components a token.
    fn hidden(&self, tokens: &[u32]) -> candle_core::Result<Vec<Vec<f32>>> {
        let tokens = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let one_text = tokens.zeros_like()?;
        self.model.forward(&tokens, &one_text, None)?.squeeze(0)?.to_vec2()
    }
}

impl fmt::Debug for Embedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedder").field("width", &self.width).finish_non_exhaustive()
    }
}

/// How alike two vectors of an [`Embedder`] are: the cosine of the angle between them, -1 to 1.
/// Their lengths are taken for 1.
///
/// # Panics
///
/// If they have different numbers of components, and so are of different models.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len(), "vectors of different models");
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}

fn mean(rows: &[Vec<f32>], width: usize) -> Vec<f64> {
    let mut sum = vec![0.0; width];
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    sum.iter().map(|sum| sum / rows.len() as f64).collect()
}

/// The vector in its direction of length 1; one of no length stays as it is.
fn unit(vector: &[f64]) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
    vector.iter().map(|x| (x / length) as f32).collect()
}
