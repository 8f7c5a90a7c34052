//! The sixteen lanes as plain arrays, for machines without an implementation of their own.

use super::half;
use super::simd::Simd;

/// Any machine. Products and sums are rounded one after the other: without an instruction for
/// both, doing them in one is very slow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

type Floats = [f32; 16];
type Ints = [i32; 16];

fn each<T: Copy, U>(a: [T; 16], f: impl Fn(T) -> U) -> [U; 16] {
    a.map(f)
}

fn both<T: Copy, U>(a: [T; 16], b: [T; 16], f: impl Fn(T, T) -> U) -> [U; 16] {
    std::array::from_fn(|i| f(a[i], b[i]))
}

fn pairs(a: [u8; 64], f: impl Fn(u16) -> u16) -> [u8; 64] {
    let mut out = [0; 64];
    for (to, from) in out.chunks_exact_mut(2).zip(a.chunks_exact(2)) {
        to.copy_from_slice(&f(u16::from_le_bytes([from[0], from[1]])).to_le_bytes());
    }
    out
}

fn dot(acc: Ints, w: [u8; 64], x: i32, bias: i32) -> Ints {
    let x = x.to_le_bytes().map(|x| i32::from(x.cast_signed()));
    std::array::from_fn(|lane| {
        (0..4).fold(acc[lane], |sum, k| sum + (i32::from(w[4 * lane + k]) - bias) * x[k])
    })
}

impl Simd for Portable {
    type F = Floats;
    type I = Ints;
    type B = [u8; 64];
    const BYTE_BIAS: i32 = 0;
    const TILE_ROWS: usize = 1;
    const QUERIES: usize = 2;

    #[inline(always)]
    unsafe fn prefetch(_: *const u8) {}
    #[inline(always)]
    unsafe fn splat(x: f32) -> Floats {
        [x; 16]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Floats {
        // SAFETY: the caller's pointer is good for 16 numbers.
        unsafe { from.cast::<Floats>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: Floats) {
        // SAFETY: as above.
        unsafe { to.cast::<Floats>().write_unaligned(x) }
    }
    #[inline(always)]
    unsafe fn add(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| a + b)
    }
    #[inline(always)]
    unsafe fn sub(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| a - b)
    }
    #[inline(always)]
    unsafe fn mul(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| a * b)
    }
    #[inline(always)]
    unsafe fn div(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| a / b)
    }
    #[inline(always)]
    unsafe fn max(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    unsafe fn min(a: Floats, b: Floats) -> Floats {
        both(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    unsafe fn abs(a: Floats) -> Floats {
        each(a, f32::abs)
    }
    #[inline(always)]
    unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats {
        std::array::from_fn(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn sum(mut a: Floats) -> f32 {
        for half in [8, 4, 2, 1] {
            for i in 0..half {
                a[i] += a[i + half];
            }
        }
        a[0]
    }
    #[inline(always)]
    unsafe fn largest(a: Floats) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Floats {
        // SAFETY: the caller's pointer is good for 16 numbers.
        each(unsafe { from.cast::<[u16; 16]>().read_unaligned() }, half::to_float)
    }
    #[inline(always)]
    unsafe fn store_half(to: *mut u16, x: Floats) {
        // SAFETY: as above.
        unsafe { to.cast::<[u16; 16]>().write_unaligned(each(x, half::from_float)) }
    }
    #[inline(always)]
    unsafe fn splat_int(x: i32) -> Ints {
        [x; 16]
    }
    #[inline(always)]
    unsafe fn load_u8(from: *const u8) -> Ints {
        // SAFETY: the caller's pointer is good for 16 bytes.
        each(unsafe { from.cast::<[u8; 16]>().read_unaligned() }, i32::from)
    }
    #[inline(always)]
    unsafe fn load_i8(from: *const u8) -> Ints {
        // SAFETY: as above.
        each(unsafe { from.cast::<[i8; 16]>().read_unaligned() }, i32::from)
    }
    #[inline(always)]
    unsafe fn store_i8(to: *mut i8, x: Ints) {
        // SAFETY: as above.
        unsafe { to.cast::<[i8; 16]>().write_unaligned(each(x, |x| x as i8)) }
    }
    #[inline(always)]
    unsafe fn sum_int(a: Ints) -> i32 {
        a.into_iter().sum()
    }
    #[inline(always)]
    unsafe fn to_float(a: Ints) -> Floats {
        each(a, |a| a as f32)
    }
    #[inline(always)]
    unsafe fn round(a: Floats) -> Ints {
        each(a, |a| a.round_ties_even() as i32)
    }
    #[inline(always)]
    unsafe fn pow2(a: Ints) -> Floats {
        each(a, |a| f32::from_bits(((a + 127) as u32) << 23))
    }
    #[inline(always)]
    unsafe fn load_bytes(from: *const u8) -> [u8; 64] {
        // SAFETY: the caller's pointer is good for 64 bytes.
        unsafe { from.cast::<[u8; 64]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store_bytes(to: *mut u8, x: [u8; 64]) {
        // SAFETY: as above.
        unsafe { to.cast::<[u8; 64]>().write_unaligned(x) }
    }
    #[inline(always)]
    unsafe fn and(a: [u8; 64], mask: u8) -> [u8; 64] {
        a.map(|a| a & mask)
    }
    #[inline(always)]
    unsafe fn or(a: [u8; 64], b: [u8; 64]) -> [u8; 64] {
        std::array::from_fn(|i| a[i] | b[i])
    }
    #[inline(always)]
    unsafe fn shr_pairs<const N: u32>(a: [u8; 64]) -> [u8; 64] {
        pairs(a, |a| a >> N)
    }
    #[inline(always)]
    unsafe fn shl_pairs<const N: u32>(a: [u8; 64]) -> [u8; 64] {
        pairs(a, |a| a << N)
    }
    #[inline(always)]
    unsafe fn dot(acc: Ints, w: [u8; 64], x: i32) -> Ints {
        dot(acc, w, x, 0)
    }
    #[inline(always)]
    unsafe fn dot_bytes(acc: Ints, w: [u8; 64], x: i32) -> Ints {
        dot(acc, w, x, 128)
    }
}
