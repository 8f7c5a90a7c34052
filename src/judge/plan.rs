//! Which statements are asked.

use std::ops::Range;

use crate::domain::{
    Criterion, Group, Mistake, MistakeForm, Statement, StatementKind, Tap, Target,
};

use super::calibration::Calibration;
use super::cues::Wanted;
use super::inside::Probes;

/// How to ask and how to decide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// How many wordings of a statement are asked; what is read of them is averaged.
    pub wordings: usize,
    /// How what the model says is weighed.
    pub calibration: &'static Calibration,
    /// What is read inside the model, where that was fitted.
    pub probes: Option<&'static Probes>,
}

impl Policy {
    /// The policy for the model file with this digest.
    pub fn of(sha256: &str) -> Self {
        let (calibration, probes) = (Calibration::of(sha256), Probes::of(sha256));
        // A reading leans on how a statement is put; of two it does so less. Branches that quote
        // words of the answer are long enough once.
        let wordings = if probes.is_some() { 2 } else { 1 };
        Self { wordings, calibration, probes }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::of("")
    }
}

impl Policy {
    /// Where to read inside the model what it makes of a statement of this kind; nothing where it
    /// is asked for yes or no. Points of a reference are: nobody labelled points to fit to.
    pub fn tap(&self, kind: StatementKind) -> Option<&'static Tap> {
        let probes = self.probes.filter(|_| kind != StatementKind::Point);
        probes.map(|probes| &probes.tap)
    }
}

impl Policy {
    /// Whether the model may lean to yes or to no by itself, and nothing fitted makes up for it.
    pub fn leans(&self) -> bool {
        self.calibration.serves_all() && self.probes.is_none()
    }

    /// Where to read inside the model whether a sentence is beside what was asked; nothing where
    /// nobody fitted that.
    pub fn aside_tap(&self) -> Option<Tap> {
        let probes = self.probes.filter(|probes| probes.aside.is_some())?;
        Some(Tap { layers: probes.tap.layers, heads: Vec::new() })
    }
}

/// One statement to put to the model, in one wording.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What it is asked for.
    pub subject: Target,
    /// Which of the subject's statements, counted from 0.
    pub statement: usize,
    /// What sort of statement.
    pub kind: StatementKind,
    /// The statement in second person, as the bank has it; see
    /// [`third_person`](super::third_person).
    pub wording: String,
    /// Words that point to it.
    pub terms: Vec<String>,
    /// How like it in meaning each sentence of the answer is, -1 to 1; none where nobody compared
    /// them.
    pub likeness: Vec<f32>,
}

impl Asked {
    /// Whether the other is another wording of the same statement.
    pub(super) fn is_same_statement(&self, other: &Self) -> bool {
        self.subject == other.subject && self.statement == other.statement
    }

    /// What a sentence has to show.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        let Self { kind, wording, terms, likeness, .. } = self;
        Wanted { kind: *kind, wording, terms, likeness }
    }
}

impl Plan {
    /// Where the wordings of the statement stand that is asked first at `first`.
    pub fn wordings(&self, first: usize) -> Range<usize> {
        let rest = self.asked.get(first..).unwrap_or_default();
        let wordings = rest.chunk_by(Asked::is_same_statement).next();
        first..first + wordings.map_or(0, <[Asked]>::len)
    }

    /// What is put to the model with the words that code finds for it, and so worth comparing with
    /// every sentence.
    pub fn by_words(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| self.policy.tap(asked.kind).is_none())
    }

    /// The same, with how like in meaning each statement [`by_words`](Self::by_words) and each
    /// sentence of the answer are: a row a statement.
    #[must_use]
    pub fn compared(mut self, likeness: Vec<Vec<f32>>) -> Self {
        let policy = self.policy;
        let by_words = self.asked.iter_mut().filter(|asked| policy.tap(asked.kind).is_none());
        by_words.zip(likeness).for_each(|(asked, row)| asked.likeness = row);
        self
    }
}

/// The statements to ask, the ones of a subject side by side, and how to decide on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What to ask, in order.
    pub asked: Vec<Asked>,
    /// How to decide.
    pub policy: Policy,
}

/// Turns open criteria and mistakes into statements.
///
/// Omitted mistakes have none: they follow from their criterion, see
/// [`omitted`](super::omitted).
pub fn plan(criteria: &[(Group, &Criterion)], mistakes: &[&Mistake], policy: &Policy) -> Plan {
    let criteria = criteria.iter().flat_map(|(group, criterion)| {
        let subject = Target::Criterion { group: *group, id: criterion.id.clone() };
        asked(&subject, &criterion.statements, policy.wordings)
    });
    let said = mistakes.iter().filter(|mistake| mistake.form == MistakeForm::Said);
    let mistakes = said.flat_map(|mistake| {
        let subject = Target::Mistake { id: mistake.id.clone() };
        asked(&subject, &mistake.statements, policy.wordings)
    });
    Plan { asked: criteria.chain(mistakes).collect(), policy: *policy }
}

fn asked(subject: &Target, statements: &[Statement], wordings: usize) -> Vec<Asked> {
    let each = |(number, statement): (usize, &Statement)| -> Vec<Asked> {
        let wordings = statement.wordings.iter().take(wordings.max(1));
        wordings.map(|wording| one(subject, number, statement, wording)).collect()
    };
    statements.iter().enumerate().flat_map(each).collect()
}

fn one(subject: &Target, number: usize, statement: &Statement, wording: &str) -> Asked {
    Asked {
        subject: subject.clone(),
        statement: number,
        kind: statement.kind,
        wording: wording.to_owned(),
        terms: statement.terms.clone(),
        likeness: Vec::new(),
    }
}
