//! How packed values are turned into bytes, and how their scales are had.

use super::super::format::{Bits, Scales};
use super::super::simd::Simd;

/// How values are turned into bytes.
pub(super) trait Values {
    const BITS: Bits;
    /// Whether the bytes stand 128 too high.
    const BIASED: bool;
    /// Eight times the bytes of 16 rows and 4 columns.
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8];
}

/// How scales are had.
pub(super) trait Scaling {
    const KIND: Scales;
    /// Scales of a part.
    const HALVES: usize = Self::KIND.halves();
    /// Whether there is a `less`.
    const AFFINE: bool = Self::KIND.is_affine();
    /// Scale and `less` of each half.
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2];
}

pub(super) struct FourBits;
pub(super) struct FiveBits;
pub(super) struct SixBits;
pub(super) struct EightBits;
pub(super) struct Plain;
pub(super) struct Affine;
pub(super) struct Blocks;
pub(super) struct Halves;
pub(super) struct AffineHalves;

impl Values for FourBits {
    const BITS: Bits = Bits::Four;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let a = S::load_bytes(from);
            let b = S::load_bytes(from.add(64));
            let c = S::load_bytes(from.add(128));
            let d = S::load_bytes(from.add(192));
            [
                S::and(a, 0xf),
                S::and(b, 0xf),
                S::and(c, 0xf),
                S::and(d, 0xf),
                S::and(S::shr_pairs::<4>(a), 0xf),
                S::and(S::shr_pairs::<4>(b), 0xf),
                S::and(S::shr_pairs::<4>(c), 0xf),
                S::and(S::shr_pairs::<4>(d), 0xf),
            ]
        }
    }
}

impl Values for FiveBits {
    const BITS: Bits = Bits::Five;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let low = FourBits::unpack::<S>(from);
            let high = S::load_bytes(from.add(256));
            [
                S::or(low[0], S::and(S::shl_pairs::<4>(high), 0x10)),
                S::or(low[1], S::and(S::shl_pairs::<3>(high), 0x10)),
                S::or(low[2], S::and(S::shl_pairs::<2>(high), 0x10)),
                S::or(low[3], S::and(S::shl_pairs::<1>(high), 0x10)),
                S::or(low[4], S::and(high, 0x10)),
                S::or(low[5], S::and(S::shr_pairs::<1>(high), 0x10)),
                S::or(low[6], S::and(S::shr_pairs::<2>(high), 0x10)),
                S::or(low[7], S::and(S::shr_pairs::<3>(high), 0x10)),
            ]
        }
    }
}

impl Values for SixBits {
    const BITS: Bits = Bits::Six;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let low = FourBits::unpack::<S>(from);
            let a = S::load_bytes(from.add(256));
            let b = S::load_bytes(from.add(320));
            [
                S::or(low[0], S::and(S::shl_pairs::<4>(a), 0x30)),
                S::or(low[1], S::and(S::shl_pairs::<2>(a), 0x30)),
                S::or(low[2], S::and(a, 0x30)),
                S::or(low[3], S::and(S::shr_pairs::<2>(a), 0x30)),
                S::or(low[4], S::and(S::shl_pairs::<4>(b), 0x30)),
                S::or(low[5], S::and(S::shl_pairs::<2>(b), 0x30)),
                S::or(low[6], S::and(b, 0x30)),
                S::or(low[7], S::and(S::shr_pairs::<2>(b), 0x30)),
            ]
        }
    }
}

impl Values for EightBits {
    const BITS: Bits = Bits::Eight;
    const BIASED: bool = true;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            [
                S::load_bytes(from),
                S::load_bytes(from.add(64)),
                S::load_bytes(from.add(128)),
                S::load_bytes(from.add(192)),
                S::load_bytes(from.add(256)),
                S::load_bytes(from.add(320)),
                S::load_bytes(from.add(384)),
                S::load_bytes(from.add(448)),
            ]
        }
    }
}

impl Scaling for Plain {
    const KIND: Scales = Scales::Plain;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, _: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe { [(S::load_half(scales.cast()), S::splat(0.0)); 2] }
    }
}

impl Scaling for Affine {
    const KIND: Scales = Scales::Affine;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, _: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe { [(S::load_half(scales.cast()), S::load_half(scales.add(32).cast())); 2] }
    }
}

impl Scaling for Blocks {
    const KIND: Scales = Scales::Blocks;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let (scale, less) =
                (S::load_half(factors.cast()), S::load_half(factors.add(32).cast()));
            let small = S::to_float(S::load_u8(scales));
            let small_less = S::to_float(S::load_u8(scales.add(16)));
            [(S::mul(scale, small), S::mul(less, small_less)); 2]
        }
    }
}

impl Scaling for Halves {
    const KIND: Scales = Scales::Halves;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let factor = S::load_half(factors.cast());
            let first = S::to_float(S::load_i8(scales));
            let second = S::to_float(S::load_i8(scales.add(16)));
            let none = S::splat(0.0);
            [(S::mul(factor, first), none), (S::mul(factor, second), none)]
        }
    }
}

impl Scaling for AffineHalves {
    const KIND: Scales = Scales::AffineHalves;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let (factor, less) =
                (S::load_half(factors.cast()), S::load_half(factors.add(32).cast()));
            let mut read = [(factor, less); 2];
            for (half, (scale, less)) in read.iter_mut().enumerate() {
                *scale = S::mul(*scale, S::to_float(S::load_u8(scales.add(16 * half))));
                *less = S::mul(*less, S::to_float(S::load_u8(scales.add(32 + 16 * half))));
            }
            read
        }
    }
}
