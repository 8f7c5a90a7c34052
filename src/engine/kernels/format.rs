//! How weights are coded in files: blocks of 32 values with a scale, or blocks of 256 whose parts
//! have small scales of their own. The layouts are those of ggml (`ggml-common.h`).
//!
//! Every code is read as parts of 32 values: `weight = scale * (q - centre) - less`, with `q` from
//! 0 up to 15, 31, 63 or 255, and one scale and one `less` for the part or for each half of it.

use super::half::to_float;

/// Values that share a scale, or two halves with one each.
pub(crate) const PART: usize = 32;

/// A code for weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q2K,
    Q3K,
    Q4K,
    Q5K,
    Q6K,
}

/// How many bits a packed value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bits {
    Four,
    Five,
    Six,
    Eight,
}

/// What is kept of the scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scales {
    /// A half-precision scale a part.
    Plain,
    /// A half-precision scale and `less` a part.
    Affine,
    /// Two half-precision factors a block of 256; a scale and a `less` of a byte a part.
    Blocks,
    /// A half-precision factor a block of 256; a signed scale of a byte a half.
    Halves,
    /// Two half-precision factors a block of 256; a scale and a `less` of a byte a half.
    AffineHalves,
}

/// The scale and `less` of the two halves of one part.
pub(super) type HalfScales = [(f32, f32); 2];

impl Format {
    /// Values in a block.
    pub(crate) const fn block_values(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => PART,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block.
    pub(crate) const fn block_bytes(self) -> usize {
        match self {
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Columns of activations that share a scale. ggml takes 32 for the formats whose blocks are
    /// as long, and 256 for the others.
    pub(super) const fn span(self) -> usize {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => PART,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 128,
        }
    }

    pub(super) const fn bits(self) -> Bits {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q2K | Self::Q3K | Self::Q4K => Bits::Four,
            Self::Q5_0 | Self::Q5_1 | Self::Q5K => Bits::Five,
            Self::Q6K => Bits::Six,
            Self::Q8_0 => Bits::Eight,
        }
    }

    pub(super) const fn scales(self) -> Scales {
        match self {
            Self::Q4_0 | Self::Q5_0 | Self::Q8_0 => Scales::Plain,
            Self::Q4_1 | Self::Q5_1 => Scales::Affine,
            Self::Q4K | Self::Q5K => Scales::Blocks,
            Self::Q3K | Self::Q6K => Scales::Halves,
            Self::Q2K => Scales::AffineHalves,
        }
    }

    /// What is taken off every value.
    pub(super) const fn centre(self) -> i32 {
        match self {
            Self::Q4_0 => 8,
            Self::Q5_0 => 16,
            Self::Q8_0 => 128,
            Self::Q3K => 4,
            Self::Q6K => 32,
            Self::Q4_1 | Self::Q5_1 | Self::Q2K | Self::Q4K | Self::Q5K => 0,
        }
    }
}

impl Scales {
    /// Scales of a part.
    pub(super) const fn halves(self) -> usize {
        match self {
            Self::Plain | Self::Affine | Self::Blocks => 1,
            Self::Halves | Self::AffineHalves => 2,
        }
    }

    /// Whether there is a `less`.
    pub(super) const fn is_affine(self) -> bool {
        match self {
            Self::Plain | Self::Halves => false,
            Self::Affine | Self::Blocks | Self::AffineHalves => true,
        }
    }
}

impl Bits {
    /// Words of four bytes that 32 values take.
    pub(super) const fn words(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Five => 5,
            Self::Six => 6,
            Self::Eight => 8,
        }
    }
}

/// A part as words: value `4 * g + j` is
/// - with four bits, the low half of byte `j` of word `g` up to `g` of 3, the high half of word
///   `g - 4` from there on;
/// - with five, that and bit `g` of byte `j` of word 4, above it;
/// - with six, that and bits `2 * (g % 4)` and the next of byte `j` of word `4 + g / 4`;
/// - with eight, byte `j` of word `g`.
pub(super) type Words = [u32; 8];

const LOW_HALVES: u32 = 0x0f0f_0f0f;
const LOW_PAIRS: u32 = 0x0303_0303;
const LOW_BITS: u32 = 0x0101_0101;

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[inline(always)]
fn half_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// Part `part` of a row of blocks.
///
/// Inlined into a loop for each format, as all of this is; hence the plain loops below, which the
/// compiler turns into vectors.
#[inline(always)]
pub(super) fn words(format: Format, row: &[u8], part: usize) -> Words {
    let (block, s) = block(format, row, part);
    match format {
        Format::Q4_0 => first(block, 2),
        Format::Q4_1 => first(block, 4),
        Format::Q5_0 => with(first(block, 6), [spread(word(block, 2)), 0]),
        Format::Q5_1 => with(first(block, 8), [spread(word(block, 4)), 0]),
        Format::Q8_0 => eight(block, 2).map(|word| word ^ 0x8080_8080),
        Format::Q2K => nibbles(masked(eight(block, two_bits(16, s)), 2 * (s % 4), LOW_PAIRS)),
        Format::Q3K => {
            let mut values = masked(eight(block, two_bits(32, s)), 2 * (s % 4), LOW_PAIRS);
            let high = masked(eight(block, 0), s, LOW_BITS);
            for (value, high) in values.iter_mut().zip(high) {
                *value |= high << 2;
            }
            nibbles(values)
        }
        Format::Q4K => nibbles(masked(eight(block, 16 + 32 * (s / 2)), 4 * (s % 2), LOW_HALVES)),
        Format::Q5K => {
            let low = masked(eight(block, 48 + 32 * (s / 2)), 4 * (s % 2), LOW_HALVES);
            with(nibbles(low), [plane(&masked(eight(block, 16), s, LOW_BITS), 1), 0])
        }
        Format::Q6K => {
            let (n, r) = (s / 4, s % 4);
            let low = masked(eight(block, 64 * n + 32 * (r % 2)), 4 * (r / 2), LOW_HALVES);
            let high = masked(eight(block, 128 + 32 * n), 2 * r, LOW_PAIRS);
            with(nibbles(low), [plane(&high[..4], 2), plane(&high[4..], 2)])
        }
    }
}

/// Four words, whose halves of bytes are in order already.
#[inline(always)]
fn first(block: &[u8], at: usize) -> Words {
    let mut words = [0; 8];
    for (g, to) in words[..4].iter_mut().enumerate() {
        *to = word(block, at + 4 * g);
    }
    words
}

#[inline(always)]
fn eight(block: &[u8], at: usize) -> Words {
    let mut words = [0; 8];
    for (g, to) in words.iter_mut().enumerate() {
        *to = word(block, at + 4 * g);
    }
    words
}

#[inline(always)]
fn masked(mut words: Words, shift: usize, mask: u32) -> Words {
    for word in &mut words {
        *word = (*word >> shift) & mask;
    }
    words
}

/// The block that a part lies in, and which part of it it is.
#[inline(always)]
fn block(format: Format, row: &[u8], part: usize) -> (&[u8], usize) {
    let parts = format.block_values() / PART;
    let bytes = format.block_bytes();
    let start = part / parts * bytes;
    (&row[start..start + bytes], part % parts)
}

/// Where the two bits of part `s` begin, in bytes from `at`: 128 values share 32 bytes.
#[inline(always)]
fn two_bits(at: usize, s: usize) -> usize {
    at + 32 * (s / 4)
}

/// Four bits a value, two values a byte.
#[inline(always)]
fn nibbles(values: Words) -> Words {
    let mut words = [0; 8];
    for g in 0..4 {
        words[g] = values[g] | values[g + 4] << 4;
    }
    words
}

/// `bits` of each byte, group after group from the lowest on.
#[inline(always)]
fn plane(values: &[u32], bits: usize) -> u32 {
    let mut all = 0;
    for (g, value) in values.iter().enumerate() {
        all |= value << (bits * g);
    }
    all
}

#[inline(always)]
fn with(mut words: Words, high: [u32; 2]) -> Words {
    words[4..6].copy_from_slice(&high);
    words
}

/// Bit `4 * g + j` becomes bit `g` of byte `j`.
#[inline(always)]
fn spread(bits: u32) -> u32 {
    let column = |j: u32| {
        let mut x = (bits >> j) & 0x1111_1111;
        x = (x | x >> 3) & 0x0303_0303;
        x = (x | x >> 6) & 0x000f_000f;
        (x | x >> 12) & 0xff
    };
    column(0) | column(1) << 8 | column(2) << 16 | column(3) << 24
}

/// Value `k` of a part.
pub(super) fn value(bits: Bits, words: &Words, k: usize) -> i32 {
    let (g, j) = (k / 4, k % 4);
    let byte = |word: u32| u32::from(word.to_le_bytes()[j]);
    let low = || (byte(words[g % 4]) >> (4 * (g / 4))) & 0xf;
    let value = match bits {
        Bits::Four => low(),
        Bits::Five => low() | ((byte(words[4]) >> g) & 1) << 4,
        Bits::Six => low() | ((byte(words[4 + g / 4]) >> (2 * (g % 4))) & 3) << 4,
        Bits::Eight => byte(words[g]),
    };
    value.cast_signed()
}

/// The scales of one part, as the file has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct FileScales {
    /// Half-precision scale, or factor of the scales of the block.
    pub(super) factor: u16,
    /// The same for `less`, its sign turned where the file means something to be added.
    pub(super) less_factor: u16,
    /// Small scales of the halves; the same twice where there is one.
    pub(super) small: [u8; 2],
    /// Small `less` of the halves.
    pub(super) small_less: [u8; 2],
}

/// The scales of part `part` of a row of blocks.
#[inline(always)]
pub(super) fn file_scales(format: Format, row: &[u8], part: usize) -> FileScales {
    const SIGN: u16 = 0x8000;
    let (block, s) = block(format, row, part);
    let mut scales = FileScales { factor: half_at(block, 0), ..FileScales::default() };
    match format {
        Format::Q4_0 | Format::Q5_0 | Format::Q8_0 => {}
        Format::Q4_1 | Format::Q5_1 => scales.less_factor = half_at(block, 2) ^ SIGN,
        Format::Q4K | Format::Q5K => {
            scales.less_factor = half_at(block, 2);
            let (small, less) = six_bits(&block[4..16], s);
            (scales.small, scales.small_less) = ([small; 2], [less; 2]);
        }
        Format::Q6K => {
            scales.factor = half_at(block, 208);
            scales.small = [block[192 + 2 * s], block[193 + 2 * s]];
        }
        Format::Q3K => {
            scales.factor = half_at(block, 108);
            scales.small = [0, 1].map(|half| signed_six_bits(&block[96..108], 2 * s + half));
        }
        Format::Q2K => {
            (scales.factor, scales.less_factor) = (half_at(block, 80), half_at(block, 82));
            scales.small = [0, 1].map(|half| block[2 * s + half] & 0xf);
            scales.small_less = [0, 1].map(|half| block[2 * s + half] >> 4);
        }
    }
    scales
}

/// Scale and `less` number `s` of eight, of six bits each, in twelve bytes.
#[inline(always)]
fn six_bits(packed: &[u8], s: usize) -> (u8, u8) {
    if s < 4 {
        (packed[s] & 63, packed[s + 4] & 63)
    } else {
        let low = packed[s + 4];
        ((low & 0xf) | (packed[s - 4] >> 6) << 4, (low >> 4) | (packed[s] >> 6) << 4)
    }
}

/// Scale number `s` of sixteen, of six bits each around 32, in twelve bytes.
#[inline(always)]
fn signed_six_bits(packed: &[u8], s: usize) -> u8 {
    let low = (packed[s % 8] >> (4 * (s / 8))) & 0xf;
    let high = (packed[8 + s % 4] >> (2 * (s / 4))) & 3;
    (low | high << 4).wrapping_sub(32)
}

/// What the scales come to. A kernel computes the same products, which are exact.
pub(super) fn half_scales(scales: Scales, file: FileScales) -> HalfScales {
    let (factor, less) = (to_float(file.factor), to_float(file.less_factor));
    [0, 1].map(|half| match scales {
        Scales::Plain => (factor, 0.0),
        Scales::Affine => (factor, less),
        Scales::Blocks | Scales::AffineHalves => {
            (factor * f32::from(file.small[half]), less * f32::from(file.small_less[half]))
        }
        Scales::Halves => (factor * f32::from(file.small[half].cast_signed()), 0.0),
    })
}
