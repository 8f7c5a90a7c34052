//! What each key of the schema is for, as remedies put it.

/// A line that would do for `key`.
pub(super) fn sample(key: &str) -> &'static str {
    SAMPLES.iter().find(|(name, _)| *name == key).map_or("", |(_, sample)| *sample)
}

const SAMPLES: &[(&str, &str)] = &[
    ("id", "id = \"file-name-without-toml\""),
    ("say", "say = \"The question as an interviewer would speak it.\""),
    ("kind", "kind = \"…\""),
    ("competencies", "competencies = [\"architecture\", \"diagnosis\"]"),
    ("level", "level = \"senior\""),
    ("minutes", "minutes = 6"),
    ("framework", "framework = \"star\""),
    ("terms", "terms = [\"connection pool\", \"back-pressure\"]"),
    ("outline", "outline = [\"A strong answer in five to eight lines.\", \"…\"]"),
    ("looks_for", "[[looks_for]] on a line of its own, its keys below"),
    ("key_points", "[[key_points]] on a line of its own, its keys below"),
    ("mistakes", "[[mistakes]] on a line of its own, its keys below"),
    ("probes", "[[probes]] on a line of its own, its keys below"),
    ("example", "[[example]] on a line of its own, its keys below"),
    ("steps", "[[steps]] on a line of its own, its keys below"),
    ("statements", "[[….statements]] on a line of its own, its keys below"),
    ("parts", "parts = [\"id-of-a-question\", \"id-of-another\"]"),
    ("name", "name = \"The name people use\""),
    ("when", "when = \"When to reach for it, in one or two sentences.\""),
    (
        "heard",
        "heard = \"How an interviewer hears an answer that follows it, and one that does not.\"",
    ),
    ("text", "text = \"What it is, in one sentence.\""),
    ("advice", "advice = \"What to do about it, addressed to the candidate.\""),
    ("probe", "probe = \"The follow-up question that invites it?\""),
    ("fills", "fills = \"detail\""),
    ("use", "use = \"id-of-a-shared-criterion\""),
    ("wordings", "wordings = [\"You say …\", \"You name …\"]"),
    ("form", "form = \"said\" or form = \"omitted\""),
    ("negates", "negates = \"id-of-a-criterion-of-this-question\""),
    ("criterion", "criterion = \"id-of-a-criterion-of-this-question\""),
    ("step", "step = \"id-of-a-step-of-the-framework\""),
];
