//! Showing foreign text without obeying it.
//!
//! What a model, a bank or a candidate wrote is data. A terminal would obey its control
//! characters, and a reader be fooled by marks that turn text around, so both are shown as
//! visible escapes: `\x1b`, `\u{202e}`.

use std::fmt::Write as _;

/// Text for one line of a terminal; newline and tab are shown too, as `\n` and `\t`.
pub fn line(text: &str) -> String {
    escaped(text, false)
}

/// Text for a terminal, with its newlines and tabs.
pub fn terminal(text: &str) -> String {
    escaped(text, true)
}

/// Text for one line of Markdown, in which nothing is markup; newlines become spaces.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => escaped.push(' '),
            c if is_hidden(c) => push_visible(&mut escaped, c, r"\\"),
            c => {
                if is_markup(c) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    unmarked_start(&escaped)
}

fn escaped(text: &str, keep_breaks: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !(keep_breaks && matches!(c, '\n' | '\t')) {
            push_visible(&mut escaped, c, r"\");
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Control characters, separators that break lines, and marks that are not seen but change the
/// direction or hide text. Joiners stay: emoji and several scripts need them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}')
}

fn push_visible(out: &mut String, c: char, backslash: &str) {
    let written = match c {
        '\n' => write!(out, "{backslash}n"),
        '\t' => write!(out, "{backslash}t"),
        '\r' => write!(out, "{backslash}r"),
        c if c.is_ascii() => write!(out, "{backslash}x{:02x}", u32::from(c)),
        c => write!(out, "{backslash}u{{{:x}}}", u32::from(c)),
    };
    written.expect("writing to a string cannot fail");
}

const fn is_markup(c: char) -> bool {
    matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$')
}

/// Takes the meaning from what begins a list: "- ", "+ ", "1." and "1)".
fn unmarked_start(text: &str) -> String {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = rest.len() < text.len() && rest.starts_with(['.', ')']);
    if numbered || text.starts_with(['-', '+', '=']) {
        let (number, mark) = text.split_at(text.len() - rest.len());
        format!("{number}\\{mark}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn controls_are_shown() {
        assert_eq!(line("a\u{1b}[31mred\u{7}\u{9b}\r\n\tb"), r"a\x1b[31mred\x07\u{9b}\r\n\tb");
        assert_eq!(terminal("a\n\tb\u{8}"), "a\n\tb\\x08");
    }

    #[test]
    fn marks_that_turn_text_around_are_shown() {
        assert_eq!(line("\u{202e}abc\u{2066}\u{feff}"), r"\u{202e}abc\u{2066}\u{feff}");
    }

    #[test]
    fn everything_else_stays() {
        for text in ["plain", "é 队 👩\u{200d}💻 “quoted”", "50% → C:\\x"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn markdown_is_no_markup() {
        assert_eq!(
            markdown("a *b* <i> [x](y) `c` _d_\n# e"),
            r"a \*b\* \<i\> \[x\](y) \`c\` \_d\_ \# e"
        );
        assert_eq!(markdown("- a"), r"\- a");
        assert_eq!(markdown("12. a"), r"12\. a");
        assert_eq!(markdown("12 a"), "12 a");
        assert_eq!(markdown("\u{1b}[0m"), r"\\x1b\[0m");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            prop_assert!(!line(&text).contains(is_hidden));
            prop_assert!(!markdown(&text).contains(is_hidden));
            let hidden = |c: char| is_hidden(c) && !matches!(c, '\n' | '\t');
            prop_assert!(!terminal(&text).contains(hidden));
        }
    }
}
