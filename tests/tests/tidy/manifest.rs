//! The dependencies: each with the reason it is there, named once, and used by somebody.
//!
//! A dependency's reason stands on its line, or is the heading of its group. Not here: licences and
//! advisories.

use veche_tests::repository;

use crate::source::{self, Fault};

/// The members' manifests, which take every dependency from the workspace.
const MEMBERS: [&str; 8] =
    ["protocol", "keys", "engine", "api", "client-cli", "auditor-cli", "tests", "bench"];
const MANIFEST: &str = "Cargo.toml";

/// A dependency of the workspace's table.
struct Dependency<'a> {
    name: &'a str,
    line: usize,
    has_reason: bool,
    is_ours: bool,
}

pub(crate) fn check_reasons(manifest: &str) -> Vec<Fault> {
    let unexplained = dependencies(manifest).into_iter().filter(|d| !d.has_reason && !d.is_ours);
    unexplained
        .map(|d| fault(MANIFEST, d.line, &format!("no reason is given for `{}`", d.name)))
        .collect()
}

pub(crate) fn check_used(manifest: &str, members: &[String]) -> Vec<Fault> {
    let is_used = |name: &str| {
        let from_workspace = [format!("{name}.workspace"), format!("{name} = {{ workspace")];
        members
            .iter()
            .flat_map(|text| text.lines())
            .any(|line| from_workspace.iter().any(|start| line.starts_with(start.as_str())))
    };
    let unused = dependencies(manifest).into_iter().filter(|dependency| !is_used(dependency.name));
    unused.map(|d| fault(MANIFEST, d.line, &format!("nobody uses `{}`", d.name))).collect()
}

/// A member names no version: two members could come to disagree.
pub(crate) fn check_member(path: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (line, number, table) in with_tables(text) {
        let in_dependencies = table.ends_with("dependencies]");
        let names_one = !line.trim().is_empty() && !line.starts_with(['#', '[']);
        let from_workspace =
            line.contains(".workspace = true") || line.contains("workspace = true");
        if in_dependencies && names_one && !from_workspace {
            faults.push(fault(path, number, "a dependency that is not the workspace's"));
        }
    }
    faults
}

fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut heading = false;
    let mut found = Vec::new();
    for (line, number, table) in with_tables(manifest) {
        let is_outside = table != "[workspace.dependencies]" || line.starts_with('[');
        if is_outside || line.trim().is_empty() {
            heading = false;
        } else if line.starts_with('#') {
            heading = true;
        } else if let Some((name, value)) = line.split_once('=') {
            found.push(Dependency {
                name: name.trim(),
                line: number,
                has_reason: heading || value.contains(" # ") || value.contains("  # "),
                is_ours: value.contains("path = "),
            });
        }
    }
    found
}

/// The lines with their numbers and the table in which each stands.
fn with_tables(text: &str) -> impl Iterator<Item = (&str, usize, &str)> {
    let mut table = "";
    text.lines().zip(1..).map(move |(line, number)| {
        if line.starts_with('[') {
            table = line.split(" #").next().unwrap_or(line).trim_end();
        }
        (line, number, table)
    })
}

fn fault(path: &str, line: usize, what: &str) -> Fault {
    Fault { place: format!("{path}:{line}"), what: what.to_owned() }
}

#[test]
fn dependencies_are_explained_used_and_named_once() {
    let manifest = repository::read(MANIFEST);
    assert!(dependencies(&manifest).len() > MEMBERS.len(), "the table was not found");
    let mut faults = check_reasons(&manifest);
    let mut members = Vec::new();
    for member in MEMBERS {
        let path = format!("{member}/Cargo.toml");
        let text = repository::read(&path);
        faults.extend(check_member(&path, &text));
        members.push(text);
    }
    members.push(repository::read("fuzz/Cargo.toml"));
    faults.extend(check_used(&manifest, &members));
    source::assert_none(&faults);
}

#[cfg(test)]
mod tests {
    use super::{check_member, check_reasons, check_used};

    const TABLE: &str = "[workspace.dependencies]\n";

    #[test]
    fn a_reason_is_on_the_line_or_in_the_heading() {
        let reasons = |lines: &str| check_reasons(&format!("{TABLE}{lines}")).len();
        assert_eq!(reasons("# Hashes\nsha2 = \"0.11\"\nhex = \"1\"\n"), 0);
        assert_eq!(reasons("sha2 = \"0.11\"  # the processor's own instructions\n"), 0);
        assert_eq!(reasons("ours = { path = \"ours\" }\n"), 0);
        assert_eq!(reasons("sha2 = \"0.11\"\n"), 1);
        assert_eq!(reasons("# Hashes\n\nsha2 = \"0.11\"\n"), 1, "an empty line ends a group");
    }

    #[test]
    fn what_nobody_uses_is_found() {
        let used =
            |member: &str| check_used(&format!("{TABLE}sha2 = \"1\"\n"), &[member.to_owned()]);
        assert_eq!(used("sha2.workspace = true\n").len(), 0);
        assert_eq!(used("sha2 = { workspace = true, features = [] }\n").len(), 0);
        assert_eq!(used("sha2-asm.workspace = true\n# sha2.workspace\n").len(), 1);
    }

    #[test]
    fn a_member_names_no_version() {
        let member = |line: &str| check_member("a", &format!("[dev-dependencies]\n{line}\n")).len();
        assert_eq!(member("sha2.workspace = true"), 0);
        assert_eq!(member("sha2 = { workspace = true, features = [] }"), 0);
        assert_eq!(member("sha2 = \"0.11\""), 1);
        assert_eq!(check_member("a", "[package]\nname = \"a\"\n").len(), 0);
    }
}
