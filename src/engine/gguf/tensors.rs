//! What the tensor descriptions of a file say, checked against the file's length.

use std::collections::BTreeMap;

use candle_core::quantized::GgmlDType;

use crate::engine::error::LoadFault;

use super::shown;

/// One tensor: its shape, how it is quantised, and where its bytes lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TensorEntry {
    /// Sizes, the slowest dimension first: a matrix is `[rows, columns]`.
    pub(crate) dimensions: Vec<usize>,
    /// The quantisation.
    pub(crate) kind: GgmlDType,
    /// The first byte, counted from the start of the file.
    pub(crate) start: u64,
    /// How many bytes.
    pub(crate) bytes: u64,
}

/// The tensors of a file, by name.
#[derive(Debug, Default)]
pub(crate) struct TensorTable {
    entries: BTreeMap<String, TensorEntry>,
    total: u64,
}

/// A tensor description as the file has it, nothing checked.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: String,
    /// In the order of the file: the fastest dimension first.
    pub(crate) dimensions: Vec<u64>,
    pub(crate) kind: u32,
    /// Counted from the start of the tensor data.
    pub(crate) offset: u64,
}

/// Where tensor data lies in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DataSection {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) alignment: u64,
}

impl TensorTable {
    /// Takes up a tensor, if it lies in the file and overlaps none.
    pub(crate) fn add(&mut self, tensor: &Described, data: DataSection) -> Result<(), LoadFault> {
        let entry = entry(tensor, data)?;
        // Tensors that share bytes would let a small file claim any amount of memory.
        self.total = self.total.saturating_add(entry.bytes);
        if self.total > data.end - data.start {
            return Err(LoadFault::damaged(format!(
                "its tensors claim {} bytes together, and it holds {}",
                self.total,
                data.end - data.start
            )));
        }
        if self.entries.insert(tensor.name.clone(), entry).is_some() {
            return Err(LoadFault::damaged(format!(
                "it has tensor `{}` twice",
                shown(&tensor.name)
            )));
        }
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&TensorEntry> {
        self.entries.get(name)
    }

    /// Bytes that computing one token reads: of the table of embeddings it reads a row, unless
    /// the model multiplies by that table again at its end.
    pub(crate) fn bytes_a_token(&self) -> u64 {
        let read_by_rows = match self.get("output.weight") {
            Some(_) => self.get("token_embd.weight").map_or(0, |entry| entry.bytes),
            None => 0,
        };
        self.total - read_by_rows
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }
}

fn entry(tensor: &Described, data: DataSection) -> Result<TensorEntry, LoadFault> {
    let name = shown(&tensor.name);
    let kind = kind(tensor.kind)
        .ok_or_else(|| LoadFault::Quantisation { name: name.clone(), kind: tensor.kind })?;
    let bytes = size(&tensor.dimensions, kind).ok_or_else(|| {
        LoadFault::damaged(format!(
            "tensor `{name}` has the impossible shape {:?}",
            tensor.dimensions
        ))
    })?;
    if !tensor.offset.is_multiple_of(data.alignment) {
        return Err(LoadFault::damaged(format!("tensor `{name}` is not aligned")));
    }
    let start = data.start.saturating_add(tensor.offset);
    let end = start.saturating_add(bytes);
    if end > data.end {
        return Err(LoadFault::Truncated {
            what: format!("tensor `{name}`"),
            needs: end,
            has: data.end,
        });
    }
    let dimensions = tensor.dimensions.iter().rev().map(|&d| d as usize).collect();
    Ok(TensorEntry { dimensions, kind, start, bytes })
}

/// Bytes of a tensor, or nothing where its rows are not whole blocks, it has no elements, or
/// their number is beyond all files.
fn size(dimensions: &[u64], kind: GgmlDType) -> Option<u64> {
    let block = kind.block_size() as u64;
    let columns = *dimensions.first()?;
    let elements = dimensions.iter().try_fold(1_u64, |n, &d| n.checked_mul(d))?;
    if elements == 0 || !columns.is_multiple_of(block) {
        return None;
    }
    (elements / block).checked_mul(kind.type_size() as u64)
}

/// The quantisations that the kernels have, by their number in the file.
fn kind(number: u32) -> Option<GgmlDType> {
    match number {
        0 => Some(GgmlDType::F32),
        1 => Some(GgmlDType::F16),
        2 => Some(GgmlDType::Q4_0),
        3 => Some(GgmlDType::Q4_1),
        6 => Some(GgmlDType::Q5_0),
        7 => Some(GgmlDType::Q5_1),
        8 => Some(GgmlDType::Q8_0),
        10 => Some(GgmlDType::Q2K),
        11 => Some(GgmlDType::Q3K),
        12 => Some(GgmlDType::Q4K),
        13 => Some(GgmlDType::Q5K),
        14 => Some(GgmlDType::Q6K),
        30 => Some(GgmlDType::BF16),
        _ => None,
    }
}

/// The name of a quantisation that files may have and the kernels do not.
pub(crate) fn kind_name(number: u32) -> &'static str {
    match number {
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => "an unknown type",
    }
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::GgmlDType;

    use super::{DataSection, Described, TensorTable, size};

    const DATA: DataSection = DataSection { start: 64, end: 64 + 256, alignment: 32 };

    fn described(name: &str, dimensions: &[u64], offset: u64) -> Described {
        Described { name: name.to_owned(), dimensions: dimensions.to_vec(), kind: 0, offset }
    }

    #[test]
    fn sizes_count_blocks() {
        assert_eq!(size(&[256, 2], GgmlDType::Q4K), Some(288));
        assert_eq!(size(&[32, 3], GgmlDType::Q4_1), Some(60));
        assert_eq!(size(&[100], GgmlDType::Q4K), None, "a row is not whole blocks");
        assert_eq!(size(&[0, 4], GgmlDType::F32), None, "no elements");
        assert_eq!(size(&[], GgmlDType::F32), None, "no dimensions");
        assert_eq!(size(&[1 << 40, 1 << 40], GgmlDType::F32), None, "more than can be counted");
    }

    #[test]
    fn a_tensor_has_to_lie_in_the_file() {
        let mut table = TensorTable::default();
        table.add(&described("fits", &[64], 0), DATA).unwrap();
        assert_eq!(table.get("fits").unwrap().start, 64);
        let error = TensorTable::default().add(&described("long", &[64], 32), DATA).unwrap_err();
        assert!(error.to_string().contains("tensor `long`"), "{error}");
        let far = TensorTable::default().add(&described("far", &[1], u64::MAX - 31), DATA);
        assert!(far.is_err());
    }

    #[test]
    fn tensors_may_not_share_their_bytes() {
        let mut table = TensorTable::default();
        table.add(&described("one", &[64], 0), DATA).unwrap();
        let error = table.add(&described("two", &[64], 0), DATA).unwrap_err();
        assert!(error.to_string().contains("claim 512 bytes together"), "{error}");
    }

    #[test]
    fn a_token_reads_the_embeddings_only_where_they_are_the_output_too() {
        let mut table = TensorTable::default();
        table.add(&described("token_embd.weight", &[32], 0), DATA).unwrap();
        assert_eq!(table.bytes_a_token(), 128);
        table.add(&described("output.weight", &[16], 128), DATA).unwrap();
        assert_eq!(table.bytes_a_token(), 64);
    }

    #[test]
    fn a_name_is_given_once() {
        let mut table = TensorTable::default();
        table.add(&described("a", &[1], 0), DATA).unwrap();
        let error = table.add(&described("a", &[1], 32), DATA).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
    }
}
