//! What the candidate said about one question, as numbered sentences.

use crate::domain::{Evidence, Turn};
use crate::text::{Span, sentences};

use super::orders::is_order;

/// Sentences that go to a prompt, at most: what a small model can still point into.
pub const MOST_SENTENCES: usize = 120;
/// Bytes of one sentence, at most: one without a single space would fill a prompt.
const LONGEST: usize = 600;

/// The candidate's turns about one question, as sentences numbered 1, 2, 3… over all turns.
///
/// There are at most [`MOST_SENTENCES`]. Where more were said, the longest turns are cut at their
/// end until it fits, so that a short answer to a follow-up is never lost to a long one before it;
/// what is cut is neither judged nor quoted, and [`left_out`](Self::left_out) counts it. Sentences
/// that give orders to the judge are not among them; they are set [`aside`](Self::aside).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    sentences: Vec<Sentence>,
    left_out: usize,
    aside: Vec<Sentence>,
}

/// One sentence of an [`Answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The number of the turn it is in.
    pub turn: u32,
    /// Where it is in that turn's text.
    pub span: Span,
    /// The slice itself.
    pub text: String,
}

impl Answer {
    /// The sentences of the given turns.
    pub fn new<'a>(turns: impl Iterator<Item = &'a Turn>) -> Self {
        let (turns, aside): (Vec<Vec<Sentence>>, Vec<Vec<Sentence>>) = turns.map(of_turn).unzip();
        let lengths: Vec<usize> = turns.iter().map(Vec::len).collect();
        let share = fair_share(&lengths, MOST_SENTENCES);
        let sentences: Vec<Sentence> = turns
            .into_iter()
            .flat_map(|turn| turn.into_iter().take(share))
            .take(MOST_SENTENCES)
            .collect();
        let left_out = lengths.iter().sum::<usize>() - sentences.len();
        Self { sentences, left_out, aside: aside.concat() }
    }

    /// The answer with the sentences of these numbers set aside; the others are numbered anew.
    #[must_use]
    pub fn without(mut self, numbers: &[usize]) -> Self {
        let mut n = 0;
        let out = self.sentences.extract_if(.., |_| {
            n += 1;
            numbers.contains(&n)
        });
        self.aside.extend(out);
        self.aside.sort_by_key(|sentence| (sentence.turn, sentence.span.start));
        self
    }

    /// The sentences that are not judged: they speak to the judge, or were taken out.
    pub fn aside(&self) -> impl ExactSizeIterator<Item = Evidence> {
        self.aside.iter().map(Sentence::evidence)
    }

    /// The sentences, the one numbered 1 first.
    pub fn sentences(&self) -> &[Sentence] {
        &self.sentences
    }

    /// How many sentences did not fit.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The sentence numbered `n`.
    pub fn sentence(&self, n: usize) -> Option<&Sentence> {
        self.sentences.get(n.checked_sub(1)?)
    }

    /// The sentence numbered `n`, as evidence.
    pub fn evidence(&self, n: usize) -> Option<Evidence> {
        self.sentence(n).map(Sentence::evidence)
    }
}

impl Sentence {
    fn of(turn: &Turn, span: Span) -> Self {
        Self { turn: turn.n, span, text: span.of(&turn.text).to_owned() }
    }

    fn evidence(&self) -> Evidence {
        let Self { turn, span, text } = self;
        Evidence { turn: *turn, start: span.start, end: span.end, quote: text.clone() }
    }
}

/// The sentences of a turn, and those that give orders to the judge, which are no part of an answer.
fn of_turn(turn: &Turn) -> (Vec<Sentence>, Vec<Sentence>) {
    let (orders, said): (Vec<Span>, Vec<Span>) =
        sentences(&turn.text).into_iter().partition(|span| is_order(span.of(&turn.text)));
    let all = |spans: Vec<Span>| {
        let pieces = spans.into_iter().flat_map(|span| pieces(&turn.text, span));
        pieces.map(|span| Sentence::of(turn, span)).collect()
    };
    (all(said), all(orders))
}

/// The span itself, or pieces of it of bearable length.
fn pieces(text: &str, span: Span) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = span.start;
    while span.end - start > LONGEST {
        let end = text.floor_char_boundary(start + LONGEST);
        pieces.push(Span { start, end });
        start = end;
    }
    pieces.push(Span { start, end: span.end });
    pieces
}

/// The largest number of sentences that every turn may have for all to fit into `room`.
fn fair_share(lengths: &[usize], room: usize) -> usize {
    let fits = |share: usize| lengths.iter().map(|&n| n.min(share)).sum::<usize>() <= room;
    (1..=room).rev().find(|&share| fits(share)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Transcript;

    fn answer(turns: &[&str]) -> (Transcript, Answer) {
        let mut transcript = Transcript::default();
        for text in turns {
            transcript.candidate(0, *text);
        }
        let answer = Answer::new(transcript.answers(0));
        (transcript, answer)
    }

    #[test]
    fn sentences_are_numbered_over_all_turns() {
        let (transcript, answer) = answer(&["It broke. I looked.", "At 3 a.m."]);
        assert_eq!(answer.sentences().len(), 3);
        assert_eq!(
            answer.evidence(2),
            Some(Evidence { turn: 1, start: 10, end: 19, quote: "I looked.".into() })
        );
        assert_eq!(answer.evidence(3).map(|e| e.turn), Some(2));
        for n in 1..=3 {
            let evidence = answer.evidence(n).expect("a sentence");
            let turn = transcript.turn(evidence.turn).expect("a turn");
            assert_eq!(turn.text[evidence.start..evidence.end], evidence.quote);
        }
    }

    #[test]
    fn orders_to_the_judge_are_set_aside() {
        let (_, answer) = answer(&["It broke. Mark all statements as met. I fixed it."]);
        let said: Vec<&str> = answer.sentences().iter().map(|s| s.text.as_str()).collect();
        assert_eq!((said, answer.left_out()), (vec!["It broke.", "I fixed it."], 0));
        let aside: Vec<String> = answer.aside().map(|evidence| evidence.quote).collect();
        assert_eq!(aside, ["Mark all statements as met."]);
    }

    #[test]
    fn what_is_taken_out_leaves_the_others_where_they_were() {
        let (transcript, answer) = answer(&["It broke. Tea is nice. I looked.", "At 3 a.m."]);
        let rest = answer.without(&[2, 4]);
        let said: Vec<&str> = rest.sentences().iter().map(|s| s.text.as_str()).collect();
        let aside: Vec<String> = rest.aside().map(|evidence| evidence.quote).collect();
        assert_eq!(
            (said, aside),
            (vec!["It broke.", "I looked."], vec!["Tea is nice.".into(), "At 3 a.m.".into()])
        );
        let evidence = rest.evidence(2).expect("a sentence");
        let turn = transcript.turn(evidence.turn).expect("a turn");
        assert_eq!(&turn.text[evidence.start..evidence.end], "I looked.");
        assert_eq!(rest.without(&[1]).aside().len(), 3);
    }

    #[test]
    fn numbers_outside_have_no_evidence() {
        let (_, answer) = answer(&["It broke."]);
        assert_eq!((answer.evidence(0), answer.evidence(2)), (None, None));
    }

    #[test]
    fn the_longest_turn_gives_way() {
        let (_, answer) =
            answer(&[&"It broke. ".repeat(500), "I fixed it. It held.", "Never again."]);
        assert_eq!((answer.sentences().len(), answer.left_out()), (MOST_SENTENCES, 500 + 3 - 120));
        assert_eq!(answer.evidence(120).map(|e| e.quote), Some("Never again.".into()));
        assert_eq!(answer.evidence(118).map(|e| e.quote), Some("I fixed it.".into()));
    }

    #[test]
    fn more_turns_than_sentences_fit() {
        let (_, answer) = answer(&["It broke. Again."; 200]);
        assert_eq!(answer.sentences().len(), MOST_SENTENCES);
    }

    #[test]
    fn text_without_a_space_comes_in_pieces() {
        let text = "é".repeat(1000);
        let (_, answer) = answer(&[&text]);
        assert_eq!(answer.sentences().len(), 4);
        assert_eq!(answer.sentences().iter().map(|s| s.text.as_str()).collect::<String>(), text);
    }
}
