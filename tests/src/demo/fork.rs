//! Two truths: the operator signs a second history of the poll, and shows it to a witness and to
//! the monitor. Each of them prints the proof, which convicts the operator before anybody.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use veche_client::api::Api;
use veche_client::city::City;
use veche_client::log_copy::LogCopy;
use veche_client::trust::Pins;
use veche_protocol::log::note::Note;
use veche_protocol::log::witness::AddCheckpoint;
use veche_protocol::name::LogPath;

use super::ROLL;
use super::cast::Cast;
use super::forgery::{anna, operators_key};
use super::narrator::Narrator;
use super::observer::Place;
use super::polling::poll_path;
use super::watchers::Witnesses;
use crate::city::PaperLog;
use crate::web_server::WebServer;

/// The files of a history, by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// Shows the second truth to the witness that is left and to the monitor, and has strangers check
/// what both print.
pub(super) fn two_truths(
    place: &Place<'_>,
    pins: &Pins,
    casts: &[Cast],
    witnesses: &Witnesses,
    monitor: &Path,
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("Two truths: the operator signs a second history");
    narrator.say("In it, Anna's ballot is gone and somebody else's stands there twice. It is as");
    narrator.say("long as the first, and every signature of the log's key verifies.");
    let files = second_history(place, pins, casts)?;
    let server = WebServer::of_files(files.clone());

    let (name, witness, home) = witnesses.left()?;
    let note = files.get(&format!("{}/checkpoint", poll_path())).context("a head was signed")?;
    let status = offer(witness.url(), note)?;
    narrator.say_timed(&format!(
        "The operator asks {name} to cosign the other head; it answers {status}, and prints:"
    ));
    narrator.quote(&shortened(&witness.said()));
    let caught = status == 422 && convicts(place, pins, &home.join("evidence"))?;
    narrator.claim("the witness's proof convicts the operator, whoever checks it", caught);

    narrator.say("From now on the operator shows the monitor the second history. It prints:");
    let state = monitor.display().to_string();
    let policy = witnesses.policy_file.display().to_string();
    let mut follow = place.programs.command("veche-audit");
    let url = server.url();
    follow.args(["follow", &url, "--state", &state, "--policy", &policy, "--once"]);
    let output = follow.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    narrator.quote(&shortened(&said));
    let evidence = monitor.join("evidence");
    for proof in proofs(&evidence)? {
        narrator.quote(&shortened(&fs::read_to_string(proof)?));
    }
    let caught = output.status.code() == Some(1) && convicts(place, pins, &evidence)?;
    narrator.claim("the monitor's proof convicts the operator, whoever checks it", caught);
    Ok(())
}

/// Every log as it is, but the poll's without Anna's ballot and with another in its place at the
/// end, each head signed with the operator's own key.
fn second_history(place: &Place<'_>, pins: &Pins, casts: &[Cast]) -> anyhow::Result<Files> {
    let key = operators_key(&place.folder.join("data/log-key.pem"))?;
    let api = Api::new(place.url)?;
    let city = City::read(&api, pins)?;
    let dropped = anna(casts)?.receipt.index();
    let mut files = Files::new();
    for path in [LogPath::Register, LogPath::Roll(ROLL.to_owned()), poll_path()] {
        let log: LogCopy = city.read_log(&api, &path, &mut |_, _| {})?;
        let mut paper = PaperLog::new(log.origin().to_owned());
        let is_poll = path == poll_path();
        for index in 0..log.size() {
            if !is_poll || index != dropped {
                let entry = log.entry(index).context("the log was read whole")?;
                paper.push(entry.to_vec());
            }
        }
        if is_poll {
            let other = log.entry(dropped + 1).context("Anna's was not the last entry")?;
            paper.push(other.to_vec());
        }
        files.extend(paper.files(&path.to_string(), &key));
    }
    Ok(files)
}

/// Asks a witness to cosign a head; gives the status of its answer.
fn offer(url: &str, note: &[u8]) -> anyhow::Result<u16> {
    let note = Note::parse(note)?;
    let size = note.text().lines().nth(1).context("a checkpoint has a size")?.parse()?;
    // RFC 6962, 2.1.2: between trees of one size nothing is to be proved.
    let request = AddCheckpoint::new(size, Vec::new(), note)?;
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let answer = agent.post(format!("{url}/add-checkpoint")).send(request.to_string())?;
    Ok(answer.status().as_u16())
}

/// The proofs in a folder and in those right below it.
fn proofs(evidence: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in fs::read_dir(evidence).with_context(|| evidence.display().to_string())? {
        let path = file?.path();
        if path.is_dir() {
            found.extend(proofs(&path)?);
        } else if path.extension().is_some_and(|end| end == "veche-fork") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether the proofs in a folder hold, for somebody who has nothing but the city's key.
fn convicts(place: &Place<'_>, pins: &Pins, evidence: &Path) -> anyhow::Result<bool> {
    let proofs = proofs(evidence)?;
    ensure!(!proofs.is_empty(), "there is no proof in {}", evidence.display());
    let key = pins.verifier(&poll_path()).to_string();
    let holds = proofs.iter().map(|proof| {
        let mut command = place.programs.command("veche-audit");
        let output = command.arg("fork").arg(proof).args(["--key", &key]).output()?;
        Ok(output.status.success())
    });
    Ok(holds.collect::<anyhow::Result<Vec<bool>>>()?.into_iter().all(|holds| holds))
}

/// The lines from the first that speaks of a fork on.
fn shortened(said: &str) -> String {
    const SHOWN: usize = 14;
    let lines = said.lines().skip_while(|line| !line.contains("fork"));
    lines.take(SHOWN).collect::<Vec<_>>().join("\n")
}
