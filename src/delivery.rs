//! Figures of how an answer was delivered.

use crate::domain::Delivery;
use crate::text::{fillers, numbers, persons, words};

/// Words spoken in a minute. Conversational English is usually put at 120 to 150 words a minute
/// (National Center for Voice and Speech); an interview, where people think aloud, lies in the
/// lower half.
const WORDS_A_MINUTE: f32 = 130.0;

/// Measures the answers to one question together.
///
/// `spoken_minutes` is rounded to one decimal and reckons with 130 words a minute; `i_share` is
/// "I" over "I" and "we", rounded to two decimals.
pub fn measure(answers: &[&str]) -> Delivery {
    let sum = |count: fn(&str) -> usize| answers.iter().copied().map(count).sum::<usize>();
    let words = sum(|text| words(text).count());
    Delivery {
        words,
        spoken_minutes: rounded(words as f32 / WORDS_A_MINUTE, 10.0),
        numbers: sum(|text| numbers(text).len()),
        i_share: i_share(sum(|text| persons(text).i), sum(|text| persons(text).we)),
        fillers: sum(fillers),
    }
}

fn i_share(i: usize, we: usize) -> Option<f32> {
    (i + we > 0).then(|| rounded(i as f32 / (i + we) as f32, 100.0))
}

fn rounded(value: f32, steps: f32) -> f32 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_measured_together() {
        let long = "word ".repeat(193);
        let answers = ["I cut our latency by 30% to 420 ms.", "Um, we, I mean I, waited.", &long];
        assert_eq!(
            measure(&answers),
            Delivery {
                words: 208,
                spoken_minutes: 1.6,
                numbers: 2,
                i_share: Some(0.6),
                fillers: 2,
            }
        );
    }

    #[test]
    fn silence_has_no_share() {
        assert_eq!(measure(&[]), Delivery::default());
        assert_eq!(measure(&["It broke."]).i_share, None);
    }
}
