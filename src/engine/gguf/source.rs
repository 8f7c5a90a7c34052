//! Tensor data out of a file, by name and expected shape.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use candle_core::CpuStorage;
use candle_core::quantized::GgmlDType;

use crate::engine::error::LoadFault;

use super::{TensorEntry, TensorTable, shown};

/// The strictest alignment of the kernels' block types is 4; twice that costs nothing.
const BLOCK_ALIGNMENT: usize = 8;

/// The blocks of one matrix.
#[derive(Debug)]
pub(crate) struct RawTensor<'a> {
    /// The quantisation.
    pub(crate) kind: GgmlDType,
    /// Rows, and columns of each.
    pub(crate) shape: (usize, usize),
    /// The rows' blocks, one row after the other, aligned for every block type.
    pub(crate) blocks: &'a [u8],
}

/// Hands out tensors and remembers which were asked for.
pub(crate) struct TensorSource {
    file: File,
    table: TensorTable,
    used: BTreeSet<String>,
    buffer: Vec<u8>,
}

impl TensorSource {
    pub(crate) fn new(file: File, table: TensorTable) -> Self {
        Self { file, table, used: BTreeSet::new(), buffer: Vec::new() }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.table.get(name).is_some()
    }

    /// The rows of a matrix whose number of rows only the file knows.
    pub(crate) fn rows(&self, name: &str) -> Result<usize, LoadFault> {
        match self.entry(name)?.dimensions[..] {
            [rows, _] => Ok(rows),
            _ => Err(LoadFault::damaged(format!("tensor `{name}` is no matrix"))),
        }
    }

    /// A matrix of exactly this shape.
    pub(crate) fn matrix(
        &mut self,
        name: &str,
        shape: (usize, usize),
    ) -> Result<RawTensor<'_>, LoadFault> {
        let entry = self.claim(name, &[shape.0, shape.1])?;
        let blocks = self.read(&entry)?;
        Ok(RawTensor { kind: entry.kind, shape, blocks })
    }

    /// A matrix of exactly these rows together, cut into them: matrices of the same input that a
    /// file has as one.
    pub(crate) fn stacked<const N: usize>(
        &mut self,
        name: &str,
        rows: [usize; N],
        columns: usize,
    ) -> Result<[RawTensor<'_>; N], LoadFault> {
        let RawTensor { kind, shape, mut blocks } =
            self.matrix(name, (rows.iter().sum(), columns))?;
        let row = blocks.len() / shape.0;
        Ok(rows.map(|rows| {
            let (own, rest) = blocks.split_at(rows * row);
            blocks = rest;
            RawTensor { kind, shape: (rows, columns), blocks: own }
        }))
    }

    /// A vector of exactly this length, as floats.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, LoadFault> {
        let entry = self.claim(name, &[length])?;
        let blocks = self.read(&entry)?;
        let floats = entry.kind.from_data(blocks.into()).dequantize(length);
        match floats.map_err(|error| LoadFault::Backend(error.to_string()))? {
            CpuStorage::F32(floats) => Ok(floats),
            _ => Err(LoadFault::Backend(format!("`{name}` did not become floats"))),
        }
    }

    /// Nothing may be left over: a model computed without a part of it is wrong in silence.
    pub(crate) fn finish(self) -> Result<(), LoadFault> {
        match self.table.names().find(|name| !self.used.contains(*name)) {
            None => Ok(()),
            Some(name) => Err(LoadFault::Unused { name: shown(name) }),
        }
    }

    fn entry(&self, name: &str) -> Result<&TensorEntry, LoadFault> {
        self.table.get(name).ok_or_else(|| LoadFault::NoTensor { name: name.to_owned() })
    }

    fn claim(&mut self, name: &str, wanted: &[usize]) -> Result<TensorEntry, LoadFault> {
        let entry = self.entry(name)?.clone();
        if entry.dimensions != wanted {
            return Err(LoadFault::Shape {
                name: name.to_owned(),
                found: entry.dimensions,
                wanted: wanted.to_vec(),
            });
        }
        self.used.insert(name.to_owned());
        Ok(entry)
    }

    fn read(&mut self, entry: &TensorEntry) -> Result<&[u8], LoadFault> {
        let length = entry.bytes as usize;
        if self.buffer.len() < length + BLOCK_ALIGNMENT {
            self.buffer.resize(length + BLOCK_ALIGNMENT, 0);
        }
        let start = self.buffer.as_ptr().align_offset(BLOCK_ALIGNMENT);
        let blocks = &mut self.buffer[start..start + length];
        self.file.seek(SeekFrom::Start(entry.start))?;
        self.file.read_exact(blocks)?;
        Ok(blocks)
    }
}
