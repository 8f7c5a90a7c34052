//! `viva eval --task reference`: coverage of reference answers against marks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;

use super::{Evaluated, Judge, file, limited, show, tell, text};
use crate::app::{Doubting, Given};
use crate::cli::questions::load_bank;
use crate::cli::sessions::print;
use crate::cli::{Failure, Shell};
use crate::domain::Question;
use crate::eval::agreement::{
    Coverage, Kept, Marked, fit_coverage, fit_points, marked, reference_report,
};
use crate::judge::{CoverageWeights, Reading, against, decide, words_said};
use crate::knowledge::{Bank, kind_of};

/// A calibration of points, as calibration.toml has it.
#[derive(Serialize)]
struct Fitted {
    points: Reading,
    coverage: CoverageWeights,
}

pub(super) fn run(args: &Evaluated, shell: &Shell) -> Result<(), Failure> {
    let rows = file(&args.file, "answers with `question`, `reference`, `score`", marked)?;
    let rows = limited(rows, args.limit, |row| format!("{:?}", row.about()));
    let bank = load_bank(shell)?.bank;
    let judge = Judge::prepare(args, shell)?;
    let mut kept = judge.kept(args, shell)?;
    let mut questions = Questions { bank: &bank, made: HashMap::new() };
    let (count, mut found) = (rows.len(), Vec::new());
    for (n, row) in (1..).zip(rows) {
        found.push(judge.coverage(row, &mut questions, &mut kept)?);
        tell(n, count);
    }
    if args.fit.is_some() {
        let points = fit_points(&found).map_err(Failure::new)?;
        let coverage = fit_coverage(&found, &points.weights).map_err(Failure::new)?;
        return print(&toml::to_string(&Fitted { points, coverage }).map_err(Failure::new)?);
    }
    show(args, &judge.card, &reference_report(&found), text::marks)
}

/// The questions of the rows, each put together once.
struct Questions<'a> {
    bank: &'a Bank,
    made: HashMap<(String, String), Question>,
}

impl Questions<'_> {
    fn of(&mut self, row: &Marked) -> Result<&Question, Failure> {
        let Marked { id, question, reference, .. } = row;
        match self.made.entry((question.clone(), reference.clone())) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(free) => {
                let posed = self.bank.posed(question, kind_of(question));
                let made = against(&posed, reference)
                    .map_err(|error| Failure::new(format!("{id}: {error}")))?;
                Ok(free.insert(made))
            }
        }
    }
}

impl Judge {
    fn coverage(
        &self,
        row: Marked,
        questions: &mut Questions<'_>,
        kept: &mut Kept,
    ) -> Result<Coverage, Failure> {
        let given = [Given { asked: String::new(), answer: row.answer.clone() }];
        let question = questions.of(&row)?;
        let [asking, _] =
            Doubting::new(&self.setup, question, &given).settled().map_err(Failure::new)?;
        let words = words_said(question, &asking.answer);
        let insights = self.insights(&row.id, &asking, kept)?;
        let decisions = decide(&asking.plan, &insights, &asking.answer);
        let weights = asking.plan.policy.calibration.coverage();
        Ok(Coverage::new(row, decisions.statements(), words, &weights))
    }
}
