//! The back end of plain slices: activations are `f32`, weights stay the blocks they are in the
//! file, and nothing is packed or copied beside them. Every row's result is the same to the bit
//! whatever else is in the call.

use std::borrow::Cow;
use std::f32::consts::PI;
use std::ops::Range;
use std::sync::Arc;

use candle_core::CpuStorage;
use candle_core::quantized::QuantizedType;

use super::super::architecture::{Activation, Pairs};
use super::super::config::Heads;
use super::super::gguf::RawTensor;
use super::super::rope::Angles;
use super::{Backend, BackendError, Layout, Result, View};

/// Arithmetic on slices.
pub(crate) struct Slices;

/// Activations, row after row.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Rows {
    data: Vec<f32>,
    width: usize,
}

/// A matrix as blocks.
pub(crate) struct Blocks {
    data: Box<dyn QuantizedType>,
    rows: usize,
    columns: usize,
}

/// What all layers of one kind share in a call.
pub(crate) struct Call {
    layout: Layout,
    heads: Heads,
    view: View,
    angles: Angles,
}

/// Keys and values of one layer, position after position, shared between forks until one of
/// them writes.
#[derive(Clone, Default)]
pub(crate) struct Store {
    keys: Arc<Vec<f32>>,
    values: Arc<Vec<f32>>,
}

impl Blocks {
    fn multiply(&self, x: &[f32]) -> Result<Vec<f32>> {
        let count = x.len() / self.columns;
        let mut y = vec![0.0; count * self.rows];
        self.data.matmul_t((count, self.columns, self.rows), x, &mut y)?;
        Ok(y)
    }
}

/// Keeps the first `kept` values and puts `more` after them, in a copy where others look on.
fn write(store: &mut Arc<Vec<f32>>, kept: usize, more: &[f32]) {
    if let Some(own) = Arc::get_mut(store) {
        own.truncate(kept);
        own.extend_from_slice(more);
    } else {
        let mut own = Vec::with_capacity(kept + more.len());
        own.extend_from_slice(&store[..kept]);
        own.extend_from_slice(more);
        *store = Arc::new(own);
    }
}

/// The sum of products, in eight lanes: floating-point addition may not be reordered by the
/// compiler, so a single sum could not use the machine's vectors.
fn dot(x: &[f32], y: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [0.0_f32; LANES];
    let (x, x_rest) = x.as_chunks::<LANES>();
    let (y, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in x.iter().zip(y) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

fn norm_piece(x: &mut [f32], gain: &[f32], epsilon: f32) {
    let mean_square = dot(x, x) / x.len() as f32;
    let scale = (mean_square + epsilon).sqrt().recip();
    for (x, gain) in x.iter_mut().zip(gain) {
        *x = *x * scale * gain;
    }
}

fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

/// What the gate of a feed-forward part goes through.
fn activated(x: f32, activation: Activation) -> f32 {
    match activation {
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Gelu => {
            let inner = (2.0 / PI).sqrt() * x * (1.0 + 0.044_715 * x * x);
            0.5 * x * (1.0 + inner.tanh())
        }
    }
}

/// Turns one head's pairs, of which there may be fewer than it has components for.
fn turn(head: &mut [f32], pairs: Pairs, cos: &[f32], sin: &[f32]) {
    let half = cos.len();
    for (i, (cos, sin)) in cos.iter().zip(sin).enumerate() {
        let (first, second) = match pairs {
            Pairs::Neighbours => (2 * i, 2 * i + 1),
            Pairs::Halves => (i, i + half),
        };
        let (x, y) = (head[first], head[second]);
        head[first] = x * cos - y * sin;
        head[second] = x * sin + y * cos;
    }
}

/// One head of one row: a weighted sum of the values of the positions it sees.
fn attend_head(
    query: &[f32],
    keys: Strided<'_>,
    values: Strided<'_>,
    seen: Range<usize>,
    out: &mut [f32],
) {
    let scale = (query.len() as f32).sqrt().recip();
    let mut weights: Vec<f32> =
        keys.within(seen.clone()).map(|key| dot(query, key) * scale).collect();
    softmax(&mut weights);
    for (weight, value) in weights.iter().zip(values.within(seen)) {
        for (out, value) in out.iter_mut().zip(value) {
            *out += weight * value;
        }
    }
}

/// One head's part of every position.
#[derive(Clone, Copy)]
struct Strided<'a> {
    data: &'a [f32],
    head: usize,
    heads: Heads,
}

impl<'a> Strided<'a> {
    fn within(self, positions: Range<usize>) -> impl Iterator<Item = &'a [f32]> {
        let dim = self.heads.dim;
        let start = self.head * dim;
        let rows = self.data.chunks_exact(self.heads.kv_width());
        rows.take(positions.end).skip(positions.start).map(move |row| &row[start..start + dim])
    }
}

impl Slices {
    fn biased(&self, x: &Rows, weight: &Blocks, bias: Option<&Vec<f32>>) -> Result<Rows> {
        let mut y = self.linear(x, weight)?;
        if let Some(bias) = bias {
            for row in y.data.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(y, bias)| *y += bias);
            }
        }
        Ok(y)
    }
}

impl Backend for Slices {
    type Rows = Rows;
    type Weight = Blocks;
    type Vector = Vec<f32>;
    type Store = Store;
    type Call = Call;

    fn weight(&self, raw: &RawTensor<'_>) -> Result<Blocks> {
        let (rows, columns) = raw.shape;
        Ok(Blocks { data: raw.kind.from_data(Cow::Borrowed(raw.blocks)), rows, columns })
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Ok(values)
    }

    fn call(&self, layout: Layout, heads: Heads, view: &View) -> Result<Call> {
        let angles = view.rope.angles(layout.positions());
        Ok(Call { layout, heads, view: view.clone(), angles })
    }

    fn embed(&self, table: &Blocks, tokens: &[u32], scale: Option<f32>) -> Result<Rows> {
        match table.data.embedding(tokens, table.rows, table.columns)? {
            CpuStorage::F32(mut data) => {
                if let Some(scale) = scale {
                    for x in &mut data {
                        *x *= scale;
                    }
                }
                Ok(Rows { data, width: table.columns })
            }
            _ => Err(BackendError("embeddings did not become floats".to_owned())),
        }
    }

    fn norm(&self, x: &Rows, gain: &Vec<f32>, epsilon: f32) -> Result<Rows> {
        let mut normed = x.clone();
        for piece in normed.data.chunks_exact_mut(gain.len()) {
            norm_piece(piece, gain, epsilon);
        }
        Ok(normed)
    }

    fn linear(&self, x: &Rows, weight: &Blocks) -> Result<Rows> {
        Ok(Rows { data: weight.multiply(&x.data)?, width: weight.rows })
    }

    fn project(&self, x: &Rows, to: [(&Blocks, Option<&Vec<f32>>); 3]) -> Result<[Rows; 3]> {
        let [query, key, value] = to.map(|(weight, bias)| self.biased(x, weight, bias));
        Ok([query?, key?, value?])
    }

    fn gated(&self, x: &Rows, gate: &Blocks, up: &Blocks, activation: Activation) -> Result<Rows> {
        let (mut gate, up) = (self.linear(x, gate)?, self.linear(x, up)?);
        for (gate, up) in gate.data.iter_mut().zip(&up.data) {
            *gate = activated(*gate, activation) * up;
        }
        Ok(gate)
    }

    fn rotate(&self, mut x: Rows, call: &Call) -> Result<Rows> {
        let dim = call.heads.dim;
        let cos = call.angles.cos.chunks_exact(call.view.rope.turning());
        let sin = call.angles.sin.chunks_exact(call.view.rope.turning());
        for ((row, cos), sin) in x.data.chunks_exact_mut(x.width).zip(cos).zip(sin) {
            for head in row.chunks_exact_mut(dim) {
                turn(head, call.view.rope.pairs, cos, sin);
            }
        }
        Ok(x)
    }

    fn attend(
        &self,
        query: &Rows,
        key: &Rows,
        value: &Rows,
        store: &mut Store,
        call: &Call,
    ) -> Result<Rows> {
        let heads = call.heads;
        let mut out = Rows { data: vec![0.0; query.data.len()], width: query.width };
        for run in call.layout.places() {
            let lines =
                |rows: &Rows| rows.data[run.start * rows.width..run.end * rows.width].to_vec();
            let kept = call.layout.at * heads.kv_width();
            write(&mut store.keys, kept, &lines(key));
            write(&mut store.values, kept, &lines(value));
            for (i, row) in run.clone().enumerate() {
                let position = call.layout.at + i;
                let seen = call.view.first_seen(position)..position + 1;
                let place = row * query.width..(row + 1) * query.width;
                let query = query.data[place.clone()].chunks_exact(heads.dim);
                let out = out.data[place].chunks_exact_mut(heads.dim);
                for (head, (query, out)) in query.zip(out).enumerate() {
                    let head = head / (heads.query / heads.kv);
                    let keys = Strided { data: &store.keys, head, heads };
                    let values = Strided { data: &store.values, head, heads };
                    attend_head(query, keys, values, seen.clone(), out);
                }
            }
        }
        Ok(out)
    }

    fn add(&self, mut x: Rows, y: &Rows) -> Result<Rows> {
        x.data.iter_mut().zip(&y.data).for_each(|(x, y)| *x += y);
        Ok(x)
    }

    fn pick(&self, x: &Rows, indices: &[usize]) -> Result<Rows> {
        let row = |&i: &usize| x.data[i * x.width..(i + 1) * x.width].iter().copied();
        Ok(Rows { data: indices.iter().flat_map(row).collect(), width: x.width })
    }

    fn logits(&self, x: &Rows, weight: &Blocks) -> Result<Vec<Vec<f32>>> {
        let logits = weight.multiply(&x.data)?;
        Ok(logits.chunks_exact(weight.rows).map(<[f32]>::to_vec).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Activation, activated};

    #[test]
    fn gelu_is_the_approximation_with_the_hyperbolic_tangent() {
        // The exact one is 0.841345 at 1, and 2.995950 at 3.
        for (x, y) in [(0.0, 0.0), (1.0, 0.841_192), (-1.0, -0.158_808), (3.0, 2.996_363)] {
            let gelu = activated(x, Activation::Gelu);
            assert!((gelu - y).abs() < 1e-6, "{x}: {gelu}");
        }
    }
}
