//! `viva interview`, the default command.

mod faces;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::chosen::{self, Chosen};
use super::compute::Compute;
use super::questions::{InEffect, kind_parser, level_parser, load_bank};
use super::sessions;
use super::{Failure, Shell, whisper};
use crate::app::{Interview, Outcome, Prompts, Session, SessionError, Setup};
use crate::domain::{Level, Question, QuestionKind, Seed};
use crate::engine::LoadOptions;
use crate::interview::{Opening, Options};
use crate::judge::Policy;
use crate::knowledge::Filter;
use crate::store::Store;

use faces::Seats;

/// How to be interviewed.
#[derive(Debug, Args)]
pub(super) struct Interviewed {
    /// The question, by its id; one by chance if none is named
    #[arg(long, value_name = "ID")]
    question: Option<String>,
    /// Only questions of this kind
    #[arg(long, value_parser = kind_parser(), conflicts_with = "question")]
    kind: Option<QuestionKind>,
    /// Only questions about this competency
    #[arg(long, value_name = "NAME", conflicts_with = "question")]
    competency: Option<String>,
    /// Only questions of this level
    #[arg(long, value_parser = level_parser(), conflicts_with = "question")]
    level: Option<Level>,
    /// Follow-ups a question, at most [default: 3]
    #[arg(long, value_name = "N", env = "VIVA_FOLLOWUPS", value_parser = clap::value_parser!(u32).range(0..=20))]
    followups: Option<u32>,
    /// Minutes after which no new question is asked
    #[arg(long, value_name = "N", env = "VIVA_MINUTES", value_parser = clap::value_parser!(u32).range(1..=600))]
    minutes: Option<u32>,
    /// A model of `viva models list`, a GGUF file, or `none`
    #[arg(long, value_name = "MODEL", env = "VIVA_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Where every choice by chance comes from; the same seed and answers make the same interview
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print one JSON document at the end (viva.session/1); the talk goes to stderr
    #[arg(long)]
    json: bool,
    /// Answers as a JSON list of texts, instead of typing them
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Keep no history of what is typed
    #[arg(long, env = "VIVA_NO_HISTORY", value_parser = clap::builder::FalseyValueParser::new())]
    no_history: bool,
}

/// Holds an interview.
pub(super) fn run(args: &Interviewed, shell: &Shell) -> Result<(), Failure> {
    let bank = load_bank(shell)?;
    let prompts = prompts(shell)?;
    let load = args.compute.resolve(&shell.settings)?;
    let seed = Seed(args.seed.unwrap_or_else(by_chance));
    let question = question(args, &bank, seed)?;
    let seats = Seats::prepare(args.answers.as_deref(), args.json)?;
    let store = Store::open(&shell.folders.database())?;
    let Chosen { llm, card } = choose(args, load, shell, &seats)?;
    let meanings = chosen::meanings(llm.is_some(), shell)?;
    let policy = Policy::of(&card.sha256);
    let opening =
        Opening { question, seed, options: options(args, shell), model: card, bank: bank.sha256 };
    let (session, effects) = Session::begin(&store, opening)?;
    let id = session.id().to_owned();
    let style = seats.style(shell);
    let (prompts, known) = (Arc::new(prompts), Arc::default());
    let setup = Setup { llm, meanings, prompts, policy, known, style };
    let history = keeps_history(args, shell).then(|| shell.folders.history());
    let outcome =
        seats.hold(shell, history, |face| Interview::new(session, setup, face).run(effects))?;
    farewell(&id, outcome, args.json, shell)
}

fn choose(
    args: &Interviewed,
    load: LoadOptions,
    shell: &Shell,
    seats: &Seats,
) -> Result<Chosen, Failure> {
    let go_without = |failure: &Failure| seats.offer_without_model(failure);
    chosen::choose(args.model.as_deref(), load, shell, &go_without)
}

fn farewell(id: &str, outcome: Outcome, json: bool, shell: &Shell) -> Result<(), Failure> {
    if json {
        sessions::print_document(id, shell)?;
    }
    let show = format!("Kept as session {id}: viva sessions show {id}");
    if outcome == Outcome::Interrupted {
        return Err(Failure::interrupted().hint(show));
    }
    whisper(&show);
    Ok(())
}

pub(super) fn prompts(shell: &Shell) -> Result<Prompts, Failure> {
    let mend = "mend the file, or remove it to get ours back";
    let mut theirs = BTreeMap::new();
    for name in Prompts::FILES {
        let path = shell.folders.prompts().join(name);
        let shown = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) => drop(theirs.insert(name, (shown, text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::new(format!("{shown} cannot be read: {error}")).hint(mend));
            }
        }
    }
    Prompts::load(|name| theirs.get(name).cloned()).map_err(|fault| Failure::new(fault).hint(mend))
}

fn question(args: &Interviewed, bank: &InEffect, seed: Seed) -> Result<Question, Failure> {
    if let Some(id) = &args.question {
        return named(id, bank).cloned();
    }
    let filter = Filter {
        kind: args.kind,
        competency: args.competency.clone(),
        level: args.level,
        ..Filter::default()
    };
    bank.bank.pick(seed, &filter).cloned().ok_or_else(|| {
        Failure::usage("no question is like that").hint("`viva questions list` shows them all")
    })
}

/// The bank's question of that id.
pub(super) fn named<'b>(id: &str, bank: &'b InEffect) -> Result<&'b Question, Failure> {
    bank.bank.question(id).ok_or_else(|| {
        let near = bank.bank.nearest(id).map(|near| format!("did you mean {near}? "));
        let hint = format!("{}`viva questions list` shows them all", near.unwrap_or_default());
        Failure::usage(format!("there is no question {id}")).hint(hint)
    })
}

fn options(args: &Interviewed, shell: &Shell) -> Options {
    let defaults = Options::default();
    Options {
        followups: args.followups.or(shell.settings.followups).unwrap_or(defaults.followups),
        minutes: args.minutes.or(shell.settings.minutes),
    }
}

fn keeps_history(args: &Interviewed, shell: &Shell) -> bool {
    !args.no_history && shell.settings.history.unwrap_or(true)
}

/// Some number that differs from one interview to the next, short enough to be typed.
fn by_chance() -> u64 {
    let now = jiff::Timestamp::now().as_nanosecond();
    Seed(now as u64).next().0 % 1_000_000
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Store(error) => error.into(),
            SessionError::Misplaced(error) => Self::new(error),
        }
    }
}
