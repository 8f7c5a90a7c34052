//! What a model makes of statements where nothing was said: what it leans to by itself.
//!
//! Small models say yes rather than no, or no rather than yes, whatever the answer. To a model that nothing
//! was fitted to, the statements of a question are put behind an answer without content, and
//! margins are taken from the mean of that on (after contextual calibration, Zhao et al. 2021,
//! "Calibrate Before Use"). The mean, since what is read of a single statement this way is more chance than
//! leaning: taken off one by one it ranked statements no better.

use crate::domain::{Criterion, Group, Insight, Margin, Mistake};
use crate::judge::{self, Asked, Plan};
use crate::llm::{Branch, Context, Llm, LlmError, Priority};
use crate::prompt::{Prefix, Words};

use super::judging::Case;

impl Case {
    /// What was read of the plan's statements, with what the model leans to taken off.
    pub(super) async fn upright(
        &self,
        llm: &dyn Llm,
        plan: &Plan,
        insights: Vec<Insight>,
    ) -> Result<Vec<Insight>, LlmError> {
        if !plan.policy.leans() {
            return Ok(insights);
        }
        let leaning = self.leaning(llm).await?;
        let upright = |insight| match insight {
            Insight::Margin(margin) => Insight::Margin(Margin(margin.0 - leaning.0)),
            Insight::Inside(inside) => Insight::Inside(inside),
        };
        Ok(insights.into_iter().map(upright).collect())
    }

    async fn leaning(&self, llm: &dyn Llm) -> Result<Margin, LlmError> {
        let leanings = &self.known.leanings;
        if let Some(known) = leanings.get(&self.question.say) {
            return Ok(known);
        }
        let (prefix, branches) = self.without_content();
        let read = llm.branch(Context::Sentence, prefix, branches, Priority::Interactive);
        let leaning = mean(&read.wait().await?);
        leanings.learn([(self.question.say.clone(), leaning)]);
        Ok(leaning)
    }

    /// Every statement of the question, behind an answer that says nothing.
    pub(super) fn without_content(&self) -> (Prefix, Vec<Branch>) {
        let criteria: Vec<(Group, &Criterion)> = self.question.criteria().collect();
        let mistakes: Vec<&Mistake> = self.question.mistakes.iter().collect();
        let plan = judge::plan(&criteria, &mistakes, &self.policy);
        let judge = &self.prompts.judge;
        let branch = |asked: &Asked| self.yes_or_no(asked, judge.no_content());
        let prefix = judge.answered_without_content(Words::asked(&self.question));
        (prefix, plan.asked.iter().map(branch).collect())
    }
}

/// What is no number counts for nothing: what was read of the answer then stays as it is.
fn mean(insights: &[Insight]) -> Margin {
    let margin = |insight: &Insight| match insight {
        Insight::Margin(margin) if margin.0.is_finite() => Some(margin.0),
        Insight::Margin(_) | Insight::Inside(_) => None,
    };
    let margins: Vec<f32> = insights.iter().filter_map(margin).collect();
    Margin(margins.iter().sum::<f32>() / margins.len().max(1) as f32)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::app::stand_in::StandIn;
    use crate::app::{Given, grade};
    use crate::domain::Verdict;
    use crate::judge::Policy;
    use crate::knowledge::{Bank, builtin};

    /// Whether all statements are taken to hold by a model that says yes to all of them, and leans to
    /// that as far as is said; and how often it was asked what it leans to.
    async fn judged(leaning: f32, answers: usize) -> (bool, usize) {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        let model = StandIn::new(move |context, text| {
            let nothing = context == Context::Sentence;
            counted.fetch_add(usize::from(nothing), Ordering::Relaxed);
            assert_eq!(text.contains("\"N/A\""), nothing, "{text}");
            Insight::Margin(Margin(if nothing { leaning } else { 9.0 }))
        });
        let setup = model.setup(Policy::default());
        let bank = Bank::load(&builtin()).expect("ours");
        let question = bank.question("challenging-project").expect("there");
        let given = |n: usize| Given {
            asked: "And then?".into(),
            answer: format!("Release {n} broke at noon, so I rolled it back and wrote a test."),
        };
        let given: Vec<Given> = (0..answers).map(given).collect();
        let view = grade(&setup, question, &given).await.expect("a view");
        let step = view.structure.first().expect("a step");
        (step.verdict == Verdict::Met, count.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_model_that_says_yes_to_everything_says_nothing() {
        assert!(judged(0.0, 1).await.0);
        assert!(!judged(9.0, 1).await.0);
        assert!(judged(f32::NAN, 1).await.0, "no number is no leaning");
    }

    #[tokio::test]
    async fn a_statement_is_put_to_it_without_content_once() {
        let (_, once) = judged(1.0, 1).await;
        assert!(once > 10, "{once}");
        assert_eq!(judged(1.0, 3).await.1, once);
    }
}
