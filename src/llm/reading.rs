//! Reading off branches: those of one prefix go through the model together.

use crate::domain::Margin;

use super::lane::{Halt, Run};
use super::numbers::{Tree, Walk, log_sum_exp};
use super::worker::At;
use super::{Branch, LlmError, Read, Reading};

/// Tokens of branches in one pass. Enough that the matrix products are worth it; no more, since a
/// pass that gives way is lost.
const TOGETHER: usize = 512;

/// Branches that are being read.
pub(super) struct Readings(Vec<Reader>);

/// One branch, and what is known of it.
struct Reader {
    tail: Vec<u32>,
    state: State,
}

enum State {
    YesNo(Option<Margin>),
    Number(Walk),
}

/// What a reader has to know next: the logits along a path after its tail.
struct Want {
    reader: usize,
    path: Vec<u32>,
}

/// The spellings of the two answers.
struct Answers<'a> {
    yes: &'a [u32],
    no: &'a [u32],
}

impl Readings {
    /// What was read, in the order of the branches.
    pub(super) fn done(self) -> Vec<Reading> {
        self.0.into_iter().filter_map(|reader| reader.state.reading()).collect()
    }

    fn wants(&mut self) -> Vec<Want> {
        let readers = self.0.iter_mut().enumerate();
        readers
            .filter_map(|(reader, r)| r.state.wants().map(|path| Want { reader, path }))
            .collect()
    }

    fn run(&self, want: &Want) -> Run {
        let tokens = [&self.0[want.reader].tail, want.path.as_slice()].concat();
        Run { tokens, last: want.path.len() + 1 }
    }

    fn know(&mut self, want: &Want, logits: Vec<Vec<f32>>, answers: &Answers<'_>) {
        let state = &mut self.0[want.reader].state;
        for (length, logits) in logits.into_iter().enumerate() {
            state.know(&want.path[..length], logits, answers);
        }
    }
}

impl State {
    fn wants(&mut self) -> Option<Vec<u32>> {
        match self {
            Self::YesNo(margin) => margin.is_none().then(Vec::new),
            Self::Number(walk) => walk.wants_ahead(),
        }
    }

    fn know(&mut self, path: &[u32], logits: Vec<f32>, answers: &Answers<'_>) {
        match self {
            Self::YesNo(margin) => *margin = Some(answers.margin(&logits)),
            Self::Number(walk) => walk.know(path, logits),
        }
    }

    fn reading(self) -> Option<Reading> {
        match self {
            Self::YesNo(margin) => margin.map(Reading::YesNo),
            Self::Number(walk) => Some(Reading::Numbers(walk.numbers())),
        }
    }
}

impl Answers<'_> {
    fn margin(&self, logits: &[f32]) -> Margin {
        let mass = |ids: &[u32]| log_sum_exp(ids.iter().map(|&id| logits[id as usize]));
        Margin(mass(self.yes) - mass(self.no))
    }
}

impl At<'_> {
    /// Prepares to read off branches. One that is too long for the model fails all of them.
    pub(super) fn readings(&self, branches: &[Branch]) -> Result<Readings, LlmError> {
        branches.iter().map(|branch| self.reader(branch)).collect::<Result<_, _>>().map(Readings)
    }

    fn reader(&self, branch: &Branch) -> Result<Reader, LlmError> {
        match branch.read {
            Read::YesNo => {
                let tail = self.tail(&branch.tail, 0)?;
                Ok(Reader { tail, state: State::YesNo(None) })
            }
            Read::Number { upto } => {
                let plain = |n: usize| self.worker.frame.plain(&format!("{n}]"));
                let paths = (1..=upto).map(plain).collect::<Result<Vec<_>, _>>()?;
                let longest = paths.iter().map(Vec::len).max().unwrap_or(0);
                let tail = self.tail(&branch.tail, longest)?;
                Ok(Reader { tail, state: State::Number(Walk::new(Tree::new(&paths))) })
            }
        }
    }

    /// Reads what there is to be read. What was read before a stop stays with `readings`.
    pub(super) fn read(
        &mut self,
        readings: &mut Readings,
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt> {
        self.begin(stop)?;
        loop {
            let mut group = readings.wants();
            let runs: Vec<Run> = group.iter().map(|want| readings.run(want)).collect();
            let count = together(&runs);
            group.truncate(count);
            if group.is_empty() {
                return Ok(());
            }
            let (lane, model) = self.lane();
            let logits = lane.branches(model, &runs[..count], stop)?;
            let answers = Answers { yes: &self.worker.yes, no: &self.worker.no };
            for (want, logits) in group.iter().zip(logits) {
                readings.know(want, logits, &answers);
            }
        }
    }
}

/// How many of the first runs make up one pass; one at least.
fn together(runs: &[Run]) -> usize {
    let mut tokens = 0;
    let fits = |run: &&Run| {
        let first = tokens == 0;
        tokens += run.tokens.len();
        first || tokens <= TOGETHER
    };
    runs.iter().take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_takes_what_has_room_and_never_nothing() {
        let runs = |lengths: &[usize]| -> Vec<Run> {
            lengths.iter().map(|&n| Run { tokens: vec![0; n], last: 1 }).collect()
        };
        assert_eq!(together(&runs(&[])), 0);
        assert_eq!(together(&runs(&[40; 25])), TOGETHER / 40);
        assert_eq!(together(&runs(&[TOGETHER + 1, 1])), 1);
        assert_eq!(together(&runs(&[1, TOGETHER, 1])), 1);
        assert_eq!(together(&runs(&[TOGETHER - 1, 1, 1])), 2);
    }
}
