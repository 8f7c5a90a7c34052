//! The figures of one task.

use serde::Serialize;

use crate::domain::Group;
use crate::judge::Call;

use super::bootstrap::Interval;
use super::cases::Case;
use super::figures::{
    Pair, accuracy, auc, balanced_accuracy, calibration_error, macro_f1, pearson, pearson_within,
};

/// What is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The steps of frameworks.
    Structure,
    /// What interviewers look for, key points and mistakes.
    Criterion,
}

impl Task {
    fn is_about(self, case: &Case) -> bool {
        (self == Self::Structure) == (case.group == Some(Group::Structure))
    }
}

/// How the judge agrees with the labels of one task.
///
/// Every label has a part in every figure but `decided_accuracy` and `quotes`: the others take the
/// probability itself, or what is likelier. Intervals are of 95 %, by drawing statements anew.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was evaluated.
    pub task: Task,
    /// Statements with a label.
    pub n: usize,
    /// Questions that they are about.
    pub questions: usize,
    /// The share of them that hold.
    pub holds: f64,
    /// Pearson's correlation of probability and label.
    pub r: Option<Interval>,
    /// The same within a question.
    pub r_within: Option<Interval>,
    /// The chance that a statement that holds ranks above one that does not.
    pub auc: Option<Interval>,
    /// The share decided rightly, of those outside the unsure band.
    pub decided_accuracy: Option<Interval>,
    /// The mean of the shares found of both classes, the likelier one taken in the band.
    pub balanced_accuracy: Option<Interval>,
    /// The mean of both classes' F1, likewise.
    pub macro_f1: Option<Interval>,
    /// The expected calibration error.
    pub calibration_error: Option<Interval>,
    /// The share in the unsure band.
    pub unsure: Option<Interval>,
    /// The share of statements rightly taken to hold whose quote is of the words that show it.
    pub quotes: Option<Interval>,
    /// The share of what interviews with a dodge do not show that was not credited either.
    pub dodges: Option<Interval>,
    /// What simpler means reach.
    pub baselines: Baselines,
}

/// Ranking by simpler means: AUC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baselines {
    /// By the number of words in the answer.
    pub length: Option<Interval>,
    /// By the words that the best sentence shares with the statement.
    pub words: Option<Interval>,
    /// By what the model said alone, off its next word or off its hidden state.
    pub model: Option<Interval>,
}

/// The figures of a task over all its cases; `None` where there is no case.
pub fn report(task: Task, cases: &[Case]) -> Option<Report> {
    let cases: Vec<&Case> = cases.iter().filter(|case| task.is_about(case)).collect();
    let mut questions: Vec<&str> = cases.iter().map(|c| c.question.as_str()).collect();
    questions.sort_unstable();
    questions.dedup();
    let group = |case: &Case| questions.binary_search(&case.question.as_str()).unwrap_or(0);
    let pair = |case: &Case, said: f64| Pair { said, label: yes(case.holds), group: group(case) };
    let pairs = |said: &dyn Fn(&Case) -> f64| -> Vec<Pair> {
        cases.iter().map(|case| pair(case, said(case))).collect()
    };
    let probability = pairs(&|case| f64::from(case.probability));
    let likelier = pairs(&|case| yes(said(case)));
    let decided: Vec<Pair> = cases
        .iter()
        .filter(|case| case.call != Call::Unsure)
        .map(|case| pair(case, yes(case.call == Call::Holds)))
        .collect();
    let quoted: Vec<Pair> =
        cases.iter().filter_map(|case| Some(pair(case, yes(case.quoted?)))).collect();
    let dodged = cases.iter().filter(|case| case.construct == "dodged" && !case.holds);
    let dodged: Vec<Pair> = dodged.map(|case| pair(case, yes(case.call != Call::Holds))).collect();
    let unsure = pairs(&|case| yes(case.call == Call::Unsure));
    Some(Report {
        task,
        n: cases.len(),
        questions: questions.len(),
        holds: share(&pairs(&|case| yes(case.holds)))?,
        r: Interval::of(&probability, pearson),
        r_within: Interval::of(&probability, pearson_within),
        auc: Interval::of(&probability, auc),
        decided_accuracy: Interval::of(&decided, accuracy),
        balanced_accuracy: Interval::of(&likelier, balanced_accuracy),
        macro_f1: Interval::of(&likelier, macro_f1),
        calibration_error: Interval::of(&probability, calibration_error),
        unsure: Interval::of(&unsure, share),
        quotes: Interval::of(&quoted, share),
        dodges: Interval::of(&dodged, share),
        baselines: Baselines {
            length: Interval::of(&pairs(&|case| case.signals.words as f64), auc),
            words: Interval::of(&pairs(&|case| f64::from(case.signals.shared)), auc),
            // Only one of the two was read.
            model: Interval::of(&pairs(&|c| f64::from(c.said.margin.0 + c.said.probe)), auc),
        },
    })
}

/// Whether it is taken to hold where the judge has to say: a mistake that is flagged, and else what
/// is likelier than not.
fn said(case: &Case) -> bool {
    match case.group {
        Some(_) => case.probability > 0.5,
        None => case.call == Call::Holds,
    }
}

fn yes(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

/// The mean of what was said.
fn share(pairs: &[Pair]) -> Option<f64> {
    (!pairs.is_empty()).then(|| pairs.iter().map(|p| p.said).sum::<f64>() / pairs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Insight, Margin, Signals, StatementKind};
    use crate::judge::Said;

    fn case(group: Option<Group>, probability: f32, call: Call, holds: bool) -> Case {
        Case {
            question: "q".into(),
            construct: "dodged".into(),
            group,
            kind: StatementKind::Action,
            said: Said { margin: Margin(-probability), ..Said::default() },
            insights: vec![Insight::Margin(Margin(-probability))],
            passages: Vec::new(),
            signals: Signals { words: 100, ..Signals::default() },
            probability,
            call,
            holds,
            quoted: (call == Call::Holds && holds).then_some(true),
        }
    }

    fn cases() -> [Case; 5] {
        let step = Some(Group::Structure);
        [
            case(step, 0.9, Call::Holds, true),
            case(step, 0.55, Call::Unsure, false),
            case(step, 0.1, Call::Not, false),
            case(step, 0.2, Call::Not, true),
            case(None, 0.8, Call::Holds, false),
        ]
    }

    fn value(interval: Option<Interval>) -> f64 {
        interval.expect("a figure").value
    }

    #[test]
    fn a_task_takes_its_own_cases() {
        let report = report(Task::Structure, &cases()).expect("cases");
        assert_eq!((report.n, report.questions), (4, 1));
        assert!((value(report.decided_accuracy) - 2.0 / 3.0).abs() < 1e-9);
        assert!((value(report.unsure) - 0.25).abs() < 1e-9);
        assert!((value(report.balanced_accuracy) - 0.5).abs() < 1e-9, "unsure counts as likelier");
        assert!((value(report.auc) - 0.75).abs() < 1e-9);
        assert!((value(report.baselines.model) - 0.25).abs() < 1e-9);
        assert!((value(report.quotes) - 1.0).abs() < 1e-9);
        assert!((value(report.dodges) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn an_accusation_is_a_decision_and_what_is_not_there_has_no_figure() {
        let report = report(Task::Criterion, &cases()).expect("a case");
        assert_eq!((report.n, report.auc), (1, None));
        assert!(value(report.dodges) < 1e-9 && value(report.decided_accuracy) < 1e-9);
        assert_eq!(super::report(Task::Criterion, &cases()[..4]), None);
    }
}
