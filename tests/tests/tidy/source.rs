//! A Rust source as the checkers see it: text, tokens, and which of its lines are tests.
//!
//! Not here: any judgement on it.

use std::{fmt, ops::RangeInclusive};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, spanned::Spanned};
use veche_tests::repository;

/// The rooms that hold Rust.
pub(crate) const ROOMS: [&str; 8] =
    ["protocol", "engine", "api", "client-cli", "auditor-cli", "tests", "bench", "fuzz"];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Its lines, but for those under `#[cfg(test)]`, are part of a program.
    Product,
    /// All of it is there to test.
    Test,
}

/// One file.
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) purpose: Purpose,
    pub(crate) tokens: TokenStream,
    pub(crate) syntax: syn::File,
}

impl Source {
    /// Reads a source from text, so that a checker can be tried on a snippet.
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let tokens: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        let syntax = syn::parse2(tokens.clone())
            .unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        let purpose = if is_test_path(path) { Purpose::Test } else { Purpose::Product };
        Self { path: path.to_owned(), text: text.to_owned(), purpose, tokens, syntax }
    }

    /// The spans of lines, counted from 1, that stand under `#[cfg(test)]`.
    pub(crate) fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        let mut spans = Vec::new();
        collect_test_items(&self.syntax.items, &mut spans);
        spans
    }

    /// The numbered lines with what each is for.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str, Purpose)> {
        let spans = self.test_lines();
        self.text.lines().zip(1..).map(move |(line, number)| {
            let in_test = spans.iter().any(|span| span.contains(&number));
            (number, line, if in_test { Purpose::Test } else { self.purpose })
        })
    }

    /// A fault in this file.
    pub(crate) fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault { place: format!("{}:{line}", self.path), what: what.into() }
    }
}

/// One breach of order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) place: String,
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Every Rust source of the repository.
pub(crate) fn all() -> Vec<Source> {
    let paths = ROOMS.iter().flat_map(|room| repository::files(room, "rs"));
    let sources: Vec<_> =
        paths.map(|path| Source::parse(&path, &repository::read(&path))).collect();
    assert!(sources.len() > ROOMS.len(), "the sources were not found");
    sources
}

/// Fails with all the faults, one per line.
pub(crate) fn assert_none(faults: &[Fault]) {
    let lines: Vec<_> = faults.iter().map(Fault::to_string).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", lines.len(), lines.join("\n"));
}

/// The tokens with those inside brackets in their place, brackets themselves left out of sight.
pub(crate) fn flatten(tokens: &TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens.clone() {
        let inside = match &token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        };
        flat.push(token);
        if let Some(inside) = inside {
            flat.extend(flatten(&inside));
        }
    }
    flat
}

/// Whether the attributes hold `#[cfg(test)]` or `#[test]`.
fn marks_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let words = attribute.meta.require_list().map(|list| flatten(&list.tokens));
        let has = |word: &str| {
            words.iter().flatten().any(|token| matches!(token, TokenTree::Ident(i) if i == word))
        };
        path.is_ident("test") || (path.is_ident("cfg") && has("test") && !has("not"))
    })
}

fn collect_test_items(items: &[Item], spans: &mut Vec<RangeInclusive<usize>>) {
    for item in items {
        if marks_test(attributes(item)) {
            let span = item.span();
            spans.push(span.start().line..=span.end().line);
        } else if let Item::Mod(module) = item
            && let Some((_, items)) = &module.content
        {
            collect_test_items(items, spans);
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The rooms `tests` and `fuzz`, folders named `tests`, and `tests.rs` beside the code it tests.
fn is_test_path(path: &str) -> bool {
    let (room, inside) = path.split_once('/').unwrap_or(("", path));
    ["tests", "fuzz"].contains(&room)
        || inside.ends_with("tests.rs")
        || inside.split('/').any(|part| part == "tests")
}

#[cfg(test)]
mod tests {
    use super::{Purpose, Source};

    #[test]
    fn lines_under_cfg_test_are_tests() {
        let text = "//! Head.\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::parse("engine/src/lib.rs", text);
        let tests: Vec<_> = source
            .lines()
            .filter(|(_, _, purpose)| *purpose == Purpose::Test)
            .map(|(number, _, _)| number)
            .collect();
        assert_eq!(tests, [3, 4, 5, 6]);
    }

    #[test]
    fn cfg_not_test_is_product() {
        let source = Source::parse("engine/src/lib.rs", "#[cfg(not(test))]\nfn a() {}\n");
        assert!(source.test_lines().is_empty());
    }

    #[test]
    fn test_files_are_known_by_their_path() {
        let purpose = |path| Source::parse(path, "").purpose;
        assert_eq!(purpose("engine/src/store/tests.rs"), Purpose::Test);
        assert_eq!(purpose("engine/src/store/merkle_tests.rs"), Purpose::Test);
        assert_eq!(purpose("protocol/tests/vectors.rs"), Purpose::Test);
        assert_eq!(purpose("tests/src/lib.rs"), Purpose::Test);
        assert_eq!(purpose("engine/src/attests/lib.rs"), Purpose::Product);
        assert_eq!(purpose("bench/src/main.rs"), Purpose::Product);
    }
}
