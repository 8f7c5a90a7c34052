//! What a kernel asks of a machine: sixteen numbers at a time.
//!
//! The kernels are written once over this trait and compiled once for each instruction set. An
//! instruction set wider or narrower than sixteen numbers of 32 bits holds them in as many
//! registers as it takes; the order in which numbers are added is the same for all.

/// An instruction set.
///
/// # Safety
///
/// Every function may be called only on a machine that has the instructions, from a function that
/// is compiled for them, and with pointers to as many elements as its name says.
pub(super) trait Simd: Copy {
    /// 16 numbers.
    type F: Copy;
    /// 16 integers of 32 bits.
    type I: Copy;
    /// 64 bytes, as 16 groups of 4.
    type B: Copy;
    /// What is on top of every byte that [`Self::dot_bytes`] sees, and so has to be taken off its
    /// sum: instructions that multiply unsigned by signed bytes see 128 more than is meant.
    const BYTE_BIAS: i32;
    /// Rows of activations whose sums fit into the registers beside those of two groups.
    const TILE_ROWS: usize;
    /// Queries of attention whose sums fit into the registers.
    const QUERIES: usize;

    /// Asks for a line of memory ahead of its only use: it need not stay in a cache. It may lie
    /// anywhere, and nothing is read.
    unsafe fn prefetch(from: *const u8);
    unsafe fn splat(x: f32) -> Self::F;
    unsafe fn load(from: *const f32) -> Self::F;
    unsafe fn store(to: *mut f32, x: Self::F);
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F;
    /// The larger; `b` where either is not a number.
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn abs(a: Self::F) -> Self::F;
    /// `a * b + c`.
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// All sixteen: 8 with 8, 4 with 4, 2 with 2, 1 with 1.
    unsafe fn sum(a: Self::F) -> f32;
    /// The largest of all sixteen.
    unsafe fn largest(a: Self::F) -> f32;
    /// 16 numbers of 16 bits.
    unsafe fn load_half(from: *const u16) -> Self::F;
    /// The nearest numbers of 16 bits, ties to even.
    unsafe fn store_half(to: *mut u16, x: Self::F);

    unsafe fn splat_int(x: i32) -> Self::I;
    /// 16 bytes from 0 to 255.
    unsafe fn load_u8(from: *const u8) -> Self::I;
    /// 16 bytes from -128 to 127.
    unsafe fn load_i8(from: *const u8) -> Self::I;
    /// The low bytes of all sixteen.
    unsafe fn store_i8(to: *mut i8, x: Self::I);
    unsafe fn sum_int(a: Self::I) -> i32;
    unsafe fn to_float(a: Self::I) -> Self::F;
    /// The nearest integers, ties to even.
    unsafe fn round(a: Self::F) -> Self::I;
    /// 2 to the power of each, from -126 to 127.
    unsafe fn pow2(a: Self::I) -> Self::F;

    unsafe fn load_bytes(from: *const u8) -> Self::B;
    unsafe fn store_bytes(to: *mut u8, x: Self::B);
    unsafe fn and(a: Self::B, mask: u8) -> Self::B;
    unsafe fn or(a: Self::B, b: Self::B) -> Self::B;
    /// Shifts pairs of bytes: what crosses from one into the other has to be masked off.
    unsafe fn shr_pairs<const N: u32>(a: Self::B) -> Self::B;
    /// As [`Self::shr_pairs`].
    unsafe fn shl_pairs<const N: u32>(a: Self::B) -> Self::B;
    /// Adds to each integer the products of its four bytes of `w`, 0 to 63, with the four of `x`,
    /// -127 to 127.
    unsafe fn dot(acc: Self::I, w: Self::B, x: i32) -> Self::I;
    /// The same for bytes of any size that stand 128 too high; see [`Self::BYTE_BIAS`].
    unsafe fn dot_bytes(acc: Self::I, w: Self::B, x: i32) -> Self::I;
}
