//! A user's folder over the built-in bank.

use super::{sound, source};
use crate::knowledge::{Bank, builtin, lay_over, template};

#[test]
fn a_file_of_the_same_name_replaces_and_any_other_adds() {
    let mine = template("first").replace("minutes = 5", "minutes = 9");
    let over = vec![
        source("questions/first.toml", mine),
        source("questions/third.toml", template("third")),
    ];
    let bank = Bank::load(&lay_over(sound(), over)).expect("a sound bank");
    assert_eq!(bank.questions().len(), 4);
    assert_eq!(bank.question("first").map(|q| q.minutes), Some(9));
    assert_eq!(bank.question("second").map(|q| q.minutes), Some(5));
    let both = bank.question("both").expect("it is there");
    assert_eq!(both.parts[0].minutes, 9, "rounds ask the question that replaced theirs");
}

#[test]
fn what_is_laid_over_may_break_what_lies_below() {
    let star = sound().swap_remove(1).text.replace("id = \"task\"", "id = \"charge\"");
    let faults = Bank::load(&lay_over(sound(), vec![source("frameworks/star.toml", star)]));
    let faults = faults.expect_err("the examples have no passage for the new step");
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(faults.iter().all(|fault| fault.what == "`task` is no step of `star`"));
}

#[test]
fn the_built_in_bank_is_sound() {
    match Bank::load(&builtin()) {
        Ok(bank) => assert!(bank.questions().len() >= 20, "{} questions", bank.questions().len()),
        Err(faults) => panic!("{faults:#?}"),
    }
}
