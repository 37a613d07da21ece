//! Whole recounts: each vector's public files go through the recount, which must say exactly what
//! the vector does.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use veche_auditor::exit::Exit;
use veche_auditor::source::SourceError;
use veche_auditor::{Options, recount};
use veche_protocol::audit::{Exhibit, ExhibitOutcome, Finding, Recount, Source, Trust, Verdict};
use veche_protocol::breach::Fault;
use veche_protocol::hash::Hash;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;
use veche_protocol::poll::result::PollResult;

use crate::support::{base64, read_folder, read_vector};

/// The public files of a vector.
pub(crate) struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    pub(crate) fn of(vector: &Value) -> Self {
        let files = vector["files"].as_object().unwrap().iter();
        Self(files.map(|(path, bytes)| (path.clone(), base64(bytes))).collect())
    }
}

impl From<BTreeMap<String, Vec<u8>>> for Files {
    fn from(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self(files)
    }
}

impl Source for Files {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        Ok(files.iter().map(|file| self.0.get(&format!("{log}/{file}")).cloned()).collect())
    }
}

fn trust(vector: &Value) -> Trust {
    let exhibits = |field: &str| -> Vec<_> {
        // Named polls have no claims.
        let exhibits = vector[field].as_array().into_iter().flatten();
        exhibits
            .map(|exhibit| Exhibit {
                name: exhibit["name"].as_str().unwrap().to_owned(),
                bytes: base64(&exhibit["content"]),
            })
            .collect()
    };
    Trust {
        instance: vector["instance"].as_str().map(|text| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).unwrap();
            Hash(bytes)
        }),
        policy: vector["policy"].as_str().map(|text| Policy::parse(text.as_bytes()).unwrap()),
        key: vector["key"].as_str().map(|text| VerifierKey::parse(text).unwrap()),
        heads: exhibits("heads"),
        receipts: exhibits("receipts"),
        claims: exhibits("claims"),
    }
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::Voter => "voter",
        Fault::Staff => "staff",
        Fault::Operator => "operator",
        Fault::Peer => "peer",
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "step": finding.step.to_string(),
        "code": finding.breach.code(),
        "log": finding.log.to_string(),
        "index": finding.index,
        "fault": fault_name(finding.fault),
    })
}

fn result_json(result: &PollResult) -> Value {
    let districts: Vec<_> = result
        .districts
        .iter()
        .map(|turnout| json!([turnout.district, turnout.eligible, turnout.effective]))
        .collect();
    let option = |option: &veche_protocol::poll::result::OptionResult| {
        json!([option.label, option.votes, option.selected])
    };
    let questions = result.questions.iter().map(|question| {
        json!([question.blank, question.outcome.iter().map(option).collect::<Vec<_>>()])
    });
    let questions: Vec<_> = questions.collect();
    json!([[result.eligible, result.effective, districts], result.quorum_met, questions])
}

/// What a recount says, in the form of a vector's `expect`.
fn said(recount: &Recount) -> Value {
    let is_sound = recount.verdict() == Verdict::Sound;
    let refused = recount.evidence.exhibits.iter().filter_map(|exhibit| match exhibit.outcome {
        ExhibitOutcome::Refused(breach) => {
            Some(json!({ "name": exhibit.name, "code": breach.code(), "fault": "peer" }))
        }
        _ => None,
    });
    let on_logs = recount.findings.iter().filter(|finding| finding.fault != Fault::Peer);
    let counts = &recount.counts;
    let ballots = json!({ "accepted": counts.accepted, "effective": counts.effective });
    let transcript = recount.city.as_ref().map(|_| hex::encode(&recount.transcript));
    let mut report = Vec::new();
    veche_auditor::json::write(&mut report, recount).unwrap();
    let report = String::from_utf8(report).unwrap();
    json!({
        "exit": Exit::from(recount.verdict()) as u8,
        "verdict": if is_sound { "SOUND" } else { "NOT SOUND" },
        "evidence": recount.evidence.to_string(),
        "findings": on_logs.map(finding_json).collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "ballots": recount.city.is_some().then_some(ballots),
        "result": recount.result.as_ref().map(result_json),
        "transcript": transcript,
        "report": report.lines().collect::<Vec<_>>(),
        "transcript_sha256": recount.transcript_hash().map(|hash| hash.to_string()),
    })
}

/// Recounts a vector's files.
fn recount_of(vector: &Value) -> Result<Recount, SourceError> {
    let poll = LogPath::parse(vector["poll"].as_str().unwrap()).unwrap();
    let options = Options { poll, trust: trust(vector), workers: 1 };
    recount(&Files::of(vector), &options, &|_, _, _| ())
}

// AUDIT-1, AUDIT-2, AUDIT-3, AUDIT-4, AUDIT-5, AUDIT-6, AUDIT-7, AUDIT-8, AUDIT-9, AUDIT-10,
// AUDIT-12: the vectors are named by what they show.
#[test]
fn every_recount_says_what_its_vector_does() {
    let vectors = read_folder("recount");
    assert!(vectors.len() > 380, "{} recounts", vectors.len());
    let mut differing = Vec::new();
    for (name, vector) in vectors {
        // AUDIT-11: a source without a head gives neither findings nor a verdict.
        let said = recount_of(&vector)
            .map_or_else(|_| json!({ "exit": Exit::Unreadable as u8 }), |recount| said(&recount));
        let expected = vector["expect"].as_object().unwrap();
        assert_eq!(expected.len(), said.as_object().unwrap().len(), "{name}");
        for (field, expected) in expected {
            if said[field] != *expected {
                differing.push(format!("{name}: {field}\n  {}\n  {expected}", said[field]));
            }
        }
    }
    assert!(differing.is_empty(), "said, and expected:\n{}", differing.join("\n"));
}

#[test]
fn no_byte_of_a_poll_can_be_changed_unseen() {
    // AUDIT-3, AUDIT-4: every byte of the poll's own files counts.
    let vector = read_vector("recount/announced_only.json");
    let Files(files) = Files::of(&vector);
    let own = files.keys().filter(|path| path.starts_with("poll/park/"));
    let mut flipped = 0;
    for path in own {
        for place in 0..files[path].len() {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap()[place] ^= 1;
            let poll = LogPath::parse("poll/park").unwrap();
            let options = Options { poll, trust: trust(&vector), workers: 1 };
            let recount = recount(&Files(changed), &options, &|_, _, _| ()).unwrap();
            assert_ne!(recount.verdict(), Verdict::Sound, "byte {place} of {path}");
            flipped += 1;
        }
    }
    assert!(flipped > 500, "{flipped} bytes");
}
