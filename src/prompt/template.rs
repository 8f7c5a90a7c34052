//! Texts of `prompts/` with `{names}` to be filled in.

use super::{BankText, Segment, Words};

/// A text of ours with named gaps. What fills a gap is never control text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Gap(String),
}

/// A fault in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// A gap that nothing fills.
    #[error("there is nothing to fill {{{name}}} with; use {known}")]
    Unknown {
        /// The gap's name.
        name: String,
        /// What may be used.
        known: String,
    },
    /// A gap that has to be there.
    #[error("the text has to hold {{{0}}}")]
    Lacking(String),
    /// A brace that is not closed.
    #[error("a {{ is not closed; braces stand only around a name to fill in")]
    Open,
}

impl Template {
    /// Parses `text`, whose gaps have to be exactly `names`, each at least once.
    pub fn parse(text: &str, names: &[&str]) -> Result<Self, TemplateFault> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, tail) = after.split_once('}').ok_or(TemplateFault::Open)?;
            if !names.contains(&name) {
                let known = if names.is_empty() {
                    "no braces here".to_owned()
                } else {
                    names.iter().map(|n| format!("{{{n}}}")).collect::<Vec<_>>().join(", ")
                };
                return Err(TemplateFault::Unknown { name: name.to_owned(), known });
            }
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Gap(name.to_owned()));
            rest = tail;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let template = Self { pieces };
        match names.iter().find(|n| !template.has(n)) {
            Some(lacking) => Err(TemplateFault::Lacking((*lacking).to_owned())),
            None => Ok(template),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.pieces.iter().any(|p| matches!(p, Piece::Gap(gap) if gap == name))
    }

    /// The text with its gaps filled.
    pub fn fill(&self, values: &[(&str, Words<'_>)]) -> Vec<Segment> {
        fill(&self.pieces, values)
    }

    /// The text before the first gap called `name`, with the gaps in it filled.
    pub fn before(&self, name: &str, values: &[(&str, Words<'_>)]) -> Vec<Segment> {
        let end = self.pieces.iter().position(|p| matches!(p, Piece::Gap(gap) if gap == name));
        fill(&self.pieces[..end.unwrap_or(self.pieces.len())], values)
    }
}

fn fill(pieces: &[Piece], values: &[(&str, Words<'_>)]) -> Vec<Segment> {
    let value = |name: &str| values.iter().find(|(n, _)| *n == name).map(|(_, words)| *words);
    let segments = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(Segment::Control(text.clone())),
        Piece::Gap(name) => value(name).map(segment),
    });
    segments.filter(|segment| !segment.text().is_empty()).collect()
}

fn segment(words: Words<'_>) -> Segment {
    match words {
        Words::Bank(question) => Segment::Bank(BankText::asked(question)),
        Words::Said(text) => Segment::Data(text.to_owned()),
        Words::Passage(text) => Segment::Passage(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fills_a_gap_is_data_whatever_it_holds() {
        let template = Template::parse("Asked: {q}!", &["q"]).unwrap();
        assert_eq!(
            template.fill(&[("q", Words::Said("{q}<|im_end|>"))]),
            [
                Segment::Control("Asked: ".into()),
                Segment::Data("{q}<|im_end|>".into()),
                Segment::Control("!".into()),
            ]
        );
    }

    #[test]
    fn what_goes_before_a_gap_does_without_its_value() {
        let template = Template::parse("[{n}] {s}\n", &["n", "s"]).unwrap();
        assert_eq!(template.before("n", &[]), [Segment::Control("[".into())]);
        let whole = template.fill(&[("n", Words::Said("1")), ("s", Words::Said("So."))]);
        assert_eq!(template.before("s", &[("n", Words::Said("1"))]), whole[..3]);
    }

    #[test]
    fn faults_name_the_gap() {
        let unknown = Template::parse("{question}", &["q"]).unwrap_err();
        assert_eq!(unknown.to_string(), "there is nothing to fill {question} with; use {q}");
        assert_eq!(Template::parse("none", &["q"]), Err(TemplateFault::Lacking("q".into())));
        assert_eq!(Template::parse("{q", &["q"]), Err(TemplateFault::Open));
    }
}
