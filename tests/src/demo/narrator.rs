//! Who tells the story, and keeps the list of what must hold.

use std::fmt::Display;
use std::io::{Stdout, Write as _, stdout};
use std::time::{Duration, Instant};

/// Chapters, sentences, and claims with their outcome.
#[derive(Debug)]
pub(super) struct Narrator {
    out: Stdout,
    chapter: usize,
    began: Instant,
    claims: Vec<(String, bool)>,
}

impl Narrator {
    pub(super) fn new() -> Self {
        Self { out: stdout(), chapter: 0, began: Instant::now(), claims: Vec::new() }
    }

    /// A new chapter begins.
    pub(super) fn chapter(&mut self, title: &str) {
        self.chapter += 1;
        self.line(format_args!("\n== {}. {title}", self.chapter));
        self.began = Instant::now();
    }

    /// A sentence.
    pub(super) fn say(&self, sentence: &str) {
        self.line(format_args!("   {sentence}"));
    }

    /// A sentence with the time since the chapter began.
    pub(super) fn say_timed(&self, sentence: &str) {
        self.line(format_args!("   {sentence} ({:.1} s)", self.began.elapsed().as_secs_f64()));
    }

    /// What a program printed, set off from the story.
    pub(super) fn quote(&self, output: &str) {
        for line in output.lines() {
            self.line(format_args!("   | {line}"));
        }
    }

    /// Something that must hold, and whether it does.
    pub(super) fn claim(&mut self, claim: &str, holds: bool) {
        self.line(format_args!("   {} {claim}", if holds { "[held]  " } else { "[FAILED]" }));
        self.claims.push((claim.to_owned(), holds));
    }

    /// A line; a listener who has gone away does not stop the story.
    fn line(&self, line: impl Display) {
        let _ = writeln!(self.out.lock(), "{line}");
    }

    /// The end: whether every claim held.
    pub(super) fn verdict(&self, elapsed: Duration) -> bool {
        let failed = self.claims.iter().filter(|(_, holds)| !holds).count();
        let all = self.claims.len();
        let seconds = elapsed.as_secs_f64();
        self.line(format_args!("\n== {} of {all} claims held, in {seconds:.0} s", all - failed));
        for (claim, _) in self.claims.iter().filter(|(_, holds)| !holds) {
            self.line(format_args!("   FAILED: {claim}"));
        }
        failed == 0
    }
}
