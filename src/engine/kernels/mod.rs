//! The arithmetic of the CPU.
//!
//! - `simd`: what a kernel asks of a machine; `avx512`, `avx2`, `neon`, `portable` answer
//! - `level`: which of them this machine has
//! - `arena`: memory for weights
//! - `format`: how files code weights; `packed`: the order in which kernels read them
//! - `quantise`: activations as bytes
//! - `matmul`, `floats`: products of these; `matrix`: of whole matrices, on a `team` of threads
//! - `cache`: keys and values; `attention`: over them
//! - `activation`: norms and gates
//! - `rows`: all of this for matrices of activations, without anything unsafe to the caller

#![allow(unsafe_code, reason = "instructions of one machine, and results that threads share")]
#![allow(clippy::inline_always, reason = "a kernel is compiled for the instructions of its caller")]
#![allow(clippy::wildcard_imports, reason = "a machine's instructions are many")]
#![allow(clippy::needless_range_loop, reason = "one number counts through several arrays")]
#![allow(clippy::cast_ptr_alignment, reason = "read with instructions that ask for none")]

mod activation;
mod arena;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod cache;
mod floats;
mod format;
mod half;
mod level;
mod matmul;
mod matrix;
#[cfg(target_arch = "aarch64")]
mod neon;
mod packed;
mod portable;
mod quantise;
mod rows;
mod simd;
mod team;

pub(crate) use attention::Segment;
pub(crate) use cache::{HeadShape, Store};
pub(crate) use floats::Precision;
pub(crate) use format::Format;
pub(crate) use level::Level;
pub(crate) use matrix::{Activations, Coding, Matrix, Product};
pub(crate) use packed::Shape;
pub(crate) use rows::{Cpu, Seen};

#[cfg(test)]
mod tests;
