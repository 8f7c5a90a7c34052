//! Grades an answer that was given elsewhere, by the judge of an interview.

use crate::delivery;
use crate::domain::{Group, Purpose, Question, Transcript};
use crate::feedback::View;
use crate::llm::LlmError;

use super::Setup;
use super::judging::Case;

/// What somebody was asked and answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What was asked; of the first, the bank's own words are taken instead.
    pub asked: String,
    /// What was answered.
    pub answer: String,
}

/// Judges the answers by all that the bank knows of `question`: the first is to the question
/// itself, the others to what was asked next.
pub async fn grade(setup: &Setup, question: &Question, given: &[Given]) -> Result<View, LlmError> {
    let case = Case {
        llm: setup.llm.clone(),
        prompts: setup.prompts.clone(),
        policy: setup.policy,
        question: question.clone(),
        transcript: transcript(question, given),
        item: 0,
    };
    let all: Vec<(Group, String)> =
        question.criteria().map(|(group, criterion)| (group, criterion.id.clone())).collect();
    let judged = case.judge(&all).await?;
    let mistakes = case.review(&judged.findings).await?;
    let answers: Vec<&str> = given.iter().map(|given| given.answer.as_str()).collect();
    let delivery = delivery::measure(&answers);
    Ok(View::new(question, None, &judged.gate, &judged.findings, &mistakes, &delivery, &[]))
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
