//! Whether an answer is the question, or the bank's own words, given back.

use crate::domain::{Criterion, Question};
use crate::text::sentences;

use super::spoken::{little_but, spoken};

/// Words of a sentence below which nothing can be told.
const SHORT: usize = 5;

/// Whether nearly all words of the answer come, in order, from the question, and are a good part
/// of it. "Consistency", to a question that offers it, is an answer.
pub(super) fn repeats(question: &[String], said: &[String]) -> bool {
    // An echo is no longer than what it repeats; this bounds the work below, too.
    if said.len() < SHORT || said.len() > question.len() + question.len() / 4 + 3 {
        return false;
    }
    let common = common_in_order(question, said);
    let added = said.len() - common;
    common * 20 >= said.len() * 17 && added <= 3 && (common >= 8 || common * 2 >= question.len())
}

/// Whether the answer is sentences of the bank and hardly anything else: its outline, its example,
/// what it looks for.
pub(super) fn recites(question: &Question, answer: &str) -> bool {
    let bank: Vec<Vec<String>> = texts(question)
        .flat_map(|text| sentences(text).into_iter().map(|s| spoken(s.of(text))))
        .collect();
    little_but(answer, |sentence| {
        let said = spoken(sentence);
        bank.iter().any(|line| repeats(line, &said))
    })
}

/// What the bank says about a question, all that could be copied from `viva questions show`.
fn texts(question: &Question) -> impl Iterator<Item = &str> {
    // To say what a reference answer says is the best that an answer can do, and no echo.
    let criteria = question.criteria().filter(|_| !question.by_reference());
    let criteria = criteria.flat_map(|(_, criterion)| of_criterion(criterion));
    let mistakes = question.mistakes.iter().flat_map(|mistake| {
        let statements = mistake.statements.iter().flat_map(|statement| &statement.wordings);
        [&mistake.text, &mistake.advice].into_iter().chain(statements)
    });
    let probes = question.probes.iter().map(|probe| &probe.say);
    let example = question.example.iter().map(|example| &example.text);
    let all = question.outline.iter().chain(criteria).chain(mistakes).chain(probes).chain(example);
    all.map(String::as_str)
}

fn of_criterion(criterion: &Criterion) -> impl Iterator<Item = &String> {
    let statements = criterion.statements.iter().flat_map(|statement| &statement.wordings);
    [&criterion.text, &criterion.advice, &criterion.probe].into_iter().chain(statements)
}

/// Length of the longest common subsequence.
fn common_in_order(a: &[String], b: &[String]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for word in a {
        let mut diagonal = 0;
        for (j, other) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if word == other { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[b.len()]
}
