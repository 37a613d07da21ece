//! Who imports whom, by what Cargo says of the workspace.
//!
//! Not here: names inside the sources (`purity`).

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};
use veche_tests::repository;

use crate::source::{self, Fault};

/// The workspace's members, each with the members it may import.
const DIRECTION: [(&str, &[&str]); 8] = [
    ("veche-protocol", &[]),
    ("veche-keys", &["veche-protocol"]),
    ("veche-engine", &["veche-protocol"]),
    ("veche-api", &["veche-engine", "veche-keys", "veche-protocol"]),
    ("veche-client", &["veche-keys", "veche-protocol"]),
    ("veche-auditor", &["veche-keys", "veche-protocol"]),
    (
        "veche-tests",
        &[
            "veche-api",
            "veche-auditor",
            "veche-client",
            "veche-engine",
            "veche-fuzz",
            "veche-keys",
            "veche-protocol",
        ],
    ),
    (
        "veche-bench",
        &[
            "veche-api",
            "veche-auditor",
            "veche-client",
            "veche-engine",
            "veche-keys",
            "veche-protocol",
        ],
    ),
];

/// What must not be compiled into the auditor, however deep: it is to be built by anyone, quickly,
/// and to share no line with what it audits but the law.
const NOT_IN_THE_AUDITOR: [&str; 6] =
    ["axum", "librocksdb-sys", "rocksdb", "veche-api", "veche-client", "veche-engine"];

/// The members that may depend on the database: the store, and the benchmark's raw baseline.
const MAY_DEPEND_ON_ROCKSDB: [&str; 2] = ["veche-engine", "veche-bench"];

/// Direct dependencies by name, of whatever kind, per member.
type Edges = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn check_direction(edges: &Edges) -> Vec<Fault> {
    let mut faults = Vec::new();
    let members: BTreeSet<_> = edges.keys().map(String::as_str).collect();
    for (member, imports) in edges {
        let Some((_, allowed)) = DIRECTION.iter().find(|(name, _)| name == member) else {
            faults.push(fault(member, "a room without a place in the direction of imports"));
            continue;
        };
        for import in imports {
            let ours = members.contains(import.as_str()) || import.starts_with("veche-");
            if ours && !allowed.contains(&import.as_str()) {
                faults.push(fault(member, &format!("may not import {import}")));
            }
            if import == "rocksdb" && !MAY_DEPEND_ON_ROCKSDB.contains(&member.as_str()) {
                faults.push(fault(member, "may not depend on the database"));
            }
        }
    }
    faults
}

pub(crate) fn check_auditor(tree: &BTreeSet<String>) -> Vec<Fault> {
    let found = NOT_IN_THE_AUDITOR.iter().filter(|name| tree.contains(**name));
    found.map(|name| fault("veche-auditor", &format!("{name} is in its tree"))).collect()
}

/// The roots of all programs, libraries, tests and benchmarks of a workspace, as paths from the
/// root of the repository.
pub(crate) fn roots(manifest: &str) -> Vec<String> {
    let metadata = metadata(manifest, Resolve::DirectOnly);
    let root = repository::root();
    let mut roots = Vec::new();
    for package in metadata.workspace_packages() {
        for target in &package.targets {
            let path = target.src_path.as_std_path();
            let inside = path.strip_prefix(&root).expect("members stand in the repository");
            roots.push(inside.to_str().expect("paths of ours are plain").replace('\\', "/"));
        }
    }
    roots
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Resolve {
    DirectOnly,
    Everything,
}

fn metadata(manifest: &str, resolve: Resolve) -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(repository::root().join(manifest));
    match resolve {
        Resolve::DirectOnly => command.no_deps(),
        // Without the filter Cargo would fetch the dependencies of every platform there is.
        Resolve::Everything => command.other_options(vec![
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            host_platform(),
        ]),
    };
    command.exec().expect("cargo describes the workspace")
}

fn host_platform() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc stands beside cargo");
    let text = String::from_utf8(output.stdout).expect("rustc writes UTF-8");
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

fn edges(metadata: &Metadata) -> Edges {
    let of = |package: &&cargo_metadata::Package| {
        let imports = package.dependencies.iter().map(|dependency| dependency.name.clone());
        (package.name.to_string(), imports.collect())
    };
    metadata.workspace_packages().iter().map(of).collect()
}

/// The names of all packages compiled into this one; dependencies of tests are not.
fn tree(metadata: &Metadata, package: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("the metadata was asked to resolve");
    let nodes: BTreeMap<&PackageId, _> =
        resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<&PackageId, String> =
        metadata.packages.iter().map(|package| (&package.id, package.name.to_string())).collect();
    let first = names.iter().find(|(_, name)| *name == package).expect("the member is there").0;
    let (mut open, mut seen) = (vec![*first], BTreeSet::new());
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in &nodes[id].deps {
            let mut kinds = dependency.dep_kinds.iter();
            if kinds.any(|kind| kind.kind != DependencyKind::Development) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().map(|id| names[id].clone()).collect()
}

fn fault(member: &str, what: &str) -> Fault {
    Fault { place: member.to_owned(), what: what.to_owned() }
}

#[test]
fn imports_point_towards_the_law() {
    source::assert_none(&check_direction(&edges(&metadata("Cargo.toml", Resolve::DirectOnly))));
}

#[test]
fn the_auditor_is_built_without_what_it_audits() {
    let tree = tree(&metadata("Cargo.toml", Resolve::Everything), "veche-auditor");
    assert!(tree.contains("veche-protocol") && tree.contains("sha2"), "the tree was not read");
    source::assert_none(&check_auditor(&tree));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Edges, check_auditor, check_direction};

    fn edges(list: &[(&str, &[&str])]) -> Edges {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        list.iter().map(|(member, imports)| ((*member).to_owned(), set(imports))).collect()
    }

    #[test]
    fn the_drawn_direction_passes() {
        let drawn = edges(&[
            ("veche-protocol", &["sha2"]),
            ("veche-engine", &["veche-protocol", "rocksdb"]),
            ("veche-api", &["veche-engine", "veche-protocol", "axum"]),
            ("veche-keys", &["veche-protocol"]),
            ("veche-auditor", &["veche-keys", "veche-protocol"]),
        ]);
        assert!(check_direction(&drawn).is_empty());
    }

    #[test]
    fn each_wrong_import_is_found() {
        for (member, import) in [
            ("veche-protocol", "veche-engine"),
            ("veche-engine", "veche-api"),
            ("veche-engine", "veche-keys"),
            ("veche-keys", "veche-client"),
            ("veche-client", "veche-engine"),
            ("veche-auditor", "veche-engine"),
            ("veche-auditor", "veche-client"),
            ("veche-api", "veche-tests"),
            ("veche-engine", "veche-bench"),
            ("veche-api", "rocksdb"),
            ("veche-tests", "rocksdb"),
        ] {
            let wrong = edges(&[(member, &[import])]);
            assert_eq!(check_direction(&wrong).len(), 1, "{member} imports {import}");
        }
    }

    #[test]
    fn a_new_room_needs_a_place() {
        assert_eq!(check_direction(&edges(&[("veche-web", &[])])).len(), 1);
    }

    #[test]
    fn the_auditor_with_the_engine_inside_is_found() {
        let tree = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(ToString::to_string).collect()
        };
        assert_eq!(check_auditor(&tree(&["veche-engine", "librocksdb-sys", "sha2"])).len(), 2);
        assert!(check_auditor(&tree(&["veche-protocol", "sha2"])).is_empty());
    }
}
