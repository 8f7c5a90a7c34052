//! Caches: what is forked, truncated, stopped or fed in pieces, on both back ends.

#[path = "common/tiny.rs"]
mod tiny;

use std::cell::Cell;
use std::ops::Range;

use candle_core::quantized::GgmlDType;
use vivavoce::engine::{
    Architecture, BackendKind, ForwardError, Head, KvCache, Model, ModelInfo, Tap, Tapped,
    TappedRun,
};

use tiny::{
    BACKENDS, LAYERS, Tiny, VOCABULARY, assert_near, assert_same, exactness, logits, never, tokens,
};

/// Every back end with several heads of keys and values and with one, which lie differently in
/// memory, and with layers that look back only so far.
fn models() -> impl Iterator<Item = Model> {
    let (plain, windows) = (Architecture::Qwen2, Architecture::Gemma3);
    BACKENDS.into_iter().flat_map(move |backend| {
        [(plain, 1), (plain, 2), (plain, 4), (windows, 2)].map(|(architecture, kv_heads)| {
            Tiny::with_kv_heads(architecture, GgmlDType::F32, kv_heads).open(backend)
        })
    })
}

fn feed(model: &Model, cache: &mut KvCache, tokens: &[u32]) -> Vec<f32> {
    model.forward(tokens, cache, &[tokens.len() - 1], &never).unwrap().remove(0)
}

/// The logits of the last of `tokens` on a fresh cache.
fn fresh(model: &Model, tokens: &[u32]) -> Vec<f32> {
    feed(model, &mut model.cache(), tokens)
}

#[test]
fn forks_that_diverge_do_not_see_each_other() {
    for model in models() {
        let prefix = tokens(20);
        let mut first = model.cache();
        feed(&model, &mut first, &prefix);
        let mut second = first.fork();
        let third = second.fork();
        feed(&model, &mut first, &[1, 2, 3]);
        feed(&model, &mut second, &[40, 41]);
        for (mut cache, written) in [(first, &[1, 2, 3][..]), (second, &[40, 41]), (third, &[])] {
            assert_eq!(cache.len(), prefix.len() + written.len());
            let whole = [&prefix, written, &[7]].concat();
            assert_same(&feed(&model, &mut cache, &[7]), &fresh(&model, &whole), "fork");
        }
    }
}

#[test]
fn a_fork_of_a_truncated_cache_writes_over_nothing_of_the_first() {
    for model in models() {
        let whole = tokens(30);
        let mut first = model.cache();
        feed(&model, &mut first, &whole);
        let mut second = first.fork();
        second.truncate(10);
        feed(&model, &mut second, &[1; 15]);
        let after = feed(&model, &mut first, &[7]);
        assert_same(&after, &fresh(&model, &[&whole[..], &[7]].concat()), "first");
    }
}

#[test]
fn truncate_and_continue_is_as_fresh() {
    for model in models() {
        let whole = tokens(30);
        let mut cache = model.cache();
        feed(&model, &mut cache, &whole);
        cache.truncate(12);
        assert_eq!(cache.len(), 12);
        let other = [&whole[..12], &[9, 8, 7]].concat();
        assert_same(&feed(&model, &mut cache, &[9, 8, 7]), &fresh(&model, &other), "truncated");
        cache.truncate(99);
        assert_eq!(cache.len(), 15, "there is no more to keep than there is");
        cache.truncate(0);
        assert!(cache.is_empty());
        assert_same(&feed(&model, &mut cache, &whole), &fresh(&model, &whole), "emptied");
    }
}

#[test]
fn pieces_give_what_the_whole_gives() {
    for model in models() {
        // More than one step of a store's growth.
        let tokens = tokens(530);
        let whole = logits(&model, &tokens);
        let mut cache = model.cache();
        let mut at = 0;
        for piece in [1, 2, 250, 4, 270, 3] {
            let all: Vec<usize> = (0..piece).collect();
            let pieces = model.forward(&tokens[at..at + piece], &mut cache, &all, &never).unwrap();
            for (i, logits) in pieces.iter().enumerate() {
                assert_same(logits, &whole[at + i], &format!("position {}", at + i));
            }
            at += piece;
        }
        assert_eq!(cache.len(), tokens.len());
    }
}

#[test]
fn a_stop_between_any_layers_leaves_the_cache_as_it_was() {
    for model in models() {
        let prefix = tokens(10);
        let mut cache = model.cache();
        feed(&model, &mut cache, &prefix);
        for layers in 0..LAYERS {
            let asked = Cell::new(0);
            let stop = || asked.replace(asked.get() + 1) == layers;
            let stopped = model.forward(&tokens(25), &mut cache, &[0], &stop);
            assert_eq!(stopped, Err(ForwardError::Stopped));
            assert_eq!(cache.len(), prefix.len());
        }
        let whole = [&prefix[..], &[3, 4]].concat();
        assert_same(&feed(&model, &mut cache, &[3, 4]), &fresh(&model, &whole), "after stops");
    }
}

#[test]
fn what_cannot_be_computed_is_said_before_any_work() {
    for model in models() {
        let limit = model.info().context_length;
        let mut cache = model.cache();
        feed(&model, &mut cache, &[1, 2, 3]);
        let mut refused = |tokens: &[u32], wanted: &[usize]| {
            let no_work = || panic!("work was begun");
            let error = model.forward(tokens, &mut cache, wanted, &no_work).unwrap_err();
            assert_eq!(cache.len(), 3);
            error
        };
        let long = vec![0; limit - 2];
        assert_eq!(refused(&long, &[]), ForwardError::TooLong { tokens: limit + 1, limit });
        let vocabulary = VOCABULARY;
        assert_eq!(refused(&[1, 48], &[]), ForwardError::UnknownToken { token: 48, vocabulary });
        assert_eq!(refused(&[1], &[1]), ForwardError::NoPosition { position: 1, tokens: 1 });
    }
}

#[test]
fn a_context_can_be_filled_to_the_last_token() {
    for model in models() {
        let limit = model.info().context_length;
        let mut cache = model.cache();
        model.forward(&tokens(limit - 1), &mut cache, &[], &never).unwrap();
        assert_eq!(feed(&model, &mut cache, &[1]).len(), VOCABULARY);
        assert!(model.forward(&[1], &mut cache, &[], &never).is_err());
    }
}

#[test]
fn the_wanted_positions_come_in_the_order_asked() {
    for model in models() {
        let tokens = tokens(8);
        let whole = logits(&model, &tokens);
        let some = model.forward(&tokens, &mut model.cache(), &[7, 0, 3, 3], &never).unwrap();
        for (logits, at) in some.iter().zip([7, 0, 3, 3]) {
            assert_same(logits, &whole[at], &format!("position {at}"));
        }
        let mut cache = model.cache();
        assert_eq!(model.forward(&tokens, &mut cache, &[], &never), Ok(Vec::new()));
        assert_eq!(cache.len(), 8);
        assert_eq!(model.forward(&[], &mut cache, &[], &never), Ok(Vec::new()));
        assert_eq!(cache.len(), 8);
    }
}

#[test]
fn a_cache_serves_its_own_model_alone() {
    let models: Vec<Model> = models().collect();
    for (i, model) in models.iter().enumerate() {
        let mut foreign = models[(i + 1) % models.len()].cache();
        let error = model.forward(&[1], &mut foreign, &[], &never);
        assert_eq!(error, Err(ForwardError::ForeignCache));
    }
}

#[test]
fn a_model_serves_several_threads_at_once() {
    for model in models() {
        let tokens = tokens(16);
        let alone = fresh(&model, &tokens);
        std::thread::scope(|scope| {
            let threads = [(); 3].map(|()| scope.spawn(|| fresh(&model, &tokens)));
            for thread in threads {
                assert_same(&thread.join().unwrap(), &alone, "thread");
            }
        });
    }
}

#[test]
fn branches_see_the_prefix_and_themselves_alone() {
    for model in models() {
        let prefix = tokens(37);
        let mut cache = model.cache();
        feed(&model, &mut cache, &prefix);
        let runs: [&[u32]; 4] = [&[3], &tokens(21), &[9, 8, 7], &tokens(20)];
        let together = model.branches(&mut cache, &runs, &never).unwrap();
        assert_eq!(cache.len(), prefix.len());
        for (run, logits) in runs.iter().zip(&together) {
            assert_same(logits, &fresh(&model, &[&prefix, *run].concat()), "branch");
        }
        let after = fresh(&model, &[&prefix[..], &[5]].concat());
        assert_same(&feed(&model, &mut cache, &[5]), &after, "the cache after branches");
    }
}

/// What is heard at all heads of `layers` layers, asked by all tokens.
fn tapped(model: &Model, cache: &mut KvCache, runs: &[&[u32]], layers: usize) -> Vec<Tapped> {
    let heads = (0..layers).flat_map(|layer| (0..model.info().heads).map(move |h| (layer, h)));
    let heads = heads.map(|(layer, head)| Head { layer, head }).collect();
    let asking = |run: &&[u32]| run.len();
    let lengths: Vec<usize> = runs.iter().map(asking).collect();
    let runs: Vec<TappedRun<'_>> = runs
        .iter()
        .zip(lengths)
        .map(|(tokens, length)| TappedRun { tokens, asks: 0..length })
        .collect();
    let within = 2..cache.len();
    model.tap(cache, &runs, &Tap { layers, heads }, within, &never).unwrap()
}

#[test]
fn what_is_heard_inside_is_of_the_prefix_and_the_run_alone() {
    for model in models() {
        let mut cache = model.cache();
        feed(&model, &mut cache, &tokens(37));
        let runs: [&[u32]; 3] = [&[3], &tokens(21), &[9, 8, 7]];
        let layers = model.info().layers;
        let together = tapped(&model, &mut cache, &runs, layers);
        assert_eq!(cache.len(), 37);
        for (run, heard) in runs.iter().zip(&together) {
            let alone = tapped(&model, &mut cache, &[run], layers).remove(0);
            assert_same(&heard.hidden, &alone.hidden, "hidden state");
            assert_eq!(heard.attention.len(), layers * model.info().heads);
            for (heard, alone) in heard.attention.iter().zip(&alone.attention) {
                assert_same(heard, alone, "attention");
                assert_eq!(heard.len(), 35);
                assert!((heard.iter().sum::<f32>() - 1.0).abs() < 1e-5);
            }
        }
        let early = tapped(&model, &mut cache, &runs, 1);
        assert_same(&early[1].attention[0], &together[1].attention[0], "fewer layers");
        let far =
            early[1].hidden.iter().zip(&together[1].hidden).any(|(a, b)| (a - b).abs() > 1e-3);
        assert!(far, "a layer changes the hidden state");
    }
}

#[test]
fn both_back_ends_hear_the_same() {
    let models: Vec<Model> = models().collect();
    let (first, second) = models.split_at(models.len() / BACKENDS.len());
    for pair in first.iter().zip(second) {
        let [a, b] = [pair.0, pair.1].map(|model| {
            let mut cache = model.cache();
            feed(model, &mut cache, &tokens(30));
            tapped(model, &mut cache, &[&[4, 5, 6]], model.info().layers).remove(0)
        });
        let share = exactness(BackendKind::Slices);
        assert_near(&a.hidden, &b.hidden, share, "hidden state");
        for (a, b) in a.attention.iter().zip(&b.attention) {
            assert_near(a, b, share, "attention");
        }
    }
}

/// Where, over which positions, and asked by which tokens.
type Heard = (Tap, Range<usize>, Range<usize>);

#[test]
fn there_is_nothing_to_hear_where_there_is_no_layer_head_or_token() {
    for model in models() {
        let mut cache = model.cache();
        feed(&model, &mut cache, &tokens(5));
        let layers = model.info().layers;
        let heads = vec![Head { layer: 0, head: 0 }];
        let fine = (Tap { layers, heads }, 0..5, 0..2);
        let with = |change: fn(&mut Heard, &ModelInfo)| {
            let mut changed = fine.clone();
            change(&mut changed, model.info());
            changed
        };
        let hear = |cache: &mut KvCache, (tap, within, asks): Heard| {
            let run = TappedRun { tokens: &[1, 2], asks };
            model.tap(cache, &[run], &tap, within, &never)
        };
        assert_eq!(hear(&mut cache, fine.clone()).map(|heard| heard.len()), Ok(1));
        let wrong = [
            with(|(tap, ..), info| tap.layers = info.layers + 1),
            with(|(tap, ..), info| tap.heads[0].head = info.heads),
            with(|(tap, ..), info| tap.heads[0].layer = info.layers),
            with(|(tap, ..), _| tap.layers = 0),
            with(|(_, within, _), _| *within = 0..6),
            with(|(_, within, _), _| *within = 3..3),
            with(|(_, _, asks), _| *asks = 0..3),
        ];
        for wrong in wrong {
            let said = format!("{wrong:?}");
            assert_eq!(hear(&mut cache, wrong), Err(ForwardError::NoTap), "{said}");
        }
        assert_eq!(model.tap(&mut cache, &[], &fine.0, 0..5, &never), Ok(Vec::new()));
    }
}

#[test]
fn branches_without_a_prefix_or_without_tokens() {
    for model in models() {
        let mut cache = model.cache();
        assert_eq!(model.branches(&mut cache, &[], &never), Ok(Vec::new()));
        assert_eq!(model.branches(&mut cache, &[&[1], &[]], &never), Err(ForwardError::EmptyRun));
        let limit = model.info().context_length;
        let long = vec![0; limit + 1];
        let refused = model.branches(&mut cache, &[&[1], &long], &never);
        assert_eq!(refused, Err(ForwardError::TooLong { tokens: limit + 1, limit }));
        let alone = model.branches(&mut cache, &[&[4, 5]], &never).unwrap();
        assert_same(&alone[0], &fresh(&model, &[4, 5]), "branch of nothing");
    }
}
