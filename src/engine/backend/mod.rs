//! What the decoder needs of a machine. The decoder knows the architecture and the order of
//! things; a back end knows how numbers are held and multiplied.
//!
//! An activation is a matrix with a row a token. Keys and values live in one store a layer; the
//! decoder says from which position on they are written, so that shortening a cache is a matter
//! of its length alone.

mod slices;
mod tensor;

pub(crate) use slices::Slices;
pub(crate) use tensor::Tensors;

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

/// Where in a conversation a call works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Tokens already in the cache.
    pub(crate) at: usize,
    /// New tokens.
    pub(crate) count: usize,
}

/// Weights and arithmetic. Shapes were checked before: a back end may rely on them.
pub(crate) trait Backend: Send + Sync {
    /// Activations, one row a token.
    type Rows;
    /// A quantised matrix, `[outputs, inputs]`.
    type Weight: Send + Sync;
    /// A gain or a bias.
    type Vector: Send + Sync;
    /// Keys and values of one layer. A clone never sees what is written to the other.
    type Store: Clone + Default + Send;
    /// What all layers of one call share: angles, mask.
    type Call;

    /// Takes up a matrix.
    fn weight(&self, raw: &RawTensor<'_>) -> Result<Self::Weight>;

    /// Takes up a vector.
    fn vector(&self, values: Vec<f32>) -> Result<Self::Vector>;

    /// Prepares a call.
    fn call(&self, span: Span, heads: Heads, rope: &Rope) -> Result<Self::Call>;

    /// The rows of `table` that belong to `tokens`.
    fn embed(&self, table: &Self::Weight, tokens: &[u32]) -> Result<Self::Rows>;

    /// Divides by the root of the mean square and multiplies by `gain`. A row longer than `gain`
    /// is normalised piece by piece: that is how heads are.
    fn norm(&self, x: &Self::Rows, gain: &Self::Vector, epsilon: f32) -> Result<Self::Rows>;

    /// `x * weight^T + bias`.
    fn linear(
        &self,
        x: &Self::Rows,
        weight: &Self::Weight,
        bias: Option<&Self::Vector>,
    ) -> Result<Self::Rows>;

    /// Turns the pairs of each head by the angles of the row's position.
    fn rotate(&self, x: Self::Rows, call: &Self::Call) -> Result<Self::Rows>;

    /// Writes `key` and `value` to the store from the call's first position on, whatever it held
    /// there, then lets each row of `query` attend to all positions up to its own.
    fn attend(
        &self,
        query: &Self::Rows,
        key: &Self::Rows,
        value: &Self::Rows,
        store: &mut Self::Store,
        call: &Self::Call,
    ) -> Result<Self::Rows>;

    /// `silu(gate) * up`.
    fn gate(&self, gate: Self::Rows, up: &Self::Rows) -> Result<Self::Rows>;

    /// `x + y`.
    fn add(&self, x: Self::Rows, y: &Self::Rows) -> Result<Self::Rows>;

    /// The rows at `indices`.
    fn pick(&self, x: &Self::Rows, indices: &[usize]) -> Result<Self::Rows>;

    /// Each row of `x` times `weight^T`, as plain numbers. A row's result does not depend on the
    /// others'.
    fn logits(&self, x: &Self::Rows, weight: &Self::Weight) -> Result<Vec<Vec<f32>>>;
}
