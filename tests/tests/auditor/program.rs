//! Runs the program, and holds what it said.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use veche_tests::programs::Programs;

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; 101 would be a panic.
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) errors: String,
}

/// Runs `veche-audit`.
pub(crate) fn audit(arguments: &[&str]) -> Ran {
    let programs = Programs::beside_this().unwrap();
    let mut command = programs.command("veche-audit");
    ran(command.args(arguments).output().unwrap())
}

/// Runs it from a shell that was told something first, as a bound on its memory.
pub(crate) fn audit_in(told: &str, arguments: &[&str]) -> Ran {
    let programs = Programs::beside_this().unwrap();
    let program = programs.command("veche-audit").get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{told} && exec \"$0\" \"$@\"")).arg(program).args(arguments);
    ran(shell.stdin(Stdio::null()).output().unwrap())
}

fn ran(Output { status, stdout, stderr }: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let ran = Ran { code: status.code().unwrap(), out: text(stdout), errors: text(stderr) };
    assert!(!ran.errors.contains("panicked"), "{ran:?}");
    ran
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
