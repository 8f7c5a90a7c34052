//! Sentences: the unit in which evidence is quoted.

use super::{Span, words, words::stands_alone};

/// A sentence longer than this many words is cut; spoken answers may have no full stop at all.
const LONG: usize = 45;
/// A cut leaves no piece shorter than this many words.
const SHORT: usize = 15;
/// Shortened words whose point never ends a sentence. "No." and "etc." are not here: they do end
/// sentences.
const ABBREVIATIONS: [&str; 11] =
    ["vs", "cf", "approx", "e.g", "i.e", "eg", "ie", "fig", "resp", "incl", "a.k.a"];
/// Shortened titles, which have a capital: "180 ms." does end a sentence.
const TITLES: [&str; 6] = ["Mr", "Mrs", "Ms", "Dr", "Prof", "St"];
/// Words before which a long sentence may be cut.
const JOINTS: [&str; 9] = ["and", "so", "but", "then", "because", "which", "while", "when", "or"];

/// The sentences of a text, in order: trimmed, apart, none without a word, and together holding
/// every word.
///
/// A full stop, question or exclamation mark ends one, unless the point belongs to an
/// abbreviation, an initial, a list marker or a number; every line break ends one; an ellipsis
/// only before a capital. What is longer than about 45 words is cut at a comma or before a word
/// such as "and", so that it stays quotable.
pub fn sentences(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in ends(text) {
        push(text, Span { start, end }, &mut found);
        start = end;
    }
    push(text, Span { start, end: text.len() }, &mut found);
    found
}

/// Offsets at which a sentence ends.
fn ends(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let mut end = at + c.len_utf8();
        if at == start && c.is_whitespace() {
            start = end;
        }
        if !may_end(c) || start == end {
            continue;
        }
        while let Some(&(at, c)) = chars.peek()
            && (is_stop(c) || closes(c))
            && !is_break(text[..end].chars().next_back().unwrap_or(' '))
        {
            chars.next();
            end = at + c.len_utf8();
        }
        if ends_here(text, start, at, end) {
            found.push(end);
            start = end;
        }
    }
    found
}

/// Whether the marks at `at..end` end the sentence that began at `start`.
fn ends_here(text: &str, start: usize, at: usize, end: usize) -> bool {
    let marks = &text[at..end];
    if marks.starts_with(is_break) || marks.contains(is_wide_stop) {
        return true;
    }
    let after = &text[end..];
    if !after.starts_with(char::is_whitespace) && !after.is_empty() {
        return false;
    }
    let capital = after.trim_start().starts_with(|c: char| !c.is_lowercase());
    match marks.trim_end_matches(closes) {
        "." => !belongs_to_word(&text[start..at], capital),
        dots if dots.starts_with("..") || dots.starts_with('…') => capital,
        _ => true,
    }
}

/// Whether a point after `before`, the sentence so far, is part of its last word.
fn belongs_to_word(before: &str, capital_follows: bool) -> bool {
    let before = before.trim_start();
    let tail = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = tail.trim_start_matches(|c: char| !c.is_alphanumeric());
    let marker = word.len() == tail.len() && tail.len() == before.len();
    let short = word.chars().take(3).count();
    let digits = word.chars().all(|c| c.is_ascii_digit());
    let initial = short == 1 && word != "I" && word.chars().all(char::is_uppercase);
    // A word of more bytes is no abbreviation, and need not be copied to find out.
    let known = word.len() < 8
        && (TITLES.contains(&word) || ABBREVIATIONS.contains(&word.to_lowercase().as_str()));
    let etc = word.eq_ignore_ascii_case("etc") && !capital_follows;
    (marker && short > 0 && (short == 1 || short == 2 && digits)) || initial || known || etc
}

const fn may_end(c: char) -> bool {
    is_stop(c) || is_break(c)
}

const fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…') || is_wide_stop(c)
}

/// Full stops that no space follows.
const fn is_wide_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡' | '．')
}

const fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

const fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』' | '）' | '*' | '_')
}

/// Adds the sentence in `span`, trimmed and cut to length, if it has a word.
fn push(text: &str, span: Span, found: &mut Vec<Span>) {
    let span = trimmed(text, span);
    let slice = span.of(text);
    let words: Vec<Span> = words(slice).map(|word| word.shifted(span.start)).collect();
    if words.is_empty() {
        return;
    }
    let mut start = span.start;
    for end in cuts(text, &words) {
        found.push(trimmed(text, Span { start, end }));
        start = end;
    }
    found.push(trimmed(text, Span { start, end: span.end }));
}

fn trimmed(text: &str, span: Span) -> Span {
    let slice = span.of(text);
    let start = span.start + (slice.len() - slice.trim_start().len());
    Span { start, end: start + slice.trim().len() }
}

/// Where a sentence of these words is cut: at offsets of words that begin a new piece.
fn cuts(text: &str, words: &[Span]) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut first = 0;
    while words.len() - first > LONG {
        first += cut(text, &words[first..]);
        cuts.push(words[first].start);
    }
    cuts
}

/// How many of more than [`LONG`] words go into the first piece.
fn cut(text: &str, words: &[Span]) -> usize {
    let last = LONG.min(words.len() - SHORT);
    let gap = |i: usize| &text[words[i - 1].end..words[i].start];
    let comma = |&i: &usize| gap(i).contains([',', ';', ':', '–', '—', '，', '、']);
    let joint = |&i: &usize| is_joint(words[i].of(text));
    // Two characters written without a space are often one word: prefer to cut elsewhere.
    let spaced = |&i: &usize| !gap(i).is_empty() || !words[i].of(text).starts_with(stands_alone);
    let range = || (SHORT..=last).rev();
    range()
        .find(comma)
        .or_else(|| range().find(joint))
        .or_else(|| range().find(spaced))
        .unwrap_or(last)
}

fn is_joint(word: &str) -> bool {
    JOINTS.iter().any(|joint| word.eq_ignore_ascii_case(joint))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn marks_end_sentences() {
        assert_eq!(
            split("It broke. Why? No idea! We looked."),
            ["It broke.", "Why?", "No idea!", "We looked."]
        );
        assert_eq!(split("it broke. then we looked"), ["it broke.", "then we looked"]);
        assert_eq!(split("What?! Really."), ["What?!", "Really."]);
    }

    #[test]
    fn points_inside_words_do_not() {
        for text in [
            "We used Redis, e.g. for sessions, i.e. hot data.",
            "Mr. Lee ran Kafka vs. Pulsar.",
            "Latency fell from 3.5 s on v2.1 to 0.4 s.",
            "J. Smith wrote node.js code.",
            "Logs, traces, etc. were there.",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn a_percentile_a_unit_or_a_number_may_end_one() {
        assert_eq!(
            split("It took 180 ms. Ms. Lee saw it."),
            ["It took 180 ms.", "Ms. Lee saw it."]
        );
        assert_eq!(
            split("We watched p99. It fell to 80. So did I. Fine."),
            ["We watched p99.", "It fell to 80.", "So did I.", "Fine."]
        );
        assert_eq!(split("Logs etc. Then we left."), ["Logs etc.", "Then we left."]);
    }

    #[test]
    fn an_ellipsis_ends_one_only_before_a_capital() {
        assert_eq!(
            split("So... we waited… And waited... Then it broke..."),
            ["So... we waited…", "And waited...", "Then it broke..."]
        );
    }

    #[test]
    fn quotes_stay_with_their_sentence() {
        assert_eq!(
            split("He said \"stop.\" We (all of us) stopped.) So."),
            ["He said \"stop.\"", "We (all of us) stopped.)", "So."]
        );
    }

    #[test]
    fn lines_and_list_items_are_sentences() {
        assert_eq!(
            split("Steps:\n- look at it\n2. fix it 3. ship\r\n\n---\n* done. b"),
            ["Steps:", "- look at it", "2. fix it 3.", "ship", "* done.", "b"]
        );
    }

    #[test]
    fn wide_full_stops_need_no_space() {
        assert_eq!(split("我用了队列。很快！"), ["我用了队列。", "很快！"]);
    }

    #[test]
    fn a_long_run_on_is_cut_at_a_comma_or_a_joint() {
        let clause = "we looked at every single graph that we had on the wall";
        let text = [clause; 9].join(" and ");
        let pieces = split(&text);
        assert!(pieces.len() >= 3, "{pieces:?}");
        assert!(pieces[1..].iter().all(|piece| piece.starts_with("and ")), "{pieces:?}");
        let text = [clause; 9].join(", and ");
        assert!(split(&text)[0].ends_with("wall,"));
        assert!(split(&"word ".repeat(200)).iter().all(|p| words(p).count() <= LONG));
    }

    #[test]
    fn a_hundred_thousand_characters_are_no_burden() {
        for unit in ["word ", "a.", ". ", "x", "\n", "…", "队", "e.g. ", "'", "1."] {
            let text = unit.repeat(100_000 / unit.len());
            check(&text);
        }
    }

    fn check(text: &str) {
        let spans = sentences(text);
        for span in &spans {
            let slice = text.get(span.start..span.end).expect("a slice");
            assert!(!slice.is_empty() && slice == slice.trim());
        }
        assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        let mut spans = spans.iter().peekable();
        for word in words(text) {
            while spans.peek().is_some_and(|span| span.end <= word.start) {
                spans.next();
            }
            let span = spans.peek().expect("a sentence for every word");
            assert!(span.start <= word.start && word.end <= span.end);
        }
    }

    proptest! {
        #[test]
        fn spans_are_ordered_slices_that_hold_every_word(text in any::<String>()) {
            check(&text);
        }

        #[test]
        fn so_they_do_in_text_full_of_marks(
            text in r#"([a-zI0-9]{1,3}|[.!?…。'")\-]|[ \n\t]|e\.g\.|, and |🙂|\u{1b}|队){0,80}"#
        ) {
            check(&text);
        }
    }
}
