//! How like in meaning texts are, by a model of sentences.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{EmbedError, Embedder, cosine};

/// Vectors that are kept, at most: those of a long interview and everything that is asked about it.
const MOST: usize = 4096;

/// A model of sentences, and the vectors that it has made: the same statements are compared with
/// the same sentences after every answer.
#[derive(Debug)]
pub struct Meanings {
    model: Embedder,
    made: Mutex<HashMap<String, Arc<[f32]>>>,
}

impl Meanings {
    /// The meanings that the model tells apart.
    pub fn new(model: Embedder) -> Self {
        Self { model, made: Mutex::default() }
    }

    /// How like in meaning each statement and each sentence are, from -1 to 1 (the cosine of their
    /// vectors): a row for each statement. Takes milliseconds for each text that is new.
    pub fn likeness(
        &self,
        statements: &[String],
        sentences: &[String],
    ) -> Result<Vec<Vec<f32>>, EmbedError> {
        let (statements, sentences) = (self.vectors(statements)?, self.vectors(sentences)?);
        let row = |statement: &Arc<[f32]>| sentences.iter().map(|s| cosine(statement, s)).collect();
        Ok(statements.iter().map(row).collect())
    }

    fn vectors(&self, texts: &[String]) -> Result<Vec<Arc<[f32]>>, EmbedError> {
        texts.iter().map(|text| self.vector(text)).collect()
    }

    fn vector(&self, text: &str) -> Result<Arc<[f32]>, EmbedError> {
        if let Some(vector) = self.made().get(text) {
            return Ok(Arc::clone(vector));
        }
        let vector: Arc<[f32]> = self.model.embed(&[text])?.concat().into();
        let mut made = self.made();
        if made.len() >= MOST {
            made.clear();
        }
        made.insert(text.to_owned(), Arc::clone(&vector));
        Ok(vector)
    }

    fn made(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<[f32]>>> {
        // Whole vectors go in or none: there is nothing half done to be afraid of.
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
