//! How faults read, and what counts as one.

use super::sound;
use crate::knowledge::{Bank, Fault};

const FIRST: &str = "questions/first.toml";
const BOTH: &str = "questions/both.toml";
const STAR: &str = "frameworks/star.toml";

/// The faults of the sound bank once `from` is `to` in the file at `path`.
fn broken(path: &str, from: &str, to: &str) -> Vec<Fault> {
    let mut sources = sound();
    let file = sources.iter_mut().find(|s| s.path == path).expect("a file of the sound bank");
    assert!(file.text.contains(from), "{path} does not hold {from}");
    file.text = file.text.replacen(from, to, 1);
    Bank::load(&sources).expect_err("a broken bank must not load")
}

/// The only fault, as it is shown.
fn only(path: &str, from: &str, to: &str) -> String {
    let faults = broken(path, from, to);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    faults[0].to_string()
}

/// The faults that a few breakages have, one paragraph each.
fn shown(breakages: &[(&str, &str, &str)]) -> String {
    let shown = |(path, from, to): &(&str, &str, &str)| only(path, from, to);
    breakages.iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn values_that_are_none() {
    insta::assert_snapshot!(shown(&[
        (FIRST, "minutes = 5", "minutes = 61"),
        (FIRST, "minutes = 5", "minutes = \"5\""),
        (FIRST, "\"behavioural\"", "\"behavioral\""),
        (FIRST, "\"runbook\"", "3"),
        (FIRST, "\"runbook\"", "\" \""),
        (FIRST, "\"runbook\"", "\"handover\""),
        (FIRST, "\"ownership\", ", "\"Owner ship\", "),
        (FIRST, "id = \"first\"", "id = \"fist\""),
        (FIRST, "kind = \"behav", "kind = behav"),
        (FIRST, "say = \"Tell", "say = \"Tell\\u001b[31m"),
        (FIRST, "say = \"Tell", "say = \"Tell\\u202e"),
        (FIRST, "say = \"Tell", "say = \"Tell\\n"),
    ]), @r#"
    bank/questions/first.toml:10:11: `minutes` is `61`
      → write a whole number from 1 to 60
    bank/questions/first.toml:10:11: `minutes` has a value of type string where a whole number belongs
      → write minutes = 6
    bank/questions/first.toml:7:8: `kind` is `behavioral`, which is none of its values
      → did you mean `behavioural`? known: behavioural, system-design, algorithm-design, scenario
    bank/questions/first.toml:12:10: `terms` has a value of type integer where a text in quotes belongs
      → write terms = ["connection pool", "back-pressure"]
    bank/questions/first.toml:12:10: an entry of `terms` is empty
      → write it, or take the whole entry out
    bank/questions/first.toml:12:49: `terms` has `handover` twice
      → take one out
    bank/questions/first.toml:8:17: `competencies` has `Owner ship`, which is not kebab-case
      → use a-z, 0-9 and single hyphens, at most 64 of them
    bank/questions/first.toml:5:6: `id` is `fist`, but the file is named `first`
      → make them the same: the file's name is the id
    bank/questions/first.toml:7:8: this is not TOML: missing opening quote, expected `"`
      → mend it; the keys are in docs/knowledge.md
    bank/questions/first.toml:6:7: `say` holds the control character U+001B
      → take it out: a terminal would obey it instead of showing it
    bank/questions/first.toml:6:7: `say` holds the control character U+202E
      → take it out: a terminal would obey it instead of showing it
    bank/questions/first.toml:6:7: `say` holds the control character U+000A
      → write it as one line; inside """ a backslash at a line's end joins lines
    "#);
}

#[test]
fn keys_that_are_none_or_not_there() {
    insta::assert_snapshot!(shown(&[
        (FIRST, "level =", "levle ="),
        (FIRST, "level = \"mid\"", ""),
        (FIRST, "level =", "colour = \"red\"\nlevel ="),
        (FIRST, "level =", "\"\\u001b[31m\" = 1\nlevel ="),
        (FIRST, "level =", "say = \"again\"\nlevel ="),
        (FIRST, "use = \"quant", "id = \"x\"\nuse = \"quant"),
        (FIRST, "negates =", "statements = []\nnegates ="),
        (FIRST, "form = \"omitted\"", "form = \"ommitted\""),
        (BOTH, "parts", "probes = []\nparts"),
    ]), @r#"
    bank/questions/first.toml:9:1: unknown key `levle`
      → did you mean `level`?
    bank/questions/first.toml:1:1: `level` is missing
      → add level = "senior"
    bank/questions/first.toml:9:1: unknown key `colour`
      → take it out; known here: competencies, example, framework, id, key_points, kind, level, looks_for, minutes, mistakes, outline, probes, say, terms
    bank/questions/first.toml:9:1: unknown key `\u{1b}[31m`
      → take it out; known here: competencies, example, framework, id, key_points, kind, level, looks_for, minutes, mistakes, outline, probes, say, terms
    bank/questions/first.toml:9:1: this is not TOML: duplicate key
      → mend it; the keys are in docs/knowledge.md
    bank/questions/first.toml:34:6: `id` has no place here: `use` brings the id of the shared criterion
      → take `id` out
    bank/questions/first.toml:100:14: `statements` has no place here: an omitted mistake follows from the criterion it negates
      → take `statements` out
    bank/questions/first.toml:99:8: `form` is `ommitted`, which is none of its values
      → did you mean `omitted`? known: said, omitted
    bank/questions/both.toml:11:10: `probes` has no place here: a round is judged by the criteria of its parts
      → take `probes` out
    "#);
}

#[test]
fn references_to_nothing() {
    insta::assert_snapshot!(shown(&[
        (FIRST, "framework = \"star\"", "framework = \"sart\""),
        (FIRST, "use = \"quantified", "use = \"quantifed"),
        (FIRST, "criterion = \"left", "criterion = \"lef"),
        (FIRST, "step = \"task\"", "step = \"tusk\""),
        (FIRST, "step = \"task\"", "step = \"action\""),
        (BOTH, "\"second\"", "\"third\""),
        (BOTH, "\"second\"", "\"both\""),
    ]), @r#"
    bank/questions/first.toml:11:13: `framework` names `sart`, and there is no such framework
      → did you mean `star`? known: star
    bank/questions/first.toml:34:7: `use` names `quantifed-outcome`, and there is no such shared criterion
      → did you mean `quantified-outcome`? known: quantified-outcome
    bank/questions/first.toml:108:13: `criterion` names `lef-alone`, which is no criterion of this question
      → did you mean `left-alone`? known: action, knowledge-spread, left-alone, quantified-outcome, result, safe-first-change, situation, task, tests-as-map, way-in
    bank/questions/first.toml:136:8: `tusk` is no step of `star`
      → did you mean `task`? known: situation, task, action, result
    bank/questions/first.toml:136:8: passage 2 is `action`, where `task` belongs
      → give one [[example]] a step of star: situation, task, action, result
    bank/questions/both.toml:11:19: `parts` names `third`, and there is no such question
      → known: first, second
    bank/questions/both.toml:11:19: `parts` names `both`, which is a round itself
      → name that round's parts instead
    "#);
}

#[test]
fn too_few_and_too_many() {
    insta::assert_snapshot!(shown(&[
        (FIRST, "fills = \"metric\"", "fills = \"scale\""),
        (FIRST, ", \"handover\"]", "]"),
        (FIRST, "id = \"safe-first-change\"", "id = \"way-in\""),
        (FIRST, "id = \"safe-first-change\"", "id = \"task\""),
        (FIRST, "id = \"rewrites-at-once\"", "id = \"blames-predecessors\""),
        (FIRST, "What broke while you were learning it?", "How did you know that you had understood it?"),
        (STAR, "id = \"task\"", "id = \"situation\""),
    ]), @r#"
    bank/questions/first.toml:105:1: no entry of `probes` fills `metric`
      → add one with fills = "metric"
    bank/questions/first.toml:12:9: `terms` has too few entries: 3 of at least 4
      → add 1
    bank/questions/first.toml:38:6: `way-in` is the id of a criterion already
      → give each its own id: verdicts and follow-ups go by it
    bank/questions/first.toml:38:6: `task` is the id of a step of the framework already
      → give each its own id: verdicts and follow-ups go by it
    bank/questions/first.toml:89:6: `blames-predecessors` is the id of a mistake already
      → give each its own id: verdicts and follow-ups go by it
    bank/questions/first.toml:124:7: this follow-up is there twice
      → take one out: nothing is asked twice
    bank/frameworks/star.toml:16:6: `situation` is the id of a criterion already
      → give each its own id: verdicts and follow-ups go by it
    "#);
}

#[test]
fn wordings_of_no_use_to_a_small_model() {
    let long = format!("You {}", "say more and ".repeat(9));
    insta::assert_snapshot!(shown(&[
        (FIRST, "You say that you rewrote", "You do not say that you rewrote"),
        (FIRST, "You say that you rewrote", "The candidate rewrote"),
        (FIRST, "You say that you rewrote", &long),
        (FIRST, "kind = \"risk\"", "kind = \"attitude\""),
        (FIRST, "\"profil\"", "\"Profil\""),
        (FIRST, "by the end?", "by the end."),
    ]), @r#"
    bank/questions/first.toml:95:13: the wording `You do not say that you rewrote the service from scratch.` is a negative: "You do not"
      → word it positively: what is so when it holds
    bank/questions/first.toml:95:13: the wording `The candidate rewrote the service from scratch.` does not begin with "You "
      → say what the answer does: "You name …", "You say …"
    bank/questions/first.toml:95:13: the wording `You say more and say more and say more and say more and say …` has 32 words, more than 25
      → shorten it, 6 to 16 words work best, or make two statements of it
    bank/questions/first.toml:44:8: a criterion has a statement of kind `attitude`
      → that kind is for mistakes: choose another
    bank/questions/first.toml:31:26: the term `Profil` is not lower-case
      → write it in lower case: answers are heard that way
    bank/questions/first.toml:112:7: `say` is a follow-up that does not end in a question mark
      → ask one question, and end it with `?`
    "#);
}

#[test]
fn every_fault_of_every_file_is_found_at_once() {
    let mut sources = sound();
    for source in &mut sources {
        source.text = source.text.replace("advice = ", "advise = ");
    }
    let faults = Bank::load(&sources).expect_err("a broken bank must not load");
    let advice = |path: &str| {
        sound().iter().find(|s| s.path == path).map(|s| s.text.matches("advice = ").count())
    };
    for path in [FIRST, STAR, "criteria/quantified-outcome.toml"] {
        let found = faults.iter().filter(|f| f.file == format!("bank/{path}")).count();
        assert_eq!(Some(found), advice(path), "{path}");
    }
}

#[test]
fn syntax_errors_bring_no_other_faults_about() {
    let mut sources = sound();
    sources[1].text = sources[1].text.replace("text = ", "text ");
    let faults = Bank::load(&sources).expect_err("a broken bank must not load");
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [9, 18, 28, 37]);
    assert!(faults.iter().all(|f| f.file == "bank/frameworks/star.toml"), "{faults:#?}");
}

#[test]
fn files_in_no_place_of_the_bank_are_named() {
    let mut sources = sound();
    for path in
        ["question/third.toml", "third.toml", "questions/mine/third.toml", "questions/Third.toml"]
    {
        sources.push(super::source(path, super::template("third")));
    }
    let faults = Bank::load(&sources).expect_err("a broken bank must not load");
    insta::assert_snapshot!(faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"), @r#"
    bank/question/third.toml:1:1: this file is in no place of the bank
      → did you mean questions/ID.toml?
    bank/questions/Third.toml:1:1: the file's name `Third` is no id
      → rename it in kebab-case: a-z, 0-9 and single hyphens
    bank/questions/Third.toml:5:6: `id` is `third`, but the file is named `Third`
      → make them the same: the file's name is the id
    bank/questions/mine/third.toml:1:1: this file is in no place of the bank
      → did you mean questions/ID.toml?
    bank/third.toml:1:1: this file is in no place of the bank
      → put it into criteria/, frameworks/, questions/, scale/ as ID.toml
    "#);
}
