//! What the law says in its own words: the tables of spec/api.md, read as text.
//!
//! Not here: the server's table, which a unit test of the server holds against the same text.

use std::collections::BTreeMap;

const LAW: &str = include_str!("../../../spec/api.md");

/// Status by code, for every code that the two tables of API-5 name.
pub(crate) fn statuses() -> BTreeMap<&'static str, u16> {
    let mut statuses = BTreeMap::new();
    for line in LAW.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        match cells[..] {
            ["", status, codes, ""] => {
                let Ok(status) = status.parse() else { continue };
                let codes = codes.split(", ").filter(|code| !code.starts_with("every other"));
                statuses.extend(codes.map(|code| (code, status)));
            }
            ["", code, status, _, ""] => {
                let Ok(status) = status.parse() else { continue };
                statuses.insert(code.trim_matches('`'), status);
            }
            _ => {}
        }
    }
    statuses
}

/// The status that API-5 gives to a code.
#[track_caller]
pub(crate) fn status_of(code: &str) -> u16 {
    // API-5: one status for each code, whatever the path.
    *statuses().get(code).unwrap_or_else(|| panic!("the law has no status for {code}"))
}

/// The routes of the tables of requests: method and path, as the law writes them.
pub(crate) fn routes() -> Vec<(&'static str, &'static str)> {
    let cells = LAW.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let words = cells.filter_map(|cell| cell.split_once(' '));
    words.filter(|(method, _)| ["GET", "POST"].contains(method)).collect()
}
