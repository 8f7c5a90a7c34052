//! `config.toml`: what a user always wants, where no flag and no variable says otherwise.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Settings of the user's, each of which may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// A model of the catalogue, a GGUF by path, or `none`.
    pub model: Option<String>,
    /// Follow-ups a question, at most.
    pub followups: Option<u32>,
    /// Minutes for the interview.
    pub minutes: Option<u32>,
    /// Whether answers are kept for the arrow keys; yes unless said otherwise.
    pub history: Option<bool>,
    /// Whether the network is out of bounds.
    pub offline: Option<bool>,
    /// `auto`, `always` or `never`.
    pub color: Option<String>,
    /// Where the model computes: `auto`, `cpu`, `cuda`, `cuda:N` or `metal`.
    pub device: Option<String>,
    /// Threads that compute on the CPU.
    pub threads: Option<NonZeroUsize>,
    /// A folder of questions laid over the bank.
    pub knowledge: Option<PathBuf>,
}

/// A file of settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// It cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not what is expected.
    #[error("{}: {error}", path.display())]
    Faulty {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        error: Box<toml::de::Error>,
    },
}

impl SettingsError {
    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "make it readable, or set VIVA_HOME to another folder",
            Self::Faulty { .. } => "mend the file, or remove it",
        }
    }
}

impl Settings {
    /// Reads the file; no file is no settings.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(SettingsError::Unreadable { path: path.to_owned(), error }),
        };
        toml::from_str(&text).map_err(|error| SettingsError::Faulty {
            path: path.to_owned(),
            error: Box::new(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_is_no_settings() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Settings::read(&folder.path().join("none")).unwrap(), Settings::default());
    }

    #[test]
    fn a_fault_names_file_and_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "followups = 2\nmodle = 'x'\n").unwrap();
        let error = Settings::read(&path).unwrap_err().to_string();
        assert!(error.contains("config.toml") && error.contains("line 2"), "{error}");
        std::fs::write(&path, "followups = 'two'\n").unwrap();
        assert!(Settings::read(&path).unwrap_err().to_string().contains("line 1"));
    }
}
