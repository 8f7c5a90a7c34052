//! Questions, and rounds of them.

use crate::domain::{
    Criterion, Example, Fills, Framework, Level, Mistake, MistakeForm, Probe, Question,
    QuestionKind,
};

use super::criterion;
use super::fault::quoted;
use super::fields::{Fields, Line};
use super::lines::cap;
use super::names::Names;
use super::shelf::Shelf;
use super::statement;
use super::suggest::known;

/// What a question has and a round has not.
const OWN: [&str; 5] = ["looks_for", "key_points", "mistakes", "probes", "example"];

/// Reads a question that stands alone.
pub(super) fn alone(fields: &mut Fields<'_>, stem: &str, shelf: &Shelf) -> Option<Question> {
    let framework = framework(fields, shelf);
    let head = head(fields, stem, framework, &shelf.anchors);
    let mut names = names(framework);
    let looks_for = criteria(fields, "looks_for", &mut names, shelf);
    let key_points = criteria(fields, "key_points", &mut names, shelf);
    let mistakes = mistakes(fields, &names);
    let probes = probes(fields, &names);
    let example = example(fields, framework);
    Some(Question { looks_for, key_points, mistakes, probes, example, ..head? })
}

/// Reads a round, which asks other questions in turn.
pub(super) fn round(
    fields: &mut Fields<'_>,
    stem: &str,
    shelf: &Shelf,
    is_round: impl Fn(&str) -> bool,
) -> Option<Question> {
    let framework = framework(fields, shelf);
    let head = head(fields, stem, framework, &shelf.anchors);
    for key in OWN {
        fields.forbid(key, "a round is judged by the criteria of its parts");
    }
    let mut parts = Vec::new();
    for part in fields.ids("parts", 2..=6) {
        if is_round(&part.text) {
            let what = format!("`parts` names {}, which is a round itself", quoted(&part.text));
            fields.report.add(part.at, what, "name that round's parts instead");
        } else {
            parts
                .extend(shelf.questions.find(&part.text, "parts", part.at, fields.report).cloned());
        }
    }
    Some(Question { parts, ..head? })
}

fn framework<'s>(fields: &mut Fields<'_>, shelf: &'s Shelf) -> Option<&'s Framework> {
    let id = fields.id("framework")?;
    shelf.frameworks.find(&id, "framework", fields.at("framework"), fields.report)
}

/// Reads what questions and rounds have in common.
fn head(
    fields: &mut Fields<'_>,
    stem: &str,
    framework: Option<&Framework>,
    anchors: &[String],
) -> Option<Question> {
    let id = fields.own_id(stem);
    let say = fields.line("say", cap::PASSAGE);
    let kind = fields.choice("kind", &QuestionKind::ALL, QuestionKind::name);
    let competencies = texts(fields.ids("competencies", 1..=8));
    let level = fields.choice("level", &Level::ALL, Level::name);
    let minutes = fields.number("minutes", 1..=60);
    let terms = texts(fields.lines("terms", 4..=40, cap::NAME));
    let outline = texts(fields.lines("outline", 5..=8, cap::SENTENCE));
    Some(Question {
        id: id?,
        say: say?,
        kind: kind?,
        competencies,
        level: level?,
        minutes: minutes?,
        framework: framework?.clone(),
        terms,
        outline,
        looks_for: Vec::new(),
        key_points: Vec::new(),
        mistakes: Vec::new(),
        probes: Vec::new(),
        example: Vec::new(),
        anchors: anchors.to_vec(),
        parts: Vec::new(),
    })
}

/// The name space of a question's criteria: the steps of its framework come first.
fn names(framework: Option<&Framework>) -> Names {
    let mut names = Names::default();
    match framework {
        Some(framework) => framework.steps.iter().for_each(|s| names.grant(&s.criterion.id)),
        None => names.set_incomplete(),
    }
    names
}

fn criteria(
    fields: &mut Fields<'_>,
    key: &'static str,
    names: &mut Names,
    shelf: &Shelf,
) -> Vec<Criterion> {
    fields.tables(key, 3..=12, |f| criterion::listed(f, names, shelf))
}

fn mistakes(fields: &mut Fields<'_>, criteria: &Names) -> Vec<Mistake> {
    let mut names = Names::default();
    fields.tables("mistakes", 3..=12, |f| mistake(f, &mut names, criteria))
}

fn mistake(fields: &mut Fields<'_>, names: &mut Names, criteria: &Names) -> Option<Mistake> {
    let id = fields.id("id");
    if let Some(id) = &id {
        names.claim(id, "mistake", fields.at("id"), fields.report);
    }
    let text = fields.line("text", cap::SENTENCE);
    let advice = fields.line("advice", cap::PASSAGE);
    let form = fields.choice("form", MistakeForm::ALL, MistakeForm::name);
    let mut statements = Vec::new();
    let mut negates = None;
    match form {
        Some(MistakeForm::Said) => {
            statements = statement::of_mistake(fields);
            fields.forbid("negates", "only an omitted mistake negates a criterion");
        }
        Some(MistakeForm::Omitted) => {
            negates = reference(fields, "negates", criteria);
            fields.forbid("statements", "an omitted mistake follows from the criterion it negates");
        }
        None => {
            fields.skip("statements");
            fields.skip("negates");
        }
    }
    Some(Mistake { id: id?, form: form?, text: text?, advice: advice?, statements, negates })
}

/// The id of one of the question's criteria.
fn reference(fields: &mut Fields<'_>, key: &'static str, criteria: &Names) -> Option<String> {
    let id = fields.id(key)?;
    criteria.expect(&id, key, fields.at(key), fields.report);
    Some(id)
}

fn probes(fields: &mut Fields<'_>, criteria: &Names) -> Vec<Probe> {
    let mut asked: Vec<String> = Vec::new();
    let mut about: Vec<Fills> = Vec::new();
    let probes = fields.tables("probes", 6..=24, |f| {
        let fills = criterion::fills(f);
        about.extend(fills);
        probe(f, fills, criteria, &mut asked)
    });
    for wanted in [Fills::TradeOff, Fills::Metric] {
        if fields.has("probes") && !about.contains(&wanted) {
            let what = format!("no entry of `probes` fills `{}`", wanted.name());
            fields.fault("probes", what, format!("add one with fills = \"{}\"", wanted.name()));
        }
    }
    probes
}

fn probe(
    fields: &mut Fields<'_>,
    fills: Option<Fills>,
    criteria: &Names,
    asked: &mut Vec<String>,
) -> Option<Probe> {
    let say = fields.spoken("say");
    if say.as_ref().is_some_and(|say| asked.contains(say)) {
        fields.fault(
            "say",
            "this follow-up is there twice",
            "take one out: nothing is asked twice",
        );
    }
    asked.extend(say.clone());
    let criterion = fields.if_any("criterion", |f, key| reference(f, key, criteria));
    Some(Probe { fills: fills?, say: say?, criterion })
}

fn example(fields: &mut Fields<'_>, framework: Option<&Framework>) -> Vec<Example> {
    let mut told: Vec<Option<Line>> = Vec::new();
    let example = fields.tables("example", 1..=10, |f| {
        let step = f.id("step");
        told.push(step.clone().map(|text| Line { text, at: f.at("step") }));
        let text = f.line("text", cap::PASSAGE);
        Some(Example { step: step?, text: text? })
    });
    let told: Option<Vec<Line>> = told.into_iter().collect();
    if let (Some(framework), Some(told)) = (framework, told.filter(|told| !told.is_empty())) {
        check_steps(fields, &told, framework);
    }
    example
}

/// Every step of the framework once, in its order.
fn check_steps(fields: &mut Fields<'_>, told: &[Line], framework: &Framework) {
    let steps: Vec<&str> = framework.steps.iter().map(|s| s.criterion.id.as_str()).collect();
    let mut strangers = told.iter().filter(|line| !steps.contains(&line.text.as_str())).peekable();
    if strangers.peek().is_none() {
        return check_order(fields, told, framework, &steps);
    }
    for line in strangers {
        let what = format!("{} is no step of {}", quoted(&line.text), quoted(&framework.id));
        fields.report.add(line.at, what, known(&line.text, steps.iter().copied()));
    }
}

fn check_order(fields: &mut Fields<'_>, told: &[Line], framework: &Framework, steps: &[&str]) {
    let differs = |i: &usize| told.get(*i).map(|l| l.text.as_str()) != steps.get(*i).copied();
    let Some(i) = (0..told.len().max(steps.len())).find(differs) else { return };
    let at = told.get(i).or(told.last()).map_or(fields.at("example"), |line| line.at);
    let what = match (told.get(i), steps.get(i)) {
        (Some(line), Some(step)) => {
            format!("passage {} is {}, where `{step}` belongs", i + 1, quoted(&line.text))
        }
        (Some(line), None) => format!("{} is one passage too many", quoted(&line.text)),
        (None, _) => format!("no passage of `example` shows the step `{}`", steps[i]),
    };
    let remedy = format!("give one [[example]] a step of {}: {}", framework.id, steps.join(", "));
    fields.report.add(at, what, remedy);
}

fn texts(lines: Vec<Line>) -> Vec<String> {
    lines.into_iter().map(|line| line.text).collect()
}
