//! What to ask next, chosen from what the judge found missing.

use crate::domain::{Criterion, Fills, Finding, Group, Probe, Question, Verdict};

/// What was asked already, and what it was about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    texts: Vec<String>,
    criteria: Vec<String>,
    last: Option<Fills>,
}

impl Asked {
    /// Notes a probe, and the words in which it was put if they differ from the bank's.
    pub(super) fn note(&mut self, probe: &Probe, spoken: Option<&str>) {
        self.texts.push(probe.say.clone());
        self.texts.extend(spoken.filter(|s| *s != probe.say).map(str::to_owned));
        self.criteria.extend(probe.criterion.clone());
        self.last = Some(probe.fills);
    }

    fn text(&self, text: &str) -> bool {
        self.texts.iter().any(|t| same(t, text))
    }

    fn criterion(&self, id: &str) -> bool {
        self.criteria.iter().any(|c| c == id)
    }
}

/// The follow-up that serves the candidate most, or none if everything was asked.
///
/// The rungs, from the top: framework steps and looks-for that are missing; those partly met or
/// unsure; key points that are missing; key points partly met or unsure; the question's own
/// probes. Within a rung the trade-off and the figure come first, and a follow-up about something
/// else than the last one is preferred; then the order of the bank decides.
pub(super) fn choose(question: &Question, findings: &[Finding], asked: &Asked) -> Option<Probe> {
    RUNGS
        .iter()
        .find_map(|rung| best(on_rung(question, findings, rung), asked))
        .or_else(|| best(own_probes(question, findings), asked))
}

struct Rung {
    groups: &'static [Group],
    verdicts: &'static [Verdict],
}

const RUNGS: [Rung; 4] = [
    Rung { groups: &[Group::LooksFor, Group::Structure], verdicts: &[Verdict::Missing] },
    Rung {
        groups: &[Group::LooksFor, Group::Structure],
        verdicts: &[Verdict::Partly, Verdict::Unsure],
    },
    Rung { groups: &[Group::KeyPoints], verdicts: &[Verdict::Missing] },
    Rung { groups: &[Group::KeyPoints], verdicts: &[Verdict::Partly, Verdict::Unsure] },
];

/// How much a kind of follow-up tells an interviewer: smaller comes first.
const fn weight(fills: Fills) -> u8 {
    match fills {
        Fills::TradeOff | Fills::Metric => 0,
        Fills::Ownership | Fills::Validation | Fills::Failure => 1,
        Fills::Reflection | Fills::Scale => 2,
        Fills::Detail => 3,
    }
}

fn on_rung(question: &Question, findings: &[Finding], rung: &Rung) -> Vec<Probe> {
    rung.groups
        .iter()
        .flat_map(|wanted| question.criteria().filter(move |(group, _)| group == wanted))
        .filter(|(group, c)| rung.verdicts.contains(&verdict(findings, *group, &c.id)))
        .flat_map(|(_, criterion)| inviting(question, criterion))
        .collect()
}

/// A criterion that nobody judged counts as missing: nothing was heard of it.
fn verdict(findings: &[Finding], group: Group, id: &str) -> Verdict {
    findings
        .iter()
        .find(|f| f.group == group && f.criterion == id)
        .map_or(Verdict::Missing, |f| f.verdict)
}

/// The follow-ups that invite a criterion: its own, then the question's for it.
fn inviting(question: &Question, criterion: &Criterion) -> Vec<Probe> {
    let own = Probe {
        fills: criterion.fills,
        say: criterion.probe.clone(),
        criterion: Some(criterion.id.clone()),
    };
    let more = question.probes.iter().filter(|p| p.criterion.as_deref() == Some(&criterion.id));
    std::iter::once(own).chain(more.cloned()).collect()
}

fn own_probes(question: &Question, findings: &[Finding]) -> Vec<Probe> {
    let met = |id: &str| {
        question
            .criteria()
            .any(|(group, c)| c.id == id && verdict(findings, group, id) == Verdict::Met)
    };
    let open = |probe: &&Probe| probe.criterion.as_deref().is_none_or(|id| !met(id));
    question.probes.iter().filter(open).cloned().collect()
}

/// The best of a rung. A criterion is invited once: who had nothing to say to it once will
/// hardly have more the second time.
fn best(probes: Vec<Probe>, asked: &Asked) -> Option<Probe> {
    probes
        .into_iter()
        .filter(|p| !asked.text(&p.say))
        .filter(|p| p.criterion.as_deref().is_none_or(|id| !asked.criterion(id)))
        .enumerate()
        .min_by_key(|(i, p)| (asked.last == Some(p.fills), weight(p.fills), *i))
        .map(|(_, probe)| probe)
}

/// Whether two questions are the same to a listener: letters and digits only, case aside.
fn same(a: &str, b: &str) -> bool {
    let letters = |s: &str| -> String {
        s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(a) == letters(b)
}
