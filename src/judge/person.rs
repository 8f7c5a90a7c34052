//! From "You name the tool" to "The candidate names the tool".
//!
//! The bank speaks to the candidate; the judge's prompt speaks about them. The rules cover the
//! plain statements of the bank, and leave a verb alone that they take for past tense or a modal.

/// Modals and past tenses: the same in every person.
const UNCHANGED: [&str; 45] = [
    "can", "cannot", "could", "may", "might", "must", "ought", "shall", "should", "will", "would",
    "did", "had", "was", "began", "bought", "brought", "built", "came", "chose", "cost", "drew",
    "drove", "fell", "felt", "found", "gave", "got", "grew", "held", "kept", "knew", "led", "left",
    "lost", "made", "met", "ran", "said", "saw", "spoke", "thought", "told", "took", "wrote",
];
/// Verbs in "-ed" that are not past tense.
const PRESENT_IN_ED: [&str; 6] = ["need", "feed", "speed", "proceed", "succeed", "exceed"];
/// Verbs in "-ly", which adverbs end in.
const VERBS_IN_LY: [&str; 6] = ["rely", "apply", "supply", "reply", "imply", "comply"];
/// Adverbs that may stand before the verb, besides those in "-ly".
const ADVERBS: [&str; 8] = ["also", "always", "even", "just", "never", "not", "often", "still"];
/// After "and", verbs that go with the subject of the sentence, not nouns.
const SECOND_VERBS: [&str; 6] = ["say", "switch", "give", "explain", "describe", "take"];
/// Before "you": then it is an object.
const BEFORE_OBJECT: [&str; 24] = [
    "about", "against", "at", "behind", "by", "for", "from", "in", "of", "on", "to", "towards",
    "with", "without", "asked", "attracts", "gave", "helped", "led", "made", "taught", "tells",
    "told", "lets",
];

/// A statement in second person, told of the candidate: "You name your tool." becomes "The
/// candidate names their tool."
///
/// The subject of the sentence becomes "the candidate" and its verb agrees; every later "you" is
/// "they" or "them", "your" is "their", "yourself" is "themselves". Text that does not begin with
/// "You" keeps its subject.
pub fn third_person(statement: &str) -> String {
    let mut words = statement.split(' ');
    let first = words.next().unwrap_or_default();
    let mut told = vec![opening(first)];
    let mut verb = Verb::of(first);
    let mut previous = String::new();
    let words: Vec<&str> = words.collect();
    for (i, &word) in words.iter().enumerate() {
        told.push(match verb.agreed(word, &previous) {
            Some(agreed) => agreed,
            None => pronoun(word, &previous, i + 1 == words.len()),
        });
        previous = word.to_lowercase();
    }
    told.join(" ")
}

fn opening(first: &str) -> String {
    match first {
        "You" => "The candidate".to_owned(),
        "Your" => "The candidate's".to_owned(),
        _ => pronoun(first, "", false),
    }
}

/// Where we are with the verb of the sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    /// It is still to come.
    Awaited,
    /// It came, and was made to agree: a second one after "and" has to agree as well.
    Agreed,
    /// There is none to change.
    None,
}

impl Verb {
    fn of(first: &str) -> Self {
        if first == "You" { Self::Awaited } else { Self::None }
    }

    /// The word in third person, if it is a verb of the sentence.
    fn agreed(&mut self, word: &str, previous: &str) -> Option<String> {
        match self {
            Self::Awaited if is_adverb(word) || word.starts_with("yoursel") => None,
            Self::Awaited => {
                let agreed = agree(word);
                *self = if agreed == word { Self::None } else { Self::Agreed };
                Some(agreed)
            }
            Self::Agreed if previous == "and" && SECOND_VERBS.contains(&word) => Some(agree(word)),
            Self::Agreed | Self::None => None,
        }
    }
}

fn is_adverb(word: &str) -> bool {
    ADVERBS.contains(&word) || word.ends_with("ly") && !VERBS_IN_LY.contains(&word)
}

fn agree(verb: &str) -> String {
    let past = verb.ends_with("ed") && !PRESENT_IN_ED.contains(&verb);
    if past || UNCHANGED.contains(&verb) {
        return verb.to_owned();
    }
    match verb {
        "are" => "is".to_owned(),
        "were" => "was".to_owned(),
        "have" => "has".to_owned(),
        "don't" => "doesn't".to_owned(),
        _ => with_ending(verb),
    }
}

fn with_ending(verb: &str) -> String {
    let hisses = ["s", "x", "z", "ch", "sh", "o"].iter().any(|ending| verb.ends_with(ending));
    let stem = verb.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if hisses => format!("{verb}es"),
        None => format!("{verb}s"),
    }
}

/// A word after the verb, with the second person turned into the third.
fn pronoun(word: &str, previous: &str, last: bool) -> String {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_punctuation());
    let marks = &word[bare.len()..];
    let object = last || !marks.is_empty() || BEFORE_OBJECT.contains(&previous);
    let third = match bare {
        "you" if object => "them",
        "you" => "they",
        "You" => "They",
        "your" => "their",
        "Your" => "Their",
        "yours" => "theirs",
        "yourself" | "yourselves" => "themselves",
        "you're" => "they're",
        "you've" => "they've",
        "you'd" => "they'd",
        "you'll" => "they'll",
        other => other,
    };
    format!("{third}{marks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word that follows "You" in the statements of the bank, with its third person.
    const VERBS: &str = "
        acknowledge/acknowledges adapted/adapted answer/answers ask/asks assure/assures blame/blames
        bring/brings buffer/buffers calculate/calculates call/calls change/changes check/checks
        choose/chooses claim/claims close/closes compare/compares compared/compared
        complain/complains confirm/confirms connect/connects consider/considers count/counts
        decide/decides describe/describes dismiss/dismisses divide/divides draw/draws
        establish/establishes estimate/estimates explain/explains finish/finishes follow/follows
        give/gives go/goes hand/hands have/has hold/holds keep/keeps kept/kept let/lets
        limit/limits link/links list/lists look/looks make/makes mark/marks match/matches
        mention/mentions move/moves name/names offer/offers partition/partitions plan/plans
        point/points present/presents promise/promises propose/proposes put/puts ran/ran rank/ranks
        recite/recites record/records relate/relates released/released rely/relies replace/replaces
        retry/retries rewrite/rewrites run/runs save/saves say/says scan/scans set/sets
        share/shares show/shows single/singles solve/solves speak/speaks spend/spends split/splits
        state/states store/stores string/strings suggest/suggests switched/switched take/takes
        talk/talks tell/tells treat/treats turn/turns undo/undoes update/updates use/uses
        want/wants weigh/weighs would/would write/writes";

    #[test]
    fn every_verb_of_the_bank_agrees() {
        for pair in VERBS.split_whitespace() {
            let (second, third) = pair.split_once('/').expect("a pair");
            assert_eq!(
                third_person(&format!("You {second} it.")),
                format!("The candidate {third} it.")
            );
        }
    }

    #[test]
    fn so_do_the_irregular_ones() {
        for (second, third) in [
            ("do", "does"),
            ("are", "is"),
            ("were", "was"),
            ("try", "tries"),
            ("pass", "passes"),
            ("don't say", "doesn't say"),
            ("never say", "never says"),
            ("clearly name", "clearly names"),
            ("need", "needs"),
            ("took", "took"),
        ] {
            assert_eq!(
                third_person(&format!("You {second} it.")),
                format!("The candidate {third} it.")
            );
        }
    }

    #[test]
    fn later_words_of_the_second_person_follow() {
        for (second, third) in [
            (
                "You say what you yourself did wrong or overlooked.",
                "The candidate says what they themselves did wrong or overlooked.",
            ),
            (
                "You finish the newcomer's tasks yourself to save time.",
                "The candidate finishes the newcomer's tasks themselves to save time.",
            ),
            (
                "You say what one of your roles taught you.",
                "The candidate says what one of their roles taught them.",
            ),
            (
                "You describe how debugging led you to the cause.",
                "The candidate describes how debugging led them to the cause.",
            ),
            (
                "You name the strength that others rely on you for.",
                "The candidate names the strength that others rely on them for.",
            ),
            (
                "You say why you chose it, if you are sure.",
                "The candidate says why they chose it, if they are sure.",
            ),
            (
                "You say why this role or team attracts you.",
                "The candidate says why this role or team attracts them.",
            ),
            ("Your answer has a number.", "The candidate's answer has a number."),
        ] {
            assert_eq!(third_person(second), third);
        }
    }

    #[test]
    fn a_second_verb_agrees_unless_the_first_could_not() {
        for (second, third) in [
            (
                "You rewrite the whole system and switch over in one go.",
                "The candidate rewrites the whole system and switches over in one go.",
            ),
            (
                "You would start with the feature and take care later.",
                "The candidate would start with the feature and take care later.",
            ),
        ] {
            assert_eq!(third_person(second), third);
        }
    }

    #[test]
    fn odd_text_passes() {
        assert_eq!(third_person(""), "");
        assert_eq!(third_person("You"), "The candidate");
        assert_eq!(third_person("It works."), "It works.");
    }
}
