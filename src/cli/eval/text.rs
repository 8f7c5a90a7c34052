//! The figures for people.

use std::fmt::Write as _;

use crate::domain::ModelCard;
use crate::eval::agreement::{AsideFit, Interval, Line, ReferenceReport, Report, Task, Worths};

/// The whole report.
pub(super) fn render(card: &ModelCard, report: &Report) -> String {
    let what = match report.task {
        Task::Structure => "framework steps",
        Task::Criterion => "criteria and mistakes",
    };
    let on = format!(
        "{what}: {} statements about {} questions, {:.0} % of them hold",
        report.n,
        report.questions,
        report.holds * 100.0
    );
    page(card, &on, &figures(report))
}

/// Agreement with marks.
pub(super) fn marks(card: &ModelCard, report: &ReferenceReport) -> String {
    let on = format!("reference answers: {} answers to {} questions", report.n, report.questions);
    let baselines = &report.baselines;
    let human = report.human.as_ref();
    let figures = [
        ("r", report.r),
        ("  of TF-IDF", baselines.tf_idf),
        ("  of the answer's length", baselines.length),
        ("  of two people", human.and_then(|human| human.r)),
        ("r within a question", report.r_within),
        ("  of TF-IDF", baselines.tf_idf_within),
        ("  of the answer's length", baselines.length_within),
        ("  of two people", human.and_then(|human| human.r_within)),
        ("RMSE in marks", report.rmse),
        ("weighted kappa", report.qwk),
        ("  of two people", human.and_then(|human| human.qwk)),
    ];
    page(card, &on, &figures)
}

/// The best heads of a model, a line each.
pub(super) fn heads(ranked: &[([usize; 2], f64)]) -> String {
    const MOST: usize = 20;
    let mut text = String::from("layer.head   looks most at a sentence that shows the statement\n");
    for ([layer, head], share) in ranked.iter().take(MOST) {
        let name = format!("{layer}.{head}");
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<11}{share:.3}");
    }
    text
}

/// What signals are worth, a table for each sort of statement.
pub(super) fn worths(worths: &[Worths]) -> String {
    let mut text = String::new();
    for Worths { sort, together, signals } in worths {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{sort:<16}alone   without, AUC on questions left out");
        let _ = writeln!(text, "  {:<14}{together:.3}", "all of them");
        for (name, alone, without) in signals {
            let _ = writeln!(text, "  {name:<14}{alone:.3}   {without:.3}");
        }
    }
    text
}

/// How finding sentences beside the point does, as a comment of the file that it goes into.
pub(super) fn asides(fitted: &AsideFit, answers: &[Vec<Line>]) -> String {
    let lines: Vec<&Line> = answers.iter().flatten().collect();
    let asides = lines.iter().filter(|line| line.aside).count();
    format!(
        "# On questions left out, {:.1} % of {asides} sentences beside the point are found, and {:.1} % of\n\
         # {} with something to show are lost.\n",
        100.0 * fitted.found,
        100.0 * fitted.lost,
        lines.len() - asides,
    )
}

/// A line for the model and what it was evaluated on, then one a figure.
fn page(card: &ModelCard, on: &str, figures: &[(&str, Option<Interval>)]) -> String {
    let calibrated = if card.calibrated { "calibrated" } else { "not calibrated" };
    let mut text = format!("{} ({calibrated}) on {on}\n\n", card.name);
    for (name, figure) in figures {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<34}{}", shown(*figure));
    }
    text
}

fn figures(report: &Report) -> [(&'static str, Option<Interval>); 13] {
    let baselines = &report.baselines;
    [
        ("right, of what is decided", report.decided_accuracy),
        ("unsure", report.unsure),
        ("balanced accuracy", report.balanced_accuracy),
        ("macro F1", report.macro_f1),
        ("AUC", report.auc),
        ("  of the model alone", baselines.model),
        ("  of words in common", baselines.words),
        ("  of the answer's length", baselines.length),
        ("r", report.r),
        ("r within a question", report.r_within),
        ("calibration error", report.calibration_error),
        ("quotes on the words that show it", report.quotes),
        ("dodges not credited", report.dodges),
    ]
}

fn shown(figure: Option<Interval>) -> String {
    figure.map_or_else(
        || "–".to_owned(),
        |Interval { value, low, high }| format!("{value:.3}  ({low:.3} to {high:.3})"),
    )
}
