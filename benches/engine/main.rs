//! The engine's parts through its public face: `cargo bench`, or `cargo bench -- layers`.
//!
//! For finding what a change did to one part. How fast a whole model is says `viva bench`, and
//! how that compares says `scripts/bench-llamacpp`.

mod layers;

#[allow(dead_code, unreachable_pub, reason = "shared with tests, which use other parts")]
#[path = "../../tests/common/models.rs"]
mod models;

use std::path::PathBuf;
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use vivavoce::engine::{Special, Tokenizer, Vocabulary, read_metadata};

static SMALL: LazyLock<PathBuf> = LazyLock::new(models::small_model);

/// Answers of the length that people give.
const ANSWERS: &str = include_str!("../../docs/example-answers.txt");

fn main() {
    divan::main();
}

#[divan::bench]
fn header(bencher: Bencher<'_, '_>) {
    let path = SMALL.as_path();
    bencher.bench(|| read_metadata(path).unwrap());
}

fn vocabulary() -> Vocabulary {
    Vocabulary::from_metadata(&read_metadata(&SMALL).unwrap()).unwrap()
}

#[divan::bench]
fn tokenizer_built(bencher: Bencher<'_, '_>) {
    let vocabulary = vocabulary();
    bencher.bench(|| Tokenizer::new(&vocabulary).unwrap());
}

#[divan::bench]
fn answers_encoded(bencher: Bencher<'_, '_>) {
    let tokenizer = Tokenizer::new(&vocabulary()).unwrap();
    bencher
        .counter(BytesCount::of_str(ANSWERS))
        .bench(|| tokenizer.encode(ANSWERS, Special::Plain).unwrap());
}
