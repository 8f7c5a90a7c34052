//! Reads everything before the tensor data.

use std::io::Read;

use crate::engine::error::LoadFault;

use super::metadata::{Metadata, Value};
use super::tensors::{DataSection, Described, TensorTable};
use super::{
    MAX_ALIGNMENT, MAX_ARRAY, MAX_DIMENSIONS, MAX_METADATA, MAX_STRING, MAX_TENSORS, Texts, shown,
};

const MAGIC: &[u8; 4] = b"GGUF";
/// Where `general.alignment` is not given.
const DEFAULT_ALIGNMENT: u64 = 32;

/// The key/values and the checked tensor table of a file of `length` bytes.
pub(crate) fn read_header(
    input: impl Read,
    length: u64,
) -> Result<(Metadata, TensorTable), LoadFault> {
    let mut reader = Reader { input, at: 0, length };
    reader.magic()?;
    let tensors = reader.count("tensors", MAX_TENSORS)?;
    let pairs = reader.count("metadata entries", MAX_METADATA)?;
    let metadata = reader.metadata(pairs)?;
    let described: Vec<Described> =
        (0..tensors).map(|_| reader.tensor()).collect::<Result<_, _>>()?;
    let data = reader.data_section(&metadata)?;
    let mut table = TensorTable::default();
    for tensor in &described {
        table.add(tensor, data)?;
    }
    Ok((metadata, table))
}

/// Reads little-endian values and knows how much of the file is left.
struct Reader<R> {
    input: R,
    at: u64,
    length: u64,
}

impl<R: Read> Reader<R> {
    fn magic(&mut self) -> Result<(), LoadFault> {
        let mut start = Vec::new();
        (&mut self.input).take(MAGIC.len() as u64).read_to_end(&mut start)?;
        self.at = start.len() as u64;
        if start != MAGIC {
            let start = shown(&String::from_utf8_lossy(&start));
            return Err(LoadFault::NotGguf { start });
        }
        match self.u32()? {
            2 | 3 => Ok(()),
            version => Err(LoadFault::Version { version }),
        }
    }

    /// A number of things that take a byte each at the least.
    fn count(&mut self, what: &'static str, cap: u64) -> Result<u64, LoadFault> {
        let count = self.u64()?;
        if count > cap {
            return Err(LoadFault::TooMany { what, count, cap });
        }
        if count > self.length - self.at {
            let needs = self.at + count;
            return Err(LoadFault::Truncated { what: what.to_owned(), needs, has: self.length });
        }
        Ok(count)
    }

    /// Says that `count` bytes are about to be read, which the file has to have.
    fn advance(&mut self, count: u64) -> Result<(), LoadFault> {
        let needs = self.at.saturating_add(count);
        if needs > self.length {
            let what = "its header".to_owned();
            return Err(LoadFault::Truncated { what, needs, has: self.length });
        }
        self.at = needs;
        Ok(())
    }

    /// The next `count` bytes instead of those in `bytes`, with room made only if the file has
    /// them.
    fn bytes(&mut self, count: u64, bytes: &mut Vec<u8>) -> Result<(), LoadFault> {
        self.advance(count)?;
        bytes.resize(count as usize, 0);
        Ok(self.input.read_exact(bytes)?)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], LoadFault> {
        self.advance(N as u64)?;
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<u32, LoadFault> {
        Ok(u32::from_le_bytes(self.fixed()?))
    }

    fn u64(&mut self) -> Result<u64, LoadFault> {
        Ok(u64::from_le_bytes(self.fixed()?))
    }

    fn text(&mut self) -> Result<String, LoadFault> {
        let mut bytes = Vec::new();
        self.text_bytes(&mut bytes)?;
        Ok(String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    fn text_bytes(&mut self, bytes: &mut Vec<u8>) -> Result<(), LoadFault> {
        let length = self.count("bytes of a string", MAX_STRING)?;
        self.bytes(length, bytes)
    }

    fn texts(&mut self, count: u64) -> Result<Texts, LoadFault> {
        let mut texts = Texts::default();
        let mut bytes = Vec::new();
        for _ in 0..count {
            self.text_bytes(&mut bytes)?;
            match str::from_utf8(&bytes) {
                Ok(text) => texts.push(text),
                Err(_) => texts.push(&String::from_utf8_lossy(&bytes)),
            }
        }
        Ok(texts)
    }

    fn metadata(&mut self, pairs: u64) -> Result<Metadata, LoadFault> {
        let mut read = Vec::new();
        for _ in 0..pairs {
            let key = self.text()?;
            let kind = self.u32()?;
            let value = self.value(kind).map_err(|fault| fault.within(&key))?;
            read.push((key, value));
        }
        let count = read.len();
        let metadata: Metadata = read.into_iter().collect();
        if metadata.keys().count() != count {
            return Err(LoadFault::damaged("it gives a metadata key twice"));
        }
        Ok(metadata)
    }

    fn value(&mut self, kind: u32) -> Result<Value, LoadFault> {
        match kind {
            6 | 12 => Ok(Value::Float(self.float(kind)?)),
            7 => Ok(Value::Bool(self.integer(kind)? != 0)),
            8 => Ok(Value::Text(self.text()?)),
            9 => self.array(),
            _ => Ok(Value::Integer(self.integer(kind)?)),
        }
    }

    fn array(&mut self) -> Result<Value, LoadFault> {
        let kind = self.u32()?;
        let count = self.count("elements of an array", MAX_ARRAY)?;
        match kind {
            6 | 12 => Ok(Value::Floats(self.repeat(count, |r| r.float(kind))?)),
            8 => Ok(Value::Texts(self.texts(count)?)),
            9 => Err(LoadFault::damaged("an array of arrays")),
            _ => Ok(Value::Integers(self.repeat(count, |r| {
                let number = r.integer(kind)?;
                i64::try_from(number)
                    .map_err(|_| LoadFault::damaged(format!("{number} in an array")))
            })?)),
        }
    }

    fn repeat<T>(
        &mut self,
        count: u64,
        mut one: impl FnMut(&mut Self) -> Result<T, LoadFault>,
    ) -> Result<Vec<T>, LoadFault> {
        // Grows as elements arrive: a count alone reserves nothing.
        let mut read = Vec::new();
        for _ in 0..count {
            read.push(one(self)?);
        }
        Ok(read)
    }

    fn integer(&mut self, kind: u32) -> Result<i128, LoadFault> {
        Ok(match kind {
            0 | 7 => u8::from_le_bytes(self.fixed()?).into(),
            1 => i8::from_le_bytes(self.fixed()?).into(),
            2 => u16::from_le_bytes(self.fixed()?).into(),
            3 => i16::from_le_bytes(self.fixed()?).into(),
            4 => u32::from_le_bytes(self.fixed()?).into(),
            5 => i32::from_le_bytes(self.fixed()?).into(),
            10 => u64::from_le_bytes(self.fixed()?).into(),
            11 => i64::from_le_bytes(self.fixed()?).into(),
            other => return Err(LoadFault::damaged(format!("a value of unknown type {other}"))),
        })
    }

    fn float(&mut self, kind: u32) -> Result<f64, LoadFault> {
        if kind == 6 {
            Ok(f32::from_le_bytes(self.fixed()?).into())
        } else {
            Ok(f64::from_le_bytes(self.fixed()?))
        }
    }

    fn tensor(&mut self) -> Result<Described, LoadFault> {
        let name = self.text()?;
        let count = self.u32()?;
        if count > MAX_DIMENSIONS {
            let count = u64::from(count);
            let cap = u64::from(MAX_DIMENSIONS);
            return Err(LoadFault::TooMany { what: "dimensions of a tensor", count, cap });
        }
        let dimensions = self.repeat(count.into(), Self::u64)?;
        Ok(Described { name, dimensions, kind: self.u32()?, offset: self.u64()? })
    }

    fn data_section(&self, metadata: &Metadata) -> Result<DataSection, LoadFault> {
        let given = Metadata::optional(metadata.unsigned("general.alignment"))?;
        let alignment = given.unwrap_or(DEFAULT_ALIGNMENT);
        if !alignment.is_power_of_two() || alignment > MAX_ALIGNMENT {
            return Err(LoadFault::damaged(format!("its alignment is {alignment}")));
        }
        // A file of key/values alone may end before the padding.
        let start = self.at.next_multiple_of(alignment).min(self.length);
        Ok(DataSection { start, end: self.length, alignment })
    }
}
