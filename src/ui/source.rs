//! Where inputs come from when nobody types.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use crate::app::Input;

use super::Console;
use super::lines::{Collected, Step};

/// Longest line that is read from a pipe: far beyond any answer, and no way to fill the memory.
const MAX_LINE: u64 = 4 << 20;

/// Something that can be asked for the candidate's next input.
pub trait Source: Send {
    /// The next input, and those that follow from it at once; never none. Once nothing can come
    /// any more it is [`Input::End`], every time.
    fn next(&mut self, console: &mut Console) -> io::Result<Vec<Input>>;
}

/// Lines from a pipe or a file: an empty line or `/done` sends an answer, and the end of the
/// input wraps the interview up.
pub struct Lines<R> {
    reader: R,
    collected: Collected,
    over: bool,
}

impl<R: BufRead + Send> Lines<R> {
    /// Inputs from the lines of `reader`.
    pub fn new(reader: R) -> Self {
        Self { reader, collected: Collected::default(), over: false }
    }

    /// The next line without its end, whatever bytes it has.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut limited = io::Read::take(&mut self.reader, MAX_LINE);
        if limited.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn step(&mut self) -> io::Result<Step> {
        let Some(line) = self.line()? else {
            self.over = true;
            let rest = self.collected.rest().map(Input::Answer);
            return Ok(Step::Ready(vec![rest.unwrap_or(Input::End)]));
        };
        Ok(self.collected.line(&line))
    }
}

impl<R: BufRead + Send> Source for Lines<R> {
    fn next(&mut self, console: &mut Console) -> io::Result<Vec<Input>> {
        while !self.over {
            match self.step()? {
                Step::More => {}
                Step::Local(command) => console.local(&command)?,
                Step::Ready(inputs) => {
                    inputs.iter().try_for_each(|input| console.heard(input))?;
                    return Ok(inputs);
                }
            }
        }
        Ok(vec![Input::End])
    }
}

/// Answers from a list, one after another; then the end. Commands have no meaning in them.
pub struct Listed {
    answers: VecDeque<String>,
}

impl Listed {
    /// Inputs from `answers`; an empty one passes.
    pub fn new(answers: Vec<String>) -> Self {
        Self { answers: answers.into() }
    }
}

impl Source for Listed {
    fn next(&mut self, console: &mut Console) -> io::Result<Vec<Input>> {
        let input = match self.answers.pop_front() {
            None => Input::End,
            Some(answer) if answer.trim().is_empty() => Input::Skip,
            Some(answer) => Input::Answer(answer),
        };
        console.heard(&input)?;
        Ok(vec![input])
    }
}
