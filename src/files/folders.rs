//! Where things are kept: the XDG folders, or everything under `VIVA_HOME`.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

/// No folder to keep anything in.
#[derive(Debug, thiserror::Error)]
#[error("there is no home folder to keep models and sessions in; set VIVA_HOME to a folder")]
pub struct NoHome;

/// The folders of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    config: PathBuf,
    data: PathBuf,
    cache: PathBuf,
    state: PathBuf,
}

impl Folders {
    /// `VIVA_HOME` if it is set, the XDG folders otherwise. Creates nothing.
    pub fn resolve() -> Result<Self, NoHome> {
        match std::env::var_os("VIVA_HOME") {
            Some(home) if !home.is_empty() => Ok(Self::under(Path::new(&home))),
            _ => Self::xdg(),
        }
    }

    /// Everything under one folder.
    pub fn under(home: &Path) -> Self {
        let home = home.to_path_buf();
        Self { config: home.clone(), data: home.clone(), cache: home.join("cache"), state: home }
    }

    fn xdg() -> Result<Self, NoHome> {
        let base = etcetera::choose_base_strategy().map_err(|_| NoHome)?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Ok(Self {
            config: base.config_dir().join("vivavoce"),
            data: base.data_dir().join("vivavoce"),
            cache: base.cache_dir().join("vivavoce"),
            state: state.join("vivavoce"),
        })
    }

    /// Model files.
    pub fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// The journal of sessions.
    pub fn database(&self) -> PathBuf {
        self.data.join("viva.db")
    }

    /// What was typed at the prompt.
    pub fn history(&self) -> PathBuf {
        self.state.join("history")
    }

    /// The user's settings.
    pub fn config(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Questions laid over the bank.
    pub fn knowledge(&self) -> PathBuf {
        self.data.join("knowledge")
    }

    /// Prompts laid over ours.
    pub fn prompts(&self) -> PathBuf {
        self.data.join("prompts")
    }

    /// A catalogue laid over ours.
    pub fn catalog(&self) -> PathBuf {
        self.data.join("models.toml")
    }

    /// What can be made again.
    pub fn cache(&self) -> PathBuf {
        self.cache.clone()
    }

    /// Digests of model files that were hashed before.
    pub fn hashed(&self) -> PathBuf {
        self.cache.join("hashed.json")
    }

    /// What models computed for the program's and the bank's text.
    pub fn prefixes(&self) -> PathBuf {
        self.cache.join("prefixes")
    }

    /// Margins of evaluations.
    pub fn margins(&self) -> PathBuf {
        self.cache.join("margins")
    }

    /// Logs.
    pub fn log(&self) -> PathBuf {
        self.state.join("log")
    }
}
