use super::{Architecture, Config, LoadFault, Reach, Rotation};
use crate::engine::gguf::{Metadata, Value};

fn with(changes: &[(&str, Option<Value>)]) -> Result<Config, LoadFault> {
    described("qwen2", changes, None)
}

/// A small model of an architecture, with some keys of its file changed or left out.
fn described(
    architecture: &str,
    changes: &[(&str, Option<Value>)],
    room: Option<usize>,
) -> Result<Config, LoadFault> {
    let numbers = [
        ("block_count", 2),
        ("context_length", 131_072),
        ("embedding_length", 64),
        ("feed_forward_length", 128),
        ("attention.head_count", 4),
        ("attention.head_count_kv", 2),
    ];
    let key = |name| format!("{architecture}.{name}");
    let mut pairs: Vec<_> =
        numbers.map(|(name, number)| (key(name), Some(Value::Integer(number)))).into();
    pairs.push((key("attention.layer_norm_rms_epsilon"), Some(Value::Float(1e-6))));
    pairs.push(("general.architecture".into(), Some(Value::Text(architecture.into()))));
    pairs.retain(|(key, _)| changes.iter().all(|(changed, _)| changed != key));
    pairs.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    let metadata: Metadata = pairs.into_iter().filter_map(|(k, value)| Some((k, value?))).collect();
    Config::read(&metadata, room)
}

fn refused(changes: &[(&str, Option<Value>)]) -> String {
    with(changes).unwrap_err().to_string()
}

#[test]
fn a_plain_model_is_read() {
    let config = with(&[]).unwrap();
    assert_eq!(config.architecture, Architecture::Qwen2);
    assert_eq!((config.heads.query, config.heads.kv, config.heads.dim), (4, 2, 16));
    assert_eq!(config.reaches, [Reach { window: None, base: 10_000.0, slowed: 1.0 }]);
    assert_eq!((config.reach_of, config.rotation.dim), (vec![0, 0], 16));
}

#[test]
fn qwen_files_claim_more_context_than_they_were_trained_on() {
    assert_eq!(with(&[]).unwrap().context, 32_768);
    let long = Value::Text("Qwen3 4B Instruct 2507".into());
    assert_eq!(with(&[("general.name", Some(long))]).unwrap().context, 131_072);
}

#[test]
fn an_unknown_architecture_is_named_with_the_known_ones() {
    let error = refused(&[("general.architecture", Some(Value::Text("mam\u{7}ba".into())))]);
    assert!(error.contains("\"mam\\u{7}ba\""), "{error}");
    assert!(error.contains("llama, qwen2, qwen3, gemma3, phi3"), "{error}");
}

#[test]
fn numbers_that_make_no_sense_are_named() {
    for (key, value, says) in [
        ("qwen2.block_count", Value::Integer(0), "`qwen2.block_count` is 0"),
        ("qwen2.block_count", Value::Integer(1 << 40), "1 to 1024 make sense"),
        ("qwen2.block_count", Value::Text("two".into()), "should be an integer"),
        ("qwen2.attention.head_count", Value::Integer(3), "cannot share 2"),
        ("qwen2.attention.head_count", Value::Integer(6), "do not divide a width of 64"),
        ("qwen2.attention.head_count_kv", Value::Integer(0), "is 0"),
        ("qwen2.attention.layer_norm_rms_epsilon", Value::Float(f64::NAN), "is NaN"),
        ("qwen2.attention.layer_norm_rms_epsilon", Value::Float(0.0), "is 0"),
        ("qwen2.rope.freq_base", Value::Float(-1.0), "is -1"),
        ("qwen2.attention.key_length", Value::Integer(5), "have 5 components"),
        ("qwen2.rope.dimension_count", Value::Integer(18), "18 components of heads of 16 turn"),
        ("qwen2.attention.value_length", Value::Integer(8), "values of 8 components"),
        ("qwen2.rope.scaling.factor", Value::Float(0.0), "is 0"),
        ("qwen2.expert_count", Value::Integer(8), "a mixture of experts"),
        ("split.count", Value::Integer(3), "weights in several files"),
        ("qwen2.rope.scaling.type", Value::Text("yarn".into()), "\"yarn\""),
    ] {
        let error = refused(&[(key, Some(value))]);
        assert!(error.contains(says), "{key}: {error}");
    }
}

#[test]
fn a_missing_key_is_named() {
    let error = refused(&[("qwen2.feed_forward_length", None)]);
    assert!(error.contains("`qwen2.feed_forward_length`"), "{error}");
    let error = refused(&[("qwen2.attention.layer_norm_rms_epsilon", None)]);
    assert!(error.contains("rms_epsilon"), "{error}");
}

fn window(of: &Config, layer: usize) -> Option<usize> {
    of.reaches[of.reach_of[layer]].window
}

#[test]
fn gemma_looks_back_far_in_every_sixth_layer_unless_the_file_says_otherwise() {
    let gemma = |changes: &[(&str, Option<Value>)]| {
        let window = ("gemma3.attention.sliding_window", Some(Value::Integer(512)));
        let layers = ("gemma3.block_count", Some(Value::Integer(7)));
        let config = described("gemma3", &[changes, &[window, layers]].concat(), None).unwrap();
        (0..7).map(|layer| window_of_512(&config, layer)).collect::<Vec<bool>>()
    };
    let pattern = |value| [("gemma3.attention.sliding_window_pattern", Some(value))];
    assert_eq!(gemma(&[]), [true, true, true, true, true, false, true]);
    let second = gemma(&pattern(Value::Integer(2)));
    assert_eq!(second, [true, false, true, false, true, false, true]);
    let listed = gemma(&pattern(Value::Integers(vec![0, 0, 1, 1, 0, 0, 0])));
    assert_eq!(listed, [false, false, true, true, false, false, false]);
    assert_eq!(gemma(&pattern(Value::Integer(0))), [true; 7]);
}

fn window_of_512(config: &Config, layer: usize) -> bool {
    window(config, layer) == Some(512)
}

#[test]
fn gemmas_layers_with_a_window_turn_faster_and_are_not_stretched() {
    let config = described(
        "gemma3",
        &[
            ("gemma3.attention.sliding_window", Some(Value::Integer(1024))),
            ("gemma3.rope.freq_base", Some(Value::Float(1e6))),
            ("gemma3.rope.scaling.type", Some(Value::Text("linear".into()))),
            ("gemma3.rope.scaling.factor", Some(Value::Float(8.0))),
        ],
        None,
    )
    .unwrap();
    let far = Reach { window: None, base: 1e6, slowed: 8.0 };
    let near = Reach { window: Some(1024), base: 10_000.0, slowed: 1.0 };
    assert_eq!(config.reaches, [far, near]);
    assert_eq!(config.embedding_scale, Some(8.0));
}

#[test]
fn gemma_without_a_window_sees_everything() {
    let none = ("gemma3.attention.sliding_window", Some(Value::Integer(0)));
    for changes in [&[][..], &[none]] {
        let config = described("gemma3", changes, None).unwrap();
        assert_eq!((window(&config, 0), config.reaches.len()), (None, 1));
    }
}

#[test]
fn what_sets_larger_gemmas_apart_is_refused() {
    let refused = |key, value| described("gemma3", &[(key, Some(value))], None).unwrap_err();
    let capped = refused("gemma3.final_logit_softcapping", Value::Float(30.0));
    assert!(capped.to_string().contains("capped logits"), "{capped}");
    let large = refused("gemma3.block_count", Value::Integer(62));
    assert!(large.to_string().contains("Gemma 3 27B"), "{large}");
    let windows = Value::Integers(vec![1, 1, 0]);
    let window = ("gemma3.attention.sliding_window", Some(Value::Integer(8)));
    let pattern = ("gemma3.attention.sliding_window_pattern", Some(windows));
    let short = described("gemma3", &[window, pattern], None).unwrap_err();
    assert!(short.to_string().contains("of 3 layers, not of 2"), "{short}");
}

#[test]
fn phi_turns_a_part_of_its_heads_and_knows_its_first_context() {
    let keys = [
        ("phi3.rope.dimension_count", Some(Value::Integer(12))),
        ("phi3.rope.scaling.original_context_length", Some(Value::Integer(4096))),
        ("phi3.rope.scaling.attn_factor", Some(Value::Float(1.25))),
        ("phi3.attention.sliding_window", Some(Value::Integer(2047))),
    ];
    let config = described("phi3", &keys, Some(1000)).unwrap();
    let rotation = Rotation { dim: 12, magnitude: 1.25, original_context: 4096 };
    assert_eq!((config.rotation, config.context), (rotation, 1000));
    assert_eq!((window(&config, 0), window(&config, 1)), (Some(2047), Some(2047)));
    assert_eq!(described("phi3", &keys, Some(1 << 20)).unwrap().context, 131_072);
}
