//! Verdicts with evidence, from decisions.

use crate::domain::{Evidence, Finding, Group, Mistake, MistakeFinding, Target, Verdict};

use super::answer::Answer;
use super::calibration::Call;
use super::decide::{Decision, Decisions};
use super::evidence::{merged, proof};

/// Puts verdicts together.
///
/// A statement that holds but is proved by no sentence falls back to unsure: nothing is met, and
/// nobody accused, without the candidate's own words.
pub fn conclude(decisions: &Decisions, answer: &Answer) -> (Vec<Finding>, Vec<MistakeFinding>) {
    let judged: Vec<Judged> =
        decisions.statements().iter().map(|decision| Judged::new(decision, answer)).collect();
    let (mut findings, mut mistakes) = (Vec::new(), Vec::new());
    for statements in judged.chunk_by(|a, b| a.decision.subject == b.decision.subject) {
        match &statements[0].decision.subject {
            Target::Criterion { group, id } => {
                findings.push(finding(*group, id, statements, answer));
            }
            Target::Mistake { id } => mistakes.push(accusation(id, statements, answer)),
        }
    }
    (findings, mistakes)
}

/// A decision with the numbers of the sentences that prove it.
struct Judged<'a> {
    decision: &'a Decision,
    call: Call,
    proof: Vec<usize>,
}

impl<'a> Judged<'a> {
    fn new(decision: &'a Decision, answer: &Answer) -> Self {
        let proof = match decision.call {
            Call::Holds => proof(decision, answer),
            Call::Unsure | Call::Not => Vec::new(),
        };
        let unproved = decision.call == Call::Holds && proof.is_empty();
        Self { decision, call: if unproved { Call::Unsure } else { decision.call }, proof }
    }
}

fn finding(group: Group, id: &str, statements: &[Judged], answer: &Answer) -> Finding {
    let calls: Vec<Call> = statements.iter().map(|judged| judged.call).collect();
    Finding {
        group,
        criterion: id.to_owned(),
        verdict: verdict(&calls),
        probability: weakest(statements),
        evidence: evidence(statements, answer),
    }
}

/// A said mistake takes all of its statements, each with its own words.
fn accusation(id: &str, statements: &[Judged], answer: &Answer) -> MistakeFinding {
    let flagged = statements.iter().all(|judged| judged.call == Call::Holds);
    MistakeFinding {
        mistake: id.to_owned(),
        flagged,
        probability: weakest(statements),
        evidence: if flagged { evidence(statements, answer) } else { Vec::new() },
    }
}

/// The verdict on a criterion, by what was decided on its statements:
///
/// | hold | unsure | do not | verdict |
/// |------|--------|--------|---------|
/// | all  |        |        | met     |
/// | some | any    | any    | partly  |
/// | none | some   | any    | unsure  |
/// | none | none   | all    | missing |
///
/// What holds is shown and quoted even where the rest is unclear. One statement alone is never
/// partly. Of no statement at all nothing can be told.
pub(super) fn verdict(calls: &[Call]) -> Verdict {
    let count = |call: Call| calls.iter().filter(|&&c| c == call).count();
    let (holding, unsure) = (count(Call::Holds), count(Call::Unsure));
    if holding == 0 && (unsure > 0 || calls.is_empty()) {
        Verdict::Unsure
    } else if holding == 0 {
        Verdict::Missing
    } else if holding == calls.len() {
        Verdict::Met
    } else {
        Verdict::Partly
    }
}

/// The probability that all statements hold: that of the weakest. The statements of a criterion
/// rise and fall together, so their product, which takes them for independent, would be too low
/// for every criterion that has several.
fn weakest(statements: &[Judged]) -> f32 {
    statements.iter().map(|judged| judged.decision.probability).fold(1.0, f32::min)
}

fn evidence(statements: &[Judged], answer: &Answer) -> Vec<Evidence> {
    let proofs: Vec<Vec<usize>> = statements.iter().map(|judged| judged.proof.clone()).collect();
    merged(&proofs, answer)
}

/// The omitted mistakes, each judged by the criterion that it negates: made if that is missing,
/// with the probability that the criterion is not met. What was not said cannot be quoted.
///
/// A mistake whose criterion was not judged is not judged either, and left out.
pub fn omitted(mistakes: &[&Mistake], findings: &[Finding]) -> Vec<MistakeFinding> {
    let one = |mistake: &&Mistake| {
        let negated = mistake.negates.as_deref()?;
        let finding = findings.iter().find(|finding| finding.criterion == negated)?;
        Some(MistakeFinding {
            mistake: mistake.id.clone(),
            flagged: finding.verdict == Verdict::Missing,
            probability: 1.0 - finding.probability,
            evidence: Vec::new(),
        })
    };
    mistakes.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MistakeForm;

    #[test]
    fn the_table_of_verdicts_is_whole() {
        use Call::{Holds, Not, Unsure};
        let calls = [Holds, Unsure, Not];
        assert_eq!(verdict(&[]), Verdict::Unsure);
        assert_eq!(
            calls.map(|a| verdict(&[a])),
            [Verdict::Met, Verdict::Unsure, Verdict::Missing],
            "one statement is never partly"
        );
        let two = calls.map(|a| calls.map(|b| verdict(&[a, b])));
        assert_eq!(
            two,
            [
                [Verdict::Met, Verdict::Partly, Verdict::Partly],
                [Verdict::Partly, Verdict::Unsure, Verdict::Unsure],
                [Verdict::Partly, Verdict::Unsure, Verdict::Missing],
            ]
        );
        for (a, b, c) in triples(&calls) {
            let expected = match (a, b, c) {
                (Holds, Holds, Holds) => Verdict::Met,
                (Holds, _, _) | (_, Holds, _) | (_, _, Holds) => Verdict::Partly,
                (Not, Not, Not) => Verdict::Missing,
                (Unsure | Not, Unsure | Not, Unsure | Not) => Verdict::Unsure,
            };
            assert_eq!(verdict(&[a, b, c]), expected, "{a:?} {b:?} {c:?}");
        }
    }

    fn triples(calls: &[Call]) -> Vec<(Call, Call, Call)> {
        let pairs = calls.iter().flat_map(|&a| calls.iter().map(move |&b| (a, b)));
        pairs.flat_map(|(a, b)| calls.iter().map(move |&c| (a, b, c))).collect()
    }

    #[test]
    fn an_omitted_mistake_follows_its_criterion() {
        let mistake = |negates: Option<&str>| Mistake {
            id: "m".into(),
            form: MistakeForm::Omitted,
            text: String::new(),
            advice: String::new(),
            statements: Vec::new(),
            negates: negates.map(str::to_owned),
        };
        let finding = |verdict, probability| Finding {
            group: Group::LooksFor,
            criterion: "c".into(),
            verdict,
            probability,
            evidence: Vec::new(),
        };
        let of = |verdict| omitted(&[&mistake(Some("c"))], &[finding(verdict, 0.25)]);
        for (verdict, flagged) in [
            (Verdict::Met, false),
            (Verdict::Partly, false),
            (Verdict::Unsure, false),
            (Verdict::Missing, true),
        ] {
            let found = of(verdict);
            assert_eq!((found.len(), found[0].flagged), (1, flagged), "{verdict:?}");
            assert!((found[0].probability - 0.75).abs() < 1e-6 && found[0].evidence.is_empty());
        }
        assert_eq!(omitted(&[&mistake(Some("other"))], &[finding(Verdict::Missing, 0.1)]), []);
        assert_eq!(omitted(&[&mistake(None)], &[finding(Verdict::Missing, 0.1)]), []);
    }
}
