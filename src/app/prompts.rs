//! The prompts of both contexts.

use crate::prompt::{InterviewerPrompts, JudgePrompts, PromptFault};

const JUDGE: &str = "judge.toml";
const INTERVIEWER: &str = "interviewer.toml";

/// What is said to the model, in both contexts.
#[derive(Debug, Clone)]
pub struct Prompts {
    /// The judge's.
    pub judge: JudgePrompts,
    /// The interviewer's.
    pub interviewer: InterviewerPrompts,
}

impl Prompts {
    /// The names of the files.
    pub const FILES: [&str; 2] = [JUDGE, INTERVIEWER];

    /// The built-in prompts, with a user's files laid over them: `overlay` gives the text of a
    /// file's name and what to call it, where there is one.
    pub fn load(overlay: impl Fn(&str) -> Option<(String, String)>) -> Result<Self, PromptFault> {
        let file = |name: &str, builtin: &str| {
            overlay(name).unwrap_or_else(|| (format!("prompts/{name}"), builtin.to_owned()))
        };
        let (judge, text) = file(JUDGE, include_str!("../../prompts/judge.toml"));
        let judge = JudgePrompts::parse(&judge, &text)?;
        let (interviewer, text) = file(INTERVIEWER, include_str!("../../prompts/interviewer.toml"));
        let interviewer = InterviewerPrompts::parse(&interviewer, &text)?;
        Ok(Self { judge, interviewer })
    }
}
