//! How well a sentence suits a statement, by its words.
//!
//! A small model that is asked for the number of the sentence that shows a statement names the
//! right one about as often as not; the words of the sentence tell at least as much. "Because"
//! gives a reason, "instead" names an alternative, and a sentence that repeats words of the
//! statement is seldom beside the point. What is quoted is chosen by both together.

use std::collections::BTreeSet;

use crate::domain::StatementKind;
use crate::text::{contains_term, numbers, words};

/// What a sentence is worth for each thing that speaks for it. Set by hand, then checked against
/// the sentences that a person marked in `tests/fixtures/judge`.
const CUE: f32 = 1.0;
const SHARED_WORD: f32 = 0.7;
const TERM: f32 = 2.0;
/// For length: a longer sentence says more, up to [`LONG`] words.
const FULL_LENGTH: f32 = 0.5;
const LONG: usize = 25;
/// Numbers that count in one sentence.
const MOST_NUMBERS: usize = 4;
/// Letters by which two words count as the same: "measure", "measured".
const STEM: usize = 5;

/// For likeness in meaning, from nothing alike to the same. Its place among the words was chosen on
/// the labelled answers that calibrations are fitted to.
const LIKENESS: f32 = 3.0;

/// What a sentence has to show: a statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) kind: StatementKind,
    pub(super) wording: &'a str,
    pub(super) terms: &'a [String],
    /// How like it in meaning each sentence is; none where nobody compared them.
    pub(super) likeness: &'a [f32],
}

/// What speaks for a sentence where a statement is to be shown.
pub(super) struct Suit {
    /// How strongly its words are of the statement's kind.
    pub(super) cue: f32,
    /// Whether it has one of the statement's terms.
    pub(super) term: bool,
    /// Telling words that it shares with the statement.
    pub(super) shared: usize,
    /// How like the statement it is in meaning, 0 to 1; 0 where nobody compared them.
    pub(super) like: f32,
    words: usize,
}

/// What speaks for `sentence`, the one with this index in the answer.
pub(super) fn suit(sentence: &str, index: usize, wanted: Wanted<'_>) -> Suit {
    let spoken = lower_words(sentence);
    Suit {
        cue: cue(wanted.kind, sentence, &spoken),
        term: wanted.terms.iter().any(|t| contains_term(sentence, t)),
        shared: shared(&spoken, wanted.wording),
        like: like(wanted.likeness, index),
        words: spoken.len(),
    }
}

/// Likeness from 0 to 1: what is less than unlike, or no number, is no likeness.
fn like(likeness: &[f32], index: usize) -> f32 {
    let like = likeness.get(index).filter(|like| like.is_finite());
    like.map_or(0.0, |like| like.clamp(0.0, 1.0))
}

impl Suit {
    /// How well the sentence suits the statement; 0 is not at all.
    pub(super) fn worth(&self) -> f32 {
        let term = if self.term { TERM } else { 0.0 };
        let words = CUE * self.cue + term + SHARED_WORD * self.shared as f32;
        let core = words + LIKENESS * self.like;
        // Length alone speaks for nothing.
        let length = if core > 0.0 { self.words.min(LONG) as f32 / LONG as f32 } else { 0.0 };
        core + FULL_LENGTH * length
    }
}

/// How strongly the sentence's words are of the kind: 0 or 1, and for a figure more with every
/// number, since a change takes two.
fn cue(kind: StatementKind, sentence: &str, spoken: &[String]) -> f32 {
    if kind == StatementKind::Metric {
        return numbers(sentence).len().min(MOST_NUMBERS) as f32 / 2.0;
    }
    f32::from(cues(kind).split(", ").any(|cue| heard(cue, spoken)))
}

/// Telling words that the sentence shares with the statement.
fn shared(spoken: &[String], wording: &str) -> usize {
    let wanted = telling(wording);
    wanted.iter().filter(|w| spoken.iter().any(|s| stem(s).as_ref() == Some(w))).count()
}

/// The beginnings of a text's telling words, each once, in order.
pub(super) fn telling(text: &str) -> Vec<String> {
    let mut found: Vec<String> = lower_words(text).iter().filter_map(|w| stem(w)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The share of these beginnings of telling words that the texts have; nothing where there are none.
pub(super) fn covered<'a>(wanted: &[String], texts: impl Iterator<Item = &'a str>) -> f32 {
    let said: BTreeSet<String> = texts.flat_map(telling).collect();
    let found = wanted.iter().filter(|word| said.contains(*word)).count();
    if wanted.is_empty() { 0.0 } else { found as f32 / wanted.len() as f32 }
}

fn stem(word: &str) -> Option<String> {
    let telling = word.chars().count() > 2 && !COMMON.contains(&word);
    telling.then(|| word.chars().take(STEM).collect())
}

fn lower_words(text: &str) -> Vec<String> {
    words(text).map(|w| w.of(text).to_lowercase()).collect()
}

/// Whether the words of a cue occur in a row; a `*` stands for any end of a word.
fn heard(cue: &str, spoken: &[String]) -> bool {
    let parts: Vec<&str> = cue.split(' ').collect();
    spoken.windows(parts.len()).any(|window| {
        window.iter().zip(&parts).all(|(word, part)| match part.strip_suffix('*') {
            Some(beginning) => word.starts_with(beginning),
            None => word == part,
        })
    })
}

/// Words that often come with a statement of this kind, apart by commas.
const fn cues(kind: StatementKind) -> &'static str {
    match kind {
        StatementKind::Situation => {
            "at my, at a, at an, team, compan*, back then, years ago, start-up, startup, \
             worked, joined, bank, shop"
        }
        StatementKind::Task => {
            "had to, my job, asked to, goal, target, supposed, needed, objective, \
             responsib*, charge, deadline, by the end"
        }
        StatementKind::Action => {
            "i built, i wrote, i put, i set, i made, i ran, i took, i split, i moved, \
             i cut, i would, i'd, we built, we put, we moved, we set, we made, we ran, \
             we split, i added, we added, i changed, i asked"
        }
        StatementKind::Result => {
            "after that, in the end, since then, now, fell, dropped, down to, went from, \
             ended, result*, finally, improved, no more"
        }
        StatementKind::NamesMeans => {
            "trace*, graph*, dashboard*, log, logs, profil*, metric*, quer*, tool*, using, \
             with, looked at, interview*, ticket*"
        }
        StatementKind::CausalLink => {
            "because, so, which meant, led to, that's why, caused, due to, therefore, \
             turned out, meant"
        }
        StatementKind::Reason => {
            "because, since, so that, reason*, in order, seemed, thought, simpl*, easier, \
             cheaper, want*"
        }
        StatementKind::Alternative => {
            "instead, consider*, could have, option*, alternativ*, rather than, \
             thought about, rejected, turned down"
        }
        StatementKind::TradeOff => {
            "cost*, gave up, give up, price, exchange, expense, slower, lose, lost, \
             trade*, in return, accept*, worse"
        }
        StatementKind::OwnPart => "i, my, myself, mine, i'd, i've",
        StatementKind::Others => {
            "product, sales, support, manager*, finance, colleague*, people, customer*, \
             stakeholder*, designer*, everyone, together, meeting*, told, talked, asked"
        }
        StatementKind::Lesson => {
            "learn*, lesson*, taught, realis*, realiz*, understood, took from, takeaway, \
             know now"
        }
        StatementKind::Change => {
            "now, since then, next time, differently, these days, from then, again, \
             ever since, still"
        }
        StatementKind::Validation => {
            "test*, compar*, measur*, check*, verif*, canary, load, simulat*, monitor*, \
             replay*, survey*, sample*"
        }
        StatementKind::Risk => {
            "if, fail*, risk*, break*, crash*, lost, timeout*, down, retr*, fallback, \
             worst"
        }
        StatementKind::Constraint => {
            "had to, must, limit*, at most, only, budget, deadline, requirement*, assum*, \
             can't, cannot, within"
        }
        StatementKind::Priority => {
            "first, before, then, start*, most, priorit*, urgent*, order, wait*, later, \
             last"
        }
        StatementKind::Blames => "they, their, fault, blame*, never",
        StatementKind::Metric
        | StatementKind::Mentions
        | StatementKind::WrongClaim
        | StatementKind::PoorChoice
        | StatementKind::Attitude
        | StatementKind::Point => "",
    }
}

/// Words that tell nothing of what a statement is about.
const COMMON: &[&str] = &[
    "about", "after", "all", "and", "any", "are", "been", "but", "can", "could", "describe", "did",
    "does", "each", "for", "from", "give", "had", "has", "have", "how", "into", "its", "mention",
    "more", "name", "one", "our", "out", "own", "say", "says", "show", "some", "tell", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "was",
    "were", "what", "when", "where", "which", "while", "who", "why", "will", "with", "would",
    "you", "your", "yourself",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn best(kind: StatementKind, wording: &str, terms: &[&str], said: &[&str]) -> usize {
        let terms: Vec<String> = terms.iter().map(|&t| t.into()).collect();
        let wanted = Wanted { kind, wording, terms: &terms, likeness: &[] };
        let score = |s: &&&str| suit(s, 0, wanted).worth();
        let best = said.iter().max_by(|a, b| score(a).total_cmp(&score(b))).unwrap();
        said.iter().position(|s| s == best).unwrap()
    }

    const SAID: [&str; 5] = [
        "At my last job, a delivery start-up, I built the notification service.",
        "I looked at the traces in Jaeger and saw that the mail provider took the time.",
        "So I moved the sending to a queue, because the provider would not get faster.",
        "We could have cached it, but I rejected that.",
        "Checkout went from 4 s to 0.8 s.",
    ];

    #[test]
    fn the_sentence_that_a_reader_would_quote_suits_best() {
        use StatementKind::*;
        for (kind, wording, expected) in [
            (Situation, "You say at which company or in which system this happened.", 0),
            (NamesMeans, "You name the tool or data that showed the cause.", 1),
            (Reason, "You give a reason for the change.", 2),
            (Alternative, "You name an option that was not taken.", 3),
            (Metric, "You give a figure for how the outcome changed.", 4),
        ] {
            assert_eq!(best(kind, wording, &[], &SAID), expected, "{kind:?}");
        }
        assert_eq!(best(Mentions, "You bring up a cache.", &["cach"], &SAID), 3);
    }

    #[test]
    fn cues_are_whole_words_unless_they_say_otherwise() {
        assert!(heard("so", &lower_words("So it broke")) && !heard("so", &lower_words("some")));
        assert!(heard("went from", &lower_words("it went from bad")));
        assert!(!heard("went from", &lower_words("went away from")));
        assert!(heard("learn*", &lower_words("I learned")) && !heard("a b c", &lower_words("a b")));
    }
}
