//! What chat templates expect around them: the environment that `transformers` renders them in.

use std::sync::LazyLock;

use jiff::civil::Date;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Value};
use regex::{Captures, Regex};

/// What one rendering may use up, in minijinja's measure: about as many instructions, or 64 bytes
/// of memory apiece. Templates in use take 20 to 40 a message.
const FUEL: u64 = 50_000;

/// What a template says when it refuses what it was given.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Raised(pub(super) String);

/// An environment without templates: no files, no escaping, no clock.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_syntax(trimming());
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_function("raise_exception", raise);
    environment.add_filter("tojson", json);
    environment
}

/// A block's tag takes the line that it stands on with it.
fn trimming() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("the usual delimiters are valid")
}

/// Sets the day that `strftime_now` tells.
pub(super) fn set_date(environment: &mut Environment<'static>, date: Date) {
    let midnight = date.at(0, 0, 0, 0);
    environment.add_function("strftime_now", move |format: &str| {
        jiff::fmt::strtime::format(format, midnight)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
    });
}

/// The source with `{% generation %}` turned into a block that is always rendered: it marks what
/// a model is trained on, and has no effect on the text.
pub(super) fn without_generation(source: &str) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}").expect("the pattern is valid")
    });
    let plain = |tag: &Captures| {
        let word = if tag.get(2).is_some() { "endif" } else { "if true" };
        format!("{{%{} {word} {}%}}", &tag[1], &tag[3])
    };
    TAG.replace_all(source, plain).into_owned()
}

fn raise(message: &str) -> Result<Value, Error> {
    let raised = Raised(message.to_owned());
    Err(Error::new(ErrorKind::InvalidOperation, "the template refused").with_source(raised))
}

/// `json.dumps(value, ensure_ascii=False, indent=…)`.
fn json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let indent: Option<Value> = options.get("indent")?;
    // Said by templates, and what happens here anyway.
    let _: Option<bool> = options.get("ensure_ascii")?;
    let escaped = minijinja::filters::tojson(value, indent, options)?;
    Ok(without_html_escapes(escaped.as_str().unwrap_or_default()))
}

/// JSON with the characters that minijinja escapes for HTML as they are. No other character of
/// its output is written as one of these escapes.
fn without_html_escapes(json: &str) -> String {
    let escape = Regex::new(r"\\(?:u003c|u003e|u0026|u0027|[^u]|u)").expect("the pattern is valid");
    let plain = |found: &Captures| match &found[0] {
        r"\u003c" => "<".to_owned(),
        r"\u003e" => ">".to_owned(),
        r"\u0026" => "&".to_owned(),
        r"\u0027" => "'".to_owned(),
        other => other.to_owned(),
    };
    escape.replace_all(json, plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{environment, set_date, without_generation};
    use minijinja::context;

    fn render(source: &str) -> String {
        let mut environment = environment();
        set_date(&mut environment, jiff::civil::date(2025, 3, 9));
        let values = context! { value => context! { b => "<a> & 'b' \\u003c é", a => [1, 2] } };
        environment.render_str(source, values).expect("the template is sound")
    }

    #[test]
    fn json_is_pythons() {
        // json.dumps({"b": "<a> & 'b' \\u003c é", "a": [1, 2]}, ensure_ascii=False)
        let python = r#"{"b": "<a> & 'b' \\u003c é", "a": [1, 2]}"#;
        assert_eq!(render("{{ value | tojson }}"), python);
        assert_eq!(render("{{ [1] | tojson(indent=2, ensure_ascii=False) }}"), "[\n  1\n]");
    }

    #[test]
    fn dates_are_those_of_the_day_given() {
        assert_eq!(render("{{ strftime_now('%d %b %Y, %-d') }}"), "09 Mar 2025, 9");
    }

    #[test]
    fn strings_have_pythons_methods() {
        assert_eq!(render("{{ ' x</t>y '.strip().split('</t>')[-1].startswith('y') }}"), "True");
    }

    #[test]
    fn generation_blocks_leave_no_trace_in_the_text() {
        let source = "a\n  {%- generation -%} b {%- endgeneration %}\nc{% if false %}{% endif %}";
        assert_eq!(render(&without_generation(source)), "abc");
    }
}
