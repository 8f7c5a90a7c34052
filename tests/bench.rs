//! `viva bench`, as a user runs it, on the small model. That the figures are there and possible,
//! not how good they are: no test measures time.

use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

use common::models::small_model;

fn bench(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("viva"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("VIVA_") {
            command.env_remove(name);
        }
    }
    command.env("VIVA_HOME", home.path()).stdin(Stdio::null());
    command.arg("bench").args(args).output().unwrap()
}

fn number(document: &Value, path: &str) -> f64 {
    document.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path}: {document}"))
}

/// What one run says, for all tests: it takes a while.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let model = small_model();
    let output =
        bench(&["--json", "--rounds", "1", "--threads", "1", "--model", model.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "no terminal, no progress: {output:?}");
    serde_json::from_slice(&output.stdout).expect("stdout is one document")
});

#[test]
fn the_document_has_every_figure_of_its_schema() {
    let document = &*DOCUMENT;
    assert_eq!(document["schema"], "viva.bench/1");
    assert_eq!(document["device"], "cpu");
    assert_eq!(document["threads"], 1, "as asked");
    assert_eq!(document["model"]["name"], "smollm2-135m");
    assert_eq!(document["model"]["file_bytes"], 98_362_432);
    for (path, wanted) in [
        ("/prefill/tokens", 512),
        ("/decode/tokens", 64),
        ("/decode/after", 512),
        ("/branches/count", 25),
        ("/branches/tokens_each", 40),
        ("/branches/prefix", 600),
    ] {
        assert_eq!(document.pointer(path), Some(&Value::from(wanted)), "{path}");
    }
    let measured = ["/load_s", "/prefill/tok_s", "/decode/tok_s", "/branches/seconds"];
    let read = ["/decode/bandwidth_share", "/read_gb_s/before", "/read_gb_s/after"];
    for path in measured.into_iter().chain(read) {
        assert!(number(document, path) > 0.0, "{path}");
    }
    assert!(number(document, "/first_forward_s") > number(document, "/load_s"));
}

#[test]
fn memory_counts_what_a_token_reads() {
    let figure = |path| number(&DOCUMENT, path);
    let (token, file) = (figure("/model/token_bytes"), figure("/model/file_bytes"));
    // Its embeddings are its output as well, so nearly all of the file is read.
    assert!(token > 0.9 * file && token < file, "{token} of {file}");
    let peak = figure("/peak_rss_bytes");
    assert!(peak > token && peak < 64e9, "{peak}");
}

#[test]
fn the_catalogue_is_ordered_by_what_a_turn_would_take() {
    let turns = DOCUMENT["conversation"].as_array().unwrap();
    let seconds: Vec<f64> = turns.iter().map(|turn| number(turn, "/estimated_s")).collect();
    assert!(seconds.is_sorted() && seconds[0] > 0.0, "{seconds:?}");
    assert_eq!(turns[0]["model"], "smollm2-135m", "the smallest");
    let larger = turns.iter().find(|turn| turn["model"] == "qwen2.5-coder-1.5b").unwrap();
    // 1,117 MB against the 98 MB that were measured.
    let ratio = number(larger, "/estimated_s") / seconds[0];
    assert!((11.0..12.0).contains(&ratio), "{ratio}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    for (model, said) in [
        ("none", "without a model there is nothing to measure"),
        ("qwen2.5-coder-2b", "no model is called \"qwen2.5-coder-2b\""),
        ("no/such.gguf", "there is no file no/such.gguf"),
    ] {
        let output = bench(&["--json", "--model", model]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(said), "{error}");
    }
}
