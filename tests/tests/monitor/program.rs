//! Runs `veche-audit`, and holds what it said.

use std::path::Path;
use std::process::Output;

use veche_tests::programs::Programs;

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; 101 would be a panic.
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Ran {
    /// The lines that tell of something with this code: after date, time, zone and weight.
    pub(crate) fn told(&self, code: &str) -> Vec<&str> {
        self.out.lines().filter(|line| line.split(' ').nth(4) == Some(code)).collect()
    }
}

/// Runs `veche-audit`.
pub(crate) fn audit(arguments: &[&str]) -> Ran {
    let programs = Programs::beside_this().unwrap();
    let mut command = programs.command("veche-audit");
    let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code().unwrap(), out: text(stdout), errors: text(stderr) };
    assert!(!ran.errors.contains("panicked"), "{ran:?}");
    ran
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
