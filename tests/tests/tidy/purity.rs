//! What each room must not know: the protocol no files, clocks or threads, the engine no HTTP, and
//! nobody but one file of the store the name of the database.
//!
//! Names are found where they are written as paths or imported. Not here: which crate may depend on
//! which (`imports`).

use proc_macro2::TokenTree;
use syn::{
    ItemUse, Path, UseTree,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::source::{self, Fault, Purpose, Source, flatten};

/// One wall: the part of the tree it surrounds, what may not come in, and why.
struct Wall {
    folders: &'static [&'static str],
    /// Files inside for which the wall does not stand.
    except: &'static [&'static str],
    names: &'static [&'static str],
    reason: &'static str,
}

const WALLS: [Wall; 6] = [
    Wall {
        folders: &["protocol/src/"],
        except: &[],
        names: &[
            "std::env",
            "std::fs",
            "std::io",
            "std::net",
            "std::process",
            "std::thread",
            "std::time",
            "rand::random",
            "rand::rng",
            "rand::rngs",
            "tokio",
        ],
        reason: "the protocol is pure: no I/O, no clock, no randomness of its own",
    },
    Wall {
        folders: &["engine/src/"],
        except: &[],
        names: &["axum", "http", "hyper", "std::net", "tower", "tower_http", "ureq", "utoipa"],
        reason: "the engine does not know HTTP",
    },
    Wall {
        folders: &["keys/src/"],
        except: &[],
        names: &["clap", "std::net", "tokio", "ureq"],
        reason: "secrets at rest know no command line and no network",
    },
    Wall {
        folders: &["auditor-cli/src/", "client-cli/src/"],
        except: &[],
        names: &["veche_engine", "veche_api", "axum"],
        reason: "command lines stand on the protocol and on keys alone",
    },
    Wall {
        folders: &["client-cli/src/"],
        except: &[],
        names: &["hyper", "tokio"],
        reason: "a client waits for one answer at a time",
    },
    Wall {
        folders: &[
            "protocol/",
            "keys/",
            "engine/",
            "api/",
            "client-cli/",
            "auditor-cli/",
            "tests/",
            "fuzz/",
        ],
        except: &["engine/src/store/rocks.rs", "engine/src/store/rocks/"],
        names: &["rocksdb"],
        reason: "only the store's own file knows the database",
    },
];

pub(crate) fn check(source: &Source) -> Vec<Fault> {
    let walls: Vec<_> = WALLS.iter().filter(|wall| wall.surrounds(&source.path)).collect();
    if walls.is_empty() {
        return Vec::new();
    }
    let mut names = Names::default();
    names.visit_file(&source.syntax);
    names.note_async(source);
    let tests = source.test_lines();
    let mut faults = Vec::new();
    for (line, name) in &names.found {
        if source.purpose == Purpose::Test || tests.iter().any(|span| span.contains(line)) {
            continue;
        }
        for wall in &walls {
            if wall.names.iter().any(|wanted| begins_with(name, wanted)) {
                faults.push(source.fault(*line, format!("`{name}`: {}", wall.reason)));
            }
        }
    }
    faults
}

impl Wall {
    fn surrounds(&self, path: &str) -> bool {
        self.folders.iter().any(|folder| path.starts_with(folder))
            && !self.except.iter().any(|except| path.starts_with(except))
    }
}

/// Whether a path is this name or leads into it.
fn begins_with(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Every path that a file writes, imports in full, with its line.
#[derive(Default)]
struct Names {
    found: Vec<(usize, String)>,
}

impl Names {
    /// `async` counts as the name of a runtime, since nothing else could drive it.
    fn note_async(&mut self, source: &Source) {
        for token in flatten(&source.tokens) {
            if let TokenTree::Ident(ident) = token
                && ident == "async"
            {
                self.found.push((ident.span().start().line, "tokio".to_owned()));
            }
        }
    }

    fn note_tree(&mut self, line: usize, prefix: &str, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                let prefix = format!("{prefix}{}::", path.ident);
                self.note_tree(line, &prefix, &path.tree);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree.span().start().line, prefix, tree);
                }
            }
            UseTree::Name(name) => self.found.push((line, format!("{prefix}{}", name.ident))),
            UseTree::Rename(name) => self.found.push((line, format!("{prefix}{}", name.ident))),
            UseTree::Glob(_) => self.found.push((line, prefix.trim_end_matches(':').to_owned())),
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.note_tree(item.span().start().line, "", &item.tree);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let segments: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.found.push((path.span().start().line, segments.join("::")));
        visit::visit_path(self, path);
    }
}

#[test]
fn rooms_know_only_what_they_may() {
    let faults: Vec<_> = source::all().iter().flat_map(check).collect();
    source::assert_none(&faults);
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::source::Source;

    fn faults(path: &str, text: &str) -> usize {
        check(&Source::parse(path, text)).len()
    }

    #[test]
    fn imports_are_seen_in_every_form() {
        for text in [
            "use std::fs;",
            "use std::{collections::BTreeMap, fs::File};",
            "use std::fs::*;",
            "use std::time as clock;",
            "fn a() { std::fs::read(\"b\"); }",
            "fn a(now: ::std::time::Instant) {}",
            "async fn a() {}",
        ] {
            assert_eq!(faults("protocol/src/a.rs", text), 1, "{text}");
        }
        let harmless = "use std::collections::BTreeMap; fn a(fs: u8) { random::<u8>(); }";
        assert_eq!(faults("protocol/src/a.rs", harmless), 0);
    }

    #[test]
    fn tests_of_the_protocol_may_read_files() {
        let text = "#[cfg(test)]\nmod tests { use std::fs; }";
        assert_eq!(faults("protocol/src/a.rs", text), 0);
        assert_eq!(faults("protocol/tests/a.rs", "use std::fs;"), 0);
    }

    #[test]
    fn only_the_store_names_the_database() {
        let text = "use rocksdb::DB;";
        assert_eq!(faults("engine/src/sequencer.rs", text), 1);
        assert_eq!(faults("api/src/main.rs", text), 1);
        assert_eq!(faults("engine/src/store/rocks.rs", text), 0);
        assert_eq!(faults("engine/src/store/rocks/columns.rs", text), 0);
        assert_eq!(faults("bench/src/baseline.rs", text), 0);
    }

    #[test]
    fn the_engine_does_not_know_http() {
        assert_eq!(faults("engine/src/a.rs", "use axum::Router;"), 1);
        assert_eq!(faults("api/src/a.rs", "use axum::Router;"), 0);
    }
}
