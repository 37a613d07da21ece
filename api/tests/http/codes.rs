//! Every code of the law that can be met over HTTP, each provoked by an entry that breaks the law
//! in that way: its status is the law's, and nothing has changed afterwards.
//!
//! Not here: the codes that are the server's own ([`crate::own_codes`]).

mod authorities;
mod ballots;
mod bytes;
mod polls;
mod registers;
mod rolls;

use std::collections::BTreeSet;

use veche_protocol::name::LogPath;

use crate::city::City;
use crate::law;
use crate::own_codes;

/// An entry, and the log for which it is handed in.
pub(crate) struct Handed {
    path: LogPath,
    entry: Vec<u8>,
}

impl Handed {
    fn new(path: LogPath, entry: impl Into<Vec<u8>>) -> Self {
        Self { path, entry: entry.into() }
    }
}

/// A code, and what provokes it in a city of the table's kind.
type Case = (&'static str, fn(&City) -> Handed);

/// Codes with a status of their own that no request meets, with the reason.
const NEVER_MET: [&str; 1] = [
    // A log begins with its Announce, and where there is none the answer is `unknown-log` (API-2).
    "not-announced",
];

/// Hands in what each case makes, in a city of its own.
fn refuse_each(start: impl Fn() -> City, cases: &[Case]) {
    for (code, make) in cases {
        let city = start();
        let Handed { path, entry } = make(&city);
        let mut client = city.client();
        let before = client.get_json("/api/v1/logs");
        let answer = client.cast(&entries_of(&path), &entry);
        // API-5: the code with its status; API-2: what an auditor would find is refused.
        assert_eq!(answer.refusal(), (law::status_of(code), (*code).to_owned()));
        assert_eq!(client.get_json("/api/v1/logs"), before, "{code} has changed something");
    }
}

/// Where entries of this log are handed in.
pub(crate) fn entries_of(path: &LogPath) -> String {
    format!("{}/entries", asked_at(path))
}

/// Where this log is asked about.
pub(crate) fn asked_at(path: &LogPath) -> String {
    match path {
        LogPath::Register => "/api/v1/register".to_owned(),
        LogPath::Roll(name) => format!("/api/v1/rolls/{name}"),
        LogPath::Poll(id) => format!("/api/v1/polls/{id}"),
    }
}

#[test]
fn every_code_of_the_law_is_provoked() {
    let polls = [polls::ANNOUNCING, polls::OPENING, polls::VOTING, polls::CERTIFYING];
    let of_ballots = [ballots::OPEN, ballots::POINTS, ballots::RANKS, ballots::FIRST];
    let others = [&of_ballots[..], &[registers::CASES, rolls::CASES]].concat();
    let of_law = [&polls[..], &others, &authorities::ALL]
        .concat()
        .concat()
        .into_iter()
        .map(|(code, _)| code.to_owned());
    let own = own_codes::CASES.iter().map(|(code, _)| (*code).to_owned());
    let provoked: BTreeSet<_> = of_law.chain(own).chain(bytes::codes()).collect();
    let named = law::statuses().into_keys().filter(|code| !NEVER_MET.contains(code));
    let named: BTreeSet<_> = named.map(str::to_owned).collect();
    let missing: Vec<_> = named.difference(&provoked).collect();
    assert!(missing.is_empty(), "no request is made that meets {missing:?}");
}
