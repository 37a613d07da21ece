//! Two forgeries: a byte changed by somebody without a key, and a ballot removed by the operator,
//! who has the log's key and signs the new head with it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use veche_client::api::Api;
use veche_client::city::City;
use veche_client::log_copy::LogCopy;
use veche_client::receipts;
use veche_client::trust::Pins;
use veche_keys::key_file;
use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;
use veche_protocol::signature::SigningKey;

use super::ROLL;
use super::cast::Cast;
use super::narrator::Narrator;
use super::observer::Place;
use super::polling::poll_path;
use crate::city::PaperLog;

/// The voter whose ballot is attacked; her name in the story is Anna.
const ANNA: usize = 1_234;

/// Changes one byte of Anna's ballot in a copy of the archive.
pub(super) fn change_a_byte(
    place: &Place<'_>,
    archive: &Path,
    casts: &[Cast],
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("Forgery: one byte of one ballot");
    let mut bytes = fs::read(archive)?;
    let ballot = anna(casts)?.ballot.bytes();
    let found: Vec<usize> = places(&bytes, ballot).collect();
    ensure!(!found.is_empty(), "Anna's ballot is not in the archive");
    for place in found {
        // In the middle of the ballot: part of what Anna signed, or of her signature.
        bytes[place + ballot.len() / 2] ^= 1;
    }
    let forged = place.folder.join("forged-byte.tar");
    fs::write(&forged, &bytes)?;
    narrator.say("Somebody hands the observer a copy in which one bit of Anna's ballot differs.");
    let report = place.recount(&forged.display().to_string(), &[])?;
    quote_findings(narrator, &report.text);
    let caught = report.is_verdict && !report.is_sound && report.text.contains("root-mismatch");
    narrator.claim("the auditor catches the changed byte (root-mismatch)", caught);
    Ok(())
}

/// Drops Anna's ballot, grows the tree anew, and signs its head with the operator's own key.
pub(super) fn drop_a_ballot(
    place: &Place<'_>,
    pins: &Pins,
    api: &Api,
    casts: &[Cast],
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("Forgery: the operator drops a ballot and signs again");
    let key = operators_key(&place.folder.join("data/log-key.pem"))?;
    let city = City::read(api, pins)?;
    let target = place.folder.join("forged-log");
    let index = anna(casts)?.receipt.index();
    for path in [LogPath::Register, LogPath::Roll(ROLL.to_owned()), poll_path()] {
        let dropped = (path == poll_path()).then_some(index);
        let log = city.read_log(api, &path, &mut |_, _| {})?;
        write_log(&target, &log, dropped, &key)?;
    }
    narrator
        .say("The operator removes Anna's ballot from the log, grows the tree anew, and signs the");
    narrator.say("new head with the log's true key. Every signature of the log verifies.");
    let report = place.recount(&target.display().to_string(), &[])?;
    quote_findings(narrator, &report.text);
    let shown = report.is_verdict && !report.is_sound;
    narrator.claim("what the officers have seen, and the anchors, betray it", shown);
    let receipt = place.folder.join("anna.tlog-proof");
    let Cast { ballot, receipt: proof } = anna(casts)?;
    receipts::save(&receipt, proof, ballot.bytes())?;
    narrator.say("Anna brings her receipt, which the same key has signed:");
    let with = ["--receipt", &receipt.display().to_string()];
    let report = place.recount(&target.display().to_string(), &with)?;
    quote_findings(narrator, &report.text);
    let convicted =
        report.is_verdict && !report.is_sound && report.text.contains("receipt-not-in-log");
    narrator.claim("Anna's receipt convicts the operator (receipt-not-in-log)", convicted);
    Ok(())
}

pub(super) fn anna(casts: &[Cast]) -> anyhow::Result<&Cast> {
    casts.get(ANNA).context("there are more than 1,234 voters")
}

/// Where the ballot stands in the archive.
fn places<'a>(archive: &'a [u8], ballot: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    archive
        .windows(ballot.len())
        .enumerate()
        .filter(move |(_, window)| *window == ballot)
        .map(|w| w.0)
}

pub(super) fn operators_key(file: &Path) -> anyhow::Result<SigningKey> {
    let pem = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    Ok(key_file::read(&pem, None)?)
}

/// Writes a log's public files below `target`, without the entry at `dropped`, signed by `key`.
fn write_log(
    target: &Path,
    log: &LogCopy,
    dropped: Option<u64>,
    key: &SigningKey,
) -> anyhow::Result<()> {
    let mut paper = PaperLog::new(log.origin().to_owned());
    let mut decoded = 0_u64;
    for (index, entry) in log.decoded_from(0) {
        decoded += u64::from(entry.is_ok());
        if Some(index) != dropped {
            paper.push(entry.map(SignedEntry::into_bytes)?);
        }
    }
    ensure!(decoded == log.size(), "an entry of {} does not decode", log.path());
    for (path, bytes) in paper.files(&log.path().to_string(), key) {
        let file = target.join(path);
        let folder = file.parent().context("a file stands in a folder")?;
        fs::create_dir_all(folder)?;
        fs::write(file, bytes)?;
    }
    Ok(())
}

/// The lines of a report that name a finding or the verdict.
fn quote_findings(narrator: &Narrator, report: &str) {
    const SHOWN: usize = 12;
    let told = |line: &&str| {
        ["root-mismatch", "receipt-not", "anchor-", "seen-mismatch", "entry-missing", "SOUND"]
            .iter()
            .any(|word| line.contains(word))
    };
    let lines: Vec<&str> = report.lines().filter(told).take(SHOWN).collect();
    narrator.quote(&lines.join("\n"));
}
