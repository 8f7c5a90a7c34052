//! The back end of candle's tensors: the reference, and the way to GPUs. Nothing but
//! [`Tensors::open`] is tied to a device.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use candle_core::quantized::{QMatMul, QStorage, QTensor};
use candle_core::{DType, Module as _, Tensor};

use super::super::architecture::{Activation, Pairs};
use super::super::config::Heads;
use super::super::device::Device;
use super::super::gguf::RawTensor;
use super::{Backend, BackendError, Layout, Result, View};

/// Room of a store grows by whole steps of so many positions.
const ROOM_STEP: usize = 256;

/// Arithmetic on candle's tensors.
pub(crate) struct Tensors {
    device: candle_core::Device,
}

/// What all layers of one kind share in a call.
pub(crate) struct Call {
    layout: Layout,
    count: usize,
    heads: Heads,
    pairs: Pairs,
    /// Components of a head that turn.
    turning: usize,
    /// `[count, 1, turning / 2]`: a batch of one position each, so that rows need not be reordered.
    cos: Tensor,
    sin: Tensor,
    /// `[count, at + count]`: 0 where a row may look, minus infinity where not. One row alone
    /// may look at everything, unless a window keeps it from that.
    mask: Option<Tensor>,
}

/// Keys and values of one layer, shared between forks until one of them writes.
#[derive(Clone, Default)]
pub(crate) struct Store(Option<Arc<Room>>);

/// Both are `[kv heads, room, dim]` and written in place, which is sound only where no other
/// store can see them: [`Store::writable`] sees to that.
struct Room {
    keys: Tensor,
    values: Tensor,
}

impl Tensors {
    /// Fails where the machine lacks the device.
    pub(crate) fn open(device: Device) -> Result<Self> {
        let device = match device {
            Device::Cpu => candle_core::Device::Cpu,
            // One stream for all threads. candle's own choice is one a thread, and a model is
            // loaded on one thread and computes on another, which would not wait for the first.
            Device::Cuda(number) => candle_core::Device::new_cuda_with_stream(number)?,
            Device::Metal => open_metal()?,
        };
        Ok(Self { device })
    }

    fn mask(&self, layout: &Layout, view: &View) -> Result<Option<Tensor>> {
        let (at, count) = (layout.at, layout.count());
        if count == 1 && view.first_seen(at) == 0 {
            return Ok(None);
        }
        let rows = layout.places().flat_map(|run| run.clone().map(move |row| (run.start, row)));
        let mask: Vec<f32> = rows
            .flat_map(|(start, row)| {
                let first = view.first_seen(at + row - start);
                let sees = move |column: usize| {
                    (first..at).contains(&column)
                        || (at.max(first) + start..=at + row).contains(&column)
                };
                (0..at + count).map(move |c| if sees(c) { 0.0 } else { f32::NEG_INFINITY })
            })
            .collect();
        Ok(Some(Tensor::from_vec(mask, (count, at + count), &self.device)?))
    }
}

/// candle takes the first of the machine's GPUs and panics where there is none, as on a virtual
/// Mac.
fn open_metal() -> Result<candle_core::Device> {
    match std::panic::catch_unwind(|| candle_core::Device::new_metal(0)) {
        Ok(opened) => Ok(opened?),
        Err(_) => Err(BackendError("it has no GPU that Metal knows".to_owned())),
    }
}

impl Room {
    fn new(heads: Heads, positions: usize, device: &candle_core::Device) -> Result<Self> {
        let shape = (heads.kv, positions, heads.dim);
        Ok(Self {
            keys: Tensor::zeros(shape, DType::F32, device)?,
            values: Tensor::zeros(shape, DType::F32, device)?,
        })
    }

    fn positions(&self) -> usize {
        self.keys.dims()[1]
    }

    fn write(&self, keys: &Tensor, values: &Tensor, at: usize) -> Result<()> {
        self.keys.slice_set(keys, 1, at)?;
        Ok(self.values.slice_set(values, 1, at)?)
    }

    fn first(&self, positions: usize) -> Result<(Tensor, Tensor)> {
        Ok((self.keys.narrow(1, 0, positions)?, self.values.narrow(1, 0, positions)?))
    }
}

impl Store {
    /// A room that nobody else sees, with the first `at` positions kept and place for `count`
    /// more.
    fn writable(&mut self, call: &Call, device: &candle_core::Device) -> Result<&Room> {
        let (at, count) = (call.layout.at, call.count);
        let fits = |room: &mut Arc<Room>| {
            Arc::get_mut(room).is_some_and(|room| room.positions() >= at + count)
        };
        if !self.0.as_mut().is_some_and(fits) {
            let room = self.copied(call, device)?;
            self.0 = Some(Arc::new(room));
        }
        Ok(self.0.as_ref().expect("it was filled above"))
    }

    fn copied(&self, call: &Call, device: &candle_core::Device) -> Result<Room> {
        let (at, count) = (call.layout.at, call.count);
        // Growing by half keeps the copies of a long conversation linear in its length.
        let positions = (at + count + at / 2).next_multiple_of(ROOM_STEP);
        let room = Room::new(call.heads, positions, device)?;
        if let Some(old) = self.0.as_ref().filter(|_| at > 0) {
            let (keys, values) = old.first(at)?;
            room.write(&keys.contiguous()?, &values.contiguous()?, 0)?;
        }
        Ok(room)
    }
}

/// `[count, heads * dim]` to `[heads, count, dim]`.
fn by_head(x: &Tensor, count: usize, heads: usize, dim: usize) -> Result<Tensor> {
    Ok(x.reshape((count, heads, dim))?.transpose(0, 1)?.contiguous()?)
}

/// `[count, heads * dim]` to `[kv heads, group * count, dim]`: the query's heads that share keys
/// lie together, so that no key or value is ever repeated.
fn by_group(x: &Tensor, count: usize, heads: Heads) -> Result<Tensor> {
    let group = heads.query / heads.kv;
    let grouped = x.reshape((count, heads.kv, group, heads.dim))?.permute((1, 2, 0, 3))?;
    Ok(grouped.contiguous()?.reshape((heads.kv, group * count, heads.dim))?)
}

impl Call {
    /// Softmax over what each row may look at. `scores` is `[kv heads, group * count, at + count]`.
    fn weigh(&self, scores: &Tensor) -> Result<Tensor> {
        let masked = match &self.mask {
            None => scores.clone(),
            Some(mask) => {
                let Heads { query, kv, .. } = self.heads;
                let (at, count) = (self.layout.at, self.count);
                scores
                    .reshape((kv, query / kv, count, at + count))?
                    .broadcast_add(mask)?
                    .reshape(scores.shape())?
            }
        };
        Ok(candle_nn::ops::softmax_last_dim(&masked)?)
    }
}

fn project(x: &Tensor, weight: &QMatMul, bias: Option<&Tensor>) -> Result<Tensor> {
    let y = weight.forward(x)?;
    match bias {
        None => Ok(y),
        Some(bias) => Ok(y.broadcast_add(bias)?),
    }
}

impl Backend for Tensors {
    type Rows = Tensor;
    type Weight = QMatMul;
    type Table = Arc<QMatMul>;
    type Vector = Tensor;
    type Store = Store;
    type Call = Call;

    fn weight(&self, raw: &RawTensor) -> Result<QMatMul> {
        let storage = QStorage::from_data(Cow::Owned(raw.read()?), &self.device, raw.kind)?;
        Ok(QMatMul::from_qtensor(QTensor::new(storage, raw.shape)?)?)
    }

    fn table(&self, raw: &RawTensor) -> Result<Arc<QMatMul>> {
        Ok(Arc::new(self.weight(raw)?))
    }

    fn shared_table(&self, weight: &Arc<QMatMul>) -> Arc<QMatMul> {
        Arc::clone(weight)
    }

    fn vector(&self, values: Vec<f32>) -> Result<Tensor> {
        let length = values.len();
        Ok(Tensor::from_vec(values, length, &self.device)?)
    }

    fn call(&self, layout: Layout, heads: Heads, view: &View) -> Result<Call> {
        let angles = view.rope.angles(layout.positions());
        let count = layout.count();
        let shape = (count, 1, view.rope.turning());
        Ok(Call {
            mask: self.mask(&layout, view)?,
            layout,
            count,
            heads,
            pairs: view.rope.pairs,
            turning: 2 * view.rope.turning(),
            cos: Tensor::from_vec(angles.cos, shape, &self.device)?,
            sin: Tensor::from_vec(angles.sin, shape, &self.device)?,
        })
    }

    fn embed(&self, table: &Arc<QMatMul>, tokens: &[u32], scale: Option<f32>) -> Result<Tensor> {
        let rows = table.embedding(&Tensor::new(tokens, &self.device)?)?;
        match scale {
            None => Ok(rows),
            Some(scale) => Ok((rows * f64::from(scale))?),
        }
    }

    fn norm(&self, x: &Tensor, gain: &Tensor, epsilon: f32) -> Result<Tensor> {
        let pieces = x.reshape(((), gain.elem_count()))?;
        Ok(candle_nn::ops::rms_norm(&pieces, gain, epsilon)?.reshape(x.shape())?)
    }

    fn linear(&self, x: &Tensor, weight: &QMatMul) -> Result<Tensor> {
        Ok(weight.forward(x)?)
    }

    fn project(&self, x: &Tensor, to: [(&QMatMul, Option<&Tensor>); 3]) -> Result<[Tensor; 3]> {
        let [query, key, value] = to.map(|(weight, bias)| project(x, weight, bias));
        Ok([query?, key?, value?])
    }

    fn gated(
        &self,
        x: &Tensor,
        gate: &QMatMul,
        up: &QMatMul,
        activation: Activation,
    ) -> Result<Tensor> {
        let gate = gate.forward(x)?;
        let gate = match activation {
            Activation::Silu => candle_nn::ops::silu(&gate)?,
            Activation::Gelu => gate.gelu()?,
        };
        Ok((gate * up.forward(x)?)?)
    }

    fn rotate(&self, x: Tensor, call: &Call) -> Result<Tensor> {
        let heads = x.reshape((call.count, (), 1, call.heads.dim))?;
        let stays = call.heads.dim - call.turning;
        let turning = if stays == 0 {
            heads.clone()
        } else {
            heads.narrow(3, 0, call.turning)?.contiguous()?
        };
        let turned = match call.pairs {
            Pairs::Neighbours => candle_nn::rotary_emb::rope_i(&turning, &call.cos, &call.sin)?,
            Pairs::Halves => candle_nn::rotary_emb::rope(&turning, &call.cos, &call.sin)?,
        };
        if stays == 0 {
            return Ok(turned.reshape(x.shape())?);
        }
        let rest = heads.narrow(3, call.turning, stays)?;
        Ok(Tensor::cat(&[&turned, &rest], 3)?.reshape(x.shape())?)
    }

    fn attend(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        store: &mut Store,
        call: &Call,
    ) -> Result<Tensor> {
        let Heads { query: heads, kv, dim } = call.heads;
        let (at, count) = (call.layout.at, call.count);
        let room = store.writable(call, &self.device)?;
        room.write(&by_head(key, count, kv, dim)?, &by_head(value, count, kv, dim)?, at)?;
        let (keys, values) = room.first(at + count)?;
        let query = (by_group(query, count, call.heads)? * (dim as f64).sqrt().recip())?;
        let weights = call.weigh(&query.matmul(&keys.t()?)?)?;
        let seen = weights.matmul(&values)?.reshape((heads, count, dim))?;
        Ok(seen.transpose(0, 1)?.reshape((count, heads * dim))?)
    }

    fn scores(
        &self,
        query: &Tensor,
        head: usize,
        store: &Store,
        positions: Range<usize>,
        call: &Call,
    ) -> Result<Vec<Vec<f32>>> {
        let Heads { query: heads, kv, dim } = call.heads;
        let Some(room) = &store.0 else { return Ok(vec![Vec::new(); query.dims()[0]]) };
        let keys = room.keys.get(head * kv / heads)?.narrow(0, positions.start, positions.len())?;
        let query = (query.narrow(1, head * dim, dim)? * (dim as f64).sqrt().recip())?;
        Ok(query.matmul(&keys.t()?)?.to_vec2()?)
    }

    fn numbers(&self, x: &Tensor) -> Result<Vec<Vec<f32>>> {
        Ok(x.to_vec2()?)
    }

    fn add(&self, x: Tensor, y: &Tensor) -> Result<Tensor> {
        Ok((x + y)?)
    }

    fn pick(&self, x: &Tensor, indices: &[usize]) -> Result<Tensor> {
        let indices: Vec<u32> = indices.iter().map(|&i| i as u32).collect();
        Ok(x.index_select(&Tensor::new(indices, &self.device)?, 0)?)
    }

    fn save(&self, _: &Store, _: Heads, _: usize, _: &mut Vec<u8>) -> Option<()> {
        None
    }

    fn restore(&self, _: &[u8], _: Heads, _: usize) -> Option<Store> {
        None
    }

    fn logits(&self, x: &Tensor, weight: &QMatMul) -> Result<Vec<Vec<f32>>> {
        // Row by row: several at once would have candle keep a packed copy of this, the largest
        // of all matrices, and give other bits than one row alone.
        let row = |i| Ok(weight.forward(&x.narrow(0, i, 1)?)?.flatten_all()?.to_vec1()?);
        (0..x.dims()[0]).map(row).collect()
    }
}
