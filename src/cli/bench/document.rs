//! `viva.bench/1`.

use serde::Serialize;

use super::chosen::Chosen;
use crate::catalog::{Catalog, Entry, Fit, Machine};
use crate::eval::{self, Pace, Scale, Speed, Work};

/// What was measured, and what follows from it.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    schema: &'static str,
    pub(super) model: Model,
    pub(super) device: String,
    /// On the CPU.
    pub(super) threads: usize,
    rounds: usize,
    /// Seconds until model and tokenizer were ready.
    pub(super) load_s: f64,
    /// Seconds until the first token had been computed, loading included.
    pub(super) first_forward_s: f64,
    pub(super) prefill: Prefill,
    pub(super) decode: Decode,
    pub(super) branches: Branches,
    /// The most memory held for one prompt and its decoding; null where the system does not tell.
    pub(super) peak_rss_bytes: Option<u64>,
    pub(super) read_gb_s: Read,
    /// Estimates for the catalogue's models, fastest first.
    pub(super) conversation: Vec<Turn>,
}

#[derive(Debug, Serialize)]
pub(super) struct Model {
    pub(super) name: String,
    sha256: String,
    architecture: String,
    file_bytes: u64,
    /// Bytes of weights that computing one token reads.
    token_bytes: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct Prefill {
    pub(super) tokens: usize,
    pub(super) tok_s: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Decode {
    pub(super) tokens: usize,
    pub(super) after: usize,
    pub(super) tok_s: f64,
    /// The part of the memory's bandwidth that reading the weights took; null on a GPU.
    pub(super) bandwidth_share: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Branches {
    pub(super) count: usize,
    pub(super) tokens_each: usize,
    pub(super) prefix: usize,
    pub(super) seconds: f64,
}

/// Billions of bytes a second.
#[derive(Debug, Serialize)]
pub(super) struct Read {
    pub(super) before: f64,
    pub(super) after: f64,
}

/// What a turn with a model of the catalogue would take here.
#[derive(Debug, Serialize)]
pub(super) struct Turn {
    pub(super) model: String,
    pub(super) estimated_s: f64,
    pub(super) pace: Pace,
    pub(super) fit: Fit,
}

impl Document {
    pub(super) fn new(chosen: &Chosen, speed: &Speed, work: &Work, catalog: &Catalog) -> Self {
        Self {
            schema: "viva.bench/1",
            model: Model::new(chosen, speed),
            device: speed.info.device.to_string(),
            threads: speed.threads,
            rounds: work.rounds,
            load_s: rounded(speed.load),
            first_forward_s: rounded(speed.first),
            prefill: Prefill { tokens: work.prefill, tok_s: rounded(speed.prefill) },
            decode: Decode::new(speed, work),
            branches: Branches::new(speed, work),
            peak_rss_bytes: speed.peak,
            read_gb_s: Read::new(speed),
            conversation: conversation(Scale::new(speed, work), catalog, Machine::detect()),
        }
    }
}

impl Decode {
    fn new(speed: &Speed, work: &Work) -> Self {
        Self {
            tokens: work.decode,
            after: work.prefill,
            tok_s: rounded(speed.decode),
            bandwidth_share: speed.bandwidth_share().map(rounded),
        }
    }
}

impl Branches {
    fn new(speed: &Speed, work: &Work) -> Self {
        let eval::Branches { count, tokens_each, prefix } = work.branches;
        Self { count, tokens_each, prefix, seconds: rounded(speed.branches) }
    }
}

impl Read {
    fn new(speed: &Speed) -> Self {
        let giga = |bytes: f64| rounded(bytes / 1e9);
        Self { before: giga(speed.read.before), after: giga(speed.read.after) }
    }
}

impl Model {
    fn new(chosen: &Chosen, speed: &Speed) -> Self {
        Self {
            name: chosen.name.clone(),
            sha256: chosen.sha256.clone(),
            architecture: speed.info.architecture.name().to_owned(),
            file_bytes: speed.info.file_bytes,
            token_bytes: speed.info.token_bytes,
        }
    }
}

/// The models that viva runs.
fn conversation(scale: Scale, catalog: &Catalog, machine: Machine) -> Vec<Turn> {
    let runs = catalog.entries().iter().filter(|entry| entry.runs);
    let mut turns: Vec<Turn> = runs.map(|entry| Turn::new(entry, scale, machine)).collect();
    turns.sort_by(|a, b| a.estimated_s.total_cmp(&b.estimated_s));
    turns
}

impl Turn {
    fn new(entry: &Entry, scale: Scale, machine: Machine) -> Self {
        let seconds = scale.seconds(entry.size);
        Self {
            model: entry.name.clone(),
            estimated_s: rounded(seconds),
            pace: Pace::of(seconds),
            fit: Fit::of(entry.memory_bytes, machine),
        }
    }
}

/// Thousandths: what is beyond them is noise.
fn rounded(figure: f64) -> f64 {
    (figure * 1e3).round() / 1e3
}

/// A document of made-up figures, with models of each pace and each size.
#[cfg(test)]
pub(super) fn example() -> Document {
    let chosen =
        Chosen { name: "medium".to_owned(), sha256: "ab".repeat(32), path: "medium.gguf".into() };
    let (speed, work) = (eval::sample(), Work::default());
    let entry = |name: &str, size: u64| {
        let builtin = Catalog::builtin();
        Entry { name: name.to_owned(), size, memory_bytes: size, ..builtin.default_entry().clone() }
    };
    let scale = Scale::new(&speed, &work);
    let machine = Machine { memory: 8_000_000_000 };
    let turns = [
        entry("small", 100_000_000),
        entry("medium", 1_000_000_000),
        entry("large", 3_000_000_000),
        entry("huge", 9_000_000_000),
    ];
    let conversation = turns.iter().map(|entry| Turn::new(entry, scale, machine)).collect();
    Document { conversation, ..Document::new(&chosen, &speed, &work, &Catalog::builtin()) }
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn the_document_is_as_agreed() {
        insta::assert_json_snapshot!(example(), @r#"
        {
          "schema": "viva.bench/1",
          "model": {
            "name": "medium",
            "sha256": "abababababababababababababababababababababababababababababababab",
            "architecture": "qwen2",
            "file_bytes": 1000000000,
            "token_bytes": 900000000
          },
          "device": "cpu",
          "threads": 2,
          "rounds": 3,
          "load_s": 0.21,
          "first_forward_s": 0.24,
          "prefill": {
            "tokens": 512,
            "tok_s": 170.0
          },
          "decode": {
            "tokens": 64,
            "after": 512,
            "tok_s": 40.0,
            "bandwidth_share": 0.8
          },
          "branches": {
            "count": 25,
            "tokens_each": 40,
            "prefix": 600,
            "seconds": 7.5
          },
          "peak_rss_bytes": 1200000000,
          "read_gb_s": {
            "before": 50.0,
            "after": 40.0
          },
          "conversation": [
            {
              "model": "small",
              "estimated_s": 1.153,
              "pace": "keeps-up",
              "fit": "fits"
            },
            {
              "model": "medium",
              "estimated_s": 11.525,
              "pace": "with-pauses",
              "fit": "fits"
            },
            {
              "model": "large",
              "estimated_s": 34.575,
              "pace": "too-slow",
              "fit": "fits"
            },
            {
              "model": "huge",
              "estimated_s": 103.725,
              "pace": "too-slow",
              "fit": "too-large"
            }
          ]
        }
        "#);
    }
}
