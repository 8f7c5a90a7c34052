//! Reading off branches: those of one prefix go through the model together.

use std::ops::Range;

use crate::domain::{Inside, Insight, Margin, Tap};
use crate::engine::{Head, Tap as EngineTap, Tapped, TappedRun};

use super::frame::FramedTail;
use super::lane::Halt;
use super::worker::At;
use super::{Branch, LlmError, Read};

/// Tokens of branches in one pass. Enough that the matrix products are worth it; no more, since a
/// pass that gives way is lost.
const TOGETHER: usize = 512;

/// Branches that are being read.
pub(super) struct Readings(Vec<Reader>);

/// One branch, and what was read at its end.
struct Reader {
    tail: FramedTail,
    read: Read,
    insight: Option<Insight>,
}

impl Readings {
    /// What was read, in the order of the branches.
    pub(super) fn done(self) -> Vec<Insight> {
        self.0.into_iter().filter_map(|reader| reader.insight).collect()
    }

    /// The next branches to read in one pass: they are read in the same way. None where all is
    /// read.
    fn next(&self) -> Range<usize> {
        let Some(first) = self.0.iter().position(|reader| reader.insight.is_none()) else {
            return 0..0;
        };
        let alike = self.0[first..].iter().take_while(|reader| reader.read == self.0[first].read);
        let lengths: Vec<usize> = alike.map(|reader| reader.tail.tokens.len()).collect();
        first..first + together(&lengths)
    }
}

impl At<'_> {
    /// Prepares to read off branches. One that is too long for the model fails all of them.
    pub(super) fn readings(&self, branches: &[Branch]) -> Result<Readings, LlmError> {
        branches.iter().map(|branch| self.reader(branch)).collect::<Result<_, _>>().map(Readings)
    }

    fn reader(&self, branch: &Branch) -> Result<Reader, LlmError> {
        let tail = self.tail(&branch.tail, 0)?;
        Ok(Reader { tail, read: branch.read.clone(), insight: None })
    }

    /// Reads what there is to be read. What was read before a stop stays with `readings`.
    pub(super) fn read(
        &mut self,
        readings: &mut Readings,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt> {
        self.begin(stop)?;
        loop {
            let next = readings.next();
            let Some(first) = readings.0.get(next.start).filter(|_| !next.is_empty()) else {
                return Ok(());
            };
            let tails: Vec<&FramedTail> =
                readings.0[next.clone()].iter().map(|reader| &reader.tail).collect();
            let read = match &first.read {
                Read::YesNo => self.margins(&tails, stop)?,
                Read::Inside(tap) => self.insides(&tails, tap, stop)?,
            };
            for (reader, insight) in readings.0[next].iter_mut().zip(read) {
                reader.insight = Some(insight);
            }
        }
    }

    fn margins(
        &mut self,
        tails: &[&FramedTail],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Insight>, Halt> {
        let runs: Vec<&[u32]> = tails.iter().map(|tail| tail.tokens.as_slice()).collect();
        let (lane, model) = self.lane();
        let logits = lane.branches(model, &runs, stop)?;
        let (yes, no) = (&self.worker.yes, &self.worker.no);
        Ok(logits.iter().map(|logits| Insight::Margin(margin(logits, yes, no))).collect())
    }

    fn insides(
        &mut self,
        tails: &[&FramedTail],
        tap: &Tap,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Insight>, Halt> {
        let passages = self.framed.passages.clone();
        let within = match (passages.first(), passages.last()) {
            (Some(first), Some(last)) => first.start..last.end,
            // Nobody's attention is asked for; it may as well be looked for in the first token.
            (None, _) | (_, None) if tap.heads.is_empty() => 0..1,
            // Of an answer without a sentence nothing can be told.
            (None, _) | (_, None) => {
                return Ok(vec![Insight::Inside(Inside::default()); tails.len()]);
            }
        };
        let runs: Vec<TappedRun<'_>> = tails
            .iter()
            .map(|tail| TappedRun { tokens: &tail.tokens, asks: tail.asks.clone() })
            .collect();
        let (lane, model) = self.lane();
        let tapped = lane.tap(model, &runs, &engine_tap(tap), within.clone(), stop)?;
        Ok(tapped.into_iter().map(|one| Insight::Inside(inside(one, &passages, &within))).collect())
    }
}

fn engine_tap(tap: &Tap) -> EngineTap {
    let heads = tap.heads.iter().map(|&[layer, head]| Head { layer, head });
    EngineTap { layers: tap.layers, heads: heads.collect() }
}

/// Attention by passage in place of by token.
fn inside(tapped: Tapped, passages: &[Range<usize>], within: &Range<usize>) -> Inside {
    let share = |weights: &[f32], passage: &Range<usize>| -> f32 {
        weights[passage.start - within.start..passage.end - within.start].iter().sum()
    };
    let shares = |weights: Vec<f32>| passages.iter().map(|p| share(&weights, p)).collect();
    Inside { hidden: tapped.hidden, attention: tapped.attention.into_iter().map(shares).collect() }
}

/// The log-odds of any spelling of "yes" over any of "no".
fn margin(logits: &[f32], yes: &[u32], no: &[u32]) -> Margin {
    let mass = |ids: &[u32]| log_sum_exp(ids.iter().map(|&id| logits[id as usize]));
    Margin(mass(yes) - mass(no))
}

/// The logarithm of the sum of exponentials, without overflow.
fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = values.clone().fold(f32::NEG_INFINITY, f32::max);
    if most.is_finite() { most + values.map(|v| (v - most).exp()).sum::<f32>().ln() } else { most }
}

/// How many of the first branches make up one pass, by their lengths; one at least.
fn together(lengths: &[usize]) -> usize {
    let mut tokens = 0;
    let fits = |length: &&usize| {
        let first = tokens == 0;
        tokens += **length;
        first || tokens <= TOGETHER
    };
    lengths.iter().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_takes_what_has_room_and_never_nothing() {
        assert_eq!(together(&[]), 0);
        assert_eq!(together(&[40; 25]), TOGETHER / 40);
        assert_eq!(together(&[TOGETHER + 1, 1]), 1);
        assert_eq!(together(&[1, TOGETHER, 1]), 1);
        assert_eq!(together(&[TOGETHER - 1, 1, 1]), 2);
    }

    #[test]
    fn branches_that_are_read_alike_go_together_in_their_order() {
        let tap = Tap { layers: 1, heads: Vec::new() };
        let reader = |read: &Read| Reader {
            tail: FramedTail { tokens: vec![0; 10], asks: 0..1 },
            read: read.clone(),
            insight: None,
        };
        let inside = Read::Inside(tap);
        let mut readings =
            Readings([&inside, &inside, &Read::YesNo, &inside].map(reader).into_iter().collect());
        for expected in [0..2, 2..3, 3..4, 0..0] {
            let next = readings.next();
            assert_eq!(next, expected);
            for reader in &mut readings.0[next] {
                reader.insight = Some(Insight::Margin(Margin(0.0)));
            }
        }
    }

    #[test]
    fn every_spelling_counts_and_nothing_overflows() {
        let logits = [0.0, 0.0, 0.0, 1000.0];
        assert!((margin(&logits, &[0, 1], &[2]).0 - 2.0f32.ln()).abs() < 1e-6);
        assert_eq!(margin(&logits, &[3], &[2]), Margin(1000.0));
    }

    #[test]
    fn attention_is_told_by_passage() {
        let tapped = Tapped { hidden: vec![1.0], attention: vec![vec![0.5, 0.1, 0.25, 0.15]] };
        let found = inside(tapped, &[10..11, 12..14], &(10..14));
        assert_eq!(found.hidden, [1.0]);
        assert!((found.attention[0][0] - 0.5).abs() < 1e-6);
        assert!((found.attention[0][1] - 0.4).abs() < 1e-6);
    }
}
