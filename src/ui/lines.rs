//! Lines to answers, for input that is not typed at an editor.

use crate::app::Input;

use super::command::{self, Command};

/// What a line led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More lines are needed.
    More,
    /// Inputs are ready.
    Ready(Vec<Input>),
    /// A command for the face itself.
    Local(Command),
}

/// Collects the lines of an answer. An empty line or `/done` sends it.
#[derive(Debug, Default)]
pub(super) struct Collected {
    lines: Vec<String>,
}

impl Collected {
    /// Takes a line without its end.
    pub(super) fn line(&mut self, line: &str) -> Step {
        match command::parse(line, self.lines.is_empty()) {
            Some(Command::Done) => self.send(),
            Some(Command::Input(input)) => self.before(input),
            Some(local @ (Command::Help | Command::Repeat | Command::Time | Command::Wrong(_))) => {
                Step::Local(local)
            }
            None if line.trim().is_empty() => self.send(),
            None => {
                self.lines.push(line.to_owned());
                Step::More
            }
        }
    }

    /// What is left when no more lines come.
    pub(super) fn rest(&mut self) -> Option<String> {
        let text = self.lines.drain(..).collect::<Vec<_>>().join("\n");
        (!text.trim().is_empty()).then_some(text)
    }

    fn send(&mut self) -> Step {
        self.rest().map_or(Step::More, |text| Step::Ready(vec![Input::Answer(text)]))
    }

    /// Who ends or leaves in the middle of an answer has said what they said; any other command
    /// takes the place of what was begun.
    fn before(&mut self, input: Input) -> Step {
        let begun = self.rest().filter(|_| matches!(input, Input::End | Input::Leave));
        Step::Ready(begun.map(Input::Answer).into_iter().chain([input]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Input> {
        let mut collected = Collected::default();
        let mut inputs = Vec::new();
        for line in text.lines() {
            if let Step::Ready(ready) = collected.line(line) {
                inputs.extend(ready);
            }
        }
        inputs.extend(collected.rest().map(Input::Answer));
        inputs
    }

    #[test]
    fn an_empty_line_or_done_sends_and_the_end_sends_the_rest() {
        assert_eq!(
            all("one\ntwo\n\nthree\n/done\n\n\nfour"),
            [
                Input::Answer("one\ntwo".into()),
                Input::Answer("three".into()),
                Input::Answer("four".into()),
            ]
        );
    }

    #[test]
    fn commands_work_between_answers_and_within() {
        assert_eq!(
            all("/hint\nhalf an\n/skip\nwhole\n\n/quit"),
            [Input::Hint, Input::Skip, Input::Answer("whole".into()), Input::Leave]
        );
    }

    #[test]
    fn what_was_begun_is_sent_before_the_end() {
        assert_eq!(all("so far\n/end"), [Input::Answer("so far".into()), Input::End]);
        assert_eq!(all("so far\n/quit"), [Input::Answer("so far".into()), Input::Leave]);
    }

    #[test]
    fn an_unknown_command_reaches_nobody() {
        assert_eq!(all("/foo\n\n"), []);
    }
}
