//! What is read inside a model, as figures that can be weighed.
//!
//! A model holds more of an answer than its next word says. A direction in its hidden state that
//! was fitted to labelled answers (a linear probe) tells whether a statement holds, and a few of
//! its heads of attention look at the sentence that shows it. Both differ by model file and are
//! kept in `probes.toml` with the command that made them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::domain::{Inside, Insight, Margin, Tap, Target};

/// Attention is told in logarithms; this is what none at all counts as.
const NO_ATTENTION: f32 = 1e-3;

/// What the model said of a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Said {
    /// The log-odds of its "yes" over its "no"; 0 where it was not asked for that.
    pub margin: Margin,
    /// What its hidden state says, about -1 to 1; 0 where that was not read.
    pub probe: f32,
    /// The share of attention that the most looked-at sentence got; 0 likewise.
    pub focus: f32,
}

impl Said {
    /// What was said where nobody asked: a margin that is no number says nothing.
    pub const NOTHING: Self = Self { margin: Margin(f32::NAN), probe: 0.0, focus: 0.0 };
}

/// A direction in a model's hidden state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearProbe {
    /// What is added to every score.
    pub base: f32,
    /// A weight for each component.
    pub weights: Vec<f32>,
}

impl LinearProbe {
    /// How far a hidden state lies on the side of what holds: about -1 to 1. Of a hidden state of
    /// another length nothing is told, which is 0.
    pub fn score(&self, hidden: &[f32]) -> f32 {
        if hidden.len() != self.weights.len() {
            return 0.0;
        }
        self.base + self.weights.iter().zip(hidden).map(|(w, x)| w * x).sum::<f32>()
    }
}

/// What tells sentences that have nothing to do with what was asked or speak to the judge.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsideProbe {
    /// From which score on a sentence is taken for one where the sentence next to it is: not above 0.
    pub beside: f32,
    /// Above 0 for such a sentence.
    pub probe: LinearProbe,
}

/// What makes a sentence likely to be the one that shows a statement: the log-odds, but for what
/// all sentences have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceWeights {
    /// For each head, for the logarithm of the share of attention that the sentence gets.
    pub attention: Vec<f32>,
    /// For how well its words suit the statement.
    pub worth: f32,
    /// For the logarithm of its number of words: a long sentence draws attention by its length.
    pub length: f32,
    /// For its place in the answer, from 0 to 1.
    pub place: f32,
    /// By how much less likely a second sentence may be and still be quoted beside the first.
    pub nearly: f32,
}

/// A sentence, as [`EvidenceWeights`] see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// For each head the logarithm of its share of attention.
    pub attention: Vec<f32>,
    /// How well its words suit the statement.
    pub worth: f32,
    /// The logarithm of its number of words.
    pub length: f32,
    /// Its place in the answer, from 0 to 1.
    pub place: f32,
}

impl Passage {
    /// The sentence at `index` of `count`.
    pub fn new(inside: &Inside, index: usize, count: usize, worth: f32, words: usize) -> Self {
        let share = |shares: &Vec<f32>| shares.get(index).copied().unwrap_or(0.0).max(0.0);
        Self {
            attention: inside.attention.iter().map(|h| (share(h) + NO_ATTENTION).ln()).collect(),
            worth,
            length: (words.max(1) as f32).ln(),
            place: index as f32 / count.saturating_sub(1).max(1) as f32,
        }
    }
}

impl EvidenceWeights {
    /// How likely the sentence is the one, as log-odds with something missing that all have.
    pub fn odds(&self, passage: &Passage) -> f32 {
        let looked = self.attention.iter().zip(&passage.attention).map(|(w, x)| w * x).sum::<f32>();
        looked
            + self.worth * passage.worth
            + self.length * passage.length
            + self.place * passage.place
    }
}

/// What is read inside one model file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probes {
    /// The model's name, for people.
    pub model: String,
    /// SHA-256 of its file in hexadecimal.
    pub sha256: String,
    /// Where to read.
    pub tap: Tap,
    /// Which sentence shows a statement.
    pub evidence: EvidenceWeights,
    /// Whether a statement of a criterion holds.
    pub criteria: LinearProbe,
    /// Whether one about a mistake does: whoever made one seldom says so.
    pub mistakes: LinearProbe,
    /// Whether a sentence is beside what was asked; none where that was not fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aside: Option<AsideProbe>,
}

#[derive(Serialize, Deserialize)]
struct File {
    probes: Vec<Probes>,
}

static ALL: LazyLock<Vec<Probes>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../probes.toml")).expect("ours, tested");
    file.probes
});

impl Probes {
    /// Those for the model file with this digest.
    pub fn of(sha256: &str) -> Option<&'static Self> {
        ALL.iter().find(|probes| probes.sha256 == sha256)
    }

    /// Those of a tap that nothing was fitted to yet.
    pub fn unfitted(tap: Tap) -> Self {
        Self { tap, ..Self::default() }
    }

    /// What an insight about `subject` says.
    pub fn said(probes: Option<&Self>, subject: &Target, insight: &Insight) -> Said {
        match (insight, probes) {
            (Insight::Margin(margin), _) => Said { margin: *margin, ..Said::default() },
            (Insight::Inside(_), None) => Said::default(),
            (Insight::Inside(inside), Some(probes)) => probes.read(subject, inside),
        }
    }

    fn read(&self, subject: &Target, inside: &Inside) -> Said {
        let probe = match subject {
            Target::Criterion { .. } => &self.criteria,
            Target::Mistake { .. } => &self.mistakes,
        };
        Said { probe: probe.score(&inside.hidden), focus: focus(inside), ..Said::default() }
    }

    /// As an entry of `probes.toml`.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&File { probes: vec![self.clone()] })
    }
}

impl AsideProbe {
    /// What a sentence scores, of which `insight` is.
    pub fn score(&self, insight: &Insight) -> f32 {
        match insight {
            Insight::Inside(inside) => self.probe.score(&inside.hidden),
            Insight::Margin(_) => f32::NEG_INFINITY,
        }
    }
}

/// How much one sentence alone draws the eye of the last head.
fn focus(inside: &Inside) -> f32 {
    let shares = inside.attention.last().map(Vec::as_slice).unwrap_or_default();
    shares.iter().copied().fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside() -> Inside {
        Inside { hidden: vec![1.0, -2.0], attention: vec![vec![0.2, 0.0, 0.5]] }
    }

    fn criterion() -> Target {
        Target::Criterion { group: crate::domain::Group::LooksFor, id: "x".into() }
    }

    #[test]
    fn our_own_probes_are_whole() {
        for probes in ALL.iter() {
            assert_eq!(probes.sha256.len(), 64, "{}", probes.model);
            assert_eq!(probes.evidence.attention.len(), probes.tap.heads.len());
            assert_eq!(probes.criteria.weights.len(), probes.mistakes.weights.len());
            assert!(probes.criteria.weights.iter().any(|w| *w != 0.0));
            assert!(probes.tap.heads.is_sorted() && !probes.tap.heads.is_empty());
            let aside = probes.aside.as_ref();
            assert!(aside.is_none_or(|a| a.beside <= 0.0 && a.beside.is_finite()), "{aside:?}");
            assert!(probes.tap.heads.iter().all(|[layer, _]| *layer < probes.tap.layers));
        }
    }

    #[test]
    fn a_probe_reads_hidden_states_of_its_length_alone() {
        let probe = LinearProbe { base: 0.5, weights: vec![1.0, 0.25] };
        assert_eq!((probe.score(&[1.0, -2.0]), probe.score(&[1.0])), (1.0, 0.0));
    }

    #[test]
    fn an_insight_says_what_it_was_read_for() {
        let probe = |base| LinearProbe { base, weights: vec![0.0, 0.0] };
        let probes = Probes { criteria: probe(1.0), mistakes: probe(2.0), ..Probes::default() };
        let said =
            |subject: &Target, insight: &Insight| Probes::said(Some(&probes), subject, insight);
        let read = said(&criterion(), &Insight::Inside(inside()));
        assert_eq!(read, Said { margin: Margin(0.0), probe: 1.0, focus: 0.5 });
        let mistake = Target::Mistake { id: "m".into() };
        assert_eq!(said(&mistake, &Insight::Inside(inside())), Said { probe: 2.0, ..read });
        let margin = said(&criterion(), &Insight::Margin(Margin(3.0)));
        assert_eq!((margin.margin, margin.probe), (Margin(3.0), 0.0));
        assert_eq!(Probes::said(None, &mistake, &Insight::Inside(inside())), Said::default());
    }

    #[test]
    fn what_is_looked_at_is_likelier_and_nothing_is_no_number() {
        let weights = EvidenceWeights { attention: vec![1.0], ..EvidenceWeights::default() };
        let odds = |index| weights.odds(&Passage::new(&inside(), index, 3, 0.0, 0));
        assert!(odds(2) > odds(0) && odds(0) > odds(1));
        assert_eq!(odds(1).to_bits(), odds(7).to_bits());
        assert!((odds(1) - NO_ATTENTION.ln()).abs() < 1e-6);
    }
}
