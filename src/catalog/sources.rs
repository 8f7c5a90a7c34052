//! Where models may come from, as resolved from flags and environment.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::Cache;

/// A secret that shows itself to no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Where models may come from, and with how much patience.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Whether every network is out of bounds.
    pub offline: bool,
    /// Whether the hub is.
    pub hub_offline: bool,
    /// The hub's address.
    pub endpoint: String,
    /// Sent to the hub and to nobody else.
    pub token: Option<Token>,
    /// The user's Hugging Face cache, read only.
    pub cache: Option<PathBuf>,
    /// The Python that has pip.
    pub python: PathBuf,
    /// How long a server may take to be connected to and to answer.
    pub patience: Duration,
    /// How long a download may stand still.
    pub stall: Duration,
    /// The first pause before a connection is taken up again; each further pause is twice as
    /// long.
    pub backoff: Duration,
}

impl Sources {
    /// No network, no cache, no environment: what else is wanted is set on top.
    pub fn none() -> Self {
        Self {
            offline: true,
            hub_offline: false,
            endpoint: "https://huggingface.co".into(),
            token: None,
            cache: None,
            python: if cfg!(windows) { "python".into() } else { "python3".into() },
            patience: Duration::from_millis(4500),
            stall: Duration::from_secs(30),
            backoff: Duration::from_millis(500),
        }
    }

    /// What the variables of the Hugging Face tools say: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HOME`,
    /// `HF_HUB_CACHE`, `HF_HUB_OFFLINE`. The last speaks of the hub alone; `offline` of
    /// everything.
    pub fn from_env(offline: bool) -> Self {
        let cache = hub_cache();
        let base = Self::none();
        Self {
            offline,
            hub_offline: text("HF_HUB_OFFLINE").is_some_and(|v| is_true(&v)),
            endpoint: text("HF_ENDPOINT").unwrap_or(base.endpoint),
            token: text("HF_TOKEN").or_else(|| cache.as_ref()?.token()).map(Token),
            cache: cache.map(|c| c.path().clone()),
            ..Self::none()
        }
    }
}

/// The folder as the Hugging Face tools find it. `Cache::from_env` knows `HF_HOME` alone and
/// panics where there is no home folder.
fn hub_cache() -> Option<Cache> {
    let hub = |home: &Path| home.join("hub");
    let found = text("HF_HUB_CACHE")
        .map(PathBuf::from)
        .or_else(|| text("HF_HOME").map(|home| hub(Path::new(&home))))
        .or_else(|| env::home_dir().map(|home| hub(&home.join(".cache/huggingface"))));
    found.map(Cache::new)
}

fn text(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.trim().is_empty())
}

/// As `huggingface_hub` reads its switches.
fn is_true(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_shows_itself_to_no_log() {
        let sources = Sources { token: Some(Token("hf_secret".into())), ..Sources::none() };
        assert!(!format!("{sources:?}").contains("secret"));
    }
}
