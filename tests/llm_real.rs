//! The port to a model of this machine, on real weights: what is read and written does not depend
//! on what it is read together with, on what was done before, or on what an earlier process left.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use common::models::small_model;
use vivavoce::app::Prompts;
use vivavoce::domain::{Inside, Insight, ModelCard, Question, Seed, Tap};
use vivavoce::engine::{BackendKind, Device, DeviceChoice, LoadOptions};
use vivavoce::knowledge::{Bank, builtin};
use vivavoce::llm::{
    Branch, Context, DraftRequest, Llm, LlmError, Local, Priority, Read, Sampling,
};
use vivavoce::prompt::{Exchange, Prefix, Words};

/// The back end that promises equal bits, and whose caches can be kept.
const SLICES: LoadOptions = LoadOptions {
    device: DeviceChoice::Only(Device::Cpu),
    backend: BackendKind::Slices,
    threads: None,
    context: None,
};

const STATEMENTS: [&str; 3] = [
    "The candidate names a tool that showed the cause.",
    "The candidate states a number.",
    "The candidate says what they would do differently, and gives the reason for it at length.",
];
const ANSWER: [&str; 12] = [
    "I shipped a migration without a dry run.",
    "It locked the orders table.",
    "That was for 40 minutes.",
    "Nobody could buy anything.",
    "I saw it in the traces.",
    "I rolled it back.",
    "Then I wrote a checklist.",
    "We had talked about it before.",
    "I did not listen.",
    "Now there is a rehearsal.",
    "It takes a day.",
    "It is worth it.",
];

fn local(kept: Option<&Path>) -> Local {
    let card = ModelCard { name: "small".into(), sha256: "0".repeat(64), calibrated: false };
    Local::open(&small_model(), &SLICES, card, kept.map(Path::to_owned)).unwrap()
}

fn prompts() -> Prompts {
    Prompts::load(|_| None).unwrap()
}

fn question() -> Question {
    Bank::load(&builtin()).unwrap().question("scaling-regret").unwrap().clone()
}

fn judged(question: &Question, answer: &[&str]) -> Prefix {
    let sentences = (1..).zip(answer.iter().copied()).collect();
    prompts().judge.prefix(&[Exchange { question: Words::Bank(question), sentences }])
}

fn branches() -> Vec<Branch> {
    let prompts = prompts().judge;
    let yes_no = |s: &&str| Branch { tail: prompts.statement(ANSWER[0], s), read: Read::YesNo };
    let tap = Tap { layers: 20, heads: vec![[3, 1], [16, 4]] };
    let inside = |s: &&str| Branch { tail: prompts.shown(s), read: Read::Inside(tap.clone()) };
    STATEMENTS.iter().map(yes_no).chain(STATEMENTS.iter().map(inside)).collect()
}

fn read(llm: &Local, prefix: &Prefix, branches: Vec<Branch>) -> Vec<Insight> {
    let ticket = llm.branch(Context::Judge, prefix.clone(), branches, Priority::Interactive);
    ticket.wait_blocking().unwrap()
}

#[test]
fn a_reading_depends_on_its_own_branch_alone() {
    let (llm, prefix) = (local(None), judged(&question(), &ANSWER));
    let branches = branches();
    let together = read(&llm, &prefix, branches.clone());
    for (branch, reading) in branches.iter().zip(&together) {
        assert_eq!(read(&llm, &prefix, vec![branch.clone()]), std::slice::from_ref(reading));
    }
    let mut backwards = read(&llm, &prefix, branches.iter().rev().cloned().collect());
    backwards.reverse();
    assert_eq!(backwards, together);
    let twice = read(&llm, &prefix, [branches.clone(), branches].concat());
    assert_eq!(twice, [together.clone(), together].concat());
}

#[test]
fn every_sentence_of_the_answer_gets_its_share_of_attention() {
    let (llm, prefix) = (local(None), judged(&question(), &ANSWER));
    let insights = read(&llm, &prefix, branches());
    for insight in &insights[STATEMENTS.len()..] {
        let Insight::Inside(Inside { hidden, attention }) = insight else { panic!("{insight:?}") };
        assert!(hidden.len() > 100 && hidden.iter().all(|x| x.is_finite()));
        assert_eq!(attention.len(), 2, "one row a head");
        for shares in attention {
            assert_eq!(shares.len(), ANSWER.len());
            let sum: f32 = shares.iter().sum();
            assert!(shares.iter().all(|share| *share >= 0.0) && sum > 0.0 && sum < 1.0, "{sum}");
        }
    }
}

#[test]
fn where_nothing_was_said_there_is_nothing_inside_to_read() {
    let llm = local(None);
    let insights = read(&llm, &judged(&question(), &[]), branches());
    let nothing = Insight::Inside(Inside::default());
    assert!(insights[STATEMENTS.len()..].iter().all(|insight| *insight == nothing));
}

#[test]
fn a_sentence_by_itself_has_a_state_and_no_attention() {
    let (llm, prefix) = (local(None), prompts().judge.asked(Words::asked(&question())));
    let branch = |sentence: &&str| Branch {
        tail: prompts().judge.aside(sentence),
        read: Read::Inside(Tap { layers: 20, heads: Vec::new() }),
    };
    let branches: Vec<Branch> = ANSWER.iter().map(branch).collect();
    let read = |branches: Vec<Branch>| {
        let ticket = llm.branch(Context::Sentence, prefix.clone(), branches, Priority::Interactive);
        ticket.wait_blocking().unwrap()
    };
    let together = read(branches.clone());
    for (branch, insight) in branches.into_iter().zip(&together) {
        let Insight::Inside(Inside { hidden, attention }) = insight else { panic!("{insight:?}") };
        assert!(hidden.len() > 100 && attention.is_empty());
        assert_eq!(read(vec![branch]), std::slice::from_ref(insight));
    }
    assert_ne!(together[0], together[1]);
}

#[test]
fn a_place_that_a_model_does_not_have_is_an_error() {
    let (llm, prefix) = (local(None), judged(&question(), &ANSWER));
    let tap = Tap { layers: 200, heads: vec![[0, 0]] };
    let tail = prompts().judge.shown(STATEMENTS[0]);
    let branch = Branch { tail, read: Read::Inside(tap) };
    let ticket = llm.branch(Context::Judge, prefix, vec![branch], Priority::Interactive);
    match ticket.wait_blocking() {
        Err(LlmError::Failed(why)) => assert!(why.contains("no such layer"), "{why}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_branch_that_is_too_long_is_said_before_any_work() {
    let (llm, prompts) = (local(None), prompts().judge);
    let mut branches = branches();
    branches.push(Branch { tail: prompts.statement("", &"word ".repeat(9000)), read: Read::YesNo });
    let prefix = judged(&question(), &ANSWER);
    let ticket = llm.branch(Context::Judge, prefix, branches, Priority::Interactive);
    match ticket.wait_blocking() {
        Err(LlmError::TooLong { tokens, limit }) => assert!(tokens > 9000 && limit == 8192),
        other => panic!("{other:?}"),
    }
}

fn drafted(llm: &Local, question: &Question, seed: u64, temperature: f32) -> String {
    let prompts = prompts().interviewer;
    let request = DraftRequest {
        tail: prompts.word("What did it cost?"),
        sampling: Sampling {
            temperature,
            top_p: 0.95,
            min_p: 0.05,
            repetition_penalty: 1.0,
            seed: Seed(seed),
        },
        max_tokens: 24,
        stop: vec!["\n".into()],
    };
    let prefix = prompts.prefix(&[(Words::Bank(question), &ANSWER.join(" "))]);
    llm.draft(Context::Interviewer, prefix, request, None, Priority::Interactive)
        .wait_blocking()
        .unwrap()
}

/// Files that are kept in a folder, by name, once so many are there and whole.
fn kept(folder: &Path, count: usize) -> Vec<(PathBuf, Vec<u8>)> {
    loop {
        let list = fs::read_dir(folder).into_iter().flatten().map(|f| f.unwrap().path());
        let mut files: Vec<PathBuf> = list.collect();
        if files.len() >= count && files.iter().all(|f| f.extension().unwrap() == "kv") {
            files.sort();
            return files.into_iter().map(|f| (f.clone(), fs::read(f).unwrap())).collect();
        }
        // They are written behind the answer.
        std::thread::yield_now();
    }
}

fn names(files: &[(PathBuf, Vec<u8>)]) -> Vec<&Path> {
    files.iter().map(|(path, _)| Path::new(path.file_name().unwrap())).collect()
}

/// Persona and question, for each of the two contexts.
const PARTS: usize = 4;

#[test]
fn what_an_earlier_process_left_changes_nothing_but_the_time() {
    let folder = tempfile::tempdir().unwrap();
    let (question, branches) = (question(), branches());
    let prefix = judged(&question, &ANSWER);
    let all = |llm: &Local| {
        let drafts = [0.0, 0.8].map(|heat| drafted(llm, &question, 7, heat));
        (read(llm, &prefix, branches.clone()), drafts)
    };
    let first = local(Some(folder.path()));
    let expected = all(&first);
    let files = kept(folder.path(), PARTS);
    drop(first);
    assert_eq!(all(&local(None)), expected);

    let long_ago = SystemTime::now() - Duration::from_hours(24);
    for (path, _) in &files {
        File::options().write(true).open(path).unwrap().set_modified(long_ago).unwrap();
    }
    assert_eq!(all(&local(Some(folder.path()))), expected);
    let used = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap() > long_ago;
    assert_eq!(files.iter().filter(|(path, _)| used(path)).count(), 2, "the longest of each");

    for (path, bytes) in &files {
        let mut spoilt = bytes.clone();
        spoilt[bytes.len() / 2] ^= 1;
        fs::write(path, spoilt).unwrap();
    }
    let after_damage = local(Some(folder.path()));
    assert_eq!(all(&after_damage), expected);
    assert_eq!(kept(folder.path(), PARTS), files, "damaged ones are made again, the same");
}

#[test]
fn what_is_kept_says_nothing_of_an_answer() {
    let question = question();
    let left_by = |answer: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let llm = local(Some(folder.path()));
        read(&llm, &judged(&question, answer), branches());
        let prompts = prompts().interviewer;
        let prefix = prompts.prefix(&[(Words::Bank(&question), &answer.join(" "))]);
        let prefill = llm.prefill(Context::Interviewer, prefix, Priority::Ahead);
        prefill.wait_blocking().unwrap();
        let files = kept(folder.path(), PARTS);
        drop(llm);
        (names(&files).iter().map(PathBuf::from).collect::<Vec<_>>(), files)
    };
    let (names, files) = left_by(&ANSWER);
    let (other_names, other_files) = left_by(&["<|im_end|>", "No."]);
    assert_eq!(names, other_names);
    for ((_, bytes), (_, other)) in files.iter().zip(&other_files) {
        assert!(bytes == other);
    }
}

#[test]
fn another_model_takes_nothing_of_this_ones() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = judged(&question(), &ANSWER[..2]);
    let first = local(Some(folder.path()));
    read(&first, &prefix, branches());
    let count = kept(folder.path(), 2).len();
    let card = ModelCard { name: "other".into(), sha256: "1".repeat(64), calibrated: false };
    let kept_in = Some(folder.path().to_owned());
    let other = Local::open(&small_model(), &SLICES, card, kept_in).unwrap();
    read(&other, &prefix, branches());
    kept(folder.path(), 2 * count);
}
