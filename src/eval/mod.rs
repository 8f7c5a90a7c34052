//! How well a model judges, and how fast it is on this machine.
//!
//! Nothing here changes what an answer gets. What agrees with people is measured on the very
//! verdicts of an interview; the work whose speed is measured is the same for every model and
//! machine, so that figures can be laid side by side.
//!
//! - [`agreement`]: labelled answers, and how the judge agrees with them
//! - `speed`: the work, and what it took
//! - `bandwidth`: how fast this machine reads its memory
//! - `memory`: the most that this process has held
//! - `pace`: which models would keep up with a conversation

pub mod agreement;
mod bandwidth;
mod memory;
mod pace;
mod speed;

pub use bandwidth::read_bandwidth;
pub use memory::peak_memory;
pub use pace::{ANSWER_TOKENS, ANSWER_WORDS, KEEPS_UP, Pace, STATEMENTS, Scale, WITH_PAUSES};
pub use speed::{Branches, Read, Speed, SpeedError, Stage, Work, measure};

/// The middle one of some figures; of an even number the upper of the two. None gives 0.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}

/// Figures of a model of one gigabyte, for tests that need some.
#[cfg(test)]
pub(crate) fn sample() -> Speed {
    let info = crate::engine::ModelInfo {
        name: None,
        architecture: crate::engine::Architecture::Qwen2,
        layers: 28,
        heads: 12,
        kv_heads: 2,
        head_dim: 128,
        vocabulary: 1000,
        context_length: 4096,
        file_bytes: 1_000_000_000,
        token_bytes: 900_000_000,
        device: crate::engine::Device::Cpu,
    };
    let read = Read { before: 50e9, after: 40e9 };
    let peak = Some(1_200_000_000);
    Speed {
        info,
        threads: 2,
        load: 0.21,
        first: 0.24,
        prefill: 170.0,
        decode: 40.0,
        branches: 7.5,
        peak,
        read,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn one_slow_round_of_three_does_not_show() {
        let medians = [vec![9.0, 1.0, 2.0], vec![1.0, 4.0], vec![]].map(median);
        assert_eq!(medians.map(|middle| middle.to_string()), ["2", "4", "0"]);
    }
}
