//! What the decoder needs of a machine. The decoder knows the architecture and the order of
//! things; a back end knows how numbers are held and multiplied.
//!
//! An activation is a matrix with a row a token. Keys and values live in one store a layer; the
//! decoder says from which position on they are written, so that shortening a cache is a matter
//! of its length alone.

mod open;
mod slices;
mod tensor;

pub(crate) use open::{AnyBackend, Opened};
pub(crate) use slices::Slices;
pub(crate) use tensor::Tensors;

use std::ops::Range;
use std::sync::Arc;

use super::architecture::Activation;
use super::config::Heads;
use super::gguf::RawTensor;
use super::rope::Rope;

/// Why a back end gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct BackendError(String);

impl From<candle_core::Error> for BackendError {
    fn from(error: candle_core::Error) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Result<T> = std::result::Result<T, BackendError>;

/// Where the tokens of a call stand, and what each of them sees: what is in the cache, and the
/// tokens of its own run up to itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Tokens in the cache; every run begins at this position.
    pub(crate) at: usize,
    /// The length of each run; the tokens of a call are those of its runs, one after the other.
    pub(crate) runs: Vec<usize>,
    /// Whether the tokens stay in the cache. There is a single run then.
    pub(crate) stays: bool,
}

impl Layout {
    /// `count` tokens after `at`, to be kept.
    pub(crate) fn append(at: usize, count: usize) -> Self {
        Self { at, runs: vec![count], stays: true }
    }

    /// Continuations of the same `at` tokens that do not see each other, of which nothing stays.
    pub(crate) fn branches(at: usize, runs: Vec<usize>) -> Self {
        Self { at, runs, stays: false }
    }

    /// Tokens of the call.
    pub(crate) fn count(&self) -> usize {
        self.runs.iter().sum()
    }

    /// The position of every token.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().flat_map(|run| (0..*run).map(|i| self.at + i))
    }

    /// Each run's place among the tokens of the call.
    pub(crate) fn places(&self) -> impl Iterator<Item = Range<usize>> {
        self.runs.iter().scan(0, |next, run| {
            let start = *next;
            *next += run;
            Some(start..*next)
        })
    }
}

/// How the layers of one kind look back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    /// What positions do to queries and keys.
    pub(crate) rope: Rope,
    /// How many positions a token sees, the last of them its own; all before it where there is no
    /// window.
    pub(crate) window: Option<usize>,
}

impl View {
    /// The first position that a token at `position` sees.
    pub(crate) fn first_seen(&self, position: usize) -> usize {
        self.window.map_or(0, |window| (position + 1).saturating_sub(window))
    }
}

/// Weights and arithmetic. Shapes were checked before: a back end may rely on them.
pub(crate) trait Backend: Send + Sync {
    /// Activations, one row a token.
    type Rows;
    /// A quantised matrix, `[outputs, inputs]`.
    type Weight: Send + Sync;
    /// The rows of the embedding.
    type Table: Send + Sync;
    /// A gain or a bias.
    type Vector: Send + Sync;
    /// Keys and values of one layer. A clone never sees what is written to the other.
    type Store: Clone + Default + Send;
    /// What all layers of one kind share in one call: angles, mask.
    type Call;

    /// Takes up a matrix.
    fn weight(&self, raw: &RawTensor) -> Result<Self::Weight>;

    /// Takes up an embedding.
    fn table(&self, raw: &RawTensor) -> Result<Self::Table>;

    /// An embedding that is the output matrix, too.
    fn shared_table(&self, weight: &Arc<Self::Weight>) -> Self::Table;

    /// Takes up a vector.
    fn vector(&self, values: Vec<f32>) -> Result<Self::Vector>;

    /// Prepares a call for the layers with this view.
    fn call(&self, layout: Layout, heads: Heads, view: &View) -> Result<Self::Call>;

    /// The rows of `table` that belong to `tokens`, times `scale` where there is one.
    fn embed(&self, table: &Self::Table, tokens: &[u32], scale: Option<f32>) -> Result<Self::Rows>;

    /// Divides by the root of the mean square and multiplies by `gain`. A row longer than `gain`
    /// is normalised piece by piece: that is how heads are.
    fn norm(&self, x: &Self::Rows, gain: &Self::Vector, epsilon: f32) -> Result<Self::Rows>;

    /// `x * weight^T`.
    fn linear(&self, x: &Self::Rows, weight: &Self::Weight) -> Result<Self::Rows>;

    /// `x * weight^T + bias` for several matrices at once, which share what has to be done to
    /// `x`.
    fn project(
        &self,
        x: &Self::Rows,
        to: [(&Self::Weight, Option<&Self::Vector>); 3],
    ) -> Result<[Self::Rows; 3]>;

    /// `activation(x * gate^T) * (x * up^T)`.
    fn gated(
        &self,
        x: &Self::Rows,
        gate: &Self::Weight,
        up: &Self::Weight,
        activation: Activation,
    ) -> Result<Self::Rows>;

    /// Turns the pairs of each head by the angles of the row's position, and leaves components
    /// that are in no pair as they are.
    fn rotate(&self, x: Self::Rows, call: &Self::Call) -> Result<Self::Rows>;

    /// Lets each row of `query` attend to what the call's layout has it see and its view's window
    /// reaches. The first positions
    /// of the store are those of the cache; what lies behind them may be written over, and holds
    /// `key` and `value` afterwards where the layout says that they stay.
    fn attend(
        &self,
        query: &Self::Rows,
        key: &Self::Rows,
        value: &Self::Rows,
        store: &mut Self::Store,
        call: &Self::Call,
    ) -> Result<Self::Rows>;

    /// For each row of `query` the products of one of its heads with the keys of cached positions,
    /// divided by the root of a head's components, as plain numbers.
    fn scores(
        &self,
        query: &Self::Rows,
        head: usize,
        store: &Self::Store,
        positions: Range<usize>,
        call: &Self::Call,
    ) -> Result<Vec<Vec<f32>>>;

    /// `x + y`.
    fn add(&self, x: Self::Rows, y: &Self::Rows) -> Result<Self::Rows>;

    /// The rows at `indices`.
    fn pick(&self, x: &Self::Rows, indices: &[usize]) -> Result<Self::Rows>;

    /// The rows as plain numbers.
    fn numbers(&self, x: &Self::Rows) -> Result<Vec<Vec<f32>>>;

    /// Each row of `x` times `weight^T`, as plain numbers. A row's result does not depend on the
    /// others'.
    fn logits(&self, x: &Self::Rows, weight: &Self::Weight) -> Result<Vec<Vec<f32>>>;

    /// Appends the first `count` positions of a store to `to`, where they are in memory; always
    /// as many bytes for so many positions.
    fn save(&self, store: &Self::Store, heads: Heads, count: usize, to: &mut Vec<u8>)
    -> Option<()>;

    /// The store that was saved as `bytes`; none where they are not `count` positions.
    fn restore(&self, bytes: &[u8], heads: Heads, count: usize) -> Option<Self::Store>;
}
