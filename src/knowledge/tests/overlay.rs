//! A user's folder over the built-in bank.

use super::{sound, source};
use crate::knowledge::{Bank, lay_over, template};

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
fn the_built_in_bank_is_sound() {
    let faults = Bank::load(&crate::knowledge::builtin()).err().unwrap_or_default();
    assert!(faults.is_empty(), "{faults:#?}");
}
