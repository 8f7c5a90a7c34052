//! Slash commands: what a line that begins with `/` means.

use crate::app::Input;

/// What a line of the candidate's asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// Something for the application.
    Input(Input),
    /// Sends what was written so far.
    Done,
    /// Lists the commands.
    Help,
    /// Says again what was asked.
    Repeat,
    /// Tells the time since the question.
    Time,
    /// A command that does not exist or lacks something; what to say about it.
    Wrong(String),
}

/// Names, other names, and what they are for.
const COMMANDS: &[(&str, &[&str], &str)] = &[
    ("/done", &["/send"], "send your answer (an empty line does the same)"),
    ("/hint", &[], "ask for a hint"),
    ("/skip", &["/next", "/pass"], "pass on this question"),
    ("/repeat", &["/again"], "hear the question again"),
    ("/time", &[], "how long you have been at it"),
    ("/end", &["/feedback", "/finish"], "no more questions: go to the feedback"),
    ("/dispute", &[], "/dispute N contests verdict N of the feedback"),
    ("/quit", &["/exit", "/bye", "/q"], "leave; what you sent is kept"),
    ("/help", &["/?"], "this list"),
];

/// The commands' names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _, _)| *name)
}

/// The list of commands.
pub(super) fn help() -> String {
    let lines: Vec<String> =
        COMMANDS.iter().map(|(name, _, what)| format!("  {name:<9} {what}")).collect();
    lines.join("\n") + "\n"
}

/// The command of a line, if it is one. A line that begins an answer is a command as soon as it
/// looks like one, so that a misspelt command never counts as an answer; inside an answer only
/// the names themselves do, so that a path or a route is text.
pub(super) fn parse(line: &str, begins: bool) -> Option<Command> {
    let line = line.trim();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let letters = name.strip_prefix('/')?;
    if let Some(known) = find(name) {
        // "/time is what we called it" is a sentence unless it stands alone.
        let alone = argument.is_empty() || known == "/dispute";
        return (alone || begins).then(|| command(known, argument.trim()));
    }
    let looks_like = !letters.is_empty() && letters.chars().all(|c| c.is_ascii_alphabetic());
    (begins && looks_like).then(|| unknown(name))
}

fn find(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    COMMANDS
        .iter()
        .find(|(known, others, _)| *known == name || others.contains(&name.as_str()))
        .map(|(known, _, _)| *known)
}

fn command(name: &str, argument: &str) -> Command {
    match name {
        "/done" => Command::Done,
        "/hint" => Command::Input(Input::Hint),
        "/skip" => Command::Input(Input::Skip),
        "/repeat" => Command::Repeat,
        "/time" => Command::Time,
        "/end" => Command::Input(Input::End),
        "/quit" => Command::Input(Input::Leave),
        "/dispute" => match argument.parse() {
            Ok(n) => Command::Input(Input::Dispute(n)),
            Err(_) => Command::Wrong("Say which verdict: /dispute 3".to_owned()),
        },
        _ => Command::Help,
    }
}

fn unknown(name: &str) -> Command {
    let near = names().map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    let hint = match near {
        Some((distance, known)) if distance <= 2 => format!("Did you mean {known}?"),
        Some(_) | None => "/help lists the commands.".to_owned(),
    };
    let name: String = name.chars().take(20).collect();
    Command::Wrong(format!("There is no {name}. {hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_other_names_and_any_case() {
        for line in ["/quit", "/exit", "/BYE", " /q "] {
            assert_eq!(parse(line, true), Some(Command::Input(Input::Leave)), "{line}");
        }
        assert_eq!(parse("/?", true), Some(Command::Help));
        assert_eq!(parse("/dispute 3", true), Some(Command::Input(Input::Dispute(3))));
        assert!(matches!(parse("/dispute", true), Some(Command::Wrong(_))));
        assert!(matches!(parse("/dispute x", false), Some(Command::Wrong(_))));
    }

    #[test]
    fn a_misspelt_command_is_never_an_answer() {
        let Some(Command::Wrong(text)) = parse("/hnit", true) else { panic!() };
        assert_eq!(text, "There is no /hnit. Did you mean /hint?");
        let Some(Command::Wrong(text)) = parse("/abracadabra", true) else { panic!() };
        assert!(text.ends_with("/help lists the commands."));
    }

    #[test]
    fn what_only_looks_like_one_is_text() {
        for (line, begins) in [
            ("/etc/hosts was wrong", true),
            ("/users was the slow route", false),
            ("/time is what we called it", false),
            ("/", true),
            ("no / here", true),
        ] {
            assert_eq!(parse(line, begins), None, "{line}");
        }
    }

    #[test]
    fn every_name_is_in_the_help_and_does_something() {
        for name in names() {
            assert!(help().contains(name));
            assert!(parse(name, true).is_some());
        }
    }
}
