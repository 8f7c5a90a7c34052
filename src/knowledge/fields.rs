//! Reading one table key by key. A reader asks for what the schema has; every fault is noted and
//! reading goes on, so that all of them are found in one go.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Report, quoted};
use super::keys::sample;
use super::lines::{cap, wrong};
use super::names::is_id;
use super::suggest::{known, nearest};

/// A text of the file and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// The byte offset of its first quote.
    pub(super) at: usize,
}

/// A table being read. Dropping it unclosed would let unknown keys pass: see [`Fields::close`].
pub(super) struct Fields<'a> {
    table: &'a DeTable<'a>,
    at: usize,
    asked: Vec<&'static str>,
    missing: Vec<&'static str>,
    /// Where faults go.
    pub(super) report: &'a mut Report,
}

impl<'a> Fields<'a> {
    /// Reads `table`, whose header stands at the byte offset `at`.
    pub(super) fn new(table: &'a DeTable<'a>, at: usize, report: &'a mut Report) -> Self {
        Self { table, at, asked: Vec::new(), missing: Vec::new(), report }
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where the key's value stands, or the table's header.
    pub(super) fn at(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    /// Notes a fault at a key.
    pub(super) fn fault(&mut self, key: &str, what: impl Into<String>, remedy: impl Into<String>) {
        self.report.add(self.at(key), what, remedy);
    }

    /// A text of one line, at most `longest` characters.
    pub(super) fn line(&mut self, key: &'static str, longest: usize) -> Option<String> {
        let value = self.need(key)?;
        self.text(key, &format!("`{key}`"), value, longest).map(|line| line.text)
    }

    /// What `read` makes of the key, where it is there.
    pub(super) fn if_any<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        self.skip(key);
        if self.has(key) { read(self, key) } else { None }
    }

    /// A question to speak: a line that ends in a question mark.
    pub(super) fn spoken(&mut self, key: &'static str) -> Option<String> {
        let text = self.line(key, cap::SENTENCE)?;
        if !text.ends_with('?') {
            let what = format!("`{key}` is a follow-up that does not end in a question mark");
            self.fault(key, what, "ask one question, and end it with `?`");
        }
        Some(text)
    }

    /// An id.
    pub(super) fn id(&mut self, key: &'static str) -> Option<String> {
        let value = self.need(key)?;
        let line = self.text(key, &format!("`{key}`"), value, cap::NAME)?;
        self.check_id(key, line)
    }

    /// The id of the file's entry, which is the file's name.
    pub(super) fn own_id(&mut self, stem: &str) -> Option<String> {
        let id = self.id("id")?;
        if id != stem {
            let what = format!("`id` is {}, but the file is named {}", quoted(&id), quoted(stem));
            self.fault("id", what, "make them the same: the file's name is the id");
        }
        Some(id)
    }

    /// Several ids, `count` of them, none twice.
    pub(super) fn ids(&mut self, key: &'static str, count: RangeInclusive<usize>) -> Vec<Line> {
        let lines = self.lines(key, count, cap::NAME);
        lines.into_iter().filter(|line| self.check_id(key, line.clone()).is_some()).collect()
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.need(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, value, "a whole number");
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|n| range.contains(n));
        if number.is_none() {
            let what = format!("`{key}` is {}", quoted(integer.as_str()));
            let (low, high) = (range.start(), range.end());
            self.fault(key, what, format!("write a whole number from {low} to {high}"));
        }
        number
    }

    /// One of a closed list of values, each with its name.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.line(key, cap::NAME)?;
        let found = all.iter().copied().find(|value| name(*value) == text);
        if found.is_none() {
            let what = format!("`{key}` is {}, which is none of its values", quoted(&text));
            self.fault(key, what, known(&text, all.iter().map(|value| name(*value))));
        }
        found
    }

    /// Several texts, `count` of them, none twice.
    pub(super) fn lines(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        longest: usize,
    ) -> Vec<Line> {
        let Some(value) = self.need(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of texts");
            return Vec::new();
        };
        self.count(key, items.len(), &count);
        let what = format!("an entry of `{key}`");
        let texts = items.iter().filter_map(|item| self.text(key, &what, item, longest));
        let lines: Vec<Line> = texts.collect();
        self.once_each(key, &lines);
        lines
    }

    /// The tables of a list, `count` of them, each read by `read` and closed.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        count: RangeInclusive<usize>,
        mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = self.need(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of tables");
            return Vec::new();
        };
        self.count(key, items.len(), &count);
        items.iter().filter_map(|item| self.table(key, item, &mut read)).collect()
    }

    /// A key that has no place here, and why.
    pub(super) fn forbid(&mut self, key: &'static str, why: &str) {
        self.skip(key);
        if self.has(key) {
            let what = format!("`{key}` has no place here: {why}");
            self.fault(key, what, format!("take `{key}` out"));
        }
    }

    /// Lets a key pass unread: it may be left out, or what it should be depends on a faulty one.
    pub(super) fn skip(&mut self, key: &'static str) {
        self.asked.push(key);
    }

    /// Ends the reading: what was not asked for is unknown, what was not there is missing. A key
    /// that is plainly a misspelt one is reported once, as that.
    pub(super) fn close(mut self) {
        let unknown = self.table.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref()));
        for key in unknown {
            let meant = nearest(key.get_ref(), self.asked.iter().copied());
            self.missing.retain(|missing| Some(*missing) != meant);
            let remedy = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("take it out; known here: {}", known_keys(&self.asked)),
            };
            let what = format!("unknown key {}", quoted(key.get_ref()));
            self.report.add(key.span().start, what, remedy);
        }
        for key in self.missing {
            self.report.add(self.at, format!("`{key}` is missing"), format!("add {}", sample(key)));
        }
    }

    fn need(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.skip(key);
        let value = self.table.get(key);
        if value.is_none() {
            self.missing.push(key);
        }
        value
    }

    fn text(
        &mut self,
        key: &str,
        what: &str,
        value: &Spanned<DeValue<'_>>,
        longest: usize,
    ) -> Option<Line> {
        let at = value.span().start;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        if let Some((wrong, remedy)) = wrong(text, longest) {
            self.report.add(at, format!("{what} {wrong}"), remedy);
            return None;
        }
        Some(Line { text: text.to_owned(), at })
    }

    fn check_id(&mut self, key: &str, line: Line) -> Option<String> {
        if is_id(&line.text) {
            return Some(line.text);
        }
        let what = format!("`{key}` has {}, which is not kebab-case", quoted(&line.text));
        let remedy = format!("use a-z, 0-9 and single hyphens, at most {} of them", cap::ID);
        self.report.add(line.at, what, remedy);
        None
    }

    fn table<T>(
        &mut self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value, "a list of tables");
            return None;
        };
        let mut fields = Fields::new(table, value.span().start, self.report);
        let entry = read(&mut fields);
        fields.close();
        entry
    }

    fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) {
        let found = value.get_ref().type_str();
        let what = format!("`{key}` has a value of type {found} where {expected} belongs");
        self.report.add(value.span().start, what, format!("write {}", sample(key)));
    }

    fn count(&mut self, key: &str, found: usize, wanted: &RangeInclusive<usize>) {
        if wanted.contains(&found) {
            return;
        }
        let (low, high) = (wanted.start(), wanted.end());
        let (what, remedy) = if found < *low {
            (format!("too few entries: {found} of at least {low}"), format!("add {}", low - found))
        } else {
            (format!("too many entries: {found} of at most {high}"), "keep the best".to_owned())
        };
        let what = format!("`{key}` has {what}");
        self.fault(key, what, remedy);
    }

    fn once_each(&mut self, key: &str, lines: &[Line]) {
        for (i, line) in lines.iter().enumerate() {
            if lines[..i].iter().any(|before| before.text == line.text) {
                let what = format!("`{key}` has {} twice", quoted(&line.text));
                self.report.add(line.at, what, "take one out");
            }
        }
    }
}

/// The keys a reader asked for, each once.
fn known_keys(asked: &[&str]) -> String {
    let mut keys = asked.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys.join(", ")
}
