//! Every numbered requirement of the law is enforced somewhere and tested somewhere, and no comment
//! cites one that does not exist.
//!
//! A requirement is defined by a line of `spec/*.md` that begins with **ABC-7** in bold. It is
//! cited by a comment that holds its identifier, `// ABC-7: reason`, on the line that enforces it
//! and in the test that would fail without it; a module's head (`//!`) is no such line. Not here:
//! whether the cited code is right.

use std::collections::{BTreeMap, BTreeSet};

use veche_tests::repository;

use crate::source::{self, Fault, Purpose, Source};

/// Requirements on people or installations, which no line of code can enforce, with the reason.
const EXEMPT: &str = "tests/tests/tidy/exempt.txt";

/// Where identifiers are defined and cited.
#[derive(Default)]
pub(crate) struct Register {
    /// Identifier to the place of its definition.
    defined: BTreeMap<String, String>,
    enforced: BTreeSet<String>,
    tested: BTreeSet<String>,
    /// Every citation, with its place, for those that cite nothing.
    cited: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Register {
    /// Takes in one document of the law.
    pub(crate) fn read_law(&mut self, path: &str, text: &str) {
        for (line, number) in text.lines().zip(1..) {
            let place = format!("{path}:{number}");
            for id in identifiers(line) {
                let is_definition = line.starts_with(&format!("**{id}**"));
                if !is_definition {
                    self.cited.push((id, place.clone()));
                } else if let Some(first) = self.defined.insert(id.clone(), place.clone()) {
                    let what = format!("{id} is defined at {first} too");
                    self.faults.push(Fault { place: place.clone(), what });
                }
            }
        }
    }

    /// Takes in the comments of one source.
    pub(crate) fn read_source(&mut self, source: &Source) {
        for (number, line, purpose) in source.lines() {
            let Some(comment) = comment(line) else { continue };
            for id in identifiers(comment.text) {
                self.cited.push((id.clone(), format!("{}:{number}", source.path)));
                match (comment.kind, purpose) {
                    (Kind::Head, _) => false,
                    (Kind::Line, Purpose::Product) => self.enforced.insert(id),
                    (Kind::Line, Purpose::Test) => self.tested.insert(id),
                };
            }
        }
    }

    /// All faults, given the exemptions (`ABC-7: reason`, one per line).
    pub(crate) fn check(mut self, exemptions: &str) -> Vec<Fault> {
        let exempt = self.read_exemptions(exemptions);
        for (id, place) in &self.defined {
            let missing = match (self.enforced.contains(id), self.tested.contains(id)) {
                (true, true) => continue,
                (false, true) => "enforced by no line",
                (true, false) => "in no test",
                (false, false) => "enforced by no line and in no test",
            };
            if !exempt.contains(id) {
                let what = format!("{id} is {missing}");
                self.faults.push(Fault { place: place.clone(), what });
            }
        }
        let prefixes: BTreeSet<_> = self.defined.keys().filter_map(|id| prefix(id)).collect();
        for (id, place) in &self.cited {
            // Other hyphenated names (RFC-8949, SHA-256) are no citations.
            let is_citation = prefix(id).is_some_and(|prefix| prefixes.contains(prefix));
            if is_citation && !self.defined.contains_key(id) {
                let what = format!("the law has no {id}");
                self.faults.push(Fault { place: place.clone(), what });
            }
        }
        self.faults
    }

    fn read_exemptions(&mut self, text: &str) -> BTreeSet<String> {
        let mut exempt = BTreeSet::new();
        for (line, number) in text.lines().zip(1..) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (id, reason) = line.split_once(':').unwrap_or((line, ""));
            let what = if !self.defined.contains_key(id) {
                format!("the law has no {id} to exempt")
            } else if reason.trim().len() < "a whole reason".len() {
                format!("no reason is given for {id}")
            } else if self.enforced.contains(id) && self.tested.contains(id) {
                format!("{id} needs no exemption")
            } else {
                exempt.insert(id.to_owned());
                continue;
            };
            self.faults.push(Fault { place: format!("{EXEMPT}:{number}"), what });
        }
        exempt
    }
}

#[derive(Clone, Copy)]
enum Kind {
    /// `//!`
    Head,
    /// `//` or `///`
    Line,
}

struct Comment<'a> {
    kind: Kind,
    text: &'a str,
}

/// The comment on a line: at its start, or after code and a space (so that `https://` is none).
fn comment(line: &str) -> Option<Comment<'_>> {
    let indent = line.len() - line.trim_start().len();
    let start = if line[indent..].starts_with("//") { indent } else { line.find(" // ")? + 1 };
    let text = &line[start..];
    let kind = if text.starts_with("//!") { Kind::Head } else { Kind::Line };
    Some(Comment { kind, text })
}

/// The words of the form `ABC-7`: two or more capital letters, a hyphen, digits.
fn identifiers(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    words.filter(|word| prefix(word).is_some()).map(str::to_owned).collect()
}

/// The letters of an identifier; none when the word is not one.
fn prefix(word: &str) -> Option<&str> {
    let (letters, number) = word.split_once('-')?;
    let is_identifier = letters.len() >= 2
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_identifier.then_some(letters)
}

#[test]
fn requirements_are_enforced_and_tested() {
    let mut register = Register::default();
    for path in repository::files("spec", "md") {
        register.read_law(&path, &repository::read(&path));
    }
    assert!(!register.defined.is_empty(), "the law defines nothing");
    for source in source::all() {
        register.read_source(&source);
    }
    source::assert_none(&register.check(&repository::read(EXEMPT)));
}

#[cfg(test)]
mod tests {
    use super::{Register, identifiers};
    use crate::source::Source;

    const CODE: &str = "engine/src/a.rs";

    fn faults(law: &str, sources: &[(&str, &str)], exemptions: &str) -> Vec<String> {
        let mut register = Register::default();
        register.read_law("spec/a.md", law);
        for (path, text) in sources {
            register.read_source(&Source::parse(path, text));
        }
        register.check(exemptions).iter().map(|fault| fault.what.clone()).collect()
    }

    #[test]
    fn identifiers_are_whole_words() {
        assert_eq!(identifiers("// LOG-7, LOG-12: `a`; (LAW-1)."), ["LOG-7", "LOG-12", "LAW-1"]);
        assert!(identifiers("a-7 LOG- LOG-7a LOG7 ELOG-x A-7 LOG-7-8").is_empty());
    }

    #[test]
    fn enforced_and_tested_passes() {
        let inline = "fn a() {} // LOG-1: reason\n#[cfg(test)]\nmod tests {\n// LOG-1\n}\n";
        assert_eq!(faults("**LOG-1** A reader MUST.", &[(CODE, inline)], ""), [""; 0]);
        let apart =
            [(CODE, "// LOG-1, LOG-2\n"), ("tests/tests/a.rs", "/// LOG-2 LOG-1\nfn a() {}")];
        assert_eq!(faults("**LOG-1** A.\n**LOG-2** B.", &apart, ""), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_said() {
        let law = "**LOG-1** A reader MUST.";
        assert_eq!(faults(law, &[], ""), ["LOG-1 is enforced by no line and in no test"]);
        assert_eq!(faults(law, &[(CODE, "// LOG-1\n")], ""), ["LOG-1 is in no test"]);
        let test = ("tests/tests/a.rs", "// LOG-1\n");
        assert_eq!(faults(law, &[test], ""), ["LOG-1 is enforced by no line"]);
        let head = [(CODE, "//! LOG-1\n"), test];
        assert_eq!(faults(law, &head, ""), ["LOG-1 is enforced by no line"]);
        let string = [(CODE, "const A: &str = \"https://LOG-1\";\n"), test];
        assert_eq!(faults(law, &string, ""), ["LOG-1 is enforced by no line"]);
    }

    #[test]
    fn a_citation_of_nothing_is_found() {
        let law = "**LOG-1** As LOG-9 says.";
        let sources = [(CODE, "// LOG-1, LOG-2, SHA-256\n"), ("tests/tests/a.rs", "// LOG-1\n")];
        assert_eq!(faults(law, &sources, ""), ["the law has no LOG-9", "the law has no LOG-2"]);
    }

    #[test]
    fn a_requirement_is_defined_once() {
        let law = "**LOG-1** A.\n**LOG-1** B.";
        let sources = [(CODE, "// LOG-1\n"), ("tests/tests/a.rs", "// LOG-1\n")];
        assert_eq!(faults(law, &sources, ""), ["LOG-1 is defined at spec/a.md:1 too"]);
    }

    #[test]
    fn a_requirement_that_is_only_mentioned_is_not_defined() {
        let law = "Requirements are printed like **LOG-1**.\n**LOG-2** A reader MUST.";
        let faults = faults(law, &[], "LOG-2: a promise of people, not of programs\n");
        assert_eq!(faults, ["the law has no LOG-1"]);
    }

    #[test]
    fn exemptions_need_a_reason_and_a_need() {
        let law = "**LOG-1** A person MUST.";
        assert_eq!(faults(law, &[], "LOG-1: a promise of people, not of programs\n"), [""; 0]);
        assert_eq!(faults(law, &[], "LOG-1:\n").len(), 2);
        assert_eq!(faults(law, &[], "LOG-2: a promise of people\n").len(), 2);
        let cited = [(CODE, "// LOG-1\n"), ("tests/tests/a.rs", "// LOG-1\n")];
        let unneeded = faults(law, &cited, "LOG-1: a promise of people\n");
        assert_eq!(unneeded, ["LOG-1 needs no exemption"]);
    }
}
