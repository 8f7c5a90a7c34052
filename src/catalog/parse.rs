//! Reading `models.toml`, with file and line of what is wrong.

use serde::Deserialize;
use toml::Spanned;

use super::{Entry, Sentences};

/// What is wrong with a catalogue, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}, line {line}: {what}")]
pub struct CatalogError {
    /// The file.
    pub origin: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// A catalogue as written: any of it may be missing, so that an overlay can be short.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    default: Option<Spanned<String>>,
    #[serde(default)]
    model: Vec<Spanned<Entry>>,
    sentences: Option<Spanned<Sentences>>,
}

/// A catalogue as read: entries are sound, the default is not yet looked up.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The default's name and the line that says so.
    pub(super) default: Option<(String, usize)>,
    /// Each with its line.
    pub(super) entries: Vec<(Entry, usize)>,
    pub(super) sentences: Option<(Sentences, usize)>,
}

/// Reads a catalogue; `origin` names it in errors.
pub(super) fn parse(text: &str, origin: &str) -> Result<Parsed, CatalogError> {
    let fault = |at: usize, what: String| CatalogError {
        origin: origin.to_owned(),
        line: line_of(text, at),
        what,
    };
    let document: Document = toml::from_str(text)
        .map_err(|e| fault(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
    let mut entries: Vec<(Entry, usize)> = Vec::with_capacity(document.model.len());
    for spanned in document.model {
        let at = spanned.span().start;
        let entry = spanned.into_inner();
        let twice =
            entries.iter().any(|(e, _)| e.name == entry.name).then(|| "is there twice".into());
        if let Some(what) = twice.or_else(|| contradiction(&entry)) {
            return Err(fault(at, format!("model {} {what}", entry.name)));
        }
        entries.push((entry, line_of(text, at)));
    }
    let default = document.default.map(|spanned| placed(text, spanned));
    let sentences = document.sentences.map(|spanned| placed(text, spanned));
    if let Some((sentences, line)) = &sentences
        && let Some(what) = sentences.contradiction()
    {
        let (origin, what) = (origin.to_owned(), format!("sentences: {} {what}", sentences.name));
        return Err(CatalogError { origin, line: *line, what });
    }
    Ok(Parsed { default, entries, sentences })
}

/// What fields say against each other.
fn contradiction(entry: &Entry) -> Option<String> {
    let parts = entry.wheels.as_ref().map(|w| &w.parts);
    let sum = parts.and_then(|p| p.iter().try_fold(0_u64, |sum, part| sum.checked_add(*part)));
    if entry.size == 0 || entry.context == 0 {
        Some("needs a size and a context above 0".into())
    } else if parts.is_some() && sum != Some(entry.size) {
        Some(format!("has parts that do not add up to its size, {}", entry.size))
    } else {
        entry.licence.contradiction()
    }
}

/// What was written, and the line where it begins.
fn placed<T>(text: &str, spanned: Spanned<T>) -> (T, usize) {
    let line = line_of(text, spanned.span().start);
    (spanned.into_inner(), line)
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

/// Texts that are checked while they are read, so that a fault is reported at its line.
pub(super) mod checked {
    use serde::{Deserialize, Deserializer, de::Error as _};

    /// One line for people: nothing that a terminal would obey.
    pub(in super::super) fn line<'de, D: Deserializer<'de>>(de: D) -> Result<String, D::Error> {
        let text = String::deserialize(de)?;
        let fine = !text.trim().is_empty() && !text.contains(char::is_control);
        fine.then_some(text).ok_or_else(|| D::Error::custom("one line of text is needed here"))
    }

    pub(in super::super) fn some_line<'de, D: Deserializer<'de>>(
        de: D,
    ) -> Result<Option<String>, D::Error> {
        line(de).map(Some)
    }

    /// A model's name: also a file's, so that capitals would clash on some systems, and what
    /// `--model` takes, so that it must not be `none`.
    pub(in super::super) fn name<'de, D: Deserializer<'de>>(de: D) -> Result<String, D::Error> {
        let name = word(de)?;
        let fine = name != "none" && !name.contains(|c: char| c.is_ascii_uppercase());
        let wrong =
            || format!("{name:?} cannot be a name: small letters, please, and not \"none\"");
        if fine { Ok(name) } else { Err(D::Error::custom(wrong())) }
    }

    /// One word that is safe as a file name and as an argument.
    pub(in super::super) fn word<'de, D: Deserializer<'de>>(de: D) -> Result<String, D::Error> {
        plain(de, "", "one word of letters, digits, dot, dash and underscore")
    }

    /// Such words joined by slashes.
    pub(in super::super) fn path<'de, D: Deserializer<'de>>(de: D) -> Result<String, D::Error> {
        plain(de, "/", "words joined by slashes")
    }

    /// A package's name or version; `{n}` stands for a part's number.
    pub(in super::super) fn package<'de, D: Deserializer<'de>>(de: D) -> Result<String, D::Error> {
        plain(de, "{}+!", "a package's name, where {n} stands for the part's number, or a version")
    }

    fn plain<'de, D: Deserializer<'de>>(
        de: D,
        also: &str,
        allowed: &str,
    ) -> Result<String, D::Error> {
        let text = String::deserialize(de)?;
        let known = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c) || also.contains(c);
        // No piece may be hidden, climb out of a folder, or be taken for an option.
        let begins = |piece: &str| piece.starts_with(|c: char| c.is_ascii_alphanumeric());
        let fine = text.chars().all(known) && text.split('/').all(begins);
        let wrong = || D::Error::custom(format!("{text:?} is not {allowed}"));
        if fine { Ok(text) } else { Err(wrong()) }
    }
}
