//! Every kernel against a twin that goes number by number, at every level this machine has: equal
//! to the bit, odd shapes included.

#![allow(clippy::float_cmp, reason = "equal to the bit is the point")]

use std::num::NonZeroUsize;

use proptest::prelude::*;

use super::attention::{Head, Query, Segment};
use super::cache::{HeadShape, Store};
use super::format::{Format, PART, Scales, file_scales, half_scales, value, words};
use super::half;
use super::level::Level;
use super::matrix::{Activations, Coding, Matrix, Product};
use super::packed::Shape;
use super::quantise::Quantised;
use super::rows::{Cpu, Seen};
use super::{Precision, attention};

const FORMATS: [Format; 10] = [
    Format::Q4_0,
    Format::Q4_1,
    Format::Q5_0,
    Format::Q5_1,
    Format::Q8_0,
    Format::Q2K,
    Format::Q3K,
    Format::Q4K,
    Format::Q5K,
    Format::Q6K,
];

/// Numbers without a pattern.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        self.0 >> 33
    }

    fn float(&mut self) -> f32 {
        self.next() as f32 / (1_u64 << 30) as f32 - 1.0
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    /// A file's bytes of so many blocks: any bits at all, but for scales that are numbers.
    fn blocks(&mut self, format: Format, blocks: usize) -> Vec<u8> {
        let bytes = format.block_bytes();
        let mut file: Vec<u8> = (0..blocks * bytes).map(|_| self.next() as u8).collect();
        let halves: &[usize] = match format {
            Format::Q4_0 | Format::Q5_0 | Format::Q8_0 => &[0],
            Format::Q4_1 | Format::Q5_1 | Format::Q4K | Format::Q5K => &[0, 2],
            Format::Q2K => &[80, 82],
            Format::Q3K => &[108],
            Format::Q6K => &[208],
        };
        for block in file.chunks_exact_mut(bytes) {
            for &at in halves {
                let scale = half::from_float(self.float() * 0.02).to_le_bytes();
                block[at..at + 2].copy_from_slice(&scale);
            }
        }
        file
    }
}

/// `a * b + c` as a level does it.
fn fma(level: Level, a: f32, b: f32, c: f32) -> f32 {
    if level == Level::Portable { a * b + c } else { a.mul_add(b, c) }
}

fn levels() -> impl Iterator<Item = (Level, Cpu)> {
    let two = NonZeroUsize::new(2).unwrap();
    Level::all().into_iter().map(move |level| (level, Cpu::new(two, level).unwrap()))
}

fn matrix(cpu: &Cpu, coding: Coding, file: &[u8]) -> Matrix {
    let row = coding.row_bytes();
    let read = |first: usize, rows: &mut [u8]| {
        rows.copy_from_slice(&file[first * row..first * row + rows.len()]);
        Ok(())
    };
    cpu.matrix(coding, &read).unwrap()
}

fn product(cpu: &Cpu, matrix: &Matrix, x: &[f32]) -> Vec<f32> {
    let (rows, columns) = matrix.shape();
    let mut to = vec![0.0; x.len() / columns * rows];
    let bytes = matrix.span().map(|span| cpu.quantise(x, columns, span));
    cpu.multiply(&Activations { numbers: x, bytes }, vec![Product { matrix, to: &mut to }]);
    to
}

/// One row of weights times one of activations, in the order that `matmul` documents.
fn twin(level: Level, format: Format, row: &[u8], x: &[i8], scales: &[f32]) -> f32 {
    let halves = match format.scales() {
        Scales::Plain | Scales::Affine | Scales::Blocks => 1,
        Scales::Halves | Scales::AffineHalves => 2,
    };
    let affine = matches!(format.scales(), Scales::Affine | Scales::Blocks | Scales::AffineHalves);
    let mut sum = 0.0;
    let parts = format.span() / PART;
    for (span, scale) in scales.iter().enumerate() {
        let mut part_sum = 0.0;
        for part in span * parts..((span + 1) * parts).min(x.len() / PART) {
            let words = words(format, row, part);
            let weights = half_scales(format.scales(), file_scales(format, row, part));
            for (half, (weight, less)) in weights.into_iter().enumerate().take(halves) {
                let size = PART / halves;
                let columns = half * size..(half + 1) * size;
                let x = |k: usize| i32::from(x[part * PART + k]);
                let q = |k: usize| value(format.bits(), &words, k) - format.centre();
                let dot: i32 = columns.clone().map(|k| q(k) * x(k)).sum();
                part_sum = fma(level, dot as f32, weight, part_sum);
                if affine {
                    let total: i32 = columns.map(x).sum();
                    part_sum = fma(level, -total as f32, less, part_sum);
                }
            }
        }
        sum = fma(level, part_sum, *scale, sum);
    }
    sum
}

fn assert_twin(format: Format, (rows, parts, count): (usize, usize, usize), seed: u64) {
    let mut random = Random(seed);
    let columns = parts * format.block_values();
    let file = random.blocks(format, rows * parts);
    let x = random.floats(count * columns);
    let shape = Shape { format, rows, columns };
    for (level, cpu) in levels() {
        let ours = product(&cpu, &matrix(&cpu, Coding::Packed(shape), &file), &x);
        let quantised: Quantised = cpu.quantise(&x, columns, format.span());
        for (t, ours) in ours.chunks_exact(rows).enumerate() {
            let bytes = &quantised.bytes[t * columns..(t + 1) * columns];
            let spans = columns.div_ceil(format.span());
            let scales = &quantised.scales[t * spans..(t + 1) * spans];
            for (ours, row) in ours.iter().zip(file.chunks_exact(shape.file_row_bytes())) {
                let twin = twin(level, format, row, bytes, scales);
                assert_eq!(ours.to_bits(), twin.to_bits(), "{format:?} {level:?} row {t}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn products_of_every_format_equal_their_twin(
        rows in 1_usize..70, parts in 1_usize..4, count in 1_usize..16, seed: u64,
    ) {
        for format in FORMATS {
            assert_twin(format, (rows, parts, count), seed);
        }
    }
}

/// Products of floats: single precision as the sum is, half precision exactly widened.
#[test]
fn products_of_floats_equal_their_twin() {
    let mut random = Random(3);
    let (rows, columns) = (37, 50);
    let weights: Vec<f32> = random.floats(rows * columns);
    let halves: Vec<u16> = weights.iter().map(|w| half::from_float(*w)).collect();
    let widened: Vec<f32> = halves.iter().map(|h| half::to_float(*h)).collect();
    let bytes: [(Precision, Vec<u8>, &[f32]); 2] = [
        (Precision::Single, weights.iter().flat_map(|w| w.to_le_bytes()).collect(), &weights),
        (Precision::Half, halves.iter().flat_map(|h| h.to_le_bytes()).collect(), &widened),
    ];
    for (level, cpu) in levels() {
        for count in [1, 3, 4, 9] {
            let x = random.floats(count * columns);
            for (precision, file, weights) in &bytes {
                let coding = Coding::Floats(*precision, (rows, columns));
                let ours = product(&cpu, &matrix(&cpu, coding, file), &x);
                let twin = x.chunks_exact(columns).flat_map(|x| {
                    weights.chunks_exact(columns).map(move |row| {
                        row.iter().zip(x).fold(0.0, |sum, (w, x)| fma(level, *x, *w, sum))
                    })
                });
                assert_eq!(ours, twin.collect::<Vec<f32>>(), "{precision:?} {level:?}");
            }
        }
    }
}

#[test]
fn packed_rows_come_back_as_the_file_has_them() {
    let cpu = Cpu::new(NonZeroUsize::MIN, Level::Portable).unwrap();
    for format in FORMATS {
        let columns = 2 * format.block_values();
        let file = Random(5).blocks(format, 19 * 2);
        let coding = Coding::Packed(Shape { format, rows: 19, columns });
        let matrix = matrix(&cpu, coding, &file);
        for (row, bytes) in file.chunks_exact(coding.row_bytes()).enumerate() {
            let (mut packed, mut plain) = (vec![0.0; columns], vec![0.0; columns]);
            matrix.row(row, &mut packed);
            coding.numbers(bytes, &mut plain);
            assert_eq!(packed, plain, "{format:?}");
        }
    }
}

/// What blocks stand for, by candle's own reading of them.
#[test]
fn blocks_mean_what_candle_reads() {
    use candle_core::CpuStorage;
    use candle_core::quantized::GgmlDType;
    let kinds = [
        GgmlDType::Q4_0,
        GgmlDType::Q4_1,
        GgmlDType::Q5_0,
        GgmlDType::Q5_1,
        GgmlDType::Q8_0,
        GgmlDType::Q2K,
        GgmlDType::Q3K,
        GgmlDType::Q4K,
        GgmlDType::Q5K,
        GgmlDType::Q6K,
    ];
    for (format, kind) in FORMATS.into_iter().zip(kinds) {
        let columns = 3 * format.block_values();
        let file = Random(11).blocks(format, 3);
        let mut ours = vec![0.0; columns];
        Shape { format, rows: 1, columns }.unpack_file_row(&file, &mut ours);
        let theirs = kind.from_data(file.clone().into()).dequantize(columns).unwrap();
        let CpuStorage::F32(theirs) = theirs else { panic!("floats") };
        for (ours, theirs) in ours.iter().zip(&theirs) {
            let close = (ours - theirs).abs() <= 1e-6 * theirs.abs().max(1e-3);
            assert!(close, "{format:?}: {ours} {theirs}");
        }
    }
}

#[test]
fn bytes_and_scales_of_activations_equal_their_twin() {
    let x = [Random(8).floats(224), vec![0.0; 32], vec![1e-42; 32]].concat();
    for ((level, cpu), span) in
        [32, 128].into_iter().flat_map(|span| levels().map(move |l| (l, span)))
    {
        let quantised = cpu.quantise(&x, x.len(), span);
        for (number, x) in x.chunks(span).enumerate() {
            let most = x.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            let per_scale = 127.0 / most;
            for (x, byte) in x.iter().zip(&quantised.bytes[number * span..]) {
                let twin = (x * per_scale).round_ties_even();
                let twin = if most > f32::MIN_POSITIVE { twin } else { 0.0 };
                assert_eq!(f32::from(*byte), twin, "{level:?}");
            }
        }
        for (sum, bytes) in quantised.half_sums.iter().zip(quantised.bytes.chunks(PART / 2)) {
            assert_eq!(*sum, -bytes.iter().map(|b| i32::from(*b)).sum::<i32>());
        }
    }
}

#[test]
fn what_is_not_finite_becomes_nothing() {
    for (level, cpu) in levels() {
        let mut x = vec![1.0; 64];
        x[3] = f32::INFINITY;
        let quantised = cpu.quantise(&x, 64, 32);
        let (first, second) = quantised.bytes.split_at(32);
        assert!(first.iter().all(|byte| *byte == 0), "{level:?}");
        assert!(second.iter().all(|byte| *byte == 127), "{level:?}");
    }
}

/// Attention in double precision.
fn attention_twin(shape: HeadShape, query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f64> {
    let dot = |key: &[f32]| -> f64 {
        query.iter().zip(key).map(|(q, k)| f64::from(*q) * f64::from(*k)).sum()
    };
    let scores: Vec<f64> = keys.chunks_exact(shape.dim).map(dot).collect();
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| (score - most).exp()).collect();
    let total: f64 = weights.iter().sum();
    let blended = |d: usize| {
        let column = values.iter().skip(d).step_by(shape.dim);
        weights.iter().zip(column).map(|(w, v)| w * f64::from(*v)).sum::<f64>() / total
    };
    (0..shape.dim).map(blended).collect()
}

fn halves(x: &[f32]) -> Vec<u16> {
    x.iter().map(|x| half::from_float(*x)).collect()
}

fn halved(x: &[f32]) -> Vec<f32> {
    halves(x).into_iter().map(half::to_float).collect()
}

#[test]
fn attention_is_what_the_formula_says() {
    for dim in [16, 20, 64, 80] {
        let shape = HeadShape { heads: 1, dim };
        let mut random = Random(17);
        let positions = 300;
        let keys = halved(&random.floats(positions * dim));
        let values = halved(&random.floats(positions * dim));
        let mut store = Store::default();
        store.write(shape, 0, &halves(&keys), &halves(&values));
        for (level, cpu) in levels() {
            for window in [None, Some(1), Some(40), Some(299)] {
                let rows = 5;
                let queries = random.floats(rows * dim);
                let mut out = vec![0.0; rows * dim];
                let segments = vec![Segment { store: &store, positions }];
                let at = positions - rows;
                let seen = Seen { segments, rows: 0..rows, at, window };
                cpu.attend(shape, &queries, &mut out, &[seen]);
                for (row, out) in out.chunks_exact(dim).enumerate() {
                    let end = at + row + 1;
                    let first = window.map_or(0, |window| end - window.min(end));
                    let part = first * dim..end * dim;
                    let query = &queries[row * dim..(row + 1) * dim];
                    let twin = attention_twin(shape, query, &keys[part.clone()], &values[part]);
                    for (ours, twin) in out.iter().zip(twin) {
                        assert!((f64::from(*ours) - twin).abs() < 1e-5, "{level:?} {ours} {twin}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_query_gives_the_same_bits_alone_and_wherever_its_positions_lie() {
    let shape = HeadShape { heads: 2, dim: 32 };
    let width = shape.heads * shape.dim;
    let mut random = Random(23);
    let positions = 290;
    let (keys, values) = (random.floats(positions * width), random.floats(positions * width));
    let queries = random.floats(4 * 3 * width);
    let store = |range: std::ops::Range<usize>| {
        let part = range.start * width..range.end * width;
        let mut store = Store::default();
        store.write(shape, 0, &halves(&keys[part.clone()]), &halves(&values[part]));
        store
    };
    let whole = store(0..positions);
    for (level, cpu) in levels() {
        let attend = |queries: &[f32], segments: Vec<Segment<'_>>, at: usize| {
            let mut out = vec![0.0; queries.len()];
            let rows = 0..queries.len() / (3 * width);
            cpu.attend(shape, queries, &mut out, &[Seen { segments, rows, at, window: None }]);
            out
        };
        let together = attend(&queries, vec![Segment { store: &whole, positions }], positions - 4);
        for cut in [1, 15, 16, 257, 286] {
            let (head, tail) = (store(0..cut), store(cut..positions));
            for row in 0..4 {
                let segments = vec![
                    Segment { store: &head, positions: cut },
                    Segment { store: &tail, positions: positions - cut },
                ];
                let part = row * 3 * width..(row + 1) * 3 * width;
                let alone = attend(&queries[part.clone()], segments, positions - 4 + row);
                assert_eq!(alone, together[part], "{level:?} cut at {cut}, row {row}");
            }
        }
    }
}

#[test]
fn levels_with_the_same_rounding_agree_to_the_bit() {
    let shape = HeadShape { heads: 1, dim: 64 };
    let mut random = Random(29);
    let (keys, values) = (random.floats(40 * 64), random.floats(40 * 64));
    let mut store = Store::default();
    store.write(shape, 0, &halves(&keys), &halves(&values));
    let (query, gain) = (random.floats(64), random.floats(64));
    let results = levels().filter(|(level, _)| *level != Level::Portable).map(|(level, cpu)| {
        let mut out = query.clone();
        cpu.norm(&query, &mut out, &gain, 1e-6);
        cpu.silu_gate(&mut out, &gain);
        cpu.gelu_gate(&mut out, &gain);
        let mut seen = vec![0.0; 64];
        let mut queries = [Query { numbers: &out, first: 0, end: 40, out: &mut seen }];
        let segments = [Segment { store: &store, positions: 40 }];
        let head = Head { shape, number: 0, segments: &segments };
        // SAFETY: all have 64 components, and the store 40 positions.
        unsafe {
            attention::attend(level, head, &mut queries, &mut Vec::new());
        }
        [out, seen].concat()
    });
    let results: Vec<Vec<f32>> = results.collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn numbers_of_16_bits_are_the_nearest_and_never_infinite() {
    let mut x = Random(37).floats(100);
    x.extend([1e6, -1e6, f32::INFINITY, 65_519.0, 1e-7, -0.0]);
    for (level, cpu) in levels() {
        let twin = x.iter().map(|x| half::from_float(x.clamp(-65_504.0, 65_504.0)));
        assert_eq!(cpu.halves(&x), twin.collect::<Vec<u16>>(), "{level:?}");
    }
}

fn gelu(x: f64) -> f64 {
    let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
    0.5 * x * (1.0 + inner.tanh())
}

#[test]
fn norms_and_gates_are_what_their_formulas_say() {
    for (level, cpu) in levels() {
        for length in [16, 33, 100] {
            let mut random = Random(31);
            let (x, gain) = (random.floats(length), random.floats(length));
            let mut normed = vec![0.0; length];
            cpu.norm(&x, &mut normed, &gain, 1e-5);
            let squares: f64 = x.iter().map(|x| f64::from(*x).powi(2)).sum();
            let root = (squares / length as f64 + 1e-5).sqrt();
            let mut gated = x.iter().map(|x| x * 30.0).collect::<Vec<f32>>();
            let mut bent = gated.iter().map(|x| x / 6.0).collect::<Vec<f32>>();
            cpu.silu_gate(&mut gated, &gain);
            cpu.gelu_gate(&mut bent, &gain);
            for i in 0..length {
                let (x, gain) = (f64::from(x[i]), f64::from(gain[i]));
                assert!((f64::from(normed[i]) - x / root * gain).abs() < 1e-5, "{level:?}");
                let silu = 30.0 * x / (1.0 + (-30.0 * x).exp());
                let close = (f64::from(gated[i]) - silu * gain).abs() < 1e-5 * silu.abs().max(1.0);
                assert!(close, "{level:?}: {} {}", gated[i], silu * gain);
                let gelu = gelu(5.0 * x);
                let close = (f64::from(bent[i]) - gelu * gain).abs() < 1e-5 * gelu.abs().max(1.0);
                assert!(close, "{level:?}: {} {}", bent[i], gelu * gain);
            }
        }
    }
}
