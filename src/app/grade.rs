//! Grades an answer that was given elsewhere, by the judge of an interview.

use std::sync::Arc;

use crate::delivery;
use crate::domain::{Criterion, Group, Insight, Mistake, Purpose, Question, Transcript};
use crate::feedback::View;
use crate::judge::{self, Answer, Plan};
use crate::llm::LlmError;

use super::Setup;
use super::asides::Doubt;
use super::judging::{Case, compared};

/// What somebody was asked and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What was asked; of the first, the bank's own words are taken instead.
    pub asked: String,
    /// What was answered.
    pub answer: String,
}

/// What the judge asks about given answers, behind no gate: for measuring the judge.
pub struct Asking {
    case: Case,
    /// The statements, in order.
    pub plan: Plan,
    /// The answers, in the sentences that they are judged by.
    pub answer: Answer,
}

/// Given answers of which it is not known yet which sentences are beside the point.
pub struct Doubting(Case);

impl Doubting {
    /// What there is to find out about answers to `question`.
    pub fn new(setup: &Setup, question: &Question, given: &[Given]) -> Self {
        let mut case = case(setup, question, given);
        // What was read of other answers is not this one's.
        case.known = Arc::default();
        Self(case)
    }

    /// What to ask about sentences, answer by answer.
    pub fn doubts(&self) -> Vec<Doubt> {
        self.0.doubts()
    }

    /// Takes note of what the model made of them.
    pub fn settle(&self, doubt: Doubt, insights: &[Insight]) {
        self.0.settle(doubt, insights);
    }

    /// What there is to ask once all doubts are settled: about criteria, and about mistakes.
    pub fn settled(&self) -> Result<[Asking; 2], LlmError> {
        let case = &self.0;
        let criteria: Vec<(Group, &Criterion)> = case.question.criteria().collect();
        let mistakes: Vec<&Mistake> = case.question.mistakes.iter().collect();
        Ok([
            Asking::new(case, judge::plan(&criteria, &[], &case.policy), case.rest())?,
            Asking::new(case, judge::plan(&[], &mistakes, &case.policy), case.answer())?,
        ])
    }
}

impl Asking {
    fn new(case: &Case, plan: Plan, answer: Answer) -> Result<Self, LlmError> {
        let plan = compared(plan, &answer, case.meanings.as_deref())?;
        Ok(Self { case: case.clone(), plan, answer })
    }

    /// All that the model would read, which decides what it says.
    pub fn read(&self) -> String {
        let Self { case, plan, answer } = self;
        let branches = case.branches(plan, answer);
        let leaning = plan.policy.leans().then(|| format!("{:?}", case.without_content()));
        format!("{:?}{branches:?}{}", case.prefix(answer), leaning.unwrap_or_default())
    }

    /// What the model makes of it, in the plan's order.
    pub async fn insights(&self) -> Result<Vec<Insight>, LlmError> {
        match &self.case.llm {
            Some(llm) => self.case.insights(llm.as_ref(), &self.plan, &self.answer).await,
            None => Err(LlmError::Failed("there is no model to ask".into())),
        }
    }
}

fn case(setup: &Setup, question: &Question, given: &[Given]) -> Case {
    Case {
        llm: setup.llm.clone(),
        meanings: setup.meanings.clone(),
        prompts: setup.prompts.clone(),
        policy: setup.policy,
        known: Arc::clone(&setup.known),
        question: question.clone(),
        transcript: transcript(question, given),
        item: 0,
    }
}

/// Judges the answers by all that the bank knows of `question`: the first is to the question
/// itself, the others to what was asked next.
pub async fn grade(setup: &Setup, question: &Question, given: &[Given]) -> Result<View, LlmError> {
    let case = case(setup, question, given);
    let all: Vec<(Group, String)> =
        question.criteria().map(|(group, criterion)| (group, criterion.id.clone())).collect();
    let judged = case.judge(&all).await?;
    let mistakes = case.review(&judged.findings).await?;
    let answers: Vec<&str> = given.iter().map(|given| given.answer.as_str()).collect();
    let delivery = delivery::measure(&answers);
    let view = View::new(question, None, &judged.gate, &judged.findings, &mistakes, &delivery, &[]);
    if !question.by_reference() {
        return Ok(view);
    }
    let weights = setup.policy.calibration.coverage();
    let coverage = judge::coverage(question, &judged.findings, &case.answer(), &weights);
    Ok(view.covered(question, coverage))
}

fn transcript(question: &Question, given: &[Given]) -> Transcript {
    let mut transcript = Transcript::default();
    for (n, Given { asked, answer }) in given.iter().enumerate() {
        let (purpose, asked) =
            if n == 0 { (Purpose::Question, &question.say) } else { (Purpose::Probe, asked) };
        transcript.interviewer(0, purpose, asked);
        transcript.candidate(0, answer);
    }
    transcript
}
