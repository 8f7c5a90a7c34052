//! One number for an answer, and where it comes from.

use crate::domain::MistakeForm;

use super::view::{Counts, View};

/// Points that a mistake takes which was said; what was left out already counts as missing.
const MISTAKE: f32 = 0.25;
/// Points that such mistakes take together, at most.
const MISTAKES: f32 = 0.75;

/// A score from 1 to 5, or none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    /// 1.0 to 5.0, to one decimal.
    pub overall: Option<f32>,
    /// What it was computed from, or why there is none.
    pub basis: String,
    /// What it stands for, in the bank's words; nothing where there is no score or no scale.
    pub anchor: Option<String>,
}

impl Score {
    /// Computes the score of a view from its verdicts.
    ///
    /// Within a list a met entry counts one and one partly met a half; unsure ones are left out.
    /// The shares of the lists are averaged, what interviewers look for counting twice, structure
    /// and key points once; a list without a decided entry is left out. Nothing shown is 1,
    /// everything is 5, and each flagged mistake that was said takes a quarter point, at most
    /// three quarters.
    ///
    /// Graded against a reference answer, the score is 1 where nothing of it is covered and 5 where all
    /// is: the judge says how much.
    ///
    /// There is no score behind a closed gate, nor where fewer than half of what interviewers
    /// look for, or of the points of a reference, was decided.
    pub(super) fn of(view: &View) -> Self {
        if !view.gate.open() {
            return Self::none(&view.gate.reason);
        }
        if view.reference {
            return Self::by_reference(view);
        }
        let looks_for = Counts::of(&view.looks_for);
        if looks_for.decided() * 2 < looks_for.all() || looks_for.all() == 0 {
            let (decided, all) = (looks_for.decided(), looks_for.all());
            let why = format!("{decided} of {all} things interviewers look for are decided");
            return Self::none(if view.judged { &why } else { "not judged" });
        }
        let lists = [
            ("looked for", 2.0, looks_for),
            ("structure", 1.0, Counts::of(&view.structure)),
            ("key points", 1.0, Counts::of(&view.key_points)),
        ];
        let said = view.flagged().filter(|m| m.form == MistakeForm::Said).count();
        let lost = (said as f32 * MISTAKE).min(MISTAKES);
        let overall = (1.0 + 4.0 * share(&lists) - lost).clamp(1.0, 5.0);
        Self { overall: Some(rounded(overall)), basis: basis(&lists, said, lost), anchor: None }
    }

    fn by_reference(view: &View) -> Self {
        let counts = Counts::of(&view.key_points);
        let (decided, all) = (counts.decided(), counts.all());
        if decided * 2 < all || all == 0 {
            let why = format!("{decided} of {all} points of the reference are decided");
            return Self::none(if view.judged { &why } else { "not judged" });
        }
        let Some(coverage) = view.coverage else { return Self::none("not judged") };
        let basis = format!(
            "{:.0} % of the reference covered, by its points and its words; {counts}",
            coverage * 100.0
        );
        Self { overall: Some(rounded(1.0 + 4.0 * coverage)), basis, anchor: None }
    }

    fn none(why: &str) -> Self {
        Self { overall: None, basis: why.to_owned(), anchor: None }
    }

    /// The same with what it stands for: `anchors` say that of 1 to 5, and what lies between two has
    /// reached the lower one.
    pub(super) fn anchored(self, anchors: &[String]) -> Self {
        let step = self.overall.map(|overall| overall.floor() as usize);
        let anchor = step.and_then(|step| anchors.get(step.saturating_sub(1))).cloned();
        Self { anchor, ..self }
    }
}

/// To one decimal.
fn rounded(score: f32) -> f32 {
    (score * 10.0).round() / 10.0
}

type List = (&'static str, f32, Counts);

/// The weighted mean of the lists' shares, 0 to 1.
fn share(lists: &[List]) -> f32 {
    let decided = || lists.iter().filter(|(_, _, counts)| counts.decided() > 0);
    let weights: f32 = decided().map(|(_, weight, _)| weight).sum();
    let shares = decided().map(|(_, weight, c)| weight * c.worth() / c.decided() as f32);
    if weights > 0.0 { shares.sum::<f32>() / weights } else { 0.0 }
}

/// "looked for 3.5 of 6 (counts twice), structure 3 of 4, key points 1 of 5; 2 unsure left out".
fn basis(lists: &[List], said: usize, lost: f32) -> String {
    let decided = lists.iter().filter(|(_, _, counts)| counts.decided() > 0);
    let one = |&(name, weight, counts): &List| {
        let twice = if weight > 1.0 { " (counts twice)" } else { "" };
        format!("{name} {} of {}{twice}", counts.worth(), counts.decided())
    };
    let mut parts = vec![decided.map(one).collect::<Vec<_>>().join(", ")];
    let unsure: usize = lists.iter().map(|(_, _, counts)| counts.unsure).sum();
    if unsure > 0 {
        parts.push(format!("{unsure} unsure left out"));
    }
    if said > 0 {
        parts.push(format!("−{lost} for mistakes said"));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_stands_for_what_it_has_reached() {
        let anchors = ["one", "two", "three", "four", "five"].map(str::to_owned);
        let anchor = |overall: Option<f32>| {
            let score = Score { overall, basis: String::new(), anchor: None };
            score.anchored(&anchors).anchor
        };
        assert_eq!(anchor(Some(4.6)).as_deref(), Some("four"));
        assert_eq!(
            [1.0, 1.9, 5.0].map(|s| anchor(Some(s))),
            [0, 0, 4].map(|i| Some(anchors[i].clone()))
        );
        assert_eq!(anchor(None), None);
    }
}
