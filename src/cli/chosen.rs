//! Which model interviews and judges, and getting it ready.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compute::Compute;
use super::interview::prompts;
use super::models::{self, pull, sentences_if_here};
use super::sessions::style;
use super::{Failure, Shell, whisper};
use crate::app::Setup;
use crate::catalog::{Entry, Fit, Known, Machine, Spec};
use crate::domain::ModelCard;
use crate::engine::{Embedder, LoadOptions};
use crate::judge::{Calibration, Policy};
use crate::llm::{Llm, Local, Meanings, Script, Scripted};

/// A model that is ready, or none.
pub(super) struct Chosen {
    pub(super) llm: Option<Arc<dyn Llm>>,
    pub(super) card: ModelCard,
}

/// What a script's path begins with: a model for trying the program without weights.
const SCRIPT: &str = "script:";

/// The model that was asked for: flag or variable, then settings, then the catalogue's default.
/// Where it cannot be had, `go_without` says whether to do without one.
pub(super) fn choose(
    asked: Option<&str>,
    options: LoadOptions,
    shell: &Shell,
    go_without: &dyn Fn(&Failure) -> Result<bool, Failure>,
) -> Result<Chosen, Failure> {
    let catalog = models::catalog(shell)?;
    let asked = asked.or(shell.settings.model.as_deref());
    if let Some(path) = asked.and_then(|a| a.strip_prefix(SCRIPT)) {
        return scripted(Path::new(path));
    }
    let spec = match asked {
        Some(asked) => catalog.resolve(asked)?,
        None => Spec::Named(catalog.default_entry()),
    };
    match spec {
        Spec::None => Ok(none()),
        Spec::Named(entry) => named(entry, options, shell, go_without),
        Spec::File(path) => {
            let sha256 = models::digest(&path, shell)?;
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned());
            open(&path, options, card(&name.unwrap_or_default(), sha256), shell)
        }
    }
}

/// What judging answers takes that were given elsewhere, with the model that was asked for.
pub(super) fn judge(
    asked: Option<&str>,
    compute: &Compute,
    shell: &Shell,
) -> Result<(Setup, ModelCard), Failure> {
    let prompts = Arc::new(prompts(shell)?);
    let load = compute.resolve(&shell.settings)?;
    let Chosen { llm, card } = choose(asked, load, shell, &|_: &Failure| Ok(false))?;
    let meanings = meanings(llm.is_some(), shell)?;
    let policy = Policy::of(&card.sha256);
    let known = Arc::default();
    let setup = Setup { llm, meanings, prompts, policy, known, style: style(shell) };
    Ok((setup, card))
}

/// What compares sentences in meaning beside a model that judges, where the files for it are here.
pub(super) fn meanings(judged: bool, shell: &Shell) -> Result<Option<Arc<Meanings>>, Failure> {
    let Some(folder) = sentences_if_here(shell).filter(|_| judged) else { return Ok(None) };
    let hint = "`viva models rm all-minilm-l6-v2` judges without it, and `pull` fetches it anew";
    let model = Embedder::open(&folder).map_err(|error| Failure::new(error).hint(hint))?;
    Ok(Some(Arc::new(Meanings::new(model))))
}

fn none() -> Chosen {
    Chosen { llm: None, card: card("none", String::new()) }
}

fn card(name: &str, sha256: String) -> ModelCard {
    let calibrated = Calibration::is_fitted(&sha256);
    ModelCard { name: name.to_owned(), sha256, calibrated }
}

/// A model of the catalogue, fetched if it is not here.
fn named(
    entry: &Entry,
    options: LoadOptions,
    shell: &Shell,
    go_without: &dyn Fn(&Failure) -> Result<bool, Failure>,
) -> Result<Chosen, Failure> {
    models::runnable(entry)?;
    if let Some(tight) = too_large(entry) {
        whisper(&tight);
    }
    match pull::obtain(Known::Chat(entry), shell, false) {
        Ok(path) => open(&path, options, card(&entry.name, entry.sha256.to_string()), shell),
        Err(failure) if go_without(&failure)? => Ok(none()),
        Err(failure) => Err(failure),
    }
}

fn too_large(entry: &Entry) -> Option<String> {
    match Fit::of(entry.memory_bytes, Machine::detect()) {
        Fit::TooLarge => Some(format!(
            "{} needs more memory than this machine has; `viva models list` shows what fits.",
            entry.name
        )),
        Fit::Fits | Fit::Tight => None,
    }
}

fn open(
    path: &Path,
    options: LoadOptions,
    card: ModelCard,
    shell: &Shell,
) -> Result<Chosen, Failure> {
    let kept = Some(shell.folders.prefixes());
    let llm = Local::open(path, &options, card.clone(), kept).map_err(Failure::new)?;
    if !card.calibrated {
        whisper(&format!(
            "The judge was not calibrated for {}: its verdicts are rougher, and more often unsure.",
            card.name
        ));
    }
    Ok(Chosen { llm: Some(Arc::new(llm)), card })
}

fn scripted(path: &Path) -> Result<Chosen, Failure> {
    let shown: PathBuf = path.to_owned();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", shown.display())))?;
    let script: Script = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", shown.display())))?;
    let llm = Scripted::new(script);
    let card = llm.card().clone();
    Ok(Chosen { llm: Some(Arc::new(llm)), card })
}
