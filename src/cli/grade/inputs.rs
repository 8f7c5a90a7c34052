//! What is graded: a text, a list of turns, or a folder of either.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::app::Given;
use crate::cli::Failure;

/// Bytes of one input, at most: a thousand times a long answer.
const LARGEST: u64 = 4 << 20;
/// What a folder's answers end in.
const ENDINGS: [&str; 3] = ["txt", "md", "json"];
/// A list of turns, as hints show it.
const FORM: &str = r#"a list of turns is like this: [{"question": "…", "answer": "…"}]"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    question: String,
    answer: String,
}

/// What lies at `path`; stdin where it is `-`.
pub(super) fn read(path: &Path) -> Result<Vec<Given>, Failure> {
    let (name, text) = text(path)?;
    let json = path.extension().is_some_and(|ending| ending == "json");
    given(&text, json).map_err(|what| Failure::new(format!("{name}: {what}")).hint(FORM))
}

/// The reference answer in a file.
pub(super) fn reference(path: &Path) -> Result<String, Failure> {
    text(path).map(|(_, text)| text)
}

/// What a file is called, and its text.
fn text(path: &Path) -> Result<(String, String), Failure> {
    let (name, bytes) = if path == Path::new("-") {
        ("stdin".to_owned(), limited(io::stdin().lock()))
    } else {
        let file = std::fs::File::open(path);
        (path.display().to_string(), file.and_then(limited))
    };
    let bytes = bytes.map_err(|error| Failure::new(format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::new(format!("{name} is larger than {} MB", LARGEST >> 20))
            .hint("an answer is a few kilobytes; give one file for each"));
    }
    Ok((name, String::from_utf8_lossy(&bytes).into_owned()))
}

fn limited(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The turns in a text: those that it lists, or else itself. A file that is called JSON has to
/// be a list.
fn given(text: &str, json: bool) -> Result<Vec<Given>, String> {
    match serde_json::from_str::<Vec<Turn>>(text) {
        Ok(turns) if turns.is_empty() => Err("the list of turns is empty".to_owned()),
        Ok(turns) => Ok(turns
            .into_iter()
            .map(|turn| Given { asked: turn.question, answer: turn.answer })
            .collect()),
        Err(error) if json => Err(format!("this is no list of turns: {error}")),
        Err(_) => Ok(vec![Given { asked: String::new(), answer: text.trim_end().to_owned() }]),
    }
}

/// The answers in a folder, by name.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable =
        |error: io::Error| Failure::new(format!("{} cannot be read: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if path.is_file() && ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        let what = format!("{} holds no answers", folder.display());
        return Err(Failure::new(what).hint("they end in .txt, .md or .json"));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(asked: &str, answer: &str) -> Given {
        Given { asked: asked.into(), answer: answer.into() }
    }

    #[test]
    fn a_list_of_turns_is_read_and_anything_else_is_an_answer() {
        let list =
            r#"[{"question": "Why?", "answer": "Because."}, {"question": "So?", "answer": ""}]"#;
        assert_eq!(given(list, false), Ok(vec![turn("Why?", "Because."), turn("So?", "")]));
        for text in ["It broke.", "[1] It broke.", "", "{\"question\": 1}"] {
            assert_eq!(given(text, false), Ok(vec![turn("", text)]));
        }
        assert_eq!(given("It broke.\n\n", false), Ok(vec![turn("", "It broke.")]));
    }

    #[test]
    fn what_is_called_a_list_has_to_be_one() {
        for text in ["It broke.", "[]", r#"[{"question": "Why?"}]"#, r#"[{"q": "", "answer": ""}]"#]
        {
            assert!(given(text, true).is_err(), "{text}");
        }
        assert!(given("[]", false).is_err());
    }
}
