//! AVX2, with and without the instructions for products of bytes (AVX-VNNI): two registers hold
//! the sixteen lanes.

use std::arch::x86_64::*;

use super::simd::Simd;

/// x86-64 with AVX2, FMA and F16C.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2;

/// x86-64 with AVX2, FMA, F16C and AVX-VNNI.
#[derive(Debug, Clone, Copy)]
pub(super) struct AvxVnni;

type Floats = [__m256; 2];
type Ints = [__m256i; 2];

/// Four products a lane by way of 16-bit sums, which hold two products of 0 to 63 with -127 to
/// 127, or of 0 to 128.
#[inline(always)]
unsafe fn pairwise(acc: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
    // SAFETY: as in the implementations below.
    unsafe {
        let pairs = _mm256_maddubs_epi16(unsigned, signed);
        _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
}

macro_rules! two_registers {
    ($name:ident, $bias:literal, $dot:expr, $dot_bytes:expr) => {
        // SAFETY of every block below: the trait promises that the machine has the instructions
        // and that pointers are good for what is loaded or stored.
        impl Simd for $name {
            type F = Floats;
            type I = Ints;
            type B = Ints;
            const BYTE_BIAS: i32 = $bias;
            const TILE_ROWS: usize = 2;
            const QUERIES: usize = 4;

            #[inline(always)]
            unsafe fn prefetch(from: *const u8) {
                unsafe { _mm_prefetch::<_MM_HINT_NTA>(from.cast()) }
            }
            #[inline(always)]
            unsafe fn splat(x: f32) -> Floats {
                unsafe { [_mm256_set1_ps(x); 2] }
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> Floats {
                unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
            }
            #[inline(always)]
            unsafe fn store(to: *mut f32, [low, high]: Floats) {
                unsafe {
                    _mm256_storeu_ps(to, low);
                    _mm256_storeu_ps(to.add(8), high);
                }
            }
            #[inline(always)]
            unsafe fn add(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn sub(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn mul(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn div(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn max(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn min(a: Floats, b: Floats) -> Floats {
                unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn abs(a: Floats) -> Floats {
                unsafe {
                    let sign = _mm256_set1_ps(-0.0);
                    [_mm256_andnot_ps(sign, a[0]), _mm256_andnot_ps(sign, a[1])]
                }
            }
            #[inline(always)]
            unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats {
                unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
            }
            #[inline(always)]
            unsafe fn sum(a: Floats) -> f32 {
                unsafe {
                    let eight = _mm256_add_ps(a[0], a[1]);
                    let high = _mm256_extractf128_ps::<1>(eight);
                    let four = _mm_add_ps(_mm256_castps256_ps128(eight), high);
                    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
                    _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
                }
            }
            #[inline(always)]
            unsafe fn largest(a: Floats) -> f32 {
                unsafe {
                    let eight = _mm256_max_ps(a[0], a[1]);
                    let high = _mm256_extractf128_ps::<1>(eight);
                    let four = _mm_max_ps(_mm256_castps256_ps128(eight), high);
                    let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
                    _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps::<1>(two, two)))
                }
            }
            #[inline(always)]
            unsafe fn load_half(from: *const u16) -> Floats {
                unsafe {
                    let half = |i| _mm256_cvtph_ps(_mm_loadu_si128(from.add(i).cast()));
                    [half(0), half(8)]
                }
            }
            #[inline(always)]
            unsafe fn store_half(to: *mut u16, x: Floats) {
                unsafe {
                    for (i, x) in x.into_iter().enumerate() {
                        let half = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x);
                        _mm_storeu_si128(to.add(8 * i).cast(), half);
                    }
                }
            }
            #[inline(always)]
            unsafe fn splat_int(x: i32) -> Ints {
                unsafe { [_mm256_set1_epi32(x); 2] }
            }
            #[inline(always)]
            unsafe fn load_u8(from: *const u8) -> Ints {
                unsafe {
                    let bytes = |i| _mm256_cvtepu8_epi32(_mm_loadl_epi64(from.add(i).cast()));
                    [bytes(0), bytes(8)]
                }
            }
            #[inline(always)]
            unsafe fn load_i8(from: *const u8) -> Ints {
                unsafe {
                    let bytes = |i| _mm256_cvtepi8_epi32(_mm_loadl_epi64(from.add(i).cast()));
                    [bytes(0), bytes(8)]
                }
            }
            #[inline(always)]
            unsafe fn store_i8(to: *mut i8, x: Ints) {
                unsafe {
                    let mut wide = [0_i32; 16];
                    _mm256_storeu_si256(wide.as_mut_ptr().cast(), x[0]);
                    _mm256_storeu_si256(wide.as_mut_ptr().add(8).cast(), x[1]);
                    to.cast::<[i8; 16]>().write_unaligned(wide.map(|x| x as i8));
                }
            }
            #[inline(always)]
            unsafe fn sum_int(a: Ints) -> i32 {
                unsafe {
                    let eight = _mm256_add_epi32(a[0], a[1]);
                    let high = _mm256_extracti128_si256::<1>(eight);
                    let four = _mm_add_epi32(_mm256_castsi256_si128(eight), high);
                    let two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
                    _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
                }
            }
            #[inline(always)]
            unsafe fn to_float(a: Ints) -> Floats {
                unsafe { [_mm256_cvtepi32_ps(a[0]), _mm256_cvtepi32_ps(a[1])] }
            }
            #[inline(always)]
            unsafe fn round(a: Floats) -> Ints {
                unsafe { [_mm256_cvtps_epi32(a[0]), _mm256_cvtps_epi32(a[1])] }
            }
            #[inline(always)]
            unsafe fn pow2(a: Ints) -> Floats {
                unsafe {
                    a.map(|a| {
                        let exponent = _mm256_add_epi32(a, _mm256_set1_epi32(127));
                        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
                    })
                }
            }
            #[inline(always)]
            unsafe fn load_bytes(from: *const u8) -> Ints {
                unsafe {
                    [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())]
                }
            }
            #[inline(always)]
            unsafe fn store_bytes(to: *mut u8, x: Ints) {
                unsafe {
                    _mm256_storeu_si256(to.cast(), x[0]);
                    _mm256_storeu_si256(to.add(32).cast(), x[1]);
                }
            }
            #[inline(always)]
            unsafe fn and(a: Ints, mask: u8) -> Ints {
                unsafe {
                    let mask = _mm256_set1_epi8(mask.cast_signed());
                    [_mm256_and_si256(a[0], mask), _mm256_and_si256(a[1], mask)]
                }
            }
            #[inline(always)]
            unsafe fn or(a: Ints, b: Ints) -> Ints {
                unsafe { [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])] }
            }
            #[inline(always)]
            unsafe fn shr_pairs<const N: u32>(a: Ints) -> Ints {
                unsafe {
                    let by = _mm_cvtsi32_si128(N.cast_signed());
                    [_mm256_srl_epi16(a[0], by), _mm256_srl_epi16(a[1], by)]
                }
            }
            #[inline(always)]
            unsafe fn shl_pairs<const N: u32>(a: Ints) -> Ints {
                unsafe {
                    let by = _mm_cvtsi32_si128(N.cast_signed());
                    [_mm256_sll_epi16(a[0], by), _mm256_sll_epi16(a[1], by)]
                }
            }
            #[inline(always)]
            unsafe fn dot(acc: Ints, w: Ints, x: i32) -> Ints {
                unsafe {
                    let x = _mm256_set1_epi32(x);
                    [$dot(acc[0], w[0], x), $dot(acc[1], w[1], x)]
                }
            }
            #[inline(always)]
            unsafe fn dot_bytes(acc: Ints, w: Ints, x: i32) -> Ints {
                unsafe {
                    let x = _mm256_set1_epi32(x);
                    [$dot_bytes(acc[0], w[0], x), $dot_bytes(acc[1], w[1], x)]
                }
            }
        }
    };
}

/// Bytes that stand 128 too high, as signed ones: their size with the sign given to `x`, since
/// 16-bit sums would not hold products of larger bytes.
#[inline(always)]
unsafe fn pairwise_bytes(acc: __m256i, w: __m256i, x: __m256i) -> __m256i {
    // SAFETY: as in the implementations above.
    unsafe {
        let w = _mm256_xor_si256(w, _mm256_set1_epi8(-128));
        pairwise(acc, _mm256_abs_epi8(w), _mm256_sign_epi8(x, w))
    }
}

two_registers!(Avx2, 0, pairwise, pairwise_bytes);
two_registers!(AvxVnni, 128, _mm256_dpbusd_avx_epi32, _mm256_dpbusd_avx_epi32);
