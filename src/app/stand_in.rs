//! A model for tests: what is read of a branch is told by a function, and nothing is ever said.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Prompts, Setup};
use crate::domain::{Insight, ModelCard};
use crate::feedback::Style;
use crate::judge::Policy;
use crate::llm::{Branch, Context, DraftRequest, Llm, Priority, Ticket};
use crate::prompt::{Prefix, Segment};

/// What is read of the text of a branch.
type Reading = dyn Fn(Context, &str) -> Insight + Send + Sync;

pub(super) struct StandIn {
    card: ModelCard,
    read: Box<Reading>,
}

impl StandIn {
    pub(super) fn new(read: impl Fn(Context, &str) -> Insight + Send + Sync + 'static) -> Self {
        let card = ModelCard { name: "stand-in".into(), sha256: String::new(), calibrated: false };
        Self { card, read: Box::new(read) }
    }

    /// What judges with it.
    pub(super) fn setup(self, policy: Policy) -> Setup {
        Setup {
            llm: Some(Arc::new(self)),
            meanings: None,
            prompts: Arc::new(Prompts::load(|_| None).expect("ours")),
            policy,
            known: Arc::default(),
            style: Style { color: false, width: 80 },
        }
    }
}

impl Llm for StandIn {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn prefill(&self, _: Context, _: Prefix, _: Priority) -> Ticket<usize> {
        Ticket::ready(0)
    }

    fn branch(
        &self,
        context: Context,
        _: Prefix,
        branches: Vec<Branch>,
        _: Priority,
    ) -> Ticket<Vec<Insight>> {
        let text =
            |branch: &Branch| -> String { branch.tail.content.iter().map(Segment::text).collect() };
        Ticket::ready(branches.iter().map(|branch| (self.read)(context, &text(branch))).collect())
    }

    fn draft(
        &self,
        _: Context,
        _: Prefix,
        _: DraftRequest,
        _: Option<mpsc::UnboundedSender<String>>,
        _: Priority,
    ) -> Ticket<String> {
        Ticket::ready(String::new())
    }
}
