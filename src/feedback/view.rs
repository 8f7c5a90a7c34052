//! Everything a report shows about one question, as values.

use std::fmt;

use crate::domain::{
    Criterion, Delivery, Evidence, Finding, Gate, Group, Mistake, MistakeFinding, MistakeForm,
    Question, Target, Verdict,
};

use super::advice::{Material, next};
use super::score::Score;

/// How the answers to one question were found.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The question's id.
    pub question: String,
    /// The question as spoken.
    pub say: String,
    /// The id of the part this is, in a round.
    pub part: Option<String>,
    /// The framework's name.
    pub framework: String,
    /// Minutes a good spoken answer takes; 0 where nobody said.
    pub minutes: u32,
    /// Whether there was an answer to judge.
    pub gate: Gate,
    /// Whether the judge ran: a session may be left before it does.
    pub judged: bool,
    /// The framework's steps, in order.
    pub structure: Vec<Entry>,
    /// What interviewers look for.
    pub looks_for: Vec<Entry>,
    /// Points of substance.
    pub key_points: Vec<Entry>,
    /// Whether those are the points of a reference answer, and all that was judged.
    pub reference: bool,
    /// The share of the reference that the answer covers, 0 to 1, where there is one.
    pub coverage: Option<f32>,
    /// Every mistake that was judged.
    pub mistakes: Vec<MistakeEntry>,
    /// Figures of delivery.
    pub delivery: Delivery,
    /// The score.
    pub score: Score,
    /// At most three things to do next.
    pub next: Vec<String>,
    /// The number of the first verdict: 1, unless other views come before in a report.
    pub first: usize,
}

/// The verdict on one criterion, with the bank's words about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The list it is in.
    pub group: Group,
    /// The criterion's id.
    pub id: String,
    /// What it is; a step begins with its name.
    pub text: String,
    /// The verdict.
    pub verdict: Verdict,
    /// How likely it is met, 0 to 1.
    pub probability: f32,
    /// The candidate's words that show it.
    pub evidence: Vec<Evidence>,
    /// What to do; none where it was met.
    pub advice: Option<String>,
    /// Whether the candidate disputes the verdict.
    pub disputed: bool,
}

/// The judgement on one mistake, with the bank's words about it.
#[derive(Debug, Clone, PartialEq)]
pub struct MistakeEntry {
    /// The mistake's id.
    pub id: String,
    /// What it is.
    pub text: String,
    /// How it shows.
    pub form: MistakeForm,
    /// Whether it was made.
    pub flagged: bool,
    /// How likely it was made, 0 to 1.
    pub probability: f32,
    /// The candidate's words that show it.
    pub evidence: Vec<Evidence>,
    /// What to do instead; none where it was not made.
    pub advice: Option<String>,
    /// Whether the candidate disputes the judgement.
    pub disputed: bool,
}

impl View {
    /// Puts a view together. `part` is the question's id where it is a part of a round.
    ///
    /// A criterion or mistake without a finding was not judged and does not appear; behind a
    /// closed gate nothing does.
    pub fn new(
        question: &Question,
        part: Option<&str>,
        gate: &Gate,
        findings: &[Finding],
        mistakes: &[MistakeFinding],
        delivery: &Delivery,
        disputed: &[Target],
    ) -> Self {
        let judged = gate.open() && !findings.is_empty();
        let (findings, mistakes) = if judged { (findings, mistakes) } else { (&[][..], &[][..]) };
        let entries = |group| entries(question, group, findings, disputed);
        let mut view = Self {
            question: question.id.clone(),
            say: question.say.clone(),
            part: part.map(str::to_owned),
            framework: question.framework.name.clone(),
            minutes: question.minutes,
            gate: gate.clone(),
            judged,
            structure: entries(Group::Structure),
            looks_for: entries(Group::LooksFor),
            key_points: entries(Group::KeyPoints),
            reference: question.by_reference(),
            coverage: None,
            mistakes: mistake_entries(&question.mistakes, mistakes, disputed),
            delivery: delivery.clone(),
            score: Score::default(),
            next: Vec::new(),
            first: 1,
        };
        view.score = Score::of(&view).anchored(&question.anchors);
        view.next = next(&Material::of(&view, question.kind));
        view
    }

    /// The same for an answer that covers this share of the question's reference.
    #[must_use]
    pub fn covered(mut self, question: &Question, coverage: f32) -> Self {
        self.coverage = Some(coverage);
        self.score = Score::of(&self).anchored(&question.anchors);
        self
    }

    /// The same, its verdicts numbered from `first` on.
    #[must_use]
    pub fn numbered_from(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// What the numbers of a report stand for, [`first`](Self::first) first: the order is that of [`Self::sections`],
    /// then the flagged mistakes.
    pub fn numbered(&self) -> Vec<Target> {
        let criteria = self.sections().into_iter().flat_map(|(_, entries)| entries);
        let criteria =
            criteria.map(|entry| Target::Criterion { group: entry.group, id: entry.id.clone() });
        let mistakes = self.flagged().map(|mistake| Target::Mistake { id: mistake.id.clone() });
        criteria.chain(mistakes).collect()
    }

    /// The lists of verdicts with their titles, in the order in which reports show them.
    pub fn sections(&self) -> [(String, &[Entry]); 3] {
        [
            ("What interviewers look for".to_owned(), &self.looks_for),
            (format!("Structure: {}", self.framework), &self.structure),
            (
                if self.reference { "Points of the reference" } else { "Points worth making" }
                    .to_owned(),
                &self.key_points,
            ),
        ]
    }

    /// The mistakes that were made.
    pub fn flagged(&self) -> impl Iterator<Item = &MistakeEntry> {
        self.mistakes.iter().filter(|mistake| mistake.flagged)
    }

    /// Why there are no verdicts, if there are none.
    pub fn unjudged(&self) -> Option<String> {
        match (self.gate.open(), self.judged) {
            (false, _) => Some(format!("No verdicts: {}.", self.gate.reason)),
            (true, false) => Some("Not judged: the session was left before that.".to_owned()),
            (true, true) => None,
        }
    }
}

fn entries(
    question: &Question,
    wanted: Group,
    findings: &[Finding],
    disputed: &[Target],
) -> Vec<Entry> {
    let names: Vec<&str> = question.framework.steps.iter().map(|step| step.name.as_str()).collect();
    let criteria = question.criteria().filter(|(group, _)| *group == wanted);
    let entry = |(i, (group, criterion)): (usize, (Group, &Criterion))| {
        let name = match group {
            Group::Structure => names.get(i).copied(),
            Group::LooksFor | Group::KeyPoints => None,
        };
        let found = |f: &&Finding| f.group == group && f.criterion == criterion.id;
        Some(Entry::new(criterion, name, findings.iter().find(found)?, disputed))
    };
    criteria.enumerate().filter_map(entry).collect()
}

fn mistake_entries(
    mistakes: &[Mistake],
    findings: &[MistakeFinding],
    disputed: &[Target],
) -> Vec<MistakeEntry> {
    let entry = |mistake: &Mistake| {
        let finding = findings.iter().find(|finding| finding.mistake == mistake.id)?;
        Some(MistakeEntry::new(mistake, finding, disputed))
    };
    mistakes.iter().filter_map(entry).collect()
}

impl Entry {
    fn new(
        criterion: &Criterion,
        name: Option<&str>,
        found: &Finding,
        disputed: &[Target],
    ) -> Self {
        let target = Target::Criterion { group: found.group, id: criterion.id.clone() };
        let text = &criterion.text;
        Self {
            group: found.group,
            id: criterion.id.clone(),
            text: name.map_or_else(|| text.clone(), |name| format!("{name}. {text}")),
            verdict: found.verdict,
            probability: found.probability,
            evidence: found.evidence.clone(),
            advice: (found.verdict != Verdict::Met).then(|| criterion.advice.clone()),
            disputed: disputed.contains(&target),
        }
    }
}

impl MistakeEntry {
    fn new(mistake: &Mistake, found: &MistakeFinding, disputed: &[Target]) -> Self {
        let target = Target::Mistake { id: mistake.id.clone() };
        Self {
            id: mistake.id.clone(),
            text: mistake.text.clone(),
            form: mistake.form,
            flagged: found.flagged,
            probability: found.probability,
            evidence: found.evidence.clone(),
            advice: found.flagged.then(|| mistake.advice.clone()),
            disputed: disputed.contains(&target),
        }
    }
}

/// How many verdicts of each sort; displays as "3 of 7 shown, 1 partly, 2 missing, 1 unsure".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Met.
    pub met: usize,
    /// Partly met.
    pub partly: usize,
    /// Missing.
    pub missing: usize,
    /// Unsure.
    pub unsure: usize,
}

impl Counts {
    /// Counts the verdicts.
    pub fn of(entries: &[Entry]) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            match entry.verdict {
                Verdict::Met => counts.met += 1,
                Verdict::Partly => counts.partly += 1,
                Verdict::Missing => counts.missing += 1,
                Verdict::Unsure => counts.unsure += 1,
            }
        }
        counts
    }

    /// How many are not unsure.
    pub fn decided(self) -> usize {
        self.met + self.partly + self.missing
    }

    /// How many there are.
    pub fn all(self) -> usize {
        self.decided() + self.unsure
    }

    /// What they are worth: one for met, one half for partly.
    pub fn worth(self) -> f32 {
        self.met as f32 + self.partly as f32 / 2.0
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} shown", self.met, self.all())?;
        let rest = [(self.partly, "partly"), (self.missing, "missing"), (self.unsure, "unsure")];
        rest.iter().filter(|(n, _)| *n > 0).try_for_each(|(n, word)| write!(f, ", {n} {word}"))
    }
}
