//! A model that answers by rules: for tests, and for trying the program without weights.

use std::collections::BTreeMap;

use serde::Deserialize;
use tokio::sync::mpsc;

use crate::domain::{Inside, Insight, Margin, ModelCard};
use crate::prompt::{Prefix, Segment};

use super::{Branch, Context, DraftRequest, Llm, Priority, Read, Ticket};

/// What a scripted model says to what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// Margins by a piece of the statement; the longest piece that occurs counts.
    pub margins: BTreeMap<String, f32>,
    /// The margin of every other statement.
    pub otherwise: f32,
    /// Drafts by a piece of what is to be worded.
    pub drafts: BTreeMap<String, String>,
}

/// A model that follows a [`Script`], at once.
#[derive(Debug, Clone)]
pub struct Scripted {
    card: ModelCard,
    script: Script,
}

impl Scripted {
    /// A model that follows `script`.
    pub fn new(script: Script) -> Self {
        let card = ModelCard { name: "scripted".into(), sha256: String::new(), calibrated: false };
        Self { card, script }
    }

    /// There is nothing inside to read, and it leans to nothing where nothing was answered.
    fn read(&self, context: Context, branch: &Branch) -> Insight {
        let text = statement(&branch.tail.content);
        match &branch.read {
            Read::YesNo if context == Context::Sentence => Insight::Margin(Margin(0.0)),
            Read::YesNo => {
                let margin = longest(&self.script.margins, text).copied();
                Insight::Margin(Margin(margin.unwrap_or(self.script.otherwise)))
            }
            Read::Inside(_) => Insight::Inside(Inside::default()),
        }
    }
}

fn longest<'a, T>(rules: &'a BTreeMap<String, T>, text: &str) -> Option<&'a T> {
    rules.iter().filter(|(k, _)| text.contains(*k)).max_by_key(|(k, _)| k.len()).map(|(_, v)| v)
}

/// The statement that a branch asks about: the last of what is data in it. Before it may stand words
/// of the candidate's.
fn statement(segments: &[Segment]) -> &str {
    let data = segments.iter().rev().find(|segment| matches!(segment, Segment::Data(_)));
    data.map_or("", Segment::text)
}

fn text_of(segments: &[Segment]) -> String {
    segments.iter().map(Segment::text).collect()
}

impl Llm for Scripted {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn prefill(&self, _: Context, prefix: Prefix, _: Priority) -> Ticket<usize> {
        Ticket::ready(prefix.messages.iter().map(|m| m.content.len()).sum())
    }

    fn branch(
        &self,
        context: Context,
        _: Prefix,
        branches: Vec<Branch>,
        _: Priority,
    ) -> Ticket<Vec<Insight>> {
        Ticket::ready(branches.iter().map(|branch| self.read(context, branch)).collect())
    }

    fn draft(
        &self,
        _: Context,
        _: Prefix,
        request: DraftRequest,
        stream: Option<mpsc::UnboundedSender<String>>,
        _: Priority,
    ) -> Ticket<String> {
        let text = text_of(&request.tail.content);
        let draft = longest(&self.script.drafts, &text).cloned().unwrap_or_default();
        if let Some(stream) = stream {
            // Nobody listening is no error: the ticket has the text too.
            let _ = stream.send(draft.clone());
        }
        Ticket::ready(draft)
    }
}
