//! `viva models`, as a user runs it.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod artifact;
    pub mod hub;
    pub mod user;
}

use common::artifact::{bytes, catalog_text, files, sha256};
use common::hub::{Hub, Reply};
use common::user::{User, code};
use vivavoce::catalog::Catalog;
use vivavoce::engine::Architecture;

const SIZE: usize = 200_000;

fn data() -> Vec<u8> {
    bytes(SIZE, 3)
}

/// A user with a catalogue of their own that has one more model.
fn user(hub: &Hub) -> User {
    User::new(hub, &catalog_text(&data(), &[]))
}

fn good_hub() -> Hub {
    Hub::serve(|request, _| Reply::file(&data(), request))
}

#[test]
fn a_model_is_pulled_found_verified_and_removed() {
    let hub = good_hub();
    let user = user(&hub);
    let pull = user.viva(&["pull", "tiny"]);
    assert_eq!(code(&pull), Some(0), "{pull:?}");
    assert_eq!(user.shown(&pull.stdout), "HOME/models/tiny.gguf\n");
    let said = user.shown(&pull.stderr);
    let (first, last) = (said.lines().next().unwrap(), said.lines().last().unwrap());
    assert_eq!(first, "Fetching tiny, 200 kB, from HUB/someone/tiny-GGUF to HOME/models/tiny.gguf");
    assert_eq!(last, "tiny is here, and its SHA-256 is right.");

    let path = user.viva(&["path", "tiny"]);
    assert_eq!(user.shown(&path.stdout), "HOME/models/tiny.gguf\n");
    let right = format!("tiny: right, SHA-256 {}\n", sha256(&data()));
    assert_eq!(user.shown(&user.viva(&["verify"]).stdout), right);
    assert_eq!(user.shown(&user.viva(&["verify", "tiny"]).stdout), right);

    let rm = user.viva(&["rm", "tiny"]);
    assert_eq!(user.shown(&rm.stdout), "Removed tiny, 200 kB.\n");
    assert_eq!(files(&user.models()), [""; 0]);
    let again = user.viva(&["rm", "tiny"]);
    assert_eq!(
        (code(&again), user.shown(&again.stderr)),
        (Some(1), "viva: tiny is not here\n".into())
    );
}

#[test]
fn a_second_pull_asks_nobody() {
    let hub = good_hub();
    let user = user(&hub);
    assert_eq!(code(&user.viva(&["pull"])), Some(0), "the default of the user's own list");
    let again = user.viva(&["pull"]);
    assert_eq!(user.shown(&again.stdout), "HOME/models/tiny.gguf\n");
    assert_eq!(user.shown(&again.stderr), "");
    assert_eq!(hub.requests().len(), 1);
}

#[test]
fn a_damaged_model_is_found() {
    let user = user(&good_hub());
    user.viva(&["pull", "tiny"]);
    let mut damaged = data();
    damaged[SIZE / 2] ^= 1;
    fs::write(user.models().join("tiny.gguf"), &damaged).unwrap();
    let verify = user.viva(&["verify"]);
    assert_eq!(code(&verify), Some(1));
    let said = user.shown(&verify.stderr);
    assert!(said.contains(&sha256(&damaged)) && said.contains(&sha256(&data())), "{said}");
    assert!(said.contains("viva models rm tiny"), "{said}");

    fs::write(user.models().join("tiny.gguf"), b"short").unwrap();
    let said = user.shown(&user.viva(&["verify", "tiny"]).stderr);
    assert!(said.contains("HOME/models/tiny.gguf has 5 bytes where 200000 are expected"), "{said}");
}

#[test]
fn what_is_not_here_is_said_with_how_to_get_it() {
    let user = user(&good_hub());
    for args in [["path", "tiny"], ["verify", "tiny"]] {
        let output = user.viva(&args);
        assert_eq!(code(&output), Some(1), "{args:?}");
        assert!(user.shown(&output.stderr).contains("viva models pull tiny"), "{output:?}");
    }
    assert_eq!(
        user.shown(&user.viva(&["verify"]).stdout),
        "No model is here: HOME/models holds none.\n"
    );
}

#[test]
fn an_unknown_name_gets_suggestions() {
    let user = user(&good_hub());
    for args in [["pull", "Qwen2.5-coder"], ["rm", "qwen2.5-coder"], ["path", "qwen2.5coder"]] {
        let output = user.viva(&args);
        assert_eq!(code(&output), Some(2), "{args:?}");
        let said = user.shown(&output.stderr);
        assert!(said.contains("did you mean qwen2.5-coder-"), "{said}");
        assert!(said.contains("viva models list"), "{said}");
    }
}

#[test]
fn the_list_names_the_default_and_what_is_here() {
    let user = user(&good_hub());
    let before = user.shown(&user.viva(&["list"]).stdout);
    let row = before.lines().find(|line| line.contains("tiny")).unwrap();
    let words: Vec<_> = row.split_whitespace().collect();
    assert_eq!(words, ["tiny", "(default)", "200", "kB", "–", "1.00", "MB", "yes", "MIT", "tests"]);
    assert!(before.contains("measured with qwen2.5-coder-1.5b ("), "{before}");
    user.viva(&["pull"]);
    let after = user.shown(&user.viva(&["list"]).stdout);
    let row = after.lines().find(|line| line.contains("tiny")).unwrap();
    assert_eq!(row.split_whitespace().nth(4), Some("yes"));
}

#[test]
fn the_list_as_json_is_one_document() {
    let user = user(&good_hub());
    fs::create_dir(user.models()).unwrap();
    fs::write(user.models().join("tiny.gguf.part"), &data()[..50_000]).unwrap();
    let output = user.viva(&["list", "--json"]);
    let mut document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "viva.models/1");
    assert_eq!(document["default"], "tiny");
    assert_eq!(document["models"][0]["name"], "qwen2.5-coder-1.5b");
    assert_eq!(document["models"][0]["calibrated"], true);
    let mut tiny = document["models"].as_array_mut().unwrap().pop().unwrap();
    assert_eq!(tiny["sha256"].take(), sha256(&data()));
    insta::assert_json_snapshot!(tiny, @r#"
    {
      "architecture": "llama",
      "calibrated": false,
      "context": 64,
      "fit": "fits",
      "good_for": "tests",
      "here": false,
      "licence": {
        "name": "MIT",
        "open": true,
        "url": "https://opensource.org/license/mit"
      },
      "memory_bytes": 1000000,
      "name": "tiny",
      "partial_bytes": 50000,
      "runs": true,
      "sha256": null,
      "size": 200000,
      "title": "Tiny, for tests"
    }
    "#);
}

#[test]
fn a_model_that_viva_does_not_run_is_refused_before_it_is_fetched() {
    let hub = good_hub();
    let user = user(&hub);
    let (llama, other) = ("architecture = \"llama\"", "architecture = \"mamba\"\nruns = false");
    let own = catalog_text(&data(), &[]).replace(llama, other);
    fs::write(user.home.path().join("models.toml"), own).unwrap();

    let refused = user.program(&["interview", "--model", "tiny"]).output().unwrap();
    assert_eq!(code(&refused), Some(2));
    insta::assert_snapshot!(user.shown(&refused.stderr), @r"
    viva: viva does not run mamba models yet
      → `viva models list` shows those that it does
    ");
    assert_eq!(hub.requests(), []);

    let pulled = user.viva(&["pull", "tiny"]);
    assert_eq!(code(&pulled), Some(0));
    let note = "Note: tiny is a mamba model; interviews cannot use that architecture yet.\n";
    assert!(user.shown(&pulled.stderr).starts_with(note), "{pulled:?}");
}

#[test]
fn the_catalogue_says_which_models_the_decoder_reads() {
    for entry in Catalog::builtin().entries() {
        let read = Architecture::ALL.iter().any(|known| known.name() == entry.architecture);
        assert_eq!(entry.runs, read, "{}", entry.name);
    }
}

#[test]
fn terms_that_are_not_open_are_shown_and_have_to_be_accepted() {
    let hub = good_hub();
    let user = user(&hub);
    let own = catalog_text(&data(), &[]);
    let open = r#"name = "MIT", open = true, "#;
    let closed = r#"name = "Strange Terms", open = false, terms = "Only on Sundays.", "#;
    fs::write(user.home.path().join("models.toml"), own.replace(open, closed)).unwrap();

    let asked = user.viva(&["pull", "tiny"]);
    assert_eq!(code(&asked), Some(2));
    insta::assert_snapshot!(user.shown(&asked.stderr), @r"
    tiny comes under the Strange Terms licence, which is not open.
    Only on Sundays.
    The terms: https://opensource.org/license/mit
    viva: tiny needs its terms accepted
      → `viva models pull tiny --yes` accepts them
    ");
    assert_eq!(hub.requests(), []);

    let accepted = user.viva(&["pull", "tiny", "--yes"]);
    assert_eq!(code(&accepted), Some(0));
    assert!(user.shown(&accepted.stderr).starts_with("tiny comes under the Strange Terms"));
    assert_eq!(fs::read(user.models().join("tiny.gguf")).unwrap(), data());
}

#[test]
fn when_nothing_can_be_fetched_each_source_says_why_and_there_is_a_way_out() {
    let user = user(&Hub::serve(|_, _| Reply::status(404)));
    let output = user.viva(&["pull", "tiny"]);
    assert_eq!(code(&output), Some(1));
    insta::assert_snapshot!(user.shown(&output.stderr), @r"
    Fetching tiny, 200 kB, from HUB/someone/tiny-GGUF to HOME/models/tiny.gguf
    HUB/someone/tiny-GGUF: has no such file (404).
    viva: cannot fetch tiny
      HOME/models/tiny-q4.gguf: not there
      the Hugging Face cache HOME/hf/hub: not there
      HUB/someone/tiny-GGUF: has no such file (404)
      → `--model none` interviews without a model; `--model FILE` takes a GGUF file of yours
    ");
}

#[test]
fn offline_is_a_flag_and_a_variable_of_the_hubs_tools() {
    let hub = good_hub();
    let user = user(&hub);
    let flag = user.viva(&["pull", "tiny", "--offline"]);
    assert!(user.shown(&flag.stderr).contains("no network is to be used"), "{flag:?}");
    let variable = user.command(&["pull", "tiny"]).env("HF_HUB_OFFLINE", "1").output().unwrap();
    assert!(user.shown(&variable.stderr).contains("HF_HUB_OFFLINE is set"), "{variable:?}");
    assert_eq!((code(&flag), code(&variable)), (Some(1), Some(1)));
    assert_eq!(hub.requests(), []);
}

#[test]
fn the_hubs_token_and_cache_are_found_where_its_tools_keep_them() {
    let hub = good_hub();
    let user = user(&hub);
    fs::create_dir(user.home.path().join("hf")).unwrap();
    fs::write(user.home.path().join("hf/token"), "hf_from_file\n").unwrap();
    user.viva(&["pull", "tiny"]);
    user.viva(&["rm", "tiny"]);
    user.command(&["pull", "tiny"]).env("HF_TOKEN", "hf_from_env").output().unwrap();
    user.viva(&["rm", "tiny"]);
    let sent: Vec<_> = hub.requests().into_iter().filter_map(|r| r.authorization).collect();
    assert_eq!(sent, ["Bearer hf_from_file", "Bearer hf_from_env"]);

    let cache = user.home.path().join("elsewhere");
    let blobs = cache.join("models--someone--tiny-GGUF/blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(sha256(&data())), data()).unwrap();
    let pull = user.command(&["pull", "tiny"]).env("HF_HUB_CACHE", &cache).output().unwrap();
    assert_eq!(code(&pull), Some(0), "{pull:?}");
    assert_eq!(hub.requests().len(), 2);
}

#[test]
fn a_fault_in_the_users_own_list_is_said_with_file_and_line() {
    let user = user(&good_hub());
    let own = user.home.path().join("models.toml");
    let good = fs::read_to_string(&own).unwrap();
    let line = |part: &str| 1 + good.lines().position(|l| l.starts_with(part)).unwrap();
    let cases = [
        ("size = 200000", "size = \"big\"", line("size")),
        ("context = 64", "context = 0", line("[[model]]")),
        ("sha256 = \"", "sha256 = \"xyz", line("sha256")),
        ("name = \"tiny\"", "name = \"../tiny\"", line("name")),
        ("title = \"Tiny", "title = \"\\u001b[2J", line("title")),
        ("good_for", "god_for", line("good_for")),
        ("default = \"tiny\"", "default = \"tina\"", line("default")),
        ("revision = \"", "revision = \"--", line("revision")),
    ];
    for (from, to, line) in cases {
        fs::write(&own, good.replace(from, to)).unwrap();
        let output = user.viva(&["list"]);
        assert_eq!(code(&output), Some(1), "{to}");
        let said = user.shown(&output.stderr);
        assert!(
            said.starts_with(&format!("viva: HOME/models.toml, line {line}: ")),
            "{to}: {said}"
        );
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_killed_pull_goes_on_where_it_was() {
    let half = SIZE / 2;
    let hub = Hub::serve(move |request, n| match n {
        0 => Reply::file(&data(), request).hang_after(half),
        _ => Reply::file(&data(), request),
    });
    let user = user(&hub);
    let mut pull = user.start(&["pull", "tiny"]);
    let part = user.models().join("tiny.gguf.part");
    while fs::metadata(&part).map_or(0, |m| m.len()) < half as u64 {
        sleep(Duration::from_millis(5));
    }
    pull.kill().unwrap();
    pull.wait().unwrap();
    let again = user.viva(&["pull", "tiny"]);
    assert_eq!(code(&again), Some(0), "{again:?}");
    assert!(user.shown(&again.stderr).contains("200 kB (100 kB here already)"), "{again:?}");
    assert_eq!(fs::read(user.models().join("tiny.gguf")).unwrap(), data());
    assert_eq!(hub.requests().last().unwrap().from, Some(half));
}

#[test]
fn two_processes_at_once_fetch_it_once() {
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let hub = Hub::serve(move |request, _| {
        held.lock().unwrap().recv().unwrap();
        Reply::file(&data(), request)
    });
    let user = user(&hub);
    let first = user.start(&["pull", "tiny"]);
    while hub.requests().is_empty() {
        sleep(Duration::from_millis(5));
    }
    let mut second = user.start(&["pull", "tiny"]);
    let mut waiting = String::new();
    let mut told = std::io::BufReader::new(second.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut told, &mut waiting).unwrap();
    assert!(waiting.starts_with("Another process is fetching"), "{waiting}");
    release.send(()).unwrap();
    for pull in [first, second] {
        let output = pull.wait_with_output().unwrap();
        assert_eq!(code(&output), Some(0), "{output:?}");
        assert_eq!(user.shown(&output.stdout), "HOME/models/tiny.gguf\n");
    }
    assert_eq!(fs::read(user.models().join("tiny.gguf")).unwrap(), data());
    assert_eq!(hub.requests().len(), 1);
}

#[cfg(unix)]
#[test]
fn an_interrupted_pull_says_what_is_kept() {
    let hub = Hub::serve(|request, _| Reply::file(&data(), request).hang_after(1000));
    let user = user(&hub);
    let pull = user.start(&["pull", "tiny"]);
    let part = user.models().join("tiny.gguf.part");
    while fs::metadata(&part).map_or(0, |m| m.len()) < 1000 {
        sleep(Duration::from_millis(5));
    }
    let id = pull.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = pull.wait_with_output().unwrap();
    assert_eq!(code(&output), Some(130), "{output:?}");
    assert!(user.shown(&output.stderr).contains("what has arrived is kept"), "{output:?}");
    assert_eq!(fs::read(part).unwrap(), &data()[..1000]);
}
