//! Weight matrices in memory, and their products with activations on a team of threads.

use std::io;

use super::arena::{Arena, Stretch};
use super::floats::{self, Precision};
use super::level::Level;
use super::matmul::{self, DIRECT_ROWS, Input, Output, TILE_GROUPS};
use super::packed::{GROUP, Shape};
use super::quantise::Quantised;
use super::team::Team;

/// How a matrix is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Quantised.
    Packed(Shape),
    /// Not quantised: rows, and columns of each.
    Floats(Precision, (usize, usize)),
}

/// A matrix `[rows, columns]`, in groups of 16 rows.
pub(crate) struct Matrix {
    coding: Coding,
    bytes: Stretch,
}

impl Coding {
    /// Rows, and columns of each.
    pub(crate) fn shape(self) -> (usize, usize) {
        match self {
            Self::Packed(shape) => (shape.rows, shape.columns),
            Self::Floats(_, shape) => shape,
        }
    }

    fn group_bytes(self) -> usize {
        match self {
            Self::Packed(shape) => shape.group_bytes(),
            Self::Floats(precision, (_, columns)) => GROUP * columns * precision.bytes(),
        }
    }

    /// Bytes of a row as [`Matrix::fill`] is given it.
    pub(crate) fn row_bytes(self) -> usize {
        match self {
            Self::Packed(shape) => shape.file_row_bytes(),
            Self::Floats(precision, (_, columns)) => columns * precision.bytes(),
        }
    }

    /// The numbers of a row as [`Matrix::fill`] is given it.
    pub(crate) fn numbers(self, row: &[u8], to: &mut [f32]) {
        match self {
            Self::Packed(shape) => shape.unpack_file_row(row, to),
            Self::Floats(precision, _) => {
                for (to, weight) in to.iter_mut().zip(row.chunks_exact(precision.bytes())) {
                    *to = precision.number(weight);
                }
            }
        }
    }

    fn pack(self, rows: &[u8], group: &mut [u8]) {
        match self {
            Self::Packed(shape) => shape.pack(rows, group),
            Self::Floats(precision, _) => {
                let bytes = precision.bytes();
                for (r, row) in rows.chunks_exact(self.row_bytes()).enumerate() {
                    for (k, weight) in row.chunks_exact(bytes).enumerate() {
                        let at = bytes * (k * GROUP + r);
                        group[at..at + bytes].copy_from_slice(weight);
                    }
                }
            }
        }
    }
}

impl Matrix {
    /// A matrix in memory of the arena, whose rows are got by `read`, which is given the number of
    /// the first of some rows and room for them, and may be called on any thread.
    pub(crate) fn fill(
        coding: Coding,
        arena: &Arena,
        team: &Team,
        read: &(dyn Fn(usize, &mut [u8]) -> io::Result<()> + Sync),
    ) -> io::Result<Self> {
        let (rows, _) = coding.shape();
        let group_bytes = coding.group_bytes();
        let mut bytes = arena.take(rows.div_ceil(GROUP) * group_bytes)?;
        let groups: Vec<(usize, &mut [u8])> =
            bytes.chunks_exact_mut(group_bytes).enumerate().collect();
        let failure = std::sync::Mutex::new(None);
        team.each(in_pieces(groups, team.threads() * 4), |piece| {
            let mut buffer = Vec::new();
            for (number, group) in piece {
                let first = number * GROUP;
                buffer.resize(GROUP.min(rows - first) * coding.row_bytes(), 0);
                match read(first, &mut buffer) {
                    Ok(()) => coding.pack(&buffer, group),
                    Err(error) => *super::team::lock(&failure) = Some(error),
                }
            }
        });
        match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            None => Ok(Self { coding, bytes }),
            Some(error) => Err(error),
        }
    }

    /// Rows, and columns of each.
    pub(crate) fn shape(&self) -> (usize, usize) {
        self.coding.shape()
    }

    /// How many activations share a scale where its products take them as bytes; none where they
    /// are taken as they are.
    pub(crate) fn span(&self) -> Option<usize> {
        match self.coding {
            Coding::Packed(shape) => Some(shape.format.span()),
            Coding::Floats(..) => None,
        }
    }

    /// The numbers of one row.
    pub(crate) fn row(&self, row: usize, to: &mut [f32]) {
        let bytes = self.coding.group_bytes();
        let group = &self.bytes[row / GROUP * bytes..][..bytes];
        match self.coding {
            Coding::Packed(shape) => shape.unpack_row(group, row % GROUP, to),
            Coding::Floats(precision, _) => {
                let size = precision.bytes();
                let weights = group.chunks_exact(size).skip(row % GROUP).step_by(GROUP);
                for (to, weight) in to.iter_mut().zip(weights) {
                    *to = precision.number(weight);
                }
            }
        }
    }

    fn groups(&self) -> usize {
        self.shape().0.div_ceil(GROUP)
    }
}

pub(super) fn in_pieces<T>(items: Vec<T>, pieces: usize) -> Vec<Vec<T>> {
    let size = items.len().div_ceil(pieces).max(1);
    let mut items = items.into_iter();
    let next = || {
        let piece: Vec<T> = items.by_ref().take(size).collect();
        (!piece.is_empty()).then_some(piece)
    };
    std::iter::from_fn(next).collect()
}

/// Activations, as numbers and as bytes.
pub(crate) struct Activations<'a> {
    /// `[rows, columns]`.
    pub(crate) numbers: &'a [f32],
    /// The same as bytes, where a quantised matrix needs them.
    pub(crate) bytes: Option<Quantised>,
}

/// A matrix, and room for its product: `[rows of activations, rows of the matrix]`.
pub(crate) struct Product<'a> {
    pub(crate) matrix: &'a Matrix,
    pub(crate) to: &'a mut [f32],
}

/// Some groups of one product.
struct Piece<'a> {
    matrix: &'a Matrix,
    input: Option<&'a Input<'a>>,
    first: usize,
    count: usize,
    output: Output,
}

/// Multiplies the same activations with several matrices.
pub(crate) fn multiply(team: &Team, level: Level, x: &Activations<'_>, products: Vec<Product<'_>>) {
    let inputs: Vec<Option<Input<'_>>> =
        products.iter().map(|product| input(product.matrix, x, level)).collect();
    let all: usize = products.iter().map(|product| product.matrix.groups()).sum();
    let mut pieces = Vec::new();
    for (product, input) in products.into_iter().zip(&inputs) {
        let (rows, columns) = product.matrix.shape();
        let count = x.numbers.len() / columns;
        assert_eq!(x.numbers.len(), count * columns, "whole rows of activations");
        assert_eq!(product.to.len(), count * rows, "room for the product");
        let size = if count > DIRECT_ROWS { TILE_GROUPS } else { direct_size(all, team) };
        let output = Output { start: product.to.as_mut_ptr(), width: rows };
        let groups = product.matrix.groups();
        pieces.extend((0..groups).step_by(size).map(|first| Piece {
            matrix: product.matrix,
            input: input.as_ref(),
            first,
            count: size.min(groups - first),
            output,
        }));
    }
    team.run(pieces.len(), &|piece| pieces[piece].compute(level, x));
}

/// Groups of a piece, so that threads that are held up leave little behind for others to wait
/// for, and memory is still read in long runs.
fn direct_size(groups: usize, team: &Team) -> usize {
    (groups / (team.threads() * 8)).max(1)
}

fn input<'a>(matrix: &Matrix, x: &'a Activations<'_>, level: Level) -> Option<Input<'a>> {
    match matrix.coding {
        Coding::Packed(shape) => {
            let bytes = x.bytes.as_ref().expect("a quantised matrix takes activations as bytes");
            assert_eq!(bytes.columns, shape.columns, "as many activations as columns");
            assert_eq!(bytes.rows * bytes.columns, x.numbers.len(), "the same activations");
            Some(Input::new(bytes, shape.format, level))
        }
        Coding::Floats(..) => None,
    }
}

impl Piece<'_> {
    fn compute(&self, level: Level, x: &Activations<'_>) {
        let groups = (self.first, self.count);
        match (self.matrix.coding, self.input) {
            (Coding::Packed(shape), Some(input)) => {
                // SAFETY: the matrix was filled for its shape; `multiply` checked the lengths of
                // activations and results, and gives each piece groups of its own.
                unsafe {
                    matmul::groups(level, shape, &self.matrix.bytes, groups, input, self.output);
                }
            }
            (Coding::Floats(precision, (_, columns)), _) => {
                let bytes = self.matrix.coding.group_bytes();
                for number in self.first..self.first + self.count {
                    let group = &self.matrix.bytes[number * bytes..][..bytes];
                    let (x, output) = (x.numbers, self.output);
                    let job = floats::Job { precision, group, number, x, columns, output };
                    // SAFETY: as above.
                    unsafe { floats::multiply(level, job) };
                }
            }
            (Coding::Packed(_), None) => unreachable!("made for every quantised matrix"),
        }
    }
}
