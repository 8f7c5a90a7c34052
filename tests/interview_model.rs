//! A short interview on real weights, through the binary: the whole way from a GGUF file to quotes.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod candidate;
    pub mod models;
}

use std::fs::File;
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use common::candidate::{Candidate, assert_quotes, content, piped, said};
use common::models::small_model;
use serde_json::Value;

const ANSWERS: &[&str] = &[
    "I shipped a migration without a dry run. It locked the orders table for 40 minutes. I rolled \
     it back and wrote a checklist.",
    "It was my decision alone.",
];

/// The same model, its matrices in a quantisation that candle has fast kernels for. It has none
/// for most of the original, with which this test would take minutes.
fn requantised(path: &Path, to: &Path) {
    let mut file = File::open(path).unwrap();
    let content = Content::read(&mut file).unwrap();
    let mut tensors = Vec::new();
    for name in content.tensor_infos.keys() {
        let tensor = content.tensor(&mut file, name, &Device::Cpu).unwrap();
        let tensor = match tensor.dtype() {
            GgmlDType::Q4_1 => {
                let floats = tensor.dequantize(&Device::Cpu).unwrap();
                QTensor::quantize(&floats, GgmlDType::Q8_0).unwrap()
            }
            _ => tensor,
        };
        tensors.push((name.as_str(), tensor));
    }
    let metadata: Vec<_> = content.metadata.iter().map(|(key, value)| (&**key, value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    gguf_file::write(&mut File::create(to).unwrap(), &metadata, &tensors).unwrap();
}

fn interviewed(model: &Path) -> Value {
    let candidate = Candidate::new();
    let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/knowledge");
    let arguments = ["--question", "short", "--followups", "1", "--seed", "7"];
    let paths = ["--model", model.to_str().unwrap(), "--knowledge", bank.to_str().unwrap()];
    let out = candidate.viva(&[&arguments[..], &paths].concat(), piped(ANSWERS)).well();
    assert!(out.contains("What interviewers look for"), "{out}");
    content(candidate.session())
}

#[test]
fn a_real_model_interviews_quotes_and_does_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.gguf");
    requantised(&small_model(), &path);
    let first = interviewed(&path);
    assert_eq!(first["model"]["name"], "theirs");
    assert_eq!(first["model"]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(said(&first, "candidate", None), ANSWERS);
    assert_eq!(said(&first, "interviewer", Some("probe")).len(), 1);
    assert_eq!(first["feedback"][0]["gate"]["verdict"], "answer");
    assert_quotes(&first);
    assert_eq!(interviewed(&path), first);
}
