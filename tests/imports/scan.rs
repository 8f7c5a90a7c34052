//! What a source file names: every path of two parts or more, wherever it stands.
//!
//! The file is read as tokens, by the lexer that macros use: comments and strings hold no paths,
//! and the body of a macro does. Code for tests is left out.

use std::iter::Peekable;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream::IntoIter};

/// Words that may stand before a path that begins with `::`, and are no part of it.
const KEYWORDS: [&str; 8] = ["as", "dyn", "for", "impl", "in", "mut", "return", "use"];

type Tokens = Peekable<IntoIter>;

/// The paths that `source` names. Those that begin with `crate`, `self` or `super` come as
/// `crate::…`; `module` is where the file stands, as in `["cli", "models"]`.
pub(crate) fn paths(source: &str, module: &[&str]) -> Vec<String> {
    let tokens: TokenStream = source.parse().expect("the compiler reads it as well");
    let module = module.iter().map(|&part| part.to_owned()).collect();
    let mut scan = Scan { module, found: Vec::new() };
    scan.tokens(tokens, &[]);
    scan.found
}

struct Scan {
    module: Vec<String>,
    found: Vec<String>,
}

impl Scan {
    /// Reads tokens; within the braces of `use a::{…}`, `prefix` is what stands before them.
    fn tokens(&mut self, tokens: TokenStream, prefix: &[String]) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if is_for_tests(&group) => skip_item(&mut tokens),
                TokenTree::Group(group) => self.tokens(group.stream(), &[]),
                TokenTree::Ident(word) if word == "mod" => self.module(&mut tokens),
                // `{Seed as S}`: the new name is no part of a path.
                TokenTree::Ident(word) if word == "as" && !prefix.is_empty() => {
                    tokens.next();
                }
                TokenTree::Ident(word) if KEYWORDS.contains(&&*word.to_string()) => {}
                TokenTree::Ident(word) => {
                    let mut path = prefix.to_vec();
                    path.push(word.to_string());
                    self.path(path, &mut tokens);
                }
                TokenTree::Punct(mark) if mark.as_char() == '*' && !prefix.is_empty() => {
                    self.keep(&[prefix, &["*".to_owned()]].concat());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    /// Reads `name { … }` or `name;` after `mod`.
    fn module(&mut self, tokens: &mut Tokens) {
        let name = tokens.next();
        if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(_))) = (name, tokens.peek()) {
            self.module.push(name.to_string());
            if let Some(TokenTree::Group(body)) = tokens.next() {
                self.tokens(body.stream(), &[]);
            }
            self.module.pop();
        }
    }

    /// Reads what follows the first part of a path.
    fn path(&mut self, mut path: Vec<String>, tokens: &mut Tokens) {
        while take_colons(tokens) {
            match tokens.peek() {
                Some(TokenTree::Ident(word)) => path.push(word.to_string()),
                Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => path.push("*".to_owned()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group = group.stream();
                    tokens.next();
                    return self.tokens(group, &path);
                }
                // `Vec::<u8>`, or `$a::$b` in a macro.
                Some(_) | None => break,
            }
            tokens.next();
        }
        self.keep(&path);
    }

    fn keep(&mut self, path: &[String]) {
        let path = self.absolute(path);
        if path.len() > 1 {
            self.found.push(path.join("::"));
        }
    }

    fn absolute(&self, path: &[String]) -> Vec<String> {
        let mut base = None;
        let mut rest = path;
        while let Some((first, after)) = rest.split_first() {
            let here = base.get_or_insert_with(|| self.module.clone());
            match first.as_str() {
                "crate" => here.clear(),
                "self" => {}
                "super" => drop(here.pop()),
                // A name of its own: that of another crate, or something in scope.
                _ if rest.len() == path.len() => return path.to_vec(),
                _ => break,
            }
            rest = after;
        }
        let root = ["crate".to_owned()];
        [&root[..], &base.unwrap_or_default(), rest].concat()
    }
}

/// Whether it is the `[cfg(test)]` of an attribute, or `[cfg(all(test, …))]`.
fn is_for_tests(group: &Group) -> bool {
    let text: String = group.stream().to_string().split_whitespace().collect();
    group.delimiter() == Delimiter::Bracket
        && (text == "cfg(test)" || text.starts_with("cfg(all(test,"))
}

/// Skips to the end of the item that an attribute stands before.
fn skip_item(tokens: &mut Tokens) {
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return,
            TokenTree::Punct(mark) if mark.as_char() == ';' => return,
            TokenTree::Group(_)
            | TokenTree::Ident(_)
            | TokenTree::Punct(_)
            | TokenTree::Literal(_) => {}
        }
    }
}

/// Takes `::` if it comes next.
fn take_colons(tokens: &mut Tokens) -> bool {
    let is_colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    let mut ahead = tokens.clone();
    let both = is_colon(ahead.next().as_ref()) && is_colon(ahead.next().as_ref());
    if both {
        tokens.nth(1);
    }
    both
}

#[cfg(test)]
mod tests {
    use super::paths;

    fn in_wording(source: &str) -> Vec<String> {
        paths(source, &["wording", "guards"])
    }

    #[test]
    fn imports_are_seen_however_they_are_written() {
        for source in [
            "use crate::store::Store;",
            "pub use crate :: store :: Store as Shop;",
            "use super::super::store::Store;",
            "fn f(s: &crate::store::Store) {}",
            "mod inner { use super::super::super::store::Store; }",
            "macro_rules! m { () => { $crate::store::Store }; }",
            "fn f() { println!(\"{}\", crate::store::Store); }",
        ] {
            assert_eq!(in_wording(source), ["crate::store::Store"], "{source}");
        }
    }

    #[test]
    fn groups_are_taken_apart() {
        assert_eq!(
            in_wording("use crate::{domain::{Turn, Seed as S}, text::*, store};"),
            ["crate::domain::Turn", "crate::domain::Seed", "crate::text::*", "crate::store"]
        );
        assert_eq!(
            in_wording("use std::{fs, time::{self, Duration}};"),
            ["std::fs", "std::time::self", "std::time::Duration"]
        );
    }

    #[test]
    fn paths_that_stay_within_the_module_name_it() {
        assert_eq!(
            in_wording("use super::Heard; use self::words::f;"),
            ["crate::wording::Heard", "crate::wording::guards::words::f"]
        );
    }

    #[test]
    fn comments_documentation_and_strings_name_nothing() {
        for source in [
            "// crate::store::Store",
            "/* use crate::store; /* std::fs */ */",
            "//! See [`crate::store`].",
            "/// See [`crate::store`].\nstruct S;",
            "const S: &str = \"crate::store::Store\";",
            "const S: &str = r#\"use crate::store\"; crate::store\"#;",
            "const Q: char = '\"'; // crate::store \"",
            "pub(crate) struct S<'a>(&'a str);",
        ] {
            assert_eq!(in_wording(source), [""; 0], "{source}");
        }
    }

    #[test]
    fn code_for_tests_is_left_out_and_what_follows_is_not() {
        for test in [
            "#[cfg(test)] mod tests { use crate::store::Store; }",
            "#[cfg(test)] mod tests;",
            "#[cfg(test)] #[path = \"x\"] use crate::store::Store;",
            "#[cfg(all(test, unix))] fn f() -> [u8; 1] { crate::store::f() }",
        ] {
            assert_eq!(in_wording(&format!("{test} use crate::text::f;")), ["crate::text::f"]);
        }
        assert_eq!(in_wording("#[cfg(not(test))] use crate::store::f;"), ["crate::store::f"]);
    }
}
