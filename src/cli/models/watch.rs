//! Showing how a fetch goes on: a bar on a terminal, plain lines elsewhere, always on stderr.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::catalog::{Artifact, Event, Progress, human_bytes};

/// Without a terminal a line is written each time so many more hundredths have arrived.
const STEP: u64 = 10;

/// Shows the fetch of one model; the bar goes when this is dropped.
pub(super) struct Watch {
    name: String,
    bar: Option<ProgressBar>,
    pace: Mutex<Pace>,
}

impl Watch {
    /// Shows nothing yet.
    pub(super) fn new(artifact: &Artifact<'_>) -> Self {
        let bar = io::stderr().is_terminal().then(|| new_bar(artifact.size()));
        let pace = Mutex::new(Pace::start(artifact.size(), 0));
        Self { name: artifact.name.to_owned(), bar, pace }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            // A closed stderr leaves nowhere to say so.
            None => drop(writeln!(io::stderr(), "{line}")),
        }
    }

    /// Changes the figures, shows them if it is time, and never mind another thread's panic:
    /// they are figures.
    fn update(&self, change: impl FnOnce(&mut Pace) -> bool) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let due = change(&mut pace);
        match &self.bar {
            Some(bar) => {
                bar.set_position(pace.have);
                bar.set_message(pace.to_string());
            }
            None if due => self.say(&format!("  {:>3} %  {pace}", pace.percent())),
            None => {}
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Watch {
    fn report(&self, event: Event<'_>) {
        let name = &self.name;
        match event {
            Event::Waiting { path } => {
                self.say(&format!("Another process is fetching {}; waiting.", path.display()));
            }
            Event::Checking { path, size } => {
                self.say(&format!("Checking {} of {}.", human_bytes(size), path.display()));
            }
            Event::Trying { source, to, size, have } => {
                let size_text = human_bytes(size);
                let here = (have > 0).then(|| format!(" ({} here already)", human_bytes(have)));
                let (here, to) = (here.unwrap_or_default(), to.display());
                self.say(&format!("Fetching {name}, {size_text}{here}, from {source} to {to}"));
                self.update(|pace| {
                    *pace = Pace::start(size, have);
                    false
                });
            }
            Event::Part { n, of } => self.update(|pace| {
                pace.begin(n, of);
                false
            }),
            Event::Have(have) => self.update(|pace| pace.advance(have)),
            Event::Retrying { reason, after } => {
                let after = after.as_secs_f32();
                self.say(&format!("The source {reason}; trying again in {after:.1} s."));
            }
            Event::Failed { source, reason, next } => {
                let next = next.map(|next| format!(" Trying {next}.")).unwrap_or_default();
                self.say(&format!("{source}: {reason}.{next}"));
            }
            Event::Landed { .. } => self.say(&format!("{name} is here, and its SHA-256 is right.")),
        }
    }
}

fn new_bar(size: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {percent:>3} % {wide_bar} {msg}");
    let bar = ProgressBar::new(size);
    bar.set_style(style.expect("the template is a constant that was tried"));
    // pip may be silent for a minute: something has to move.
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// How far a fetch is and how fast it goes. The rate is that of the whole fetch. Of a file in
/// parts it is taken whenever a part is done: between, nothing comes for long and then all.
struct Pace {
    size: u64,
    have: u64,
    /// Bytes that were there at `since`.
    from: u64,
    since: Instant,
    part: Option<(usize, usize)>,
    /// Bytes a second; nothing until it can be told.
    rate: Option<f64>,
    /// Hundredths at which the next plain line is due.
    due: u64,
}

impl Pace {
    fn start(size: u64, have: u64) -> Self {
        let since = Instant::now();
        let mut pace = Self { size, have, from: have, since, part: None, rate: None, due: 0 };
        pace.due = pace.next_step();
        pace
    }

    /// Takes note that a part begins, and so that the one before is done.
    fn begin(&mut self, n: usize, of: usize) {
        self.part = Some((n, of));
        self.measure();
    }

    /// Takes note of what is there now; whether a line is due.
    fn advance(&mut self, have: u64) -> bool {
        self.have = have;
        self.from = self.from.min(have);
        if self.part.is_none() {
            self.measure();
        }
        let due = self.percent() >= self.due;
        if due || self.percent() + STEP < self.due {
            self.due = self.next_step();
        }
        due
    }

    fn measure(&mut self) {
        let seconds = self.since.elapsed().as_secs_f64().max(0.001);
        let rate = (self.have - self.from) as f64 / seconds;
        self.rate = (rate >= 1.0).then_some(rate);
    }

    fn next_step(&self) -> u64 {
        self.percent() / STEP * STEP + STEP
    }

    fn percent(&self) -> u64 {
        self.have * 100 / self.size.max(1)
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", human_bytes(self.have), human_bytes(self.size))?;
        if let Some(rate) = self.rate {
            let left = self.size.saturating_sub(self.have) as f64 / rate;
            write!(f, ", {}/s, {} left", human_bytes(rate as u64), human_time(left))?;
        }
        match self.part {
            Some((n, of)) if of > 1 => write!(f, ", part {n} of {of}"),
            Some(_) | None => Ok(()),
        }
    }
}

/// Seconds as people say them: `45 s`, `3 min`, `2 h 5 min`.
fn human_time(seconds: f64) -> String {
    let whole = Duration::from_secs_f64(seconds.clamp(0.0, 1e9)).as_secs();
    match whole {
        0..90 => format!("{whole} s"),
        90..3600 => format!("{} min", (whole + 30) / 60),
        3600.. => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_at_each_step_and_once() {
        let mut pace = Pace::start(1000, 0);
        let due: Vec<bool> = [50, 99, 100, 150, 350, 390, 400, 0, 90, 100, 1000]
            .map(|have| pace.advance(have))
            .into();
        let yes: Vec<usize> = due.iter().enumerate().filter(|d| *d.1).map(|d| d.0).collect();
        assert_eq!(yes, [2, 4, 6, 9, 10]);
    }

    #[test]
    fn time_is_said_in_its_own_unit() {
        assert_eq!(
            [0.4, 89.0, 90.0, 7500.0, 1e300].map(human_time),
            ["0 s", "89 s", "2 min", "2 h 5 min", "277777 h 46 min"]
        );
    }
}
