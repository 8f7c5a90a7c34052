//! NEON, with and without the instruction for products of bytes: four registers hold the sixteen
//! lanes.

use std::arch::aarch64::*;
use std::arch::asm;

use super::simd::Simd;

/// Any 64-bit Arm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neon;

/// 64-bit Arm with products of bytes (`dotprod`), as most since 2018.
#[derive(Debug, Clone, Copy)]
pub(super) struct NeonDot;

type Floats = [float32x4_t; 4];
type Ints = [int32x4_t; 4];
type Bytes = [uint8x16_t; 4];

/// The same for each of the four registers.
macro_rules! four {
    (|$i:ident| $x:expr) => {
        [
            {
                const $i: usize = 0;
                $x
            },
            {
                const $i: usize = 1;
                $x
            },
            {
                const $i: usize = 2;
                $x
            },
            {
                const $i: usize = 3;
                $x
            },
        ]
    };
}

/// Four products a lane, in one instruction.
///
/// # Safety
///
/// The machine has to have it.
#[inline(always)]
unsafe fn dot(acc: int32x4_t, w: int8x16_t, x: int8x16_t) -> int32x4_t {
    let mut sum = acc;
    // SAFETY: it touches nothing but these registers. The intrinsic for it is not stable.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {w:v}.16b, {x:v}.16b",
            sum = inout(vreg) sum,
            w = in(vreg) w,
            x = in(vreg) x,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// The same by way of 16-bit sums, which hold two products of -128 to 127 with -127 to 127.
#[inline(always)]
unsafe fn pairwise(acc: int32x4_t, w: int8x16_t, x: int8x16_t) -> int32x4_t {
    // SAFETY: every machine of this kind has NEON.
    unsafe {
        let low = vmull_s8(vget_low_s8(w), vget_low_s8(x));
        let high = vmull_high_s8(w, x);
        vpadalq_s16(acc, vpaddq_s16(low, high))
    }
}

macro_rules! four_registers {
    ($name:ident, $dot:ident) => {
        // SAFETY of every block below: the trait promises that the machine has the instructions
        // and that pointers are good for what is loaded or stored.
        impl Simd for $name {
            type F = Floats;
            type I = Ints;
            type B = Bytes;
            const BYTE_BIAS: i32 = 0;
            const TILE_ROWS: usize = 2;
            const QUERIES: usize = 4;

            #[inline(always)]
            unsafe fn prefetch(from: *const u8) {
                // The intrinsic for it is not stable.
                unsafe {
                    asm!(
                        "prfm pldl1strm, [{from}]",
                        from = in(reg) from,
                        options(nostack, readonly, preserves_flags),
                    );
                }
            }
            #[inline(always)]
            unsafe fn splat(x: f32) -> Floats {
                unsafe { [vdupq_n_f32(x); 4] }
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> Floats {
                unsafe { four!(|I| vld1q_f32(from.add(4 * I))) }
            }
            #[inline(always)]
            unsafe fn store(to: *mut f32, x: Floats) {
                unsafe {
                    four!(|I| vst1q_f32(to.add(4 * I), x[I]));
                }
            }
            #[inline(always)]
            unsafe fn add(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vaddq_f32(a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn sub(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vsubq_f32(a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn mul(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vmulq_f32(a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn div(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vdivq_f32(a[I], b[I])) }
            }
            // Chosen by a comparison, since NEON's own answer for what is not a number is none.
            #[inline(always)]
            unsafe fn max(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vbslq_f32(vcgtq_f32(a[I], b[I]), a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn min(a: Floats, b: Floats) -> Floats {
                unsafe { four!(|I| vbslq_f32(vcltq_f32(a[I], b[I]), a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn abs(a: Floats) -> Floats {
                unsafe { four!(|I| vabsq_f32(a[I])) }
            }
            #[inline(always)]
            unsafe fn fma(a: Floats, b: Floats, c: Floats) -> Floats {
                unsafe { four!(|I| vfmaq_f32(c[I], a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn sum(a: Floats) -> f32 {
                unsafe {
                    let four = vaddq_f32(vaddq_f32(a[0], a[2]), vaddq_f32(a[1], a[3]));
                    let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
                    vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
                }
            }
            #[inline(always)]
            unsafe fn largest(a: Floats) -> f32 {
                unsafe {
                    let four = vmaxnmq_f32(vmaxnmq_f32(a[0], a[2]), vmaxnmq_f32(a[1], a[3]));
                    vmaxnmvq_f32(four)
                }
            }
            #[inline(always)]
            unsafe fn load_half(from: *const u16) -> Floats {
                unsafe {
                    let half = |i| vreinterpret_f16_u16(vld1_u16(from.add(i)));
                    four!(|I| vcvt_f32_f16(half(4 * I)))
                }
            }
            #[inline(always)]
            unsafe fn store_half(to: *mut u16, x: Floats) {
                unsafe {
                    let half = |x| vreinterpret_u16_f16(vcvt_f16_f32(x));
                    four!(|I| vst1_u16(to.add(4 * I), half(x[I])));
                }
            }
            #[inline(always)]
            unsafe fn splat_int(x: i32) -> Ints {
                unsafe { [vdupq_n_s32(x); 4] }
            }
            #[inline(always)]
            unsafe fn load_u8(from: *const u8) -> Ints {
                unsafe {
                    let bytes = vld1q_u8(from);
                    let (low, high) = (vmovl_u8(vget_low_u8(bytes)), vmovl_high_u8(bytes));
                    let parts = [
                        vmovl_u16(vget_low_u16(low)),
                        vmovl_high_u16(low),
                        vmovl_u16(vget_low_u16(high)),
                        vmovl_high_u16(high),
                    ];
                    four!(|I| vreinterpretq_s32_u32(parts[I]))
                }
            }
            #[inline(always)]
            unsafe fn load_i8(from: *const u8) -> Ints {
                unsafe {
                    let bytes = vld1q_s8(from.cast());
                    let (low, high) = (vmovl_s8(vget_low_s8(bytes)), vmovl_high_s8(bytes));
                    [
                        vmovl_s16(vget_low_s16(low)),
                        vmovl_high_s16(low),
                        vmovl_s16(vget_low_s16(high)),
                        vmovl_high_s16(high),
                    ]
                }
            }
            #[inline(always)]
            unsafe fn store_i8(to: *mut i8, x: Ints) {
                unsafe {
                    let low = vcombine_s16(vmovn_s32(x[0]), vmovn_s32(x[1]));
                    let high = vcombine_s16(vmovn_s32(x[2]), vmovn_s32(x[3]));
                    vst1q_s8(to, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
                }
            }
            #[inline(always)]
            unsafe fn sum_int(a: Ints) -> i32 {
                unsafe { vaddvq_s32(vaddq_s32(vaddq_s32(a[0], a[1]), vaddq_s32(a[2], a[3]))) }
            }
            #[inline(always)]
            unsafe fn to_float(a: Ints) -> Floats {
                unsafe { four!(|I| vcvtq_f32_s32(a[I])) }
            }
            #[inline(always)]
            unsafe fn round(a: Floats) -> Ints {
                unsafe { four!(|I| vcvtnq_s32_f32(a[I])) }
            }
            #[inline(always)]
            unsafe fn pow2(a: Ints) -> Floats {
                unsafe {
                    let exponent = four!(|I| vaddq_s32(a[I], vdupq_n_s32(127)));
                    four!(|I| vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent[I])))
                }
            }
            #[inline(always)]
            unsafe fn load_bytes(from: *const u8) -> Bytes {
                unsafe { four!(|I| vld1q_u8(from.add(16 * I))) }
            }
            #[inline(always)]
            unsafe fn store_bytes(to: *mut u8, x: Bytes) {
                unsafe {
                    four!(|I| vst1q_u8(to.add(16 * I), x[I]));
                }
            }
            #[inline(always)]
            unsafe fn and(a: Bytes, mask: u8) -> Bytes {
                unsafe { four!(|I| vandq_u8(a[I], vdupq_n_u8(mask))) }
            }
            #[inline(always)]
            unsafe fn or(a: Bytes, b: Bytes) -> Bytes {
                unsafe { four!(|I| vorrq_u8(a[I], b[I])) }
            }
            #[inline(always)]
            unsafe fn shr_pairs<const N: u32>(a: Bytes) -> Bytes {
                unsafe {
                    // A shift to the left by a negative number is one to the right.
                    let by = vdupq_n_s16(-(N as i16));
                    let shifted = |a| vshlq_u16(vreinterpretq_u16_u8(a), by);
                    four!(|I| vreinterpretq_u8_u16(shifted(a[I])))
                }
            }
            #[inline(always)]
            unsafe fn shl_pairs<const N: u32>(a: Bytes) -> Bytes {
                unsafe {
                    let by = vdupq_n_s16(N as i16);
                    let shifted = |a| vshlq_u16(vreinterpretq_u16_u8(a), by);
                    four!(|I| vreinterpretq_u8_u16(shifted(a[I])))
                }
            }
            #[inline(always)]
            unsafe fn dot(acc: Ints, w: Bytes, x: i32) -> Ints {
                unsafe {
                    let x = vreinterpretq_s8_s32(vdupq_n_s32(x));
                    four!(|I| $dot(acc[I], vreinterpretq_s8_u8(w[I]), x))
                }
            }
            #[inline(always)]
            unsafe fn dot_bytes(acc: Ints, w: Bytes, x: i32) -> Ints {
                unsafe {
                    let w = four!(|I| veorq_u8(w[I], vdupq_n_u8(128)));
                    Self::dot(acc, w, x)
                }
            }
        }
    };
}

four_registers!(Neon, pairwise);
four_registers!(NeonDot, dot);
