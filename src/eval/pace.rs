//! Which models would keep up with a conversation on this machine: an estimate.
//!
//! What is measured of one model is scaled by the size of another's file. Time goes into
//! multiplying by weights or into reading them, and both grow with the file; but small models
//! spend a larger part on everything else, and quantisations differ. So it is rough, and the
//! rougher the further the two sizes are apart.

use serde::Serialize;

use super::{Speed, Work};

/// Words of the answer that a turn begins with: two minutes of speech.
pub const ANSWER_WORDS: u32 = 250;
/// Tokens of such an answer; English takes four for three words.
pub const ANSWER_TOKENS: u32 = 340;
/// Statements that are judged about it.
pub const STATEMENTS: u32 = 25;
/// Seconds of silence that are natural after a long answer.
pub const KEEPS_UP: f64 = 10.0;
/// Seconds after which somebody wonders whether the other side is still there.
pub const WITH_PAUSES: f64 = 30.0;

/// Judge and interviewer each read the answer, behind a prefix of their own.
const READERS: u32 = 2;

/// How a model does in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pace {
    /// The follow-up comes within [`KEEPS_UP`] seconds.
    KeepsUp,
    /// It comes within [`WITH_PAUSES`].
    WithPauses,
    /// It takes longer.
    TooSlow,
}

impl Pace {
    /// The pace of turns that take so many seconds.
    pub fn of(seconds: f64) -> Self {
        if seconds <= KEEPS_UP {
            Self::KeepsUp
        } else if seconds <= WITH_PAUSES {
            Self::WithPauses
        } else {
            Self::TooSlow
        }
    }
}

/// What a turn takes, by the size of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    seconds: f64,
    file_bytes: f64,
}

impl Scale {
    /// From what was measured. A turn reads the answer twice, judges statements about it, and
    /// writes the first word of a follow-up; nothing of it done while the answer was typed.
    pub fn new(speed: &Speed, work: &Work) -> Self {
        let reading = f64::from(READERS * ANSWER_TOKENS) / speed.prefill;
        let judging = speed.branches * f64::from(STATEMENTS) / work.branches.count as f64;
        let seconds = reading + judging + 1.0 / speed.decode;
        Self { seconds, file_bytes: speed.info.file_bytes as f64 }
    }

    /// Seconds that a turn would take with a model whose file is so large.
    pub fn seconds(&self, file_bytes: u64) -> f64 {
        self.seconds * file_bytes as f64 / self.file_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::sample;

    #[test]
    fn a_turn_is_two_readings_the_statements_and_a_word() {
        let scale = Scale::new(&sample(), &Work::default());
        // 680 tokens at 170 a second, 7.5 s for 25 statements, one token at 40 a second.
        let taken = [1_000_000_000, 2_000_000_000].map(|size| scale.seconds(size));
        assert_eq!(taken.map(|seconds| format!("{seconds:.3}")), ["11.525", "23.050"]);
    }

    #[test]
    fn ten_seconds_are_a_pause_for_thought() {
        let paces = [0.1, 10.0, 10.1, 30.0, 30.1, f64::INFINITY].map(Pace::of);
        let [a, b, c] = [Pace::KeepsUp, Pace::WithPauses, Pace::TooSlow];
        assert_eq!(paces, [a, a, b, b, c, c]);
    }
}
