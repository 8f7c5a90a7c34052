//! On our own kernels a token's logits are the same to the bit however it came to be computed:
//! with whatever else in the call, after a prefix in whatever pieces, appended or as a branch.
//! What is worked out ahead, and that the same answers give the same feedback, rests on it.

#[path = "common/tiny.rs"]
mod tiny;

use std::sync::LazyLock;

use candle_core::quantized::GgmlDType;
use proptest::collection::vec;
use proptest::prelude::*;
use vivavoce::engine::{Architecture, BackendKind, KvCache, Model};

use tiny::{Tiny, VOCABULARY, never};

/// Quantisations of both spans of activations, with scales of every sort, and floats.
static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| {
    [
        (Architecture::Llama, GgmlDType::Q4_1),
        (Architecture::Qwen2, GgmlDType::Q5_0),
        (Architecture::Qwen2, GgmlDType::Q4K),
        (Architecture::Qwen3, GgmlDType::Q6K),
        (Architecture::Phi3, GgmlDType::Q8_0),
        (Architecture::Gemma3, GgmlDType::F16),
    ]
    .map(|(architecture, kind)| Tiny::new(architecture, kind).open(BackendKind::Slices))
    .into()
});

/// Up to so many tokens.
fn tokens(most: usize) -> impl Strategy<Value = Vec<u32>> {
    vec(0..VOCABULARY as u32, 1..=most)
}

/// The logits after every one of `tokens`, which are appended in pieces that end before `cuts`.
fn in_pieces(model: &Model, cache: &mut KvCache, tokens: &[u32], cuts: &[usize]) -> Vec<Vec<f32>> {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut % tokens.len()).collect();
    ends.push(tokens.len());
    ends.sort_unstable();
    let mut logits = Vec::new();
    let mut from = 0;
    for end in ends {
        let wanted: Vec<usize> = (0..end - from).collect();
        logits.extend(model.forward(&tokens[from..end], cache, &wanted, &never).unwrap());
        from = end;
    }
    logits
}

/// The place of the first that differ, for a message of one line.
fn first_difference(a: &[Vec<f32>], b: &[Vec<f32>]) -> Option<usize> {
    assert_eq!(a.len(), b.len());
    let bits = |logits: &[f32]| logits.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    a.iter().zip(b).position(|(a, b)| bits(a) != bits(b))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pieces_of_any_size_give_the_same_bits(
        tokens in tokens(40),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        for model in MODELS.iter() {
            let whole = in_pieces(model, &mut model.cache(), &tokens, &[]);
            let pieces = in_pieces(model, &mut model.cache(), &tokens, &cuts);
            prop_assert_eq!(first_difference(&whole, &pieces), None, "{:?}", model);
        }
    }

    #[test]
    fn a_branch_gives_the_same_bits_as_its_tokens_appended(
        prefix in tokens(24),
        cuts in vec(any::<usize>(), 0..3),
        runs in vec(tokens(12), 1..6),
    ) {
        for model in MODELS.iter() {
            let mut cache = model.cache();
            in_pieces(model, &mut cache, &prefix, &cuts);
            let every_end = |run: &'_ Vec<u32>| (1..=run.len()).map(|n| run[..n].to_vec()).collect::<Vec<_>>();
            let all: Vec<Vec<u32>> = runs.iter().flat_map(every_end).collect();
            let all: Vec<&[u32]> = all.iter().map(Vec::as_slice).collect();
            let branches = model.branches(&mut cache, &all, &never).unwrap();
            let appended: Vec<Vec<f32>> = runs
                .iter()
                .flat_map(|run| in_pieces(model, &mut cache.fork(), run, &[]))
                .collect();
            prop_assert_eq!(first_difference(&branches, &appended), None, "{:?}", model);
        }
    }
}
