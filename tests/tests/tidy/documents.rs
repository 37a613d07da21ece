//! What the documents point at is there: links between files, and paths in `code`.
//!
//! Not here: links to other sites, and whether what a document says is true.

use veche_tests::repository;

use crate::source::{self, Fault, ROOMS};

/// The documents, beside all those of the law.
const AT_THE_ROOT: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md"];

pub(crate) fn check(path: &str, text: &str, is_there: impl Fn(&str) -> bool) -> Vec<Fault> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut faults = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let links = links(line).into_iter().map(|link| join(folder, link));
        let named = code(line).filter(|word| is_path(word)).map(str::to_owned);
        for target in links.chain(named) {
            if !is_there(&target) {
                let place = format!("{path}:{number}");
                faults.push(Fault { place, what: format!("there is no {target}") });
            }
        }
    }
    faults
}

/// The targets of `[text](target)` inside this repository, without the part after `#`.
fn links(line: &str) -> Vec<&str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let targets = targets.map(|(target, _)| target.split('#').next().unwrap_or(target));
    targets.filter(|target| !target.is_empty() && !target.contains("://")).collect()
}

/// What stands between backticks.
fn code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether this names a place in one of the rooms, and not a pattern of places.
fn is_path(word: &str) -> bool {
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    let room = word.split_once('/').map(|(room, _)| room);
    plain && room.is_some_and(|room| room == "spec" || ROOMS.contains(&room))
}

/// A relative link as a path from the root.
fn join(folder: &str, link: &str) -> String {
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in link.split('/').filter(|part| !["", "."].contains(part)) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

#[test]
fn documents_point_at_what_is_there() {
    let mut documents = repository::files("spec", "md");
    documents.extend(AT_THE_ROOT.map(str::to_owned));
    let is_there = |path: &str| repository::root().join(path).exists();
    let check = |path: &String| check(path, &repository::read(path), is_there);
    source::assert_none(&documents.iter().flat_map(check).collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::check;

    fn missing(path: &str, text: &str) -> Vec<String> {
        let there = ["spec/log.md", "spec/decisions", "engine/src/tree.rs", ""];
        let is_there = |path: &str| there.contains(&path.trim_end_matches('/'));
        check(path, text, is_there).into_iter().map(|fault| fault.what).collect()
    }

    #[test]
    fn what_is_there_passes() {
        let text =
            "See [the log](log.md#proofs), [why](decisions/) and [up](../engine/src/tree.rs).";
        assert_eq!(missing("spec/README.md", text), [""; 0]);
        let text = "`engine/src/tree.rs`, [site](https://spec.example/nowhere), [here](#below)";
        assert_eq!(missing("README.md", text), [""; 0]);
        assert_eq!(missing("README.md", "`POST /polls`, `tile/0/000`, `spec/*.md`"), [""; 0]);
    }

    #[test]
    fn what_is_gone_is_found() {
        assert_eq!(missing("spec/a.md", "[gone](gone.md)"), ["there is no spec/gone.md"]);
        assert_eq!(missing("A.md", "`engine/src/gone.rs`"), ["there is no engine/src/gone.rs"]);
        assert_eq!(missing("A.md", "a `b` c `spec/gone.md`"), ["there is no spec/gone.md"]);
    }
}
