//! Words that do not stand in finished code: stubs, notes to oneself, `unwrap()`, `allow`.
//!
//! Read from tokens, so that macros are seen into and strings are not. Not here: names that a room
//! must not use (`purity`).

use proc_macro2::{Delimiter, TokenTree};

use crate::source::{self, Fault, Purpose, Source, flatten};

/// Notes to oneself; in pieces, since this file is read too.
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
const STUBS: [&str; 2] = ["todo", "unimplemented"];

pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, line, _) in source.lines() {
        for note in NOTES {
            if line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == note) {
                faults.push(source.fault(number, format!("`{note}` is left")));
            }
        }
    }
    let tests = source.test_lines();
    let tokens = flatten(&source.tokens);
    for (index, token) in tokens.iter().enumerate() {
        let Some(word) = forbidden(&tokens[index..]) else { continue };
        let line = token.span().start().line;
        let in_test =
            source.purpose == Purpose::Test || tests.iter().any(|span| span.contains(&line));
        if word != UNWRAP || !in_test {
            faults.push(source.fault(line, format!("`{word}` does not stand here")));
        }
    }
    faults
}

const UNWRAP: &str = ".unwrap()";

/// The forbidden word with which these tokens begin.
fn forbidden(tokens: &[TokenTree]) -> Option<&'static str> {
    match tokens {
        [TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(arguments), ..]
            if dot.as_char() == '.' && name == "unwrap" && arguments.stream().is_empty() =>
        {
            Some(UNWRAP)
        }
        [TokenTree::Ident(name), TokenTree::Punct(bang), ..] if bang.as_char() == '!' => {
            STUBS.into_iter().find(|stub| name == stub)
        }
        [TokenTree::Punct(hash), rest @ ..] if hash.as_char() == '#' => {
            let attribute = rest.iter().find_map(|token| match token {
                TokenTree::Group(group) => Some(group),
                _ => None,
            })?;
            let allows = attribute.delimiter() == Delimiter::Bracket
                && begins_attribute(rest)
                && is_allow(&flatten(&attribute.stream()));
            allows.then_some("#[allow]")
        }
        _ => None,
    }
}

/// After `#`: a bracket, or `!` and a bracket.
fn begins_attribute(rest: &[TokenTree]) -> bool {
    match rest {
        [TokenTree::Group(_), ..] => true,
        [TokenTree::Punct(bang), TokenTree::Group(_), ..] => bang.as_char() == '!',
        _ => false,
    }
}

/// `allow(...)` itself, or inside `cfg_attr(...)`.
fn is_allow(attribute: &[TokenTree]) -> bool {
    let named =
        |token: &TokenTree, name: &str| matches!(token, TokenTree::Ident(ident) if ident == name);
    attribute.first().is_some_and(|first| {
        named(first, "allow")
            || (named(first, "cfg_attr") && attribute.iter().any(|token| named(token, "allow")))
    })
}

#[test]
fn sources_hold_no_forbidden_word() {
    let faults: Vec<_> = source::all().iter().flat_map(check).collect();
    source::assert_none(&faults);
}

#[cfg(test)]
mod tests {
    use super::{NOTES, check};
    use crate::source::Source;

    fn faults(path: &str, text: &str) -> usize {
        check(&Source::parse(path, text)).len()
    }

    fn in_product(text: &str) -> usize {
        faults("engine/src/a.rs", text)
    }

    #[test]
    fn notes_to_oneself_are_found_as_words() {
        for note in NOTES {
            assert_eq!(in_product(&format!("// {note}: later\n")), 1);
            assert_eq!(in_product(&format!("// {note}S is another word\n")), 0);
        }
    }

    #[test]
    fn unwrap_is_for_tests() {
        let inside = "fn a() { b().unwrap(); }";
        assert_eq!(in_product(inside), 1);
        assert_eq!(in_product("fn a() { assert!(b.unwrap()); }"), 1);
        assert_eq!(in_product("fn a() { b.unwrap_or(0); c(\".unwrap()\"); }"), 0);
        assert_eq!(in_product(&format!("#[cfg(test)]\nmod tests {{ {inside} }}")), 0);
        assert_eq!(faults("engine/src/a/tests.rs", inside), 0);
    }

    #[test]
    fn stubs_are_found_in_tests_too() {
        assert_eq!(in_product("fn a() { todo!() }"), 1);
        assert_eq!(faults("tests/tests/a.rs", "fn a() { unimplemented!() }"), 1);
    }

    #[test]
    fn allow_is_found_in_each_of_its_forms() {
        for text in [
            "#[allow(dead_code)]\nfn a() {}",
            "#![allow(dead_code)]\nfn a() {}",
            "#[cfg_attr(test, allow(dead_code))]\nfn a() {}",
            "macro_rules! m { () => { #[allow(dead_code)] fn a() {} } }",
        ] {
            assert_eq!(in_product(text), 1, "{text}");
        }
        assert_eq!(in_product("#[expect(dead_code, reason = \"allow\")]\nfn a() {}"), 0);
    }
}
