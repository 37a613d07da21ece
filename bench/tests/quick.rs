//! The whole benchmark at its smallest: everything runs, and every line is printed. Not here: any
//! time, which no test may depend on.

use std::process::{Command, Output};

/// Runs the benchmark with these arguments.
fn bench(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_veche-bench")).args(arguments).output();
    let output = output.expect("the benchmark was built with this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The letters of the lines that were printed, in their order.
fn letters(output: &Output) -> String {
    let text = str::from_utf8(&output.stdout).expect("the table is text");
    let of_line = |line: &str| line.strip_prefix('(')?.split_once(')').map(|(l, _)| l.to_owned());
    text.lines().filter_map(of_line).collect()
}

#[test]
fn every_line_is_printed_with_its_limit_and_its_verdict() {
    let output = bench(&["--quick"]);
    assert_eq!(letters(&output), "afgbddceehiijkljkmm");
    let text = str::from_utf8(&output.stdout).unwrap();
    for line in text.lines().filter(|line| line.starts_with('(')) {
        assert!(line.ends_with("reached") || line.ends_with("MISSED"), "{line}");
    }
    assert_eq!(text.matches("limit: ").count(), 19);
    assert_eq!(text.matches("cause: ").count(), text.matches("MISSED").count(), "{text}");
    assert!(text.ends_with(" of 19 lines reach their targets\n"));
    assert!(output.stderr.is_empty(), "no bars where there is no terminal");
}

#[test]
fn only_what_was_asked_for_is_measured() {
    assert_eq!(letters(&bench(&["--quick", "--only", "h"])), "h");
    assert_eq!(letters(&bench(&["--quick", "--only", "d,a"])), "add");
    assert_eq!(letters(&bench(&["--quick", "--only", "l"])), "l");
}
