//! What each signal is worth: how well statements rank by it alone, and without it.

use crate::judge::{FEATURES, Weights};

use super::cases::Case;
use super::figures::{Pair, auc};
use super::fit::{Sorts, TooFew};
use super::weigh::{Unseen, Weighing};

/// How well the statements of one sort rank, as the AUC on questions left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Worths {
    /// What sort of statements.
    pub sort: &'static str,
    /// By everything.
    pub together: f64,
    /// By a signal, alone and left out.
    pub signals: Vec<(&'static str, f64, f64)>,
}

/// The worth of each signal that tells anything, for steps, criteria and mistakes.
pub fn worths(cases: &[Case]) -> Result<Vec<Worths>, TooFew> {
    let sorts = Sorts::of(cases);
    let of_sort = |(sort, cases): (&'static str, Vec<&Case>)| -> Result<Worths, TooFew> {
        let all = Weighing::of(&cases)?;
        let ranks = |weighing: &Weighing<'_>| ranked(&weighing.best().1);
        // The base is no signal; all kinds together are one.
        let names = Weights::NAMES.iter().copied().enumerate().skip(1).chain([(FEATURES, "kinds")]);
        let told = names.filter(|(n, _)| *n == FEATURES || differ(all.values(*n)));
        let is_of = |n: usize, feature: usize| feature.min(FEATURES) == n;
        let signals = told.map(|(n, name)| {
            let alone = all.only(|feature| feature == 0 || is_of(n, feature));
            let without = all.only(|feature| !is_of(n, feature));
            (name, ranks(&alone), ranks(&without))
        });
        Ok(Worths { sort, together: ranks(&all), signals: signals.collect() })
    };
    sorts.named().into_iter().map(of_sort).collect()
}

fn differ(mut values: impl Iterator<Item = f64>) -> bool {
    let first = values.next();
    values.any(|value| Some(value) != first)
}

fn ranked(unseen: &[Unseen]) -> f64 {
    let pair = |&(said, holds): &Unseen| Pair { said, label: f64::from(u8::from(holds)), group: 0 };
    auc(&unseen.iter().map(pair).collect::<Vec<_>>()).unwrap_or(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Group, Insight, Margin, Signals, StatementKind};
    use crate::judge::{Call, Said};

    /// Statements of which the margin tells whether they hold, and the cues only where it does not.
    fn made(group: Option<Group>) -> impl Iterator<Item = Case> {
        (0..300).map(move |n| {
            let holds = n % 3 == 0;
            let told = n % 10 != 0;
            let margin = Margin(if holds == told { 1.0 } else { -1.0 });
            Case {
                question: format!("q{}", n / 10 % 5),
                construct: "full".into(),
                group,
                kind: StatementKind::Result,
                said: Said { margin, ..Said::default() },
                insights: vec![Insight::Margin(margin)],
                passages: Vec::new(),
                signals: Signals { cues: usize::from(holds && !told), ..Signals::default() },
                probability: 0.0,
                call: Call::Unsure,
                holds,
                quoted: None,
            }
        })
    }

    #[test]
    fn what_tells_most_is_missed_most_and_what_tells_nothing_is_not_listed() {
        let groups = [Some(Group::Structure), Some(Group::LooksFor), None];
        let cases: Vec<Case> = groups.into_iter().flat_map(made).collect();
        let worths = worths(&cases).expect("enough");
        let sorts: Vec<&str> = worths.iter().map(|worth| worth.sort).collect();
        assert_eq!(sorts, ["steps", "criteria", "mistakes"]);
        for Worths { together, signals, .. } in worths {
            let [("margin", by_margin, without), ("cues", by_cues, _), ("kinds", by_kinds, _)] =
                signals[..]
            else {
                panic!("{signals:?}")
            };
            assert!(together > by_margin && by_margin > 0.8, "{together} {by_margin}");
            assert!(without < 0.7 && by_cues < 0.7, "{without} {by_cues}");
            assert!((by_kinds - 0.5).abs() < 0.1, "{by_kinds}");
        }
    }
}
