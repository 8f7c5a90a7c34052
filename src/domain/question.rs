//! What is asked, and what an interviewer listens for in the answer.

use serde::{Deserialize, Serialize};

/// The sort of question, which decides how an interview about it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// "Tell me about a time…": something that happened.
    Behavioural,
    /// Design a system of several parts.
    SystemDesign,
    /// Design an algorithm or a data structure.
    AlgorithmDesign,
    /// "What would you do if…": a plan for a situation that is given.
    Scenario,
}

impl QuestionKind {
    /// Every kind, in the order in which lists show them.
    pub const ALL: [Self; 4] =
        [Self::Behavioural, Self::SystemDesign, Self::AlgorithmDesign, Self::Scenario];

    /// The name used in TOML, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Behavioural => "behavioural",
            Self::SystemDesign => "system-design",
            Self::AlgorithmDesign => "algorithm-design",
            Self::Scenario => "scenario",
        }
    }
}

/// The seniority a question is pitched at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// First years of work.
    Junior,
    /// Works on their own.
    Mid,
    /// Leads work of several people.
    Senior,
    /// Sets direction across teams.
    Staff,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 4] = [Self::Junior, Self::Mid, Self::Senior, Self::Staff];

    /// The name used in TOML, flags and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Junior => "junior",
            Self::Mid => "mid",
            Self::Senior => "senior",
            Self::Staff => "staff",
        }
    }
}

/// A question of the bank with everything needed to ask, probe, judge and advise.
///
/// A question either stands alone, with criteria of its own, or is a *round*: then
/// [`parts`](Self::parts) names the questions asked one after another, each judged by its own
/// criteria, and the criteria here are empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Stable name, kebab-case, unique in the bank; empty where somebody put a question that the
    /// bank does not have.
    pub id: String,
    /// The question as spoken.
    pub say: String,
    /// The sort of question.
    pub kind: QuestionKind,
    /// What the question is meant to show, kebab-case.
    pub competencies: Vec<String>,
    /// The seniority it is pitched at.
    pub level: Level,
    /// Minutes a good spoken answer takes; 0 where nobody said.
    pub minutes: u32,
    /// The shape that a good answer follows.
    pub framework: Framework,
    /// Words of the field that a good answer may use.
    pub terms: Vec<String>,
    /// A strong answer in five to eight lines, shown only on request.
    pub outline: Vec<String>,
    /// What interviewers look for.
    pub looks_for: Vec<Criterion>,
    /// Points of substance worth making.
    pub key_points: Vec<Criterion>,
    /// What to avoid.
    pub mistakes: Vec<Mistake>,
    /// Follow-up questions.
    pub probes: Vec<Probe>,
    /// One short passage for each step of the framework.
    pub example: Vec<Example>,
    /// What scores from 1 to 5 stand for, the lowest first; none where the bank has no scale.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// Questions asked in turn, when this is a round.
    pub parts: Vec<Question>,
}

/// A shape for answers: STAR, MECE, RICE and the like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Framework {
    /// Stable name, kebab-case.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// When to reach for it.
    pub when: String,
    /// How an interviewer hears an answer that follows it, and one that does not.
    pub heard: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One step of a framework; whether it was there is judged like any other criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The name people use: "Situation".
    pub name: String,
    /// What tells whether the step was there.
    pub criterion: Criterion,
}

/// One thing an interviewer listens for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// Name, kebab-case, unique within its question's groups taken together.
    pub id: String,
    /// What it is, in the interviewer's words.
    pub text: String,
    /// What to do when it was missing.
    pub advice: String,
    /// The follow-up that invites it.
    pub probe: String,
    /// What that follow-up is about, for the probe ladder.
    pub fills: Fills,
    /// What has to be true of the answer: all true is met, some true is partly.
    pub statements: Vec<Statement>,
}

/// Something about an answer that is either so or not so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// What sort of statement, which is what calibration goes by.
    pub kind: StatementKind,
    /// The statement in second person, in several wordings of one meaning.
    pub wordings: Vec<String>,
    /// Words that point to it when they are heard; empty where words prove nothing.
    pub terms: Vec<String>,
}

macro_rules! names {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])+ $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $type {
            $($(#[$doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl $type {
            /// Every value, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name used in TOML and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

names! {
    /// The closed list of statement kinds. Calibration is per model and kind, so a new kind
    /// is a decision, not a detail.
    StatementKind {
        /// Says where and when it happened, or what the setting is.
        Situation = "situation",
        /// Says what had to be achieved, or what was their charge.
        Task = "task",
        /// Says what was done, or would be done.
        Action = "action",
        /// Says how it ended.
        Result = "result",
        /// Gives a figure that measures something.
        Metric = "metric",
        /// Names a tool, a method or data that something was done with.
        NamesMeans = "names-means",
        /// Brings up a particular concept or component of the subject.
        Mentions = "mentions",
        /// Says how one thing led to another.
        CausalLink = "causal-link",
        /// Gives a reason for a choice.
        Reason = "reason",
        /// Names an option that was not taken.
        Alternative = "alternative",
        /// Says what was given up for what.
        TradeOff = "trade-off",
        /// Says what the speaker did themselves, apart from the team.
        OwnPart = "own-part",
        /// Speaks of working with, persuading or helping other people.
        Others = "others",
        /// Says what was learned.
        Lesson = "lesson",
        /// Says what changed afterwards, or would be done differently.
        Change = "change",
        /// Says how it was checked that something works.
        Validation = "validation",
        /// Names what could go wrong and what is done about it.
        Risk = "risk",
        /// Names a limit, a requirement or an assumption.
        Constraint = "constraint",
        /// Sets an order: what comes first and why.
        Priority = "priority",
        /// Puts the fault on others. For mistakes.
        Blames = "blames",
        /// Asserts something that is wrong about the subject. For mistakes.
        WrongClaim = "wrong-claim",
        /// Proposes something that works badly here. For mistakes.
        PoorChoice = "poor-choice",
        /// Shows an attitude that interviewers dislike. For mistakes.
        Attitude = "attitude",
        /// Makes a point of a reference answer, which is the statement itself.
        Point = "point",
    }
}

names! {
    /// What a follow-up question is about.
    Fills {
        /// What was given up for what.
        TradeOff = "trade-off",
        /// A figure.
        Metric = "metric",
        /// Ten times the load.
        Scale = "scale",
        /// What breaks, and what happens then.
        Failure = "failure",
        /// What the speaker did themselves.
        Ownership = "ownership",
        /// How it was checked.
        Validation = "validation",
        /// What was learned, what would change.
        Reflection = "reflection",
        /// Plain detail: what, where, when, how.
        Detail = "detail",
    }
}

names! {
    /// How a mistake shows.
    MistakeForm {
        /// Something was said: it needs a quote.
        Said = "said",
        /// Something was left out: it follows from the criterion it negates.
        Omitted = "omitted",
    }
}

/// Something to avoid in an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Name, kebab-case, unique within its question.
    pub id: String,
    /// How it shows.
    pub form: MistakeForm,
    /// What it is.
    pub text: String,
    /// What to do instead.
    pub advice: String,
    /// For `said`: what has to be true of the answer, all of it.
    pub statements: Vec<Statement>,
    /// For `omitted`: the id of the criterion whose absence is this mistake.
    pub negates: Option<String>,
}

/// A follow-up question of the bank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// What it is about.
    pub fills: Fills,
    /// The question as spoken.
    pub say: String,
    /// The criterion it invites, if one in particular.
    pub criterion: Option<String>,
}

/// A passage of the example answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The framework step it shows.
    pub step: String,
    /// The passage.
    pub text: String,
}

impl Question {
    /// The criteria of the three groups, in the order framework steps, looks-for, key points.
    pub fn criteria(&self) -> impl Iterator<Item = (super::Group, &Criterion)> {
        use super::Group;
        let steps = self.framework.steps.iter().map(|s| (Group::Structure, &s.criterion));
        let looks_for = self.looks_for.iter().map(|c| (Group::LooksFor, c));
        let key_points = self.key_points.iter().map(|c| (Group::KeyPoints, c));
        steps.chain(looks_for).chain(key_points)
    }

    /// Whether it is the bank's, and not somebody's own.
    pub fn is_of_bank(&self) -> bool {
        !self.id.is_empty()
    }

    /// Whether answers are judged by the points of a reference answer.
    pub fn by_reference(&self) -> bool {
        let mut statements = self.key_points.iter().flat_map(|point| &point.statements);
        statements.any(|statement| statement.kind == StatementKind::Point)
    }

    /// What is asked in turn: the parts of a round, or the question itself.
    pub fn asked(&self) -> Vec<&Question> {
        if self.parts.is_empty() { vec![self] } else { self.parts.iter().collect() }
    }
}
