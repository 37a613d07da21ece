//! A Rust source as the checkers see it: text, tokens, and which of its lines are tests.
//!
//! Not here: any judgement on it.

use std::{fmt, ops::RangeInclusive};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, spanned::Spanned};
use veche_tests::repository;

/// The rooms that hold Rust.
pub(crate) const ROOMS: [&str; 9] =
    ["protocol", "keys", "engine", "api", "client-cli", "auditor-cli", "tests", "bench", "fuzz"];

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

    /// The paths, without `.rs`, of the modules that this file declares for tests only.
    fn test_modules(&self) -> Vec<String> {
        let is_root = self.path.ends_with("/lib.rs") || self.path.ends_with("/main.rs");
        let place = if is_root { Place::Root } else { Place::Below };
        let folder = module_folder(&self.path, place);
        let declared = self.syntax.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.content.is_none() && marks_test(&module.attrs) => {
                Some(format!("{folder}/{}", module.ident))
            }
            _ => None,
        });
        declared.collect()
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
    let sources = paths.map(|path| Source::parse(&path, &repository::read(&path)));
    let sources = with_test_modules(sources.collect());
    assert!(sources.len() > ROOMS.len(), "the sources were not found");
    sources
}

/// Marks the files behind `#[cfg(test)] mod name;`, and those below them, as tests.
fn with_test_modules(mut sources: Vec<Source>) -> Vec<Source> {
    let stems: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
    for source in &mut sources {
        let is_behind = |stem: &String| {
            let rest = source.path.strip_prefix(stem.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        if stems.iter().any(is_behind) {
            source.purpose = Purpose::Test;
        }
    }
    sources
}

/// The folder in which the modules of a file stand: beside a root or a `mod.rs`, else in the folder
/// named after the file.
pub(crate) fn module_folder(path: &str, place: Place) -> String {
    let (folder, file) = path.rsplit_once('/').expect("a source stands in a room");
    if place == Place::Root || file == "mod.rs" {
        return folder.to_owned();
    }
    format!("{folder}/{}", file.strip_suffix(".rs").expect("a source is Rust"))
}

/// Where a file stands in the tree of modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A program, a library or a test begins with it.
    Root,
    /// A `mod` line leads to it.
    Below,
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
    use super::{Purpose, Source, with_test_modules};

    #[test]
    fn files_behind_cfg_test_are_tests() {
        let sources = [
            ("engine/src/lib.rs", "#[cfg(test)]\nmod fixture;\nmod store;"),
            ("engine/src/fixture.rs", "mod city;"),
            ("engine/src/fixture/city.rs", ""),
            ("engine/src/fixtures.rs", ""),
            ("engine/src/store.rs", "#[cfg(test)]\nmod faulty;"),
            ("engine/src/store/faulty.rs", ""),
            ("engine/src/faulty.rs", ""),
        ];
        let sources = sources.map(|(path, text)| Source::parse(path, text));
        let sources = with_test_modules(sources.into_iter().collect());
        let tests = sources.iter().filter(|source| source.purpose == Purpose::Test);
        let tests: Vec<_> = tests.map(|source| source.path.as_str()).collect();
        let behind = ["fixture.rs", "fixture/city.rs", "store/faulty.rs"];
        assert_eq!(tests, behind.map(|path| format!("engine/src/{path}")));
    }

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
