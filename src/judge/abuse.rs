//! Insults instead of an answer.

use super::spoken::{begins, line, little_but, spoken};

/// What insults where a sentence begins with it.
const PHRASES: [&str; 12] = [
    "fuck you",
    "fuck off",
    "fuck this",
    "fuck your",
    "screw you",
    "shut up",
    "go to hell",
    "you suck",
    "piss off",
    "kiss my ass",
    "eat shit",
    "go die",
];
/// What insults whoever is called it.
const NAMES: [&str; 18] = [
    "stupid",
    "idiot",
    "idiots",
    "idiotic",
    "moron",
    "morons",
    "dumb",
    "useless",
    "pathetic",
    "worthless",
    "asshole",
    "assholes",
    "bitch",
    "bastard",
    "dickhead",
    "loser",
    "shit",
    "retarded",
];
/// What may stand between "you" and a name.
const BETWEEN: [&str; 16] = [
    "are",
    "is",
    "a",
    "an",
    "so",
    "such",
    "really",
    "just",
    "all",
    "fucking",
    "bloody",
    "damn",
    "absolutely",
    "totally",
    "very",
    "complete",
];
/// Whoever and whatever asks.
const ASKING: [&str; 12] = [
    "you",
    "you're",
    "ur",
    "question",
    "questions",
    "interview",
    "interviewer",
    "bot",
    "app",
    "program",
    "machine",
    "tool",
];
/// What may come before.
const BEFORE: [&str; 8] = ["oh", "well", "just", "so", "hey", "please", "ok", "and"];
/// Whether the answer insults and says hardly anything else. In doubt it does not: people say
/// "stupid" of their own bugs.
pub(super) fn is_abusive(answer: &str) -> bool {
    little_but(answer, |sentence| insults_whoever_asks(&spoken(sentence)))
}

fn insults_whoever_asks(said: &[String]) -> bool {
    let called = |at: usize| {
        let after = said[at + 1..].iter().find(|word| !BETWEEN.contains(&word.as_str()));
        after.is_some_and(|word| NAMES.contains(&word.as_str()))
    };
    let asking = said.iter().enumerate().filter(|(_, word)| ASKING.contains(&word.as_str()));
    let opening = said.iter().position(|word| !BEFORE.contains(&word.as_str())).unwrap_or(0);
    begins(&line(&said[opening..]), &PHRASES) || asking.map(|(at, _)| at).any(called)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn insults_alone_are_abuse() {
        for answer in [
            "Fuck you.",
            "You are so stupid.",
            "you stupid bot",
            "This question is idiotic. Shut up.",
            "You're an absolutely useless machine!",
            "Oh, just shut up.",
        ] {
            assert!(is_abusive(answer), "{answer}");
        }
    }

    #[test]
    fn strong_words_about_the_work_are_an_answer() {
        for answer in [
            "It was a stupid bug in my own cache code.",
            "You get useless alerts if you page on causes.",
            "The dumb version of it was one big lock.",
            "My manager told me to shut up, so I wrote the numbers down and took them to the architects \
             myself, and they agreed.",
            "He told them to shut up.",
            "Redis.",
            "",
        ] {
            assert!(!is_abusive(answer), "{answer}");
        }
    }
}
