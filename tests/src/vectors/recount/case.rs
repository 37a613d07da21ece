//! One vector of a recount: what the observer has, and what the law says of it.
//!
//! The expected values are what the author of the case has designed, written down beside it; the
//! transcript is put together here from them and from the entries. Nothing is taken from a recount.

mod report;
mod transcript;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::cosignature;
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::result::PollResult;

use super::super::Files;
use crate::city::{City, key};

/// A finding that a recount must have: step, code, path, index, fault.
#[derive(Clone, Debug)]
struct Found(&'static str, &'static str, String, Option<u64>, &'static str);

/// A vector.
#[derive(Clone, Debug)]
pub(super) struct Case {
    name: String,
    what: &'static str,
    poll: LogPath,
    city: City,
    /// Public files, by their paths.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    instance: Option<Hash>,
    key: Option<String>,
    policy: Option<String>,
    heads: Vec<(&'static str, Vec<u8>)>,
    receipts: Vec<(&'static str, Vec<u8>)>,
    claims: Vec<(&'static str, Vec<u8>)>,
    standing: Vec<(u64, u64)>,
    accepted: u64,
    findings: Vec<Found>,
    refused: Vec<(&'static str, &'static str)>,
    /// Exhibits that the log does not bear out, with the code; or of which nothing can be told.
    contradicted: Vec<(&'static str, Option<&'static str>)>,
    /// By what the city is pinned, if not by the instance id.
    pinned: &'static str,
    times_judged: bool,
    result: Option<PollResult>,
    /// Ballots that stand, where there is no result.
    unopened: u64,
    /// Of an anonymous poll that has begun.
    credentials: Option<Vec<DistrictRow>>,
    /// Indices of the trustees whose shares stand.
    shares: Vec<u8>,
    witnessed: Option<(usize, usize)>,
    /// Entries of the poll that can be read, if not all.
    readable: Option<usize>,
    judged: Judged,
}

/// Code of a district; its eligible, requested, issued and spent.
type DistrictRow = (&'static str, [u64; 4]);

/// How far a recount gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    /// Through all steps.
    Whole,
    /// To A3: there is no valid genesis.
    WithoutCity,
    /// Nowhere: the register or the poll has no head.
    Nothing,
}

impl Case {
    /// The public files of a city as they are now, and an observer who knows its instance id.
    pub(super) fn new(
        name: &str,
        what: &'static str,
        city: City,
        poll: &LogPath,
        standing: Vec<(u64, u64)>,
        accepted: u64,
    ) -> Self {
        Self {
            name: name.to_owned(),
            what,
            poll: poll.clone(),
            files: city.files(),
            instance: Some(city.instance),
            city,
            key: None,
            policy: None,
            heads: Vec::new(),
            receipts: Vec::new(),
            claims: Vec::new(),
            standing,
            accepted,
            findings: Vec::new(),
            refused: Vec::new(),
            contradicted: Vec::new(),
            pinned: "nothing",
            times_judged: false,
            result: None,
            unopened: 0,
            credentials: None,
            shares: Vec::new(),
            witnessed: None,
            readable: None,
            judged: Judged::Whole,
        }
    }

    /// The city, as its files were made.
    pub(super) const fn city(&self) -> &City {
        &self.city
    }

    fn find(mut self, fault: &'static str, found: Place<'_>) -> Self {
        let (step, code, log, index) = found;
        self.findings.push(Found(step, code, log.to_owned(), index, fault));
        self
    }

    /// A finding that the operator answers for.
    pub(super) fn operator(
        self,
        step: &'static str,
        code: &'static str,
        log: &str,
        index: impl Into<Option<u64>>,
    ) -> Self {
        self.find("operator", (step, code, log, index.into()))
    }

    /// A finding that staff answers for.
    pub(super) fn staff(
        self,
        step: &'static str,
        code: &'static str,
        log: &str,
        index: impl Into<Option<u64>>,
    ) -> Self {
        self.find("staff", (step, code, log, index.into()))
    }

    /// A spoiled ballot.
    pub(super) fn voter(self, step: &'static str, code: &'static str, index: u64) -> Self {
        let poll = self.poll.to_string();
        self.find("voter", (step, code, &poll, Some(index)))
    }

    /// An exhibit that is no evidence, and why.
    pub(super) fn refused(mut self, exhibit: &'static str, code: &'static str) -> Self {
        self.refused.push((exhibit, code));
        self
    }

    /// An exhibit that the log does not bear out.
    pub(super) fn contradicted(mut self, exhibit: &'static str, code: &'static str) -> Self {
        self.contradicted.push((exhibit, Some(code)));
        self
    }

    /// An exhibit of which nothing can be told, because so much is missing.
    pub(super) fn not_judged(mut self, exhibit: &'static str) -> Self {
        self.contradicted.push((exhibit, None));
        self
    }

    /// By which of what the observer has the city is known, if not by its instance id.
    pub(super) const fn pinned_by(mut self, what: &'static str) -> Self {
        self.pinned = what;
        self
    }

    /// Witnesses have stated times of heads of the poll that the log bears out.
    pub(super) const fn times_judged(mut self) -> Self {
        self.times_judged = true;
        self
    }

    /// No witness has stated a time.
    pub(super) const fn without_times(mut self) -> Self {
        self.times_judged = false;
        self
    }

    /// What became of an exhibit.
    fn outcome(&self, name: &str) -> (&'static str, Option<&'static str>) {
        let refused = self.refused.iter().find(|(refused, _)| *refused == name);
        let contradicted = self.contradicted.iter().find(|(other, _)| *other == name);
        match (refused, contradicted) {
            (Some((_, code)), _) => ("refused", Some(*code)),
            (_, Some((_, Some(code)))) => ("contradicted", Some(*code)),
            (_, Some((_, None))) => ("not-judged", None),
            (None, None) => ("confirmed", None),
        }
    }

    /// The words that go with the verdict.
    fn evidence(&self) -> String {
        self.witnessed.filter(|(seen, _)| *seen > 0).map_or_else(
            || "the operator's word alone".to_owned(),
            |(seen, of)| format!("witnessed {seen} of {of}"),
        )
    }

    /// What the ballots give.
    pub(super) fn result(mut self, result: PollResult) -> Self {
        self.result = Some(result);
        self
    }

    /// A saved head in the observer's hands.
    pub(super) fn head(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.heads.push((name, bytes));
        self
    }

    /// A receipt in the observer's hands.
    pub(super) fn receipt(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.receipts.push((name, bytes));
        self
    }

    /// A voter's claim in the observer's hands.
    pub(super) fn claim(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        self.claims.push((name, bytes));
        self
    }

    /// How many were eligible, asked, were served and cast, in each district.
    pub(super) fn credentials(mut self, districts: &[DistrictRow]) -> Self {
        self.credentials = Some(districts.to_vec());
        self
    }

    /// The trustees whose shares stand.
    pub(super) fn shares(mut self, indices: &[u8]) -> Self {
        self.shares = indices.to_vec();
        self
    }

    /// How many ballots stand in a sealed poll that cannot be opened.
    pub(super) const fn unopened(mut self, count: u64) -> Self {
        self.unopened = count;
        self
    }

    /// The instance id that the observer has from elsewhere, or none.
    pub(super) fn instance(mut self, instance: Option<Hash>) -> Self {
        self.instance = instance;
        self
    }

    /// A verifier key that the observer has from elsewhere, instead of the instance id.
    pub(super) fn key(mut self, key: &VerifierKey) -> Self {
        self.key = Some(key.to_string());
        self.instance(None)
    }

    /// A policy with three witnesses and these lines besides.
    pub(super) fn policy(mut self, lines: &str, quorum: &str) -> Self {
        let mut text = lines.to_owned();
        for name in WITNESSES {
            let key = VerifierKey::cosignature(name, key(name).key()).expect("a name of a witness");
            text += &["witness ", &name[..1], " ", &key.to_string(), "\n"].concat();
        }
        text += &["group two 2 w x y\nquorum ", quorum, "\n"].concat();
        self.policy = Some(text);
        self
    }

    /// The poll's head was seen by so many of the policy's witnesses.
    pub(super) const fn witnessed(mut self, seen: usize, of: usize) -> Self {
        self.witnessed = Some((seen, of));
        self.times_judged()
    }

    /// Witnesses add their line to the head of a log.
    pub(super) fn cosign(mut self, log: &str, witnesses: &[(&str, u64)]) -> Self {
        let file = self.files.get_mut(&format!("{log}/checkpoint")).expect("the log has a head");
        *file = cosigned(file, witnesses);
        self
    }

    /// Puts a file in place of another, or a new one.
    pub(super) fn file(mut self, path: &str, bytes: Vec<u8>) -> Self {
        self.files.insert(path.to_owned(), bytes);
        self
    }

    /// Takes a file away.
    pub(super) fn without(mut self, path: &str) -> Self {
        self.files.remove(path).expect("the file was there");
        self
    }

    /// Takes a whole log away.
    pub(super) fn without_log(mut self, log: &str) -> Self {
        self.files.retain(|path, _| !path.starts_with(&format!("{log}/")));
        self
    }

    /// Says that nothing of the poll can be read.
    pub(super) fn unreadable(mut self) -> Self {
        self.readable = Some(0);
        self.stands(0)
    }

    /// Says that only the first so many phase entries stand, and no ballot.
    pub(super) fn stands(mut self, count: usize) -> Self {
        self.standing.truncate(count);
        self.accepted = 0;
        self
    }

    /// How many ballots are accepted, where it is not what the story says.
    pub(super) const fn accepted(mut self, count: u64) -> Self {
        self.accepted = count;
        self
    }

    /// Says that there is no valid genesis, and so nothing to judge by.
    pub(super) const fn without_city(mut self) -> Self {
        self.judged = Judged::WithoutCity;
        self
    }

    /// Says that there is nothing to recount.
    pub(super) const fn nothing_to_recount(mut self) -> Self {
        self.judged = Judged::Nothing;
        self
    }

    /// Adds the vector to the files.
    pub(super) fn render(&self, files: &mut Files) {
        let file = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), json!(encode(bytes)));
        let exhibit =
            |(name, bytes): &(&str, Vec<u8>)| json!({ "name": name, "content": encode(bytes) });
        let mut vector = json!({
            "what": self.what,
            "poll": self.poll.to_string(),
            "instance": self.instance.map(|instance| instance.to_string()),
            "key": self.key,
            "policy": self.policy,
            "heads": self.heads.iter().map(exhibit).collect::<Vec<_>>(),
            "receipts": self.receipts.iter().map(exhibit).collect::<Vec<_>>(),
            "files": self.files.iter().map(file).collect::<serde_json::Map<_, _>>(),
            "expect": self.expected(),
        });
        if !self.claims.is_empty() {
            vector["claims"] = self.claims.iter().map(exhibit).collect();
        }
        let path = format!("recount/{}.json", self.name);
        let double = files.insert(path.into(), vector);
        assert!(double.is_none(), "two vectors of the name {}", self.name);
    }

    fn expected(&self) -> Value {
        if self.judged == Judged::Nothing {
            return json!({ "exit": 3 });
        }
        let is_unsound = self.findings.iter().any(|found| found.4 != "voter");
        let found = |Found(step, code, log, index, fault): &Found| {
            json!({
                "step": step,
                "code": code,
                "log": log,
                "index": index,
                "fault": fault,
            })
        };
        let refused =
            |(name, code): &(&str, &str)| json!({ "name": name, "code": code, "fault": "peer" });
        let has_city = self.judged == Judged::Whole;
        let transcript = has_city.then(|| self.transcript());
        let hash = transcript.as_ref().map(|bytes| sha256(bytes).to_string());
        let ballots = json!({ "accepted": self.accepted, "effective": self.effective() });
        json!({
            "exit": u8::from(is_unsound),
            "verdict": if is_unsound { "NOT SOUND" } else { "SOUND" },
            "evidence": self.evidence(),
            "findings": self.findings.iter().map(found).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(refused).collect::<Vec<_>>(),
            "ballots": has_city.then_some(ballots),
            "result": self.result.as_ref().map(result_json),
            "transcript": transcript.as_ref().map(hex::encode),
            "transcript_sha256": hash,
            "report": report::lines(self, hash.as_deref()),
        })
    }

    /// The effective ballots; SEAL-7: in a poll that is not opened, those that stand.
    fn effective(&self) -> u64 {
        self.result.as_ref().map_or(self.unopened, |result| result.effective)
    }

    fn definition(&self) -> Option<Definition> {
        let announced = |(kind, _): &&(u64, u64)| *kind == Kind::Announce.number();
        let (_, index) = self.standing.iter().find(announced)?;
        match self.payload(*index) {
            Payload::Announce(announce) => Some(announce.definition),
            _ => None,
        }
    }

    fn is_anonymous(&self) -> bool {
        self.definition().is_some_and(|definition| definition.is_anonymous())
    }

    fn is_sealed(&self) -> bool {
        self.definition().is_some_and(|definition| definition.is_sealed())
    }
}

/// Step, code, path and index of a finding.
type Place<'a> = (&'static str, &'static str, &'a str, Option<u64>);

/// The witnesses of every policy; a policy calls them by their first letter.
pub(super) const WITNESSES: [&str; 3] =
    ["w.witness.example", "x.witness.example", "y.witness.example"];

/// A checkpoint with cosignatures of these witnesses, by their letter, each at a time.
pub(super) fn cosigned(note: &[u8], witnesses: &[(&str, u64)]) -> Vec<u8> {
    let mut note = Note::parse(note).expect("a head of this city");
    for (letter, time) in witnesses {
        let name = WITNESSES.iter().find(|name| name.starts_with(letter)).expect("a witness");
        let line = cosignature::sign(note.text(), *time, &key(name), name);
        note.add_signature(line.expect("a time of this age")).expect("few lines");
    }
    note.to_string().into_bytes()
}

/// The result as the array of the grammar (spec/veche.cddl), in JSON.
fn result_json(result: &PollResult) -> Value {
    let districts = result
        .districts
        .iter()
        .map(|turnout| json!([turnout.district, turnout.eligible, turnout.effective]));
    let questions = result.questions.iter().map(|question| {
        let options = question.outcome.iter();
        let options = options.map(|option| json!([option.label, option.votes, option.selected]));
        json!([question.blank, options.collect::<Vec<_>>()])
    });
    let totals = json!([result.eligible, result.effective, districts.collect::<Vec<_>>()]);
    json!([totals, result.quorum_met, questions.collect::<Vec<_>>()])
}

fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn place(index: u64) -> usize {
    usize::try_from(index).expect("a small log")
}
