//! Fetching from a hub, against a real server on this machine that answers well or badly.

use std::fs;
use std::time::Duration;

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod artifact;
    pub mod hub;
}

use common::artifact::{Bench, HUB_PATH, bytes, sha256};
use common::hub::{Claim, Hub, Reply, Request, black_hole, nobody};
use vivavoce::catalog::Token;

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
fn a_file_is_fetched_and_nothing_else_is_left() {
    let hub = good_hub();
    let bench = bench(&hub);
    assert_eq!(bench.fetch().unwrap(), bench.path());
    bench.assert_holds(&data());
    let asked = Request { path: HUB_PATH.into(), from: None, authorization: None };
    assert_eq!(hub.requests(), [asked]);
    assert_eq!(bench.heard.told(), ["trying with 0", "landed"]);
}

#[test]
fn redirects_are_followed_and_the_token_stays_at_home() {
    let data = data();
    let cdn = good_hub();
    let away = format!("{}/blob?signature=x", cdn.endpoint);
    let hub = Hub::serve(move |request, _| match request.path.as_str() {
        HUB_PATH => Reply::redirect("/moved/tiny-q4.gguf"),
        _ => Reply::redirect(away.clone()),
    });
    let mut bench = Bench::new(&data, &[], &hub.endpoint);
    bench.sources.token = Some(Token("hf_secret".into()));
    bench.fetch().unwrap();
    bench.assert_holds(&data);
    let tokens: Vec<_> = hub.requests().into_iter().map(|r| (r.path, r.authorization)).collect();
    let bearer = || Some("Bearer hf_secret".to_owned());
    assert_eq!(tokens, [(HUB_PATH.into(), bearer()), ("/moved/tiny-q4.gguf".into(), bearer())]);
    assert_eq!(cdn.requests().len(), 1);
    assert_eq!(cdn.requests()[0].path, "/blob?signature=x");
    assert_eq!(cdn.requests()[0].authorization, None);
}

#[test]
fn a_redirect_in_a_circle_ends() {
    let hub = Hub::serve(|_, _| Reply::redirect(HUB_PATH));
    let failure = bench(&hub).failure();
    assert!(failure.contains("it redirects more than 8 times"), "{failure}");
    assert_eq!(hub.requests().len(), 9);
}

#[test]
fn what_is_there_is_kept_and_the_rest_is_asked_for() {
    let hub = good_hub();
    let bench = bench(&hub);
    bench.leave(&data()[..HALF]);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [Some(HALF)]);
    assert_eq!(
        bench.heard.told(),
        [format!("trying with {HALF}"), format!("checking {HALF}"), "landed".into()]
    );
}

#[test]
fn a_break_in_the_middle_is_taken_up_where_it_broke() {
    let hub = hub(|reply, _, n| match n {
        0 => reply.cut_after(HALF),
        1 => reply.cut_after(1000),
        _ => reply,
    });
    let bench = bench(&hub);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    // What was under way when the connection was cut may be lost: never more than was sent.
    let ranges = ranges(&hub);
    assert_eq!(ranges.len(), 3, "{ranges:?}");
    assert!(ranges[1].unwrap() <= HALF && ranges[1] <= ranges[2], "{ranges:?}");
}

#[test]
fn a_connection_that_stands_still_is_taken_up_again() {
    let hub = hub(|reply, _, n| if n == 0 { reply.hang_after(HALF) } else { reply });
    let mut bench = bench(&hub);
    bench.sources.stall = Duration::from_millis(500);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [None, Some(HALF)]);
}

#[test]
fn a_connection_that_always_breaks_is_given_up_and_what_came_is_kept() {
    let hub = hub(|reply, request, _| match request.from {
        None => reply.cut_after(HALF),
        Some(_) => reply.cut_after(0),
    });
    let bench = bench(&hub);
    let failure = bench.failure();
    assert!(failure.contains("breaks off") && failure.contains("what came is kept"), "{failure}");
    assert_eq!(hub.requests().len(), 5);
    let part = fs::read(bench.part()).unwrap();
    assert!(!part.is_empty() && data().starts_with(&part));
}

#[test]
fn a_server_that_ignores_ranges_is_understood() {
    let hub = Hub::serve(|_, _| Reply::whole(&data()));
    let bench = bench(&hub);
    bench.leave(&data()[..HALF]);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [Some(HALF)]);
}

#[test]
fn a_server_that_refuses_ranges_is_asked_for_the_whole() {
    let hub = Hub::serve(|request, _| match request.from {
        Some(_) => Reply::status(416),
        None => Reply::whole(&data()),
    });
    let bench = bench(&hub);
    bench.leave(&data()[..HALF]);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [Some(HALF), None]);
}

#[test]
fn a_part_of_something_else_costs_a_second_try() {
    let hub = good_hub();
    let bench = bench(&hub);
    bench.leave(&bytes(HALF, 8));
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [Some(HALF), None]);
}

#[test]
fn a_part_that_is_longer_than_the_file_is_begun_anew() {
    let hub = good_hub();
    let bench = bench(&hub);
    bench.leave(&bytes(SIZE + 1, 8));
    bench.fetch().unwrap();
    bench.assert_holds(&data());
    assert_eq!(ranges(&hub), [None]);
}

#[test]
fn a_wrong_digest_names_both_and_harms_nothing_that_was_there() {
    let other = bytes(SIZE, 9);
    let served = other.clone();
    let hub = Hub::serve(move |request, _| Reply::file(&served, request));
    let bench = bench(&hub);
    fs::write(bench.path(), b"an older file of mine").unwrap();
    let failure = bench.failure();
    assert!(failure.contains(&sha256(&other)) && failure.contains(&sha256(&data())), "{failure}");
    assert_eq!(fs::read(bench.path()).unwrap(), b"an older file of mine");
    assert_eq!(bench.files(), ["tiny.gguf"]);
}

#[test]
fn a_digest_that_the_hub_names_before_is_believed_before() {
    let other = sha256(b"other");
    let named = other.clone();
    let hub = hub(move |reply, _, _| reply.header("X-Linked-Etag", format!("\"{named}\"")));
    let bench = bench(&hub);
    bench.leave(&data()[..HALF]);
    let failure = bench.failure();
    assert!(failure.contains(&other), "{failure}");
    assert_eq!(fs::read(bench.part()).unwrap().len(), HALF);
}

#[test]
fn a_file_of_another_size_is_refused_whoever_says_so() {
    type Twist = fn(Reply) -> Reply;
    let claims: [(&str, Twist); 5] = [
        ("shorter", |_| Reply::whole(&data()[1..])),
        ("longer", |_| Reply::whole(&[data(), vec![0]].concat())),
        ("shorter, unsaid", |_| Reply::whole(&data()[1..]).claiming(Claim::Nothing)),
        ("longer, unsaid", |_| {
            Reply::whole(&[data(), vec![0; SIZE]].concat()).claiming(Claim::Nothing)
        }),
        ("a claim that is a lie", |reply| reply.claiming(Claim::Length(SIZE - 1))),
    ];
    for (case, twist) in claims {
        let hub = hub(move |reply, _, _| twist(reply));
        let bench = bench(&hub);
        let failure = bench.failure();
        assert!(failure.contains("300000 are expected"), "{case}: {failure}");
        assert_eq!(hub.requests().len(), 1, "{case}");
        assert_eq!(bench.files(), [""; 0], "{case}");
    }
}

#[test]
fn what_was_good_before_a_wrong_answer_stays() {
    let hub = hub(|_, _, _| Reply::whole(&data()[1..]).claiming(Claim::Nothing));
    let bench = bench(&hub);
    bench.leave(&data()[..HALF]);
    assert!(bench.failure().contains("300000 are expected"));
    assert_eq!(fs::read(bench.part()).unwrap(), &data()[..HALF]);
}

#[test]
fn a_part_that_is_not_the_one_asked_for_is_refused() {
    for range in ["bytes 150001-299999/300000", "nonsense", "bytes 150000-299998/299999"] {
        let hub = Hub::serve(move |_, _| {
            Reply { status: 206, ..Reply::whole(&data()[HALF..]) }.header("Content-Range", range)
        });
        let bench = bench(&hub);
        bench.leave(&data()[..HALF]);
        bench.failure();
        assert_eq!(fs::read(bench.part()).unwrap(), &data()[..HALF], "{range}");
    }
}

#[test]
fn a_hub_that_is_not_there_is_given_up_at_once() {
    let bench = Bench::new(&data(), &[], &nobody());
    let failure = bench.failure();
    assert!(failure.contains("cannot be reached (127.0.0.1: Connection refused"), "{failure}");
    assert_eq!(bench.heard.told().len(), 2, "{:?}", bench.heard.told());
}

#[test]
fn a_name_that_nobody_has_is_given_up() {
    let failure = Bench::new(&data(), &[], "http://no-such-host.invalid").failure();
    // Where the resolver itself is out of reach, patience ends first.
    let said = ["cannot be reached (no-such-host.invalid: ", "gives no answer within"];
    assert!(said.iter().any(|said| failure.contains(said)), "{failure}");
}

#[test]
fn an_endpoint_that_is_no_address_is_said() {
    let failure = Bench::new(&data(), &[], "not an address").failure();
    assert!(failure.contains("cannot be reached (not an address: "), "{failure}");
}

#[test]
fn a_hub_that_says_nothing_is_given_up_when_patience_ends() {
    let (_listener, endpoint) = black_hole();
    let mut bench = Bench::new(&data(), &[], &endpoint);
    bench.sources.patience = Duration::from_millis(200);
    let failure = bench.failure();
    assert!(failure.contains("gives no answer within 0.2 s"), "{failure}");
    assert_eq!(bench.heard.told().len(), 2, "{:?}", bench.heard.told());
}

#[test]
fn patience_ends_before_five_seconds_unless_told_otherwise() {
    assert!(vivavoce::catalog::Sources::none().patience < Duration::from_secs(5));
}

#[test]
fn refusals_are_said_once_and_with_what_to_do() {
    let cases = [
        (401, "set HF_TOKEN"),
        (403, "set HF_TOKEN"),
        (404, "has no such file (404)"),
        (410, "has no such file (410)"),
        (418, "answers 418"),
    ];
    for (status, said) in cases {
        let hub = Hub::serve(move |_, _| Reply::status(status));
        let failure = bench(&hub).failure();
        assert!(failure.contains(said), "{status}: {failure}");
        assert_eq!(hub.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_server_in_trouble_is_asked_again_a_few_times() {
    for status in [429, 500, 503] {
        let hub = Hub::serve(move |_, _| Reply::status(status));
        let failure = bench(&hub).failure();
        assert!(failure.contains(&format!("answers {status}")), "{failure}");
        assert_eq!(hub.requests().len(), 4, "{status}");
    }
    let hub = hub(|reply, _, n| if n < 3 { Reply::status(503) } else { reply });
    let bench = bench(&hub);
    bench.fetch().unwrap();
    bench.assert_holds(&data());
}

#[test]
fn a_pause_that_is_asked_for_is_kept_if_it_is_short() {
    let asking = |wait: &'static str| {
        hub(move |reply, _, n| match n {
            0 => Reply::status(429).header("Retry-After", wait),
            _ => reply,
        })
    };
    let soon = asking("0");
    bench(&soon).fetch().unwrap();
    let late = asking("3600");
    let failure = bench(&late).failure();
    assert!(failure.contains("wants us back in 3600 s"), "{failure}");
    assert_eq!(late.requests().len(), 1);
}
