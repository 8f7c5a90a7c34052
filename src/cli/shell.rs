//! What every command shares: folders, colour, whether the network may be used.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::files::Folders;

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
    /// Colour: on a terminal, always or never
    #[arg(long, global = true, value_enum, default_value = "auto", env = "VIVA_COLOR")]
    color: Color,
    /// Use no network, whatever is missing
    #[arg(long, global = true, env = "VIVA_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    offline: bool,
    /// A folder of questions laid over the built-in bank
    #[arg(long, global = true, value_name = "DIR", env = "VIVA_KNOWLEDGE")]
    knowledge: Option<PathBuf>,
}

/// What was resolved for every command.
#[derive(Debug)]
pub struct Shell {
    /// Where things are kept.
    pub folders: Folders,
    /// Whether stdout is coloured.
    pub color: bool,
    /// Whether the network is out of bounds.
    pub offline: bool,
    /// The folder laid over the bank, if the user named one; `Folders::knowledge` otherwise.
    pub knowledge: Option<PathBuf>,
}

impl Shell {
    pub(super) fn resolve(shared: Shared) -> Result<Self, Failure> {
        let color = match shared.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
                    && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
            }
        };
        let folders = Folders::resolve().map_err(Failure::new)?;
        Ok(Self { folders, color, offline: shared.offline, knowledge: shared.knowledge })
    }
}
