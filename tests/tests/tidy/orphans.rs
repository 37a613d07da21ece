//! Every source is part of some program: reached by `mod` from a crate's root.
//!
//! Cargo finds the roots, `mod` lines lead on. Not here: items that nobody uses, which the compiler
//! tells.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, ItemMod, spanned::Spanned};

use crate::{
    imports,
    source::{self, Fault, Place, Source, module_folder},
};

/// Finds the sources that no root reaches, and `mod` lines that lead nowhere or by `#[path]`.
pub(crate) fn check(sources: &[Source], roots: &[String]) -> Vec<Fault> {
    let by_path: BTreeMap<_, _> =
        sources.iter().map(|source| (source.path.as_str(), source)).collect();
    let mut faults = Vec::new();
    let mut reached = BTreeSet::new();
    let mut open: Vec<_> = roots.iter().map(|root| (root.clone(), Place::Root)).collect();
    while let Some((path, place)) = open.pop() {
        let Some(source) = by_path.get(path.as_str()) else { continue };
        if !reached.insert(path.clone()) {
            continue;
        }
        let folder = module_folder(&path, place);
        for module in modules(source, &source.syntax.items, &folder, &mut faults) {
            let [flat, nested] = &module.candidates;
            match [flat, nested].into_iter().find(|path| by_path.contains_key(path.as_str())) {
                Some(path) => open.push((path.clone(), Place::Below)),
                None => faults.push(source.fault(module.line, format!("there is no {flat}"))),
            }
        }
    }
    let unreached = sources.iter().filter(|source| !reached.contains(&source.path));
    faults.extend(unreached.map(|source| source.fault(1, "no `mod` leads to this file")));
    faults
}

/// A `mod name;` line and the two places where its file may stand.
struct Module {
    line: usize,
    candidates: [String; 2],
}

fn modules(source: &Source, items: &[Item], folder: &str, faults: &mut Vec<Fault>) -> Vec<Module> {
    let mut found = Vec::new();
    for item in items {
        let Item::Mod(module) = item else { continue };
        let name = module.ident.to_string();
        let line = module.span().start().line;
        if has_path(module) {
            faults.push(source.fault(line, "`#[path]` hides where a module stands"));
        }
        if let Some((_, items)) = &module.content {
            found.extend(modules(source, items, &format!("{folder}/{name}"), faults));
        } else {
            let candidates = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            found.push(Module { line, candidates });
        }
    }
    found
}

fn has_path(module: &ItemMod) -> bool {
    module.attrs.iter().any(|attribute| attribute.path().is_ident("path"))
}

#[test]
fn every_source_is_reached() {
    let mut roots = imports::roots("Cargo.toml");
    roots.extend(imports::roots("fuzz/Cargo.toml"));
    source::assert_none(&check(&source::all(), &roots));
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::source::Source;

    fn faults(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files.iter().map(|(path, text)| Source::parse(path, text)).collect();
        let roots = ["engine/src/lib.rs".to_owned()];
        check(&sources, &roots).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nested_modules_are_followed() {
        let none = faults(&[
            ("engine/src/lib.rs", "mod a; mod inline { mod d; }"),
            ("engine/src/a.rs", "#[cfg(test)] mod b;"),
            ("engine/src/a/b.rs", "mod c;"),
            ("engine/src/a/b/c/mod.rs", ""),
            ("engine/src/inline/d.rs", ""),
        ]);
        assert_eq!(none, [""; 0]);
    }

    #[test]
    fn an_orphan_is_found() {
        let found = faults(&[("engine/src/lib.rs", "// mod a;"), ("engine/src/a.rs", "")]);
        assert_eq!(found, ["engine/src/a.rs:1: no `mod` leads to this file"]);
    }

    #[test]
    fn a_module_in_the_wrong_folder_is_found() {
        let found = faults(&[
            ("engine/src/lib.rs", "mod a;"),
            ("engine/src/a.rs", "mod b;"),
            ("engine/src/b.rs", ""),
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_path_attribute_is_refused() {
        let found =
            faults(&[("engine/src/lib.rs", "#[path = \"a.rs\"]\nmod a;"), ("engine/src/a.rs", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
