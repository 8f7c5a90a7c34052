//! Numbers that measure something.

use super::vocabulary::{BEFORE_YEAR, CHANGE, ENUMERATED, NAMING, PLAIN, UNITS};
use super::{Span, words};

/// The numbers of a text that measure something: "420 ms", "30%", "$2.5M", "10x", "twelve weeks",
/// "half", "doubled". A unit, a sign or a currency beside the number belongs to the span.
///
/// Not among them: list markers, years, versions, names such as "S3", "p99", "Q4" and "HTTP/2",
/// and numbers that only count off what is being said ("two things", "one of the"). The judge
/// takes a figure for impossible where there is no number at all, so in doubt it is one.
pub fn numbers(text: &str) -> Vec<Span> {
    let spans: Vec<Span> = words(text).collect();
    let mut found: Vec<Span> = Vec::new();
    for i in 0..spans.len() {
        let here = Place { text, spans: &spans, i };
        if !here.measures() {
            continue;
        }
        let span = here.with_units();
        match found.last_mut() {
            Some(last) if continues(text, *last, span) => last.end = last.end.max(span.end),
            _ => found.push(span),
        }
    }
    found
}

/// Whether two numbers are one: "two hundred", "10-15", "$2.5 million".
fn continues(text: &str, last: Span, next: Span) -> bool {
    let gap = text.get(last.end..next.start).unwrap_or_default();
    let digits = |span: Span| span.of(text).contains(|c: char| c.is_ascii_digit());
    gap.is_empty()
        || matches!(gap, "-" | "–")
        || gap == " " && !digits(next) && !last.of(text).ends_with(['%', '.'])
}

/// A word with what surrounds it.
struct Place<'a> {
    text: &'a str,
    spans: &'a [Span],
    i: usize,
}

impl<'a> Place<'a> {
    fn word(&self) -> &'a str {
        self.spans[self.i].of(self.text)
    }

    /// The word `by` places on; empty where there is none.
    fn near(&self, by: isize) -> &'a str {
        let i = self.i.checked_add_signed(by);
        i.and_then(|i| self.spans.get(i)).map_or("", |span| span.of(self.text))
    }

    fn near_is(&self, by: isize, list: &[&str]) -> bool {
        is(self.near(by), list)
    }

    fn before(&self) -> &'a str {
        &self.text[..self.spans[self.i].start]
    }

    fn after(&self) -> &'a str {
        &self.text[self.spans[self.i].end..]
    }

    fn measures(&self) -> bool {
        if self.word().starts_with(|c: char| c.is_ascii_digit()) {
            self.digits_measure()
        } else {
            self.word_measures()
        }
    }

    fn digits_measure(&self) -> bool {
        let word = self.word();
        let ending =
            word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
        let counted = ending.is_empty() || is(ending, UNITS) || is_scaled_unit(ending);
        if !counted || self.is_named() || self.is_status() {
            return false;
        }
        let signed = !ending.is_empty() || self.percent() > 0 || self.currency() > 0;
        signed
            || !(self.is_marker()
                || self.is_year()
                || self.near_is(-1, NAMING)
                || self.near_is(1, ENUMERATED))
    }

    /// Whether the digits are glued to a name: "HTTP/2", "GPT-4", "#12", "24/7", "9:30".
    fn is_named(&self) -> bool {
        let mut back = self.before().chars().rev();
        let glue = back.next();
        let joined = back.next();
        let clock = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        let all_day = self.word() == "24" && self.after().starts_with("/7");
        all_day
            || self.after().strip_prefix(':').is_some_and(clock)
            || match glue {
                Some('#' | '_' | ':' | '@') => true,
                Some('/') => joined.is_some_and(char::is_alphabetic) || self.near(-1) == "24",
                Some('-' | '.') => {
                    let apart = self.is_range() || self.near_is(-1, &["sub"]);
                    joined.is_some_and(char::is_alphanumeric) && !apart
                }
                Some(c) => c.is_alphanumeric(),
                None => false,
            }
    }

    /// Whether a number stands before the hyphen: "10-15".
    fn is_range(&self) -> bool {
        self.near(-1).ends_with(|c: char| c.is_ascii_digit() || c == 'k' || c == 'm')
            && self.near(-1).starts_with(|c: char| c.is_ascii_digit())
    }

    fn is_marker(&self) -> bool {
        let line_start = self.before().trim_end_matches([' ', '\t']);
        let at_start = line_start.is_empty() || line_start.ends_with('\n');
        let bracket = self.after().starts_with(')') && self.before().ends_with(char::is_whitespace);
        let point = self.after().starts_with(". ") || self.after().starts_with(')');
        self.word().len() <= 2 && (bracket || at_start && point)
    }

    fn is_year(&self) -> bool {
        let is_year = self.word().len() == 4
            && self.word().parse().is_ok_and(|year: u32| (1900..2100).contains(&year));
        let next = self.near(1);
        let counted = next.ends_with('s') && next.len() > 3 && !is(next, &["this", "does"]);
        is_year && (self.near_is(-1, BEFORE_YEAR) || !(counted || is(next, UNITS)))
    }

    /// Whether it is a status code: "a 429", "returned 503", "503s".
    fn is_status(&self) -> bool {
        let answers = ["a", "return", "returns", "returned", "returning", "answer", "answers"];
        let code = self.word().trim_end_matches('s');
        let status = code.parse().is_ok_and(|code: u32| (400..600).contains(&code));
        let several = code.len() < self.word().len();
        status && (several || self.near_is(-1, &answers) && !is(self.near(1), UNITS))
    }

    fn word_measures(&self) -> bool {
        let word = self.word();
        if is(word, PLAIN) {
            let pointing = ["the", "these", "those", "first", "last", "other", "or"];
            let big = ["hundreds", "thousands", "dozens", "zero"];
            return is(word, &big)
                || !(self.counts_off() || self.near_is(-1, &pointing))
                || is(self.near(1), &["percent", "per", "hundred", "thousand"]);
        }
        if is(word, &["one"]) {
            return self.near_is(1, &["second", "minute", "hour", "week", "month", "year"])
                || self.near_is(1, &["percent", "per", "hundred", "thousand"]);
        }
        is(word, CHANGE) || self.fraction() || self.comparison()
    }

    /// "Two things", "two of us".
    fn counts_off(&self) -> bool {
        let people = ["us", "them", "you", "these", "those", "the", "our", "my"];
        self.near_is(1, ENUMERATED) || self.near_is(1, &["of"]) && self.near_is(2, &people)
    }

    /// "Half", "a third of", "two quarters".
    fn fraction(&self) -> bool {
        if is(self.word(), &["half"]) {
            return !self.near_is(-1, &["other", "second", "first", "better", "latter"])
                && !self.after().starts_with('-');
        }
        let counted = self.near_is(-1, &["a", "one", "two", "three", "by"]);
        let parts = ["thirds", "quarters", "fifths", "tenths"];
        let part = is(self.word(), &["third", "quarter", "fifth", "tenth"]);
        counted && (is(self.word(), &parts) || part && self.near_is(1, &["of", "less", "more"]))
            || counted && part && self.after().starts_with(['.', ',', ';'])
    }

    /// "Twice as fast", "double the load".
    fn comparison(&self) -> bool {
        is(self.word(), &["twice"]) && self.near_is(1, &["as", "the"])
            || is(self.word(), &["double", "triple", "halve"])
                && self.near_is(1, &["the", "that", "our", "what", "of", "its"])
    }

    /// Bytes of a per cent sign after the word.
    fn percent(&self) -> usize {
        let after = self.after();
        let spaces = usize::from(after.starts_with(' '));
        let sign = after[spaces..].chars().next().filter(|c| matches!(c, '%' | '‰' | '×'));
        sign.map_or(0, |c| spaces + c.len_utf8())
    }

    /// Bytes of a currency sign before the word.
    fn currency(&self) -> usize {
        let sign = self.before().chars().next_back();
        sign.filter(|c| matches!(c, '$' | '€' | '£' | '¥')).map_or(0, char::len_utf8)
    }

    /// The number with the signs and the unit beside it.
    fn with_units(&self) -> Span {
        let span = self.spans[self.i];
        let start = span.start - self.currency();
        let mut end = span.end + self.percent();
        if let Some(unit) = self.spans.get(self.i + 1)
            && matches!(&self.text[end..unit.start.max(end)], " " | "-")
            && (is(unit.of(self.text), UNITS) || is_scaled_unit(unit.of(self.text)))
        {
            end = unit.end;
        } else if self.near_is(1, &["per"]) && self.near_is(2, &["cent"]) {
            end = self.spans[self.i + 2].end;
        }
        Span { start, end }
    }
}

/// Whether the ending is a scale and a unit in one: "krps".
fn is_scaled_unit(ending: &str) -> bool {
    let mut chars = ending.chars();
    matches!(chars.next(), Some('k' | 'K' | 'm' | 'M'))
        && is(chars.as_str(), &["rps", "qps", "tps"])
}

fn is(word: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| word.eq_ignore_ascii_case(listed))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<&str> {
        numbers(text).into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn figures_with_units_signs_and_currencies_measure() {
        for (text, number) in [
            ("p95 fell to 420 ms", "420 ms"),
            ("it took 420ms", "420ms"),
            ("cut it by 30%", "30%"),
            ("at 99.99 % uptime", "99.99 %"),
            ("10x faster", "10x"),
            ("about 3.5k RPS", "3.5k RPS"),
            ("saved $2.5M a year", "$2.5M"),
            ("saved €3 million", "€3 million"),
            ("1,200 users", "1,200"),
            ("10-15 people", "10-15"),
            ("a 5-minute window", "5-minute"),
            ("sub-100 ms", "100 ms"),
            ("we had 12 services", "12"),
            ("grew to 2000 requests", "2000"),
        ] {
            assert_eq!(found(text), [number], "{text}");
        }
    }

    #[test]
    fn number_words_measure() {
        for (text, number) in [
            ("twelve weeks later", "twelve weeks"),
            ("cut in half", "half"),
            ("traffic doubled", "doubled"),
            ("two hundred users", "two hundred"),
            ("forty-two nodes", "forty-two"),
            ("one second", "one second"),
            ("twice as fast", "twice"),
            ("a third of them", "third"),
            ("five per cent", "five per cent"),
            ("thousands of users", "thousands"),
        ] {
            assert_eq!(found(text), [number], "{text}");
        }
    }

    #[test]
    fn names_markers_years_and_counting_off_do_not() {
        for text in [
            "1. First we looked",
            "1) look\n2) fix",
            "  3. and then",
            "back in 2021 we began",
            "v2.1 and S3, Q4, p99, HTTP/2, GPT-4, x86",
            "version 3 of step 2",
            "it returned a 429, answered 429s, or error 503",
            "one of the teams",
            "two things matter, for three reasons",
            "the two of us, two of the teams, one day",
            "on call 24/7 at 9:30",
            "the third party in the first half",
            "1st, 2nd, 2pc, 5xx",
            "charged twice, a double charge",
            "issue #12",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn several_are_apart() {
        assert_eq!(
            found("from 900 to 180 ms for 30% of 5 000"),
            ["900", "180 ms", "30%", "5", "000"]
        );
    }

    proptest! {
        #[test]
        fn spans_are_ordered_slices(text in r"([0-9]{1,4}|[$€%.,/:#\-]|[ \n]|two|half|ms|k| one | a |é){0,40}") {
            let spans = numbers(&text);
            prop_assert!(spans.iter().all(|span| !span.of(&text).is_empty()));
            prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }

        #[test]
        fn no_string_is_too_odd(text in any::<String>()) {
            let _ = (numbers(&text), super::super::fillers(&text), super::super::persons(&text));
        }
    }
}
