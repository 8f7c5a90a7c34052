//! Tensor data out of a file, by name and expected shape.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use candle_core::CpuStorage;
use candle_core::quantized::GgmlDType;

use crate::engine::error::LoadFault;

use super::{TensorEntry, TensorTable, shown};

/// One matrix of a file. Nothing of it is in memory: who wants it reads it, all or some rows.
///
/// The file is read and not mapped: a matrix is repacked as it is read, so that a mapping would
/// add page faults and nothing else, and a file that somebody shortens is an error and not the
/// end of the process.
#[derive(Debug, Clone)]
pub(crate) struct RawTensor {
    /// The quantisation.
    pub(crate) kind: GgmlDType,
    /// Rows, and columns of each.
    pub(crate) shape: (usize, usize),
    file: Arc<File>,
    start: u64,
}

impl RawTensor {
    /// Bytes of a row.
    pub(crate) fn row_bytes(&self) -> usize {
        self.shape.1 / self.kind.block_size() * self.kind.type_size()
    }

    /// Fills `rows`, of whole rows, with the blocks from row `first` on.
    pub(crate) fn read_rows(&self, first: usize, rows: &mut [u8]) -> io::Result<()> {
        let offset = (first * self.row_bytes()) as u64;
        self.file.read_exact_at(rows, self.start + offset)
    }

    /// The blocks of all rows.
    pub(crate) fn read(&self) -> io::Result<Vec<u8>> {
        let mut rows = vec![0; self.shape.0 * self.row_bytes()];
        self.read_rows(0, &mut rows)?;
        Ok(rows)
    }
}

/// Hands out tensors and remembers which were asked for.
pub(crate) struct TensorSource {
    file: Arc<File>,
    table: TensorTable,
    used: BTreeSet<String>,
}

impl TensorSource {
    pub(crate) fn new(file: File, table: TensorTable) -> Self {
        Self { file: Arc::new(file), table, used: BTreeSet::new() }
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
    ) -> Result<RawTensor, LoadFault> {
        let TensorEntry { kind, start, .. } = self.claim(name, &[shape.0, shape.1])?;
        Ok(RawTensor { kind, shape, file: Arc::clone(&self.file), start })
    }

    /// A matrix of exactly these rows together, cut into them: matrices of the same input that a
    /// file has as one.
    pub(crate) fn stacked<const N: usize>(
        &mut self,
        name: &str,
        rows: [usize; N],
        columns: usize,
    ) -> Result<[RawTensor; N], LoadFault> {
        let whole = self.matrix(name, (rows.iter().sum(), columns))?;
        let mut start = whole.start;
        Ok(rows.map(|rows| {
            let part = RawTensor { shape: (rows, columns), start, ..whole.clone() };
            start += (rows * part.row_bytes()) as u64;
            part
        }))
    }

    /// A vector of exactly this length, as floats.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, LoadFault> {
        let entry = self.claim(name, &[length])?;
        let mut blocks = vec![0; entry.bytes as usize];
        self.file.read_exact_at(&mut blocks, entry.start)?;
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
}
