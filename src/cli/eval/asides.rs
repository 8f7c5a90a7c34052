//! `viva eval --fit=asides`: which sentences are beside the point.

use super::judge::Judge;
use super::{Evaluated, file, limited, tell, text};
use crate::app::Doubting;
use crate::cli::questions::load_bank;
use crate::cli::sessions::print;
use crate::cli::{Failure, Shell};
use crate::eval::agreement::{Kept, Line, Talk, fit_aside, talks};
use crate::judge::Probes;
use crate::knowledge::{Bank, kind_of};

pub(super) fn run(args: &Evaluated, shell: &Shell) -> Result<(), Failure> {
    let rows = file(&args.file, "answers with `about`, `asked`, `shows` and `asides`", talks)?;
    let rows = limited(rows, args.limit, |row| row.about.clone());
    let bank = load_bank(shell)?.bank;
    let judge = Judge::prepare(args, shell)?;
    let mut kept = judge.kept(args, shell)?;
    let mut answers = Vec::new();
    for (n, row) in (1..).zip(&rows) {
        answers.push(judge.lines(row, &bank, &mut kept)?);
        tell(n, rows.len());
    }
    let fitted = fit_aside(&answers)
        .ok_or_else(|| Failure::new("there have to be sentences of both sorts to fit to"))?;
    let told = text::asides(&fitted, &answers);
    let probes = Probes { aside: Some(fitted.probe), ..judge.probes()?.clone() };
    print(&(told + &probes.to_toml().map_err(Failure::new)?))
}

impl Judge {
    fn lines(&self, row: &Talk, bank: &Bank, kept: &mut Kept) -> Result<Vec<Line>, Failure> {
        let question = bank.posed(&row.asked, kind_of(&row.asked));
        let mut lines = Vec::new();
        for doubt in Doubting::new(&self.setup, &question, &[row.given()]).doubts() {
            let insights = self.doubted(&row.id, &doubt, kept)?;
            let both = doubt.sentences().zip(&insights);
            lines.extend(both.filter_map(|(sentence, insight)| row.line(sentence, insight)));
        }
        Ok(lines)
    }
}
