//! The back end of the CPU: our own kernels on plain slices.
//!
//! Activations are `f32`, weights stay as coarse as they are in the file, keys and values are
//! half-precision. Every row's result is the same to the bit whatever else is in the call, with
//! whichever instructions and on however many threads.

mod numbers;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;

use candle_core::quantized::GgmlDType;

use super::super::architecture::{Activation, Pairs};
use super::super::config::Heads;
use super::super::gguf::RawTensor;
use super::super::kernels::{
    Activations, Coding, Cpu, Format, HeadShape, Level, Matrix, Precision, Product, Seen, Segment,
    Shape, Store,
};
use super::super::rope::Angles;
use super::{Backend, BackendError, Layout, Result, View};
use numbers::{Numbers, Spare};

/// Arithmetic on slices.
pub(crate) struct Slices {
    cpu: Cpu,
    spare: Spare,
}

/// Activations, row after row.
pub(crate) struct Rows {
    data: Numbers,
    width: usize,
}

/// The rows of the embedding.
pub(crate) enum Table {
    /// A matrix that is multiplied with as well.
    Shared(Arc<Matrix>),
    /// A matrix of which a row is wanted now and then: it stays in the file.
    File(RawTensor, Coding),
}

/// What all layers of one kind share in a call.
pub(crate) struct Call {
    layout: Layout,
    heads: Heads,
    view: View,
    angles: Angles,
}

impl From<std::io::Error> for BackendError {
    fn from(error: std::io::Error) -> Self {
        Self(format!("the model's file cannot be read: {error}"))
    }
}

impl Heads {
    fn kv_shape(self) -> HeadShape {
        HeadShape { heads: self.kv, dim: self.dim }
    }
}

impl Rows {
    fn count(&self) -> usize {
        self.data.len() / self.width
    }
}

impl Slices {
    /// On so many threads.
    pub(crate) fn new(threads: NonZeroUsize) -> Result<Self> {
        let level = Level::chosen().map_err(|unknown| BackendError(unknown.to_string()))?;
        let cpu = Cpu::new(threads, level)
            .map_err(|error| BackendError(format!("no thread could be started: {error}")))?;
        Ok(Self { cpu, spare: Spare::default() })
    }

    /// What the last bit of a result rests on: the order of sums, whose number changes when it
    /// does, and the instructions.
    pub(crate) fn numerics(&self) -> String {
        const ORDER_OF_SUMS: u32 = 1;
        format!("kernels {ORDER_OF_SUMS}, {}", self.cpu.level().name())
    }

    /// Rows of any numbers.
    fn rows(&self, count: usize, width: usize) -> Rows {
        Rows { data: self.spare.take(count * width), width }
    }

    fn products<const N: usize>(&self, x: &Rows, matrices: [&Matrix; N]) -> [Rows; N] {
        let mut rows = matrices.map(|matrix| self.rows(x.count(), matrix.shape().0));
        let products = rows.iter_mut().zip(matrices);
        let products = products.map(|(rows, matrix)| Product { matrix, to: &mut rows.data });
        let span = matrices.iter().filter_map(|matrix| matrix.span()).min();
        let bytes = span.map(|span| self.cpu.quantise(&x.data, x.width, span));
        self.cpu.multiply(&Activations { numbers: &x.data, bytes }, products.collect());
        rows
    }
}

/// How a matrix of the file is kept in memory.
fn coding(raw: &RawTensor) -> Result<Coding> {
    let (rows, columns) = raw.shape;
    let packed = |format| Ok(Coding::Packed(Shape { format, rows, columns }));
    match raw.kind {
        GgmlDType::F32 | GgmlDType::BF16 => Ok(Coding::Floats(Precision::Single, raw.shape)),
        GgmlDType::F16 => Ok(Coding::Floats(Precision::Half, raw.shape)),
        GgmlDType::Q4_0 => packed(Format::Q4_0),
        GgmlDType::Q4_1 => packed(Format::Q4_1),
        GgmlDType::Q5_0 => packed(Format::Q5_0),
        GgmlDType::Q5_1 => packed(Format::Q5_1),
        GgmlDType::Q8_0 => packed(Format::Q8_0),
        GgmlDType::Q2K => packed(Format::Q2K),
        GgmlDType::Q3K => packed(Format::Q3K),
        GgmlDType::Q4K => packed(Format::Q4K),
        GgmlDType::Q5K => packed(Format::Q5K),
        GgmlDType::Q6K => packed(Format::Q6K),
        // What activations are turned into; no file has weights of these.
        kind @ (GgmlDType::Q8_1 | GgmlDType::Q8K) => {
            Err(BackendError(format!("there are no kernels for weights of type {kind:?}")))
        }
    }
}

/// Fills `rows`, as `coding` wants them, from row `first` on.
fn read(raw: &RawTensor, first: usize, rows: &mut [u8]) -> std::io::Result<()> {
    if raw.kind != GgmlDType::BF16 {
        return raw.read_rows(first, rows);
    }
    // The upper half of single precision: exact, and seldom enough not to need kernels.
    let mut halves = vec![0; rows.len() / 2];
    raw.read_rows(first, &mut halves)?;
    for (to, half) in rows.as_chunks_mut::<4>().0.iter_mut().zip(halves.as_chunks::<2>().0) {
        *to = [0, 0, half[0], half[1]];
    }
    Ok(())
}

/// Turns one head's pairs.
fn turn(head: &mut [f32], pairs: Pairs, cos: &[f32], sin: &[f32]) {
    let half = head.len() / 2;
    match pairs {
        Pairs::Neighbours => {
            let pairs = head.as_chunks_mut::<2>().0;
            for (pair, (cos, sin)) in pairs.iter_mut().zip(cos.iter().zip(sin)) {
                let [x, y] = *pair;
                *pair = [x * cos - y * sin, x * sin + y * cos];
            }
        }
        Pairs::Halves => {
            let (first, second) = head.split_at_mut(half);
            let halves = first.iter_mut().zip(second);
            for ((first, second), (cos, sin)) in halves.zip(cos.iter().zip(sin)) {
                let (x, y) = (*first, *second);
                *first = x * cos - y * sin;
                *second = x * sin + y * cos;
            }
        }
    }
}

impl Call {
    /// What each run sees, where its own keys and values lie in `stores`, or all in `kept`.
    fn seen<'a>(&self, kept: &'a Store, stores: &'a [Store]) -> Vec<Seen<'a>> {
        let at = self.layout.at;
        let places = self.layout.places().enumerate();
        let run = |(run, rows): (usize, std::ops::Range<usize>)| {
            let segments = match stores.get(run) {
                None => vec![Segment { store: kept, positions: at + rows.len() }],
                Some(own) => vec![
                    Segment { store: kept, positions: at },
                    Segment { store: own, positions: rows.len() },
                ],
            };
            Seen { segments, rows, at, window: self.view.window }
        };
        places.map(run).collect()
    }

    /// Keys and values of each run in a store of its own.
    fn own_stores(&self, keys: &[u16], values: &[u16]) -> Vec<Store> {
        let width = self.heads.kv_width();
        let write = |rows: std::ops::Range<usize>| {
            let mut store = Store::default();
            let part = rows.start * width..rows.end * width;
            store.write(self.heads.kv_shape(), 0, &keys[part.clone()], &values[part]);
            store
        };
        self.layout.places().map(write).collect()
    }
}

impl Backend for Slices {
    type Rows = Rows;
    type Weight = Matrix;
    type Table = Table;
    type Vector = Vec<f32>;
    type Store = Store;
    type Call = Call;

    fn weight(&self, raw: &RawTensor) -> Result<Matrix> {
        let read = |first, rows: &mut [u8]| read(raw, first, rows);
        Ok(self.cpu.matrix(coding(raw)?, &read)?)
    }

    fn table(&self, raw: &RawTensor) -> Result<Table> {
        Ok(Table::File(raw.clone(), coding(raw)?))
    }

    fn shared_table(&self, weight: &Arc<Matrix>) -> Table {
        Table::Shared(Arc::clone(weight))
    }

    fn vector(&self, values: Vec<f32>) -> Result<Vec<f32>> {
        Ok(values)
    }

    fn call(&self, layout: Layout, heads: Heads, view: &View) -> Result<Call> {
        let angles = view.rope.angles(layout.positions());
        Ok(Call { layout, heads, view: view.clone(), angles })
    }

    fn embed(&self, table: &Table, tokens: &[u32], scale: Option<f32>) -> Result<Rows> {
        let width = match table {
            Table::Shared(matrix) => matrix.shape().1,
            Table::File(raw, _) => raw.shape.1,
        };
        let mut rows = self.rows(tokens.len(), width);
        for (token, row) in tokens.iter().zip(rows.data.chunks_exact_mut(width)) {
            match table {
                Table::Shared(matrix) => matrix.row(*token as usize, row),
                Table::File(raw, coding) => {
                    let mut bytes = vec![0; coding.row_bytes()];
                    read(raw, *token as usize, &mut bytes)?;
                    coding.numbers(&bytes, row);
                }
            }
        }
        if let Some(scale) = scale {
            let scaled = |_, row: &mut [f32]| row.iter_mut().for_each(|x| *x *= scale);
            self.cpu.for_rows(&mut rows.data, width, scaled);
        }
        Ok(rows)
    }

    fn norm(&self, x: &Rows, gain: &Vec<f32>, epsilon: f32) -> Result<Rows> {
        let mut normed = self.rows(x.count(), x.width);
        self.cpu.norm(&x.data, &mut normed.data, gain, epsilon);
        Ok(normed)
    }

    fn linear(&self, x: &Rows, weight: &Matrix) -> Result<Rows> {
        let [y] = self.products(x, [weight]);
        Ok(y)
    }

    fn project(&self, x: &Rows, to: [(&Matrix, Option<&Vec<f32>>); 3]) -> Result<[Rows; 3]> {
        let mut projected = self.products(x, to.map(|(matrix, _)| matrix));
        for (rows, (_, bias)) in projected.iter_mut().zip(to) {
            if let Some(bias) = bias {
                self.cpu.add(&mut rows.data, bias);
            }
        }
        Ok(projected)
    }

    fn gated(&self, x: &Rows, gate: &Matrix, up: &Matrix, activation: Activation) -> Result<Rows> {
        let [mut gate, up] = self.products(x, [gate, up]);
        match activation {
            Activation::Silu => self.cpu.silu_gate(&mut gate.data, &up.data),
            Activation::Gelu => self.cpu.gelu_gate(&mut gate.data, &up.data),
        }
        Ok(gate)
    }

    fn rotate(&self, mut x: Rows, call: &Call) -> Result<Rows> {
        let dim = call.heads.dim;
        let half = call.view.rope.turning();
        self.cpu.for_rows(&mut x.data, x.width, |row, x| {
            let place = row * half..(row + 1) * half;
            let (cos, sin) = (&call.angles.cos[place.clone()], &call.angles.sin[place]);
            for head in x.chunks_exact_mut(dim) {
                turn(&mut head[..2 * half], call.view.rope.pairs, cos, sin);
            }
        });
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
        let (keys, values) = (self.cpu.halves(&key.data), self.cpu.halves(&value.data));
        let own = if call.layout.stays {
            store.write(call.heads.kv_shape(), call.layout.at, &keys, &values);
            Vec::new()
        } else {
            call.own_stores(&keys, &values)
        };
        let scale = (call.heads.dim as f32).sqrt().recip();
        let mut scaled = self.rows(query.count(), query.width);
        self.cpu.for_rows(&mut scaled.data, query.width, |row, to| {
            let query = &query.data[row * query.width..][..query.width];
            to.iter_mut().zip(query).for_each(|(to, x)| *to = x * scale);
        });
        let mut out = self.rows(query.count(), query.width);
        let seen = call.seen(store, &own);
        self.cpu.attend(call.heads.kv_shape(), &scaled.data, &mut out.data, &seen);
        Ok(out)
    }

    fn scores(
        &self,
        query: &Rows,
        head: usize,
        store: &Store,
        positions: Range<usize>,
        call: &Call,
    ) -> Result<Vec<Vec<f32>>> {
        let Heads { query: heads, kv, dim } = call.heads;
        let scale = (dim as f32).sqrt().recip();
        let keys = store.keys(call.heads.kv_shape(), head * kv / heads, positions);
        let score = |query: &[f32]| -> Vec<f32> {
            let product = |key: &Vec<f32>| query.iter().zip(key).map(|(q, k)| q * k).sum::<f32>();
            keys.iter().map(|key| scale * product(key)).collect()
        };
        let rows = query.data.chunks_exact(query.width);
        Ok(rows.map(|row| score(&row[head * dim..(head + 1) * dim])).collect())
    }

    fn numbers(&self, x: &Rows) -> Result<Vec<Vec<f32>>> {
        Ok(x.data.chunks_exact(x.width).map(<[f32]>::to_vec).collect())
    }

    fn add(&self, mut x: Rows, y: &Rows) -> Result<Rows> {
        self.cpu.add(&mut x.data, &y.data);
        Ok(x)
    }

    fn pick(&self, x: &Rows, indices: &[usize]) -> Result<Rows> {
        let mut picked = self.rows(indices.len(), x.width);
        for (to, &i) in picked.data.chunks_exact_mut(x.width).zip(indices) {
            to.copy_from_slice(&x.data[i * x.width..][..x.width]);
        }
        Ok(picked)
    }

    fn save(&self, store: &Store, heads: Heads, count: usize, to: &mut Vec<u8>) -> Option<()> {
        let halves = store.read(heads.kv_shape(), count)?;
        to.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
        Some(())
    }

    fn restore(&self, bytes: &[u8], heads: Heads, count: usize) -> Option<Store> {
        let (halves, rest) = bytes.as_chunks();
        let width = heads.kv_width();
        if !rest.is_empty() || halves.len() != 2 * count * width {
            return None;
        }
        let halves: Vec<u16> = halves.iter().map(|half| u16::from_le_bytes(*half)).collect();
        let (keys, values) = halves.split_at(count * width);
        let mut store = Store::default();
        store.write(heads.kv_shape(), 0, keys, values);
        Some(store)
    }

    fn logits(&self, x: &Rows, weight: &Matrix) -> Result<Vec<Vec<f32>>> {
        self.numbers(&self.linear(x, weight)?)
    }
}
