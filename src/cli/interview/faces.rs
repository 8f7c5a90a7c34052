//! Who the candidate talks to: a terminal, a pipe, or a list of answers.

use std::future::Future;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, UnboundedSender, WeakUnboundedSender};

use crate::app::{Face, Input, Inputs, Outcome, Session, SessionError, Show};
use crate::cli::{Failure, Shell};
use crate::feedback::Style;
use crate::ui::{Console, Editor, Hush, Lines, Listed, Look, Source, TerminalGuard, talk};

/// Columns of a text that goes to a file or a pipe.
const PLAIN_WIDTH: usize = 88;
/// Columns beyond which lines are hard to follow.
const MAX_WIDTH: usize = 100;
/// How long output that is already under way may take after the end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Where inputs come from and where the talk goes.
pub(super) struct Seats {
    kind: Kind,
    json: bool,
}

enum Kind {
    Typed,
    Piped,
    Listed(Vec<String>),
}

impl Seats {
    /// Looks where the candidate sits; reads the list of answers if there is one.
    pub(super) fn prepare(answers: Option<&Path>, json: bool) -> Result<Self, Failure> {
        let kind = match answers {
            Some(path) => Kind::Listed(read_answers(path)?),
            None if io::stdin().is_terminal() && io::stdout().is_terminal() && !json => Kind::Typed,
            None => Kind::Piped,
        };
        Ok(Self { kind, json })
    }

    fn live(&self) -> bool {
        matches!(self.kind, Kind::Typed)
    }

    /// How feedback looks there.
    pub(super) fn style(&self, shell: &Shell) -> Style {
        Style { color: self.colored(shell), width: self.width() }
    }

    fn colored(&self, shell: &Shell) -> bool {
        shell.color && !self.json
    }

    fn width(&self) -> usize {
        let terminal = self.live().then(textwrap::termwidth);
        terminal.map_or(PLAIN_WIDTH, |width| width.clamp(20, MAX_WIDTH))
    }

    fn look(&self, shell: &Shell) -> Look {
        Look {
            width: self.width(),
            color: self.colored(shell),
            live: self.live(),
            erases: self.erases(),
        }
    }

    fn erases(&self) -> bool {
        self.live() && std::env::var_os("TERM").is_none_or(|kind| kind != "dumb")
    }

    /// The talk itself: stdout, unless that is kept for a JSON document.
    fn out(&self) -> Box<dyn Write + Send> {
        if self.json { Box::new(io::stderr()) } else { Box::new(io::stdout()) }
    }

    /// Offers an interview without a model, where somebody can answer.
    pub(super) fn offer_without_model(&self, failure: &Failure) -> Result<bool, Failure> {
        if !self.live() || failure.kind() == crate::cli::Kind::Interrupted {
            return Ok(false);
        }
        let _ = failure.report();
        let mut err = io::stderr().lock();
        write!(err, "\nInterview without a model, in the bank's own words? [Y/n] ")?;
        err.flush()?;
        let mut answer = String::new();
        if io::stdin().read_line(&mut answer)? == 0 {
            return Ok(false);
        }
        Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
    }

    /// Holds the interview that `begin` makes over a face, to its end.
    pub(super) fn hold<F, R>(
        self,
        shell: &Shell,
        history: Option<PathBuf>,
        begin: F,
    ) -> Result<Outcome, Failure>
    where
        F: FnOnce(Face) -> R,
        R: Future<Output = Result<(Session, Outcome), SessionError>>,
    {
        let guard = TerminalGuard::new();
        let hush = Hush::default();
        let stays = self.live();
        let mut console = Console::new(self.out(), self.look(shell), hush.clone());
        let (show, shown) = mpsc::unbounded_channel();
        let (heard, inputs) = mpsc::unbounded_channel();
        // Not a sender of its own: once the thread below has ended, nobody is there any more.
        let interrupts = heard.downgrade();
        let mut source = self.source(history)?;
        let (ended, end) = std::sync::mpsc::channel();
        std::thread::Builder::new().name("viva-ui".into()).spawn(move || {
            let talked = talk(shown, &heard, &mut console, source.as_mut());
            // Whoever waited for the end may have gone.
            let _ = ended.send(talked);
        })?;
        let face = Face { show: show.clone(), input: Inputs::new(inputs), stays };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let outcome = runtime.block_on(async {
            let signals = tokio::spawn(watch_signals(hush, interrupts, show, stays));
            let outcome = begin(face).await;
            signals.abort();
            outcome
        });
        runtime.shutdown_background();
        let (_, outcome) = outcome?;
        if outcome != Outcome::Interrupted {
            // The last words are still being written. An editor in the middle of a line never
            // ends by itself, hence the limit.
            if let Ok(talked) = end.recv_timeout(LAST_WORDS) {
                talked?;
            }
        }
        drop(guard);
        Ok(outcome)
    }

    fn source(self, history: Option<PathBuf>) -> io::Result<Box<dyn Source>> {
        Ok(match self.kind {
            Kind::Typed => Box::new(Editor::new(history)?),
            Kind::Piped => Box::new(Lines::new(io::BufReader::new(io::stdin()))),
            Kind::Listed(answers) => Box::new(Listed::new(answers)),
        })
    }
}

fn read_answers(path: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("{} is not a JSON list of texts: {error}", path.display()))
            .hint(r#"like this: ["my first answer", "my second answer"]"#)
    })
}

/// Turns signals into inputs: SIGTERM and SIGHUP leave, Ctrl-C stops the speech, and said twice
/// leaves. While a line is being edited Ctrl-C is a key, and does not come this way.
async fn watch_signals(
    hush: Hush,
    inputs: WeakUnboundedSender<Vec<Input>>,
    show: UnboundedSender<Show>,
    live: bool,
) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut warned = false;
    loop {
        tokio::select! {
            _ = interrupt.recv() => {
                // Nobody hushes a pipe: its reader may be what keeps the speech waiting.
                if live && hush.hush() {
                    continue;
                }
                if warned || !live {
                    interrupt_by(&inputs);
                }
                warned = true;
                let _ = show.send(Show::Notice(
                    "Ctrl-C again leaves; what you sent is kept.".to_owned(),
                ));
            }
            _ = terminate.recv() => interrupt_by(&inputs),
            _ = hangup.recv() => interrupt_by(&inputs),
        }
    }
}

// To a session that has ended nothing needs to be said.
fn interrupt_by(inputs: &WeakUnboundedSender<Vec<Input>>) {
    if let Some(inputs) = inputs.upgrade() {
        let _ = inputs.send(vec![Input::Interrupt]);
    }
}
