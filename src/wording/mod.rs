//! Guards over what a model drafted, and the choice among drafts.
//!
//! The bank's wording of a follow-up is always good enough; a model's draft is taken only when it
//! is one short question to the candidate that asks what was decided and brings in nothing that
//! nobody said.

use std::collections::HashSet;

use crate::domain::Question;
use crate::text;

/// Words that a spoken follow-up may have.
const MAX_WORDS: usize = 30;
/// Words that a question needs to be one.
const MIN_WORDS: usize = 4;
/// Share of words in common from which two questions count as the same.
const ALIKE: f32 = 0.6;
/// Share of a probe's telling words that a draft has to keep, so that it asks what was decided.
const KEPT: f32 = 0.5;
/// Telling words that a draft may bring in which nobody said and the probe does not have.
const NEW_WORDS: usize = 2;

/// What a draft is held against.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// The question of the bank.
    pub question: &'a Question,
    /// What was decided to ask, in the bank's words.
    pub probe: &'a str,
    /// Everything the interviewer asked so far.
    pub asked: &'a [&'a str],
    /// Everything the candidate said so far.
    pub said: &'a [&'a str],
}

/// Why a draft is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It is not exactly one question.
    NotOneQuestion,
    /// It is too long to be spoken in one breath, or too short to be a question.
    Length,
    /// It speaks about the candidate instead of to them.
    ThirdPerson,
    /// It was asked before.
    Repeats,
    /// It asks something else than was decided.
    OffProbe,
    /// It brings in a term of the expected answer.
    GivesAway,
    /// It names something that nobody said.
    NobodySaid,
    /// It holds characters that do not belong in speech.
    NotSpeech,
}

/// The first draft that may be said, tidied; none if none may.
pub fn choose<'a>(drafts: impl IntoIterator<Item = &'a str>, heard: &Heard<'_>) -> Option<String> {
    drafts.into_iter().find_map(|draft| check(draft, heard).ok())
}

/// The draft as it would be said, or why it is not.
pub fn check(draft: &str, heard: &Heard<'_>) -> Result<String, Rejection> {
    let spoken = tidy(draft);
    let words = lower_words(&spoken);
    one_question(&spoken)?;
    speech(&spoken)?;
    length(&words)?;
    second_person(&words)?;
    new(&words, heard)?;
    asks_what_was_decided(&words, heard)?;
    gives_nothing_away(&spoken, heard)?;
    only_what_was_said(&spoken, heard)?;
    Ok(spoken)
}

/// One line, without the quotes and lead-ins that models put around what they were asked for.
fn tidy(draft: &str) -> String {
    let line = draft.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_matches(|c: char| matches!(c, '"' | '“' | '”' | '*' | '`' | ' '));
    for lead in ["Follow-up question:", "Follow-up:", "Question:", "Interviewer:"] {
        if let Some(rest) = line.strip_prefix(lead) {
            return tidy(rest);
        }
    }
    line.to_owned()
}

fn one_question(spoken: &str) -> Result<(), Rejection> {
    let one = spoken.ends_with('?') && spoken.matches('?').count() == 1;
    // One sentence may lead up to the question; more is a speech.
    let sentences = text::sentences(spoken).len();
    if one && sentences <= 2 { Ok(()) } else { Err(Rejection::NotOneQuestion) }
}

fn speech(spoken: &str) -> Result<(), Rejection> {
    let odd = |c: char| c.is_control() || "<>[]{}|\\#_=~^`".contains(c);
    if spoken.chars().any(odd) { Err(Rejection::NotSpeech) } else { Ok(()) }
}

fn length(words: &[String]) -> Result<(), Rejection> {
    if (MIN_WORDS..=MAX_WORDS).contains(&words.len()) { Ok(()) } else { Err(Rejection::Length) }
}

fn second_person(words: &[String]) -> Result<(), Rejection> {
    let about = |w: &str| matches!(w, "candidate" | "candidate's" | "interviewee" | "interviewer");
    // "I" and "my" in an interviewer's mouth are the candidate's words given back unturned.
    let first = |w: &str| matches!(w, "my" | "i've" | "i'd");
    if words.iter().any(|w| about(w) || first(w)) {
        return Err(Rejection::ThirdPerson);
    }
    Ok(())
}

fn new(words: &[String], heard: &Heard<'_>) -> Result<(), Rejection> {
    let repeats = |asked: &&str| overlap(words, &lower_words(asked)) >= ALIKE;
    if heard.asked.iter().any(repeats) { Err(Rejection::Repeats) } else { Ok(()) }
}

/// Whether two questions ask the same, by the telling words they share.
pub fn alike(a: &str, b: &str) -> bool {
    overlap(&lower_words(a), &lower_words(b)) >= ALIKE
}

fn asks_what_was_decided(words: &[String], heard: &Heard<'_>) -> Result<(), Rejection> {
    let wanted = telling(&lower_words(heard.probe));
    let kept = telling(words).intersection(&wanted).count();
    if wanted.is_empty() || kept as f32 / wanted.len() as f32 >= KEPT {
        return Ok(());
    }
    Err(Rejection::OffProbe)
}

fn gives_nothing_away(spoken: &str, heard: &Heard<'_>) -> Result<(), Rejection> {
    let question = heard.question;
    let statements = question.criteria().flat_map(|(_, c)| &c.statements);
    let terms = statements.flat_map(|s| &s.terms).chain(&question.terms);
    let mut away = terms.filter(|t| text::contains_term(spoken, t) && !known(t, heard));
    if away.next().is_some() { Err(Rejection::GivesAway) } else { Ok(()) }
}

/// Whether somebody has said the term, or the bank's own wording holds it.
fn known(term: &str, heard: &Heard<'_>) -> bool {
    let mut voices = heard.said.iter().chain(heard.asked).chain([&heard.probe]);
    voices.any(|voice| text::contains_term(voice, term))
}

/// Names and figures have to come from somewhere: a draft that brings in "Redis" or "40 %" has
/// made it up, unless somebody said it. So has one with more than a few words of its own.
fn only_what_was_said(spoken: &str, heard: &Heard<'_>) -> Result<(), Rejection> {
    let mut said = HashSet::new();
    for voice in heard.said.iter().chain(heard.asked).chain([&heard.probe]) {
        said.extend(lower_words(voice));
    }
    let words = text::words(spoken).map(|w| w.of(spoken)).enumerate();
    let names = words.filter(|(i, w)| *i > 0 && is_name(w)).map(|(_, w)| w);
    let made_up = names.filter(|w| !said.contains(&bare(w))).count();
    let said: Vec<String> = said.into_iter().collect();
    let new_words = telling(&lower_words(spoken)).difference(&telling(&said)).count();
    if made_up > 0 || new_words > NEW_WORDS { Err(Rejection::NobodySaid) } else { Ok(()) }
}

fn is_name(word: &str) -> bool {
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    let figure = word.chars().any(|c| c.is_ascii_digit());
    figure || (capital && !matches!(bare(word).as_str(), "i" | "i'm" | "what" | "how" | "why"))
}

/// Lower case, without a possessive.
fn bare(word: &str) -> String {
    let word = word.to_lowercase().replace('’', "'");
    word.strip_suffix("'s").unwrap_or(&word).to_owned()
}

fn lower_words(text: &str) -> Vec<String> {
    text::words(text).map(|w| bare(w.of(text))).collect()
}

fn overlap(a: &[String], b: &[String]) -> f32 {
    let (a, b) = (telling(a), telling(b));
    let either = a.union(&b).count();
    if either == 0 { 0.0 } else { a.intersection(&b).count() as f32 / either as f32 }
}

/// The words that tell one question from another, cut to their beginnings so that "measure" and
/// "measured" are the same.
fn telling(words: &[String]) -> HashSet<String> {
    const STEM: usize = 5;
    words
        .iter()
        .filter(|w| !COMMON.contains(&w.as_str()))
        .map(|w| w.chars().take(STEM).collect())
        .collect()
}

const COMMON: &[&str] = &[
    "a", "about", "after", "all", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by",
    "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how", "i", "if",
    "in", "into", "is", "it", "its", "me", "more", "of", "on", "or", "out", "so", "some", "than",
    "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "up",
    "was", "we", "were", "what", "when", "where", "which", "while", "who", "why", "will", "with",
    "would", "you", "your", "yourself",
];

#[cfg(test)]
mod tests;
