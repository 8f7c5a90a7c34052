//! The judge that is compared with people.

use tokio::runtime::{Builder, Runtime};

use super::super::{Failure, Shell, chosen};
use super::{Evaluated, Fitted};
use crate::app::{Asking, Doubt, Doubting, Setup};
use crate::domain::{Insight, ModelCard, Question, Tap};
use crate::eval::agreement::{Case, Kept, OWN_CRITERION, Row, cases};
use crate::files::digest;
use crate::judge::{AsideProbe, Probes, by_criterion};
use crate::knowledge::{Bank, kind_of};
use crate::llm::{Llm, LlmError};

/// Who judges.
pub(super) struct Judge {
    pub(super) setup: Setup,
    pub(super) card: ModelCard,
    runtime: Runtime,
}

impl Judge {
    pub(super) fn prepare(args: &Evaluated, shell: &Shell) -> Result<Self, Failure> {
        let (mut setup, card) = chosen::judge(args.model.as_deref(), &args.compute, shell)?;
        if setup.llm.is_none() {
            return Err(Failure::usage("there is nothing to evaluate without a model"));
        }
        let probes = args.tap.as_ref().map(|tap| Probes::unfitted(tap.clone()));
        let mut probes = probes.or_else(|| setup.policy.probes.cloned());
        if args.fit == Some(Fitted::Asides)
            && let Some(probes) = &mut probes
        {
            // One that takes no sentence for anything, so that all of them are read.
            probes.aside = Some(AsideProbe::default());
        }
        // Policies are values that outlive every answer; this one lives as long as the program.
        setup.policy.probes = probes.map(|probes| &*Box::leak(Box::new(probes)));
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { setup, card, runtime })
    }

    /// What is read inside the model.
    pub(super) fn probes(&self) -> Result<&'static Probes, Failure> {
        let none = || Failure::usage("nothing is read inside this model; say where with --tap");
        self.setup.policy.probes.ok_or_else(none)
    }

    /// Where the model is read inside.
    pub(super) fn tap(&self) -> Result<&'static Tap, Failure> {
        Ok(&self.probes()?.tap)
    }

    /// A file for each model.
    pub(super) fn kept(&self, args: &Evaluated, shell: &Shell) -> Result<Kept, Failure> {
        let folder = args.margins.clone().unwrap_or_else(|| shell.folders.margins());
        let name = self.card.sha256.get(..12).unwrap_or(&self.card.name);
        let path = folder.join(format!("{name}.jsonl"));
        Kept::open(&path)
            .map_err(|error| Failure::new(format!("{} cannot be used: {error}", path.display())))
    }

    /// Finds out about every statement of a row.
    pub(super) fn find(
        &self,
        row: &Row,
        bank: &Bank,
        kept: &mut Kept,
    ) -> Result<Vec<Case>, Failure> {
        let doubting = Doubting::new(&self.setup, &question(row, bank)?, &row.given());
        for doubt in doubting.doubts() {
            let insights = self.doubted(&row.id, &doubt, kept)?;
            doubting.settle(doubt, &insights);
        }
        let mut found = Vec::new();
        for asking in doubting.settled().map_err(Failure::new)? {
            let insights = self.insights(&row.id, &asking, kept)?;
            found.extend(cases(row, &asking, &insights));
        }
        Ok(found)
    }

    /// What the model makes of sentences of the row `id`.
    pub(super) fn doubted(
        &self,
        id: &str,
        doubt: &Doubt,
        kept: &mut Kept,
    ) -> Result<Vec<Insight>, Failure> {
        self.read(id, &doubt.read(), kept, doubt.insights(self.llm()?))
    }

    /// What the model makes of what is asked about the row `id`.
    pub(super) fn insights(
        &self,
        id: &str,
        asking: &Asking,
        kept: &mut Kept,
    ) -> Result<Vec<Insight>, Failure> {
        self.read(id, &asking.read(), kept, asking.insights())
    }

    /// What the model makes of a text, kept where it was read before.
    fn read(
        &self,
        id: &str,
        text: &str,
        kept: &mut Kept,
        reading: impl Future<Output = Result<Vec<Insight>, LlmError>>,
    ) -> Result<Vec<Insight>, Failure> {
        let key = digest([(id, text)]);
        if let Some(insights) = kept.get(&key) {
            return Ok(insights.clone());
        }
        let insights = self.runtime.block_on(reading).map_err(Failure::new)?;
        kept.keep(&key, &insights)?;
        Ok(insights)
    }

    fn llm(&self) -> Result<&dyn Llm, Failure> {
        self.setup.llm.as_deref().ok_or_else(|| Failure::new("there is no model to ask"))
    }
}

/// The question of a row: the bank's, or one of the row's own.
fn question(row: &Row, bank: &Bank) -> Result<Question, Failure> {
    let Row { id, question, criterion, .. } = row;
    match criterion {
        Some(criterion) => {
            Ok(by_criterion(&bank.posed(question, kind_of(question)), OWN_CRITERION, criterion))
        }
        None => bank
            .question(question)
            .cloned()
            .ok_or_else(|| Failure::new(format!("{id}: the bank has no {question}"))),
    }
}
