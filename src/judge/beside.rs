//! Which sentences are beside the point, by what each of them scores by itself.
//!
//! Behind a question, a sentence is looked at alone, and some that belong to a story do not look so then:
//! "And they ring me." Talk of something else comes in several sentences, though. So one that is clearly
//! beside the point takes along those on either side of it that are less clearly so, up to the next that
//! is not: two thresholds, as edges are followed in pictures (Canny 1986, "hysteresis").

use super::inside::AsideProbe;

/// So many words say too little by themselves to tell what they are about.
pub const FEW: usize = 3;

/// A sentence, as this sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remark {
    /// The turn that it is of.
    pub turn: u32,
    /// How many words it has.
    pub words: usize,
    /// What it scores; none where it was not looked at.
    pub score: Option<f32>,
}

/// Whether each of the sentences of an answer, in order, is beside the point.
pub fn beside_the_point(remarks: &[Remark], probe: &AsideProbe) -> Vec<bool> {
    let over = |remark: &Remark, least: f32| remark.score.is_some_and(|score| score > least);
    let mut beside: Vec<bool> = remarks.iter().map(|r| r.words > FEW && over(r, 0.0)).collect();
    let places = 0..remarks.len();
    let along = places.clone().skip(1).map(|at| (at - 1, at));
    let back = places.rev().skip(1).map(|at| (at + 1, at));
    for (from, to) in along.chain(back) {
        let together = remarks[from].turn == remarks[to].turn;
        beside[to] |= beside[from] && together && over(&remarks[to], probe.beside);
    }
    beside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(scores: &[(u32, usize, f32)]) -> Vec<bool> {
        let remark = |&(turn, words, score): &(u32, usize, f32)| Remark {
            turn,
            words,
            score: (!score.is_nan()).then_some(score),
        };
        let probe = AsideProbe { beside: -0.5, ..AsideProbe::default() };
        beside_the_point(&scores.iter().map(remark).collect::<Vec<_>>(), &probe)
    }

    #[test]
    fn what_is_clearly_so_takes_its_neighbours_along_and_no_more() {
        let scores = [-0.9, -0.4, 0.1, -0.2, -0.4, -0.6, -0.1].map(|score| (2, 9, score));
        assert_eq!(beside(&scores), [false, true, true, true, true, false, false]);
        assert_eq!(beside(&[(2, 9, -0.1), (2, 9, -0.2)]), [false; 2], "nothing begins it");
        assert!(beside(&[]).is_empty());
    }

    #[test]
    fn a_few_words_begin_nothing_and_may_be_taken_along() {
        assert_eq!(beside(&[(2, 3, 0.9), (2, 9, -0.9)]), [false; 2]);
        assert_eq!(beside(&[(2, 3, 0.9), (2, 4, 0.9)]), [true; 2]);
    }

    #[test]
    fn another_turn_and_what_nobody_looked_at_are_no_neighbours() {
        assert_eq!(beside(&[(2, 9, 0.9), (4, 9, -0.1)]), [true, false]);
        assert_eq!(beside(&[(2, 9, 0.9), (2, 9, f32::NAN), (2, 9, -0.1)]), [true, false, false]);
    }
}
