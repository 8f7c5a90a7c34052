//! Carries out the judge's effects: statements to the model, what it makes of them back to verdicts.

use std::sync::Arc;

use crate::domain::{
    Criterion, Finding, Gate, Group, Insight, Mistake, MistakeFinding, MistakeForm, Question,
    StatementKind, Transcript, Turn, Verdict,
};
use crate::interview::Judgement;
use crate::judge::{self, Answer, Asked, Plan, Policy};
use crate::llm::{Branch, Context, Llm, LlmError, Meanings, Priority, Read};
use crate::prompt::{Exchange, Prefix};

use super::Prompts;
use super::conversation::Conversation;
use super::known::Known;

/// Everything that judging one item takes, owned: it runs beside the session.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) llm: Option<Arc<dyn Llm>>,
    pub(super) meanings: Option<Arc<Meanings>>,
    pub(super) prompts: Arc<Prompts>,
    pub(super) policy: Policy,
    pub(super) known: Arc<Known>,
    pub(super) question: Question,
    pub(super) transcript: Transcript,
    pub(super) item: usize,
}

impl Case {
    /// Judges the answers so far by the criteria in `open`.
    pub(super) async fn judge(&self, open: &[(Group, String)]) -> Result<Judgement, LlmError> {
        let Some(llm) = &self.llm else { return Ok(self.judge_by_words(open)) };
        let gate = self.gate();
        if !gate.open() {
            return Ok(Judgement { gate, findings: Vec::new() });
        }
        let rest = self.to_the_point(llm.as_ref()).await?;
        let gate = judge::gate_of_rest(gate, &rest);
        if !gate.open() {
            return Ok(Judgement { gate, findings: Vec::new() });
        }
        let asked = self.ask(llm.as_ref(), &self.criteria(open), &[], &rest).await?;
        Ok(Judgement { gate, findings: asked.0 })
    }

    /// Judges by what words alone can show, which needs no model and cannot fail.
    pub(super) fn judge_by_words(&self, open: &[(Group, String)]) -> Judgement {
        let answer = self.answer();
        let gate = judge::gate_of_rest(self.gate(), &answer);
        let findings =
            if gate.open() { judge::heard(&self.criteria(open), &answer) } else { Vec::new() };
        Judgement { gate, findings }
    }

    /// Judges again what was met, by everything that was said: a verdict of an early answer may have been
    /// given for words that the others put in another light. Nothing is open again where there was one
    /// answer only.
    async fn judge_again(&self, findings: &[Finding]) -> Result<Vec<Finding>, LlmError> {
        let met = findings.iter().filter(|finding| finding.verdict == Verdict::Met);
        let met: Vec<(Group, String)> = met.map(|f| (f.group, f.criterion.clone())).collect();
        let several = self.transcript.answers(self.item).nth(1).is_some();
        if self.llm.is_none() || !several || met.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.judge(&met).await?.findings)
    }

    /// What was judged again of `before`, and the mistakes of the question.
    pub(super) async fn judge_again_and_review(
        &self,
        before: &[Finding],
    ) -> Result<(Vec<Finding>, Vec<MistakeFinding>), LlmError> {
        let again = self.judge_again(before).await?;
        let latest = |old: &Finding| again.iter().find(|new| new.is_about_the_same(old)).cloned();
        let now: Vec<Finding> =
            before.iter().map(|old| latest(old).unwrap_or_else(|| old.clone())).collect();
        let mistakes = self.review(&now).await?;
        Ok((again, mistakes))
    }

    /// Judges the mistakes of the question; `findings` are the verdicts on its criteria.
    pub(super) async fn review(
        &self,
        findings: &[Finding],
    ) -> Result<Vec<MistakeFinding>, LlmError> {
        let mut found = self.review_by_findings(findings);
        if let Some(llm) = self.llm.as_ref().filter(|_| self.gate().open()) {
            let all = self.question.mistakes.iter();
            let said: Vec<&Mistake> = all.filter(|m| m.form == MistakeForm::Said).collect();
            let rest = self.to_the_point(llm.as_ref()).await?;
            if !judge::gate_of_rest(Gate::answer(), &rest).open() {
                return Ok(Vec::new());
            }
            // Of everything: to talk about other things may be the mistake.
            found.extend(self.ask(llm.as_ref(), &[], &said, &self.answer()).await?.1);
        }
        let order = |m: &MistakeFinding| {
            self.question.mistakes.iter().position(|mistake| mistake.id == m.mistake)
        };
        found.sort_by_key(order);
        Ok(found)
    }

    /// The mistakes of omission, which follow from the verdicts.
    pub(super) fn review_by_findings(&self, findings: &[Finding]) -> Vec<MistakeFinding> {
        if !self.gate().open() {
            return Vec::new();
        }
        judge::omitted(&self.question.mistakes.iter().collect::<Vec<_>>(), findings)
    }

    fn gate(&self) -> Gate {
        let said: Vec<&str> = self.transcript.answers(self.item).map(|t| t.text.as_str()).collect();
        judge::gate(&self.question, &said.join("\n"))
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::new(self.transcript.answers(self.item))
    }

    fn criteria(&self, open: &[(Group, String)]) -> Vec<(Group, &Criterion)> {
        self.question
            .criteria()
            .filter(|(group, c)| open.iter().any(|(g, id)| g == group && *id == c.id))
            .collect()
    }

    async fn ask(
        &self,
        llm: &dyn Llm,
        criteria: &[(Group, &Criterion)],
        mistakes: &[&Mistake],
        answer: &Answer,
    ) -> Result<(Vec<Finding>, Vec<MistakeFinding>), LlmError> {
        let plan = self.plan(criteria, mistakes, answer).await?;
        let insights = self.insights(llm, &plan, answer).await?;
        Ok(judge::conclude(&judge::decide(&plan, &insights, answer), answer))
    }

    /// What is asked, with the sentences compared in meaning where there is a model for that. That
    /// takes a while, so it is done where it holds nobody up.
    async fn plan(
        &self,
        criteria: &[(Group, &Criterion)],
        mistakes: &[&Mistake],
        answer: &Answer,
    ) -> Result<Plan, LlmError> {
        let plan = judge::plan(criteria, mistakes, &self.policy);
        let Some(meanings) = self.meanings.clone() else { return Ok(plan) };
        let answer = answer.clone();
        let comparing =
            tokio::task::spawn_blocking(move || compared(plan, &answer, Some(&meanings)));
        comparing.await.map_err(|error| LlmError::Failed(error.to_string()))?
    }

    /// What the model makes of everything that the plan asks, in its order.
    pub(super) async fn insights(
        &self,
        llm: &dyn Llm,
        plan: &Plan,
        answer: &Answer,
    ) -> Result<Vec<Insight>, LlmError> {
        let branches = self.branches(plan, answer);
        if branches.is_empty() {
            return Ok(Vec::new());
        }
        let prefix = self.prefix(answer);
        let ticket = llm.branch(Context::Judge, prefix, branches, Priority::Interactive);
        self.upright(llm, plan, ticket.wait().await?).await
    }

    pub(super) fn branches(&self, plan: &Plan, answer: &Answer) -> Vec<Branch> {
        plan.asked.iter().map(|asked| self.branch(plan, asked, answer)).collect()
    }

    fn branch(&self, plan: &Plan, asked: &Asked, answer: &Answer) -> Branch {
        match plan.policy.tap(asked.kind) {
            Some(tap) => {
                let tail = self.prompts.judge.shown(&judge::third_person(&asked.wording));
                Branch { tail, read: Read::Inside(tap.clone()) }
            }
            None => self.yes_or_no(asked, &judge::shortlist(asked, answer).join(" ")),
        }
    }

    /// Asks whether these words show it.
    pub(super) fn yes_or_no(&self, asked: &Asked, words: &str) -> Branch {
        let prompts = &self.prompts.judge;
        let tail = if asked.kind == StatementKind::Point {
            prompts.point(words, &asked.wording)
        } else {
            prompts.statement(words, &judge::third_person(&asked.wording))
        };
        Branch { tail, read: Read::YesNo }
    }

    /// The judge's view of the conversation: each answer under what was asked.
    pub(super) fn prefix(&self, answer: &Answer) -> Prefix {
        let conversation = Conversation::of(self.item, &self.question, &self.transcript);
        self.prompts.judge.prefix(&Self::exchanges(&conversation, answer))
    }

    /// The same in the numbered sentences that evidence is picked from.
    pub(super) fn exchanges<'a>(
        conversation: &Conversation<'a>,
        answer: &'a Answer,
    ) -> Vec<Exchange<'a>> {
        let sentences = |turn: &Turn| -> Vec<(usize, &'a str)> {
            let numbered = (1..).zip(answer.sentences()).filter(|(_, s)| s.turn == turn.n);
            numbered.map(|(number, s)| (number, s.text.as_str())).collect()
        };
        let answered = conversation.answered.iter();
        let exchanges = answered
            .map(|(question, turn)| Exchange { question: *question, sentences: sentences(turn) });
        exchanges.filter(|exchange| !exchange.sentences.is_empty()).collect()
    }
}

/// The plan, with how like in meaning its statements and the answer's sentences are.
pub(super) fn compared(
    plan: Plan,
    answer: &Answer,
    meanings: Option<&Meanings>,
) -> Result<Plan, LlmError> {
    let Some(meanings) = meanings else { return Ok(plan) };
    let statements: Vec<String> = plan.by_words().map(|asked| asked.wording.clone()).collect();
    if statements.is_empty() {
        return Ok(plan);
    }
    let sentences: Vec<String> = answer.sentences().iter().map(|s| s.text.clone()).collect();
    let likeness = meanings
        .likeness(&statements, &sentences)
        .map_err(|error| LlmError::Failed(error.to_string()))?;
    Ok(plan.compared(likeness))
}
