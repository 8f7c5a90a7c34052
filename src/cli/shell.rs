//! What every command shares: folders, settings, colour, whether the network may be used.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::files::{Folders, Settings};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Flags that every command takes, as typed.
#[derive(Debug, Args)]
pub(super) struct Shared {
    /// Colour the output [default: auto]
    #[arg(long, global = true, value_enum, env = "VIVA_COLOR")]
    color: Option<Color>,
    /// Use no network, whatever is missing
    #[arg(long, global = true, env = "VIVA_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// A folder of questions laid over the built-in bank
    #[arg(long, global = true, value_name = "DIR", env = "VIVA_KNOWLEDGE")]
    knowledge: Option<PathBuf>,
}

/// What was resolved for every command: flags over variables over `config.toml` over defaults.
#[derive(Debug)]
pub struct Shell {
    /// Where things are kept.
    pub folders: Folders,
    /// The user's settings.
    pub settings: Settings,
    /// Whether stdout is coloured.
    pub color: bool,
    /// Whether the network is out of bounds.
    pub offline: bool,
    /// The folder laid over the bank, if the user named one; `Folders::knowledge` otherwise.
    pub knowledge: Option<PathBuf>,
}

impl Shell {
    pub(super) fn resolve(shared: Shared) -> Result<Self, Failure> {
        let folders = Folders::resolve().map_err(Failure::new)?;
        let settings = Settings::read(&folders.config())
            .map_err(|error| Failure::new(&error).hint(error.remedy()))?;
        let color = match shared.color.map_or_else(|| set_color(&settings), Ok)? {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => wants_color(),
        };
        let offline = shared.offline || settings.offline.unwrap_or(false);
        let knowledge = shared.knowledge.or_else(|| settings.knowledge.clone());
        Ok(Self { folders, settings, color, offline, knowledge })
    }
}

fn set_color(settings: &Settings) -> Result<Color, Failure> {
    let Some(set) = &settings.color else { return Ok(Color::Auto) };
    Color::from_str(set, true).map_err(|_| {
        Failure::new(format!("color = {set:?} in config.toml is not a setting"))
            .hint("auto, always and never are")
    })
}

fn wants_color() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}
