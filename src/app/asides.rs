//! Sentences that are beside what was asked: the model is asked about each before anything is judged.
//!
//! A sentence is looked at by itself, behind what was asked alone. So what it scores depends on
//! nothing else that was said, and it is asked about once, however often its answer is judged.

use crate::domain::Insight;
use crate::judge::{self, Answer, AsideProbe, Remark, beside_the_point};
use crate::llm::{Branch, Context, Llm, LlmError, Priority, Read};
use crate::prompt::{Prefix, Words};
use crate::text::words;

use super::conversation::Conversation;
use super::judging::Case;
use super::known::Sentence;

/// Sentences of one answer that are not known yet, and what is to be read about them.
pub struct Doubt {
    sentences: Vec<Sentence>,
    prefix: Prefix,
    branches: Vec<Branch>,
}

impl Doubt {
    /// The sentences.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.sentences.iter().map(|(_, sentence)| sentence.as_str())
    }

    /// All that the model would read, which decides what it says.
    pub fn read(&self) -> String {
        format!("{:?}{:?}", self.prefix, self.branches)
    }

    /// What the model makes of the sentences, in their order.
    pub async fn insights(&self, llm: &dyn Llm) -> Result<Vec<Insight>, LlmError> {
        let (prefix, branches) = (self.prefix.clone(), self.branches.clone());
        llm.branch(Context::Sentence, prefix, branches, Priority::Interactive).wait().await
    }
}

impl Case {
    /// The answers so far without what is beside the point.
    pub(super) async fn to_the_point(&self, llm: &dyn Llm) -> Result<Answer, LlmError> {
        for doubt in self.doubts() {
            let insights = doubt.insights(llm).await?;
            self.settle(doubt, &insights);
        }
        Ok(self.rest())
    }

    /// What has to be read before [`Self::rest`] is the rest: a piece for each answer.
    pub(super) fn doubts(&self) -> Vec<Doubt> {
        // Points of a reference are about a subject, and any sentence may be.
        let Some(tap) = self.policy.aside_tap().filter(|_| !self.question.by_reference()) else {
            return Vec::new();
        };
        let read = Read::Inside(tap);
        let answer = self.answer();
        let conversation = Conversation::of(self.item, &self.question, &self.transcript);
        let doubts = conversation.answered.iter().filter_map(|(asked, turn)| {
            let sentences = answer.sentences().iter().filter(|sentence| sentence.turn == turn.n);
            self.doubt(*asked, sentences.map(|sentence| sentence.text.as_str()), &read)
        });
        doubts.collect()
    }

    /// None where all is known.
    fn doubt<'a>(
        &self,
        asked: Words<'_>,
        sentences: impl Iterator<Item = &'a str>,
        read: &Read,
    ) -> Option<Doubt> {
        let sentences: Vec<Sentence> = sentences
            .map(|sentence| (asked.text().to_owned(), sentence.to_owned()))
            .filter(|sentence| self.known.asides.get(sentence).is_none())
            .collect();
        let judge = &self.prompts.judge;
        let branch =
            |(_, sentence): &Sentence| Branch { tail: judge.aside(sentence), read: read.clone() };
        let branches: Vec<Branch> = sentences.iter().map(branch).collect();
        (!branches.is_empty()).then(|| Doubt { sentences, prefix: judge.asked(asked), branches })
    }

    /// Takes note of what the model made of sentences.
    pub(super) fn settle(&self, doubt: Doubt, insights: &[Insight]) {
        let Some(probe) = self.aside_probe() else { return };
        let scores = insights.iter().map(|insight| probe.score(insight));
        self.known.asides.learn(doubt.sentences.into_iter().zip(scores));
    }

    /// The answers so far without the sentences that are known to be beside the point.
    pub(super) fn rest(&self) -> Answer {
        let answer = self.answer();
        let Some(probe) = self.aside_probe() else { return answer };
        let conversation = Conversation::of(self.item, &self.question, &self.transcript);
        let asked = |turn: u32| {
            conversation.answered.iter().find(|(_, t)| t.n == turn).map_or("", |(w, _)| w.text())
        };
        let remark = |sentence: &judge::Sentence| Remark {
            turn: sentence.turn,
            words: words(&sentence.text).count(),
            score: self.known.asides.get(&(asked(sentence.turn).to_owned(), sentence.text.clone())),
        };
        let remarks: Vec<Remark> = answer.sentences().iter().map(remark).collect();
        let beside = (1..).zip(beside_the_point(&remarks, probe));
        let numbers: Vec<usize> = beside.filter(|(_, beside)| *beside).map(|(n, _)| n).collect();
        if numbers.is_empty() { answer } else { answer.without(&numbers) }
    }

    fn aside_probe(&self) -> Option<&'static AsideProbe> {
        self.policy.probes?.aside.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::app::stand_in::StandIn;
    use crate::app::{Given, Setup, grade};
    use crate::domain::{Gate, GateVerdict, Inside, Question, Tap};
    use crate::feedback::{FeedbackDocument, View};
    use crate::judge::{EvidenceWeights, LinearProbe, Policy, Probes};
    use crate::knowledge::{Bank, builtin};

    /// The digest of the default model.
    const DEFAULT: &str = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046";

    /// What judges with a model that finds all statements shown, and tea beside every point; and how
    /// many sentences that was asked about.
    fn setup() -> (Setup, Arc<AtomicUsize>) {
        let sentences = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sentences);
        let model = StandIn::new(move |context, text| {
            let sentence = context == Context::Sentence;
            count.fetch_add(usize::from(sentence), Ordering::Relaxed);
            let hidden = vec![if sentence && !text.contains("tea") { -1.0 } else { 1.0 }];
            Insight::Inside(Inside { hidden, attention: vec![vec![0.5, 0.4, 0.1]] })
        });
        let probe = || LinearProbe { base: 0.0, weights: vec![1.0] };
        let probes = Probes {
            tap: Tap { layers: 1, heads: vec![[0, 0]] },
            evidence: EvidenceWeights { attention: vec![1.0], ..Default::default() },
            criteria: probe(),
            mistakes: probe(),
            aside: Some(AsideProbe { beside: 0.0, probe: probe() }),
            ..Default::default()
        };
        // The weights of a model that is read inside.
        let policy = Policy { probes: Some(Box::leak(Box::new(probes))), ..Policy::of(DEFAULT) };
        (model.setup(policy), sentences)
    }

    fn question() -> Question {
        Bank::load(&builtin()).expect("ours").question("scaling-regret").expect("there").clone()
    }

    async fn graded(setup: &Setup, answers: &[&str]) -> View {
        let given = |answer: &&str| Given { asked: "And then?".into(), answer: (*answer).into() };
        let given: Vec<Given> = answers.iter().map(given).collect();
        grade(setup, &question(), &given).await.expect("a view")
    }

    #[tokio::test]
    async fn what_is_beside_the_point_is_told_of_and_never_quoted() {
        let (setup, _) = setup();
        let answers = ["It broke at noon. I am fond of tea. I fixed it.", "And a little more tea."];
        let view = graded(&setup, &answers).await;
        assert_eq!(view.gate.verdict, GateVerdict::Answer);
        assert!(view.gate.reason.starts_with("2 sentences are beside the question"));
        let aside: Vec<&str> = view.gate.aside.iter().map(|e| e.quote.as_str()).collect();
        assert_eq!(aside, ["I am fond of tea.", "And a little more tea."]);
        let bare = View { gate: Gate::answer(), ..view };
        let text = serde_json::to_string(&FeedbackDocument::new(&bare)).expect("a document");
        assert!(text.contains("It broke at noon.") && !text.contains(" tea."), "{text}");
    }

    #[tokio::test]
    async fn a_sentence_is_asked_about_once_for_what_it_answers() {
        let (setup, sentences) = setup();
        let asked = || sentences.load(Ordering::Relaxed);
        graded(&setup, &["It broke. I fixed it."]).await;
        assert_eq!(asked(), 2);
        graded(&setup, &["It broke. I fixed it.", "It broke. It held."]).await;
        assert_eq!(asked(), 4, "the same words to another question are another answer");
    }

    #[tokio::test]
    async fn an_answer_of_nothing_else_is_off_topic() {
        let (setup, _) = setup();
        let view = graded(&setup, &["I like tea. Green tea is best."]).await;
        assert_eq!(view.gate.verdict, GateVerdict::OffTopic);
        assert_eq!(view.gate.reason, "it speaks of something else than was asked");
    }

    #[tokio::test]
    async fn a_model_without_such_a_probe_is_not_asked() {
        let (mut setup, sentences) = setup();
        let probes = setup.policy.probes.expect("some");
        setup.policy.probes = Some(Box::leak(Box::new(Probes { aside: None, ..probes.clone() })));
        let view = graded(&setup, &["I like tea. I fixed it."]).await;
        assert_eq!((view.gate.reason.as_str(), sentences.load(Ordering::Relaxed)), ("", 0));
    }
}
