//! What a model was asked before, and need not be asked again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::domain::Margin;

/// What is known by now of one model.
#[derive(Debug, Default)]
pub struct Known {
    /// How far a sentence is beside what was asked.
    pub(super) asides: Memo<Sentence, f32>,
    /// What is made of statements where nothing was said, by the question that they are about.
    pub(super) leanings: Memo<String, Margin>,
}

/// What was asked, and a sentence of what was answered.
pub(super) type Sentence = (String, String);

/// Values by what they are of.
#[derive(Debug)]
pub(super) struct Memo<K, V>(Mutex<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Copy> Memo<K, V> {
    pub(super) fn get(&self, of: &K) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(of).copied()
    }

    pub(super) fn learn(&self, learnt: impl IntoIterator<Item = (K, V)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(learnt);
    }
}
