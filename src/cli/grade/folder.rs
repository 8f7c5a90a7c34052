//! A folder of answers: JSON Lines out, one a file.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Grader, inputs};
use crate::cli::{Failure, whisper};
use crate::feedback::FeedbackDocument;
use crate::files::continued;

/// One line: the feedback on one file, or why there is none.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<FeedbackDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What is read of a line that was written before.
#[derive(Deserialize)]
struct Written {
    file: String,
    #[serde(default)]
    feedback: Option<serde::de::IgnoredAny>,
}

/// Grades every answer of the folder. Lines go to `out`, or to stdout; those that `out` has
/// already are not done again, so that a run that was cut short goes on. One file that cannot be
/// graded does not stop the others.
pub(super) fn run(grader: &Grader, folder: &Path, out: Option<&Path>) -> Result<(), Failure> {
    let files = inputs::listed(folder)?;
    let (before, mut to) = output(out)?;
    let done = graded(&before);
    let mut failed = 0;
    for (n, path) in (1..).zip(&files) {
        let name = name(path);
        if done.contains(&name) {
            whisper(&format!("{n} of {}: {name}, graded before", files.len()));
            continue;
        }
        whisper(&format!("{n} of {}: {name}", files.len()));
        let graded = inputs::read(path).and_then(|given| grader.grade(&given));
        let (feedback, error) = match graded {
            Ok(view) => (Some(FeedbackDocument::new(&view)), None),
            Err(failure) => (None, Some(failure.what().to_owned())),
        };
        failed += usize::from(error.is_some());
        let line = serde_json::to_string(&Line { file: &name, feedback, error })?;
        writeln!(to, "{line}")?;
        to.flush()?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::new(format!("{failed} of {} could not be graded", files.len()))
            .hint("their lines have an `error` that says why")),
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The files that the lines have feedback on. One that was cut off is not counted.
fn graded(lines: &str) -> BTreeSet<String> {
    let lines = lines.lines().filter_map(|line| serde_json::from_str::<Written>(line).ok());
    lines.filter(|line| line.feedback.is_some()).map(|line| line.file).collect()
}

/// What `out` holds already, and where the next lines go.
fn output(out: Option<&Path>) -> Result<(String, Box<dyn Write>), Failure> {
    let Some(out) = out else { return Ok((String::new(), Box::new(io::stdout()))) };
    let (before, file) = continued(out)
        .map_err(|error| Failure::new(format!("{} cannot be used: {error}", out.display())))?;
    Ok((before, Box::new(file)))
}
