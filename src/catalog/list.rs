//! The models that are known by name.

use std::path::Path;

use super::parse::{CatalogError, parse};
use super::{Artifact, Entry, Sentences, Spec, SpecError};

const BUILTIN: &str = include_str!("../../models.toml");

/// The models that are known by name, in the order in which lists show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    /// Index of the default in `entries`, which therefore is never empty.
    default: usize,
    entries: Vec<Entry>,
    sentences: Option<Sentences>,
}

/// A model of the catalogue, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known<'a> {
    /// Interviewing and judging.
    Chat(&'a Entry),
    /// Telling how alike sentences are.
    Sentences(&'a Sentences),
}

impl<'a> Known<'a> {
    /// What is fetched and kept of it.
    pub fn artifact(self) -> Artifact<'a> {
        match self {
            Self::Chat(entry) => entry.artifact(),
            Self::Sentences(sentences) => sentences.artifact(),
        }
    }
}

/// A name that no model has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no model is called {name:?}{}", did_you_mean(.suggestions))]
pub struct UnknownModel {
    /// The name that was asked for.
    pub name: String,
    /// Names that are close to it, closest first; at most three.
    pub suggestions: Vec<String>,
}

fn did_you_mean(suggestions: &[String]) -> String {
    match suggestions {
        [] => String::new(),
        [names @ .., last] if !names.is_empty() => {
            format!("; did you mean {} or {last}?", names.join(", "))
        }
        names => format!("; did you mean {}?", names.concat()),
    }
}

impl Catalog {
    /// The catalogue that is built into the program.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    pub fn builtin() -> Self {
        Self::parse(BUILTIN, "models.toml").expect("a test reads the built-in catalogue")
    }

    /// A catalogue of its own; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Self, CatalogError> {
        Self { default: 0, entries: Vec::new(), sentences: None }.overlaid(text, origin)
    }

    /// The built-in catalogue with the user's own laid over it, where there is one.
    pub fn load(overlay: &Path) -> Result<Self, CatalogError> {
        let origin = overlay.display().to_string();
        match std::fs::read_to_string(overlay) {
            Ok(text) => Self::builtin().overlaid(&text, &origin),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::builtin()),
            Err(e) => Err(CatalogError { origin, line: 1, what: e.to_string() }),
        }
    }

    /// This catalogue with another laid over it: an entry of a name that is here replaces it, any
    /// other is added, a model for sentences replaces ours, and a default that is named there is
    /// the default.
    pub fn overlaid(mut self, text: &str, origin: &str) -> Result<Self, CatalogError> {
        let parsed = parse(text, origin)?;
        let fault = |line, what| CatalogError { origin: origin.to_owned(), line, what };
        if let Some((sentences, line)) = parsed.sentences {
            if self.entries.iter().any(|e| e.name == sentences.name) {
                return Err(fault(
                    line,
                    format!("sentences: a model is called {}", sentences.name),
                ));
            }
            self.sentences = Some(sentences);
        }
        for (entry, line) in parsed.entries {
            if self.sentences.as_ref().is_some_and(|s| s.name == entry.name) {
                let what = format!("model {} has the name of the one for sentences", entry.name);
                return Err(fault(line, what));
            }
            self.put(entry);
        }
        if let Some((name, line)) = parsed.default {
            let found = self.entries.iter().position(|e| e.name == name);
            let wrong = || fault(line, format!("default: {}", self.no_chat_model(&name)));
            self.default = found.ok_or_else(wrong)?;
        }
        if self.entries.is_empty() { Err(fault(1, "there is no model".into())) } else { Ok(self) }
    }

    fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|e| e.name == entry.name) {
            Some(here) => *here = entry,
            None => self.entries.push(entry),
        }
    }

    /// The models that can interview, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The model used where none is named.
    pub fn default_entry(&self) -> &Entry {
        &self.entries[self.default]
    }

    /// The model that says how alike sentences are. The built-in catalogue has one.
    pub fn sentences(&self) -> Option<&Sentences> {
        self.sentences.as_ref()
    }

    /// Every model, in order.
    pub fn all(&self) -> impl Iterator<Item = Known<'_>> {
        let sentences = self.sentences.iter().map(Known::Sentences);
        self.entries.iter().map(Known::Chat).chain(sentences)
    }

    /// The model of that name, among those that can interview.
    pub fn get(&self, name: &str) -> Result<&Entry, UnknownModel> {
        self.entries.iter().find(|e| e.name == name).ok_or_else(|| self.unknown(name))
    }

    /// The model of that name, whatever it is for.
    pub fn known(&self, name: &str) -> Result<Known<'_>, UnknownModel> {
        let found = self.all().find(|known| known.artifact().name == name);
        found.ok_or_else(|| self.unknown(name))
    }

    /// What `--model` means: `none`, a name, or a GGUF file by path.
    pub fn resolve(&self, spec: &str) -> Result<Spec<'_>, SpecError> {
        Spec::read(spec, self)
    }

    /// Why that name is none to interview with.
    fn no_chat_model(&self, name: &str) -> SpecError {
        match self.known(name) {
            Ok(_) => SpecError::NoChat(name.to_owned()),
            Err(unknown) => unknown.into(),
        }
    }

    fn unknown(&self, name: &str) -> UnknownModel {
        let names = self.entries.iter().map(|e| &e.name);
        let mut close: Vec<_> = names
            .chain(self.sentences.iter().map(|s| &s.name))
            .map(|known| (likeness(name, known), known))
            .filter(|(likeness, _)| *likeness > 0.8)
            .collect();
        close.sort_by(|a, b| b.0.total_cmp(&a.0));
        let suggestions = close.into_iter().take(3).map(|(_, name)| name.clone()).collect();
        UnknownModel { name: name.to_owned(), suggestions }
    }
}

/// How alike two names are, 0 to 1. Capitals do not count: people copy names from the hub.
fn likeness(asked: &str, known: &str) -> f64 {
    strsim::jaro_winkler(&asked.to_lowercase(), known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(name: &str, sha256: char) -> String {
        let sha256 = sha256.to_string().repeat(64);
        format!(
            r#"
            [[model]]
            name = "{name}"
            title = "Mine"
            architecture = "llama"
            context = 1
            size = 1
            sha256 = "{sha256}"
            memory_bytes = 1
            good_for = "me"
            licence = {{ name = "MIT", open = true, url = "x" }}
            "#
        )
    }

    #[test]
    fn the_built_in_catalogue_is_sound() {
        let catalog = Catalog::builtin();
        assert_eq!(catalog.default_entry().name, "qwen2.5-coder-1.5b");
        for entry in catalog.entries() {
            assert!(entry.memory_bytes > entry.size, "{}", entry.name);
            assert!(entry.hub.is_some() || entry.wheels.is_some(), "{}", entry.name);
        }
        assert_eq!(catalog.sentences().unwrap().size(), 91_335_235);
        let parts = |name| catalog.get(name).unwrap().wheels.as_ref().unwrap().parts.len();
        let names = ["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"];
        assert_eq!(names.map(parts), [22, 6, 1]);
    }

    #[test]
    fn an_overlay_replaces_adds_and_names_the_default() {
        let text = format!("default = \"mine\"{}{}", own("qwen3-4b", 'a'), own("mine", 'b'));
        let before = Catalog::builtin();
        let after = before.clone().overlaid(&text, "own").unwrap();
        assert_eq!(after.entries().len(), before.entries().len() + 1);
        assert_eq!(after.default_entry().name, "mine");
        assert_eq!(after.get("qwen3-4b").unwrap().sha256.to_string(), "a".repeat(64));
        let place = |c: &Catalog| c.entries().iter().position(|e| e.name == "qwen3-4b");
        assert_eq!(place(&after), place(&before));
    }

    #[test]
    fn an_overlay_without_a_default_keeps_ours() {
        let after = Catalog::builtin().overlaid(&own("mine", 'b'), "own").unwrap();
        assert_eq!(after.default_entry(), Catalog::builtin().default_entry());
        assert_eq!(Catalog::builtin().overlaid("", "own").unwrap(), Catalog::builtin());
    }

    /// The built-in model for sentences under a name of the test's.
    fn own_sentences(name: &str) -> String {
        let (_, table) = BUILTIN.split_once("\n[sentences]").unwrap();
        format!("[sentences]{}", table.replacen("all-minilm-l6-v2", name, 1))
    }

    #[test]
    fn an_overlay_may_replace_the_model_for_sentences() {
        let after = Catalog::builtin().overlaid(&own_sentences("mine"), "own").unwrap();
        assert_eq!(after.sentences().unwrap().artifact().place, "mine");
        assert!(after.known("all-minilm-l6-v2").is_err());
        assert_eq!(after.entries(), Catalog::builtin().entries());
        assert_eq!(after.all().count(), after.entries().len() + 1);
    }

    #[test]
    fn what_is_wrong_with_the_model_for_sentences_is_said_at_its_line() {
        let of = |text: &str| Catalog::builtin().overlaid(text, "own").unwrap_err().to_string();
        let good = own_sentences("mine");
        let missing = good.replace("tokenizer.json", "vocab.txt");
        let files = "needs the files config.json, model.safetensors, tokenizer.json and no other";
        assert_eq!(of(&missing), format!("own, line 1: sentences: mine {files}"));
        let empty = good.replace("size = 612", "size = 0");
        assert!(of(&empty).ends_with("has a file of a size that cannot be"), "{}", of(&empty));
        let closed = good.replace("open = true", "open = false");
        assert!(of(&closed).ends_with("it has to say its `terms`"), "{}", of(&closed));
        let climbs = good.replace("\"config.json\"", "\"../config.json\"");
        assert!(of(&climbs).starts_with("own, line 18: "), "{}", of(&climbs));
    }

    #[test]
    fn a_model_and_the_one_for_sentences_have_two_names() {
        let of = |text: &str| Catalog::builtin().overlaid(text, "own").unwrap_err().to_string();
        let of_a_model = own_sentences("qwen3-4b");
        assert_eq!(of(&of_a_model), "own, line 1: sentences: a model is called qwen3-4b");
        let said = of(&own("all-minilm-l6-v2", 'a'));
        assert!(said.ends_with("all-minilm-l6-v2 has the name of the one for sentences"), "{said}");
        let said = of("default = \"all-minilm-l6-v2\"");
        assert!(said.starts_with("own, line 1: default: all-minilm-l6-v2 tells how"), "{said}");
    }

    #[test]
    fn contradictions_are_said_at_the_models_line() {
        let of = |text: &str| Catalog::parse(text, "own").unwrap_err().to_string();
        let twice = own("mine", 'b').repeat(2);
        assert_eq!(of(&twice), "own, line 13: model mine is there twice");
        let closed = own("mine", 'b').replace("open = true", "open = false");
        assert!(of(&closed).ends_with("it has to say its `terms`"), "{}", of(&closed));
        let wheels = "[model.index]\npackage = \"p\"\nversion = \"1\"\nparts = [2]";
        let parts = own("mine", 'b') + wheels;
        assert!(of(&parts).ends_with("do not add up to its size, 1"), "{}", of(&parts));
        let overflow = parts.replace("[2]", "[9223372036854775807, 9223372036854775807, 5]");
        assert!(of(&overflow).ends_with("do not add up to its size, 1"), "{}", of(&overflow));
        assert_eq!(of(""), "own, line 1: there is no model");
    }

    #[test]
    fn names_that_could_do_harm_are_refused() {
        for name in ["", ".hidden", "-flag", "a/b", "..", "a b", "é", "a\\u0000", "none", "Mine"] {
            assert!(Catalog::parse(&own(name, 'b'), "own").is_err(), "{name:?}");
        }
    }

    #[test]
    fn suggestions_are_close_and_few() {
        let unknown = Catalog::builtin().get("QWEN3-4").unwrap_err();
        assert_eq!(unknown.suggestions.first().map(String::as_str), Some("qwen3-4b"));
        assert!(unknown.suggestions.len() <= 3);
        let unknown = Catalog::builtin().get("zebra").unwrap_err();
        assert_eq!(unknown.to_string(), "no model is called \"zebra\"");
        let ask = |s: &[&str]| did_you_mean(&s.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(ask(&["a"]), "; did you mean a?");
        assert_eq!(ask(&["a", "b", "c"]), "; did you mean a, b or c?");
    }
}
