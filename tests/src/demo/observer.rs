//! The observer, who has the public files, the instance id from the newspaper, and `veche-audit`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::ensure;
use veche_client::api::Api;
use veche_client::trust::Pins;
use veche_protocol::name::LogPath;

use super::POLL;
use super::narrator::Narrator;
use super::polling::poll_path;
use super::watchers::{Watchers, Witnesses};
use crate::programs::Programs;

/// Where the observer works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) programs: &'a Programs,
    pub(super) url: &'a str,
    pub(super) folder: &'a Path,
}

/// What `veche-audit` said.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) is_sound: bool,
    /// Whether it found something, rather than failed.
    pub(super) is_verdict: bool,
    pub(super) text: String,
}

impl Place<'_> {
    /// Recounts the poll from a server, an archive or a folder.
    pub(super) fn recount(&self, source: &str, more: &[&str]) -> anyhow::Result<Report> {
        let mut command = self.programs.command("veche-audit");
        command.args(["recount", source, "--poll", POLL]).args(more);
        let Output { status, stdout, stderr } = command.output()?;
        let mut text = String::from_utf8_lossy(&stdout).into_owned();
        if stdout.is_empty() {
            text.push_str(&String::from_utf8_lossy(&stderr));
        }
        let code = status.code();
        // AUDIT-11: 0 sound, 1 findings; everything else is no verdict.
        Ok(Report { is_sound: code == Some(0), is_verdict: matches!(code, Some(0 | 1)), text })
    }
}

/// Recounts from the server and from an archive, and compares; gives the archive.
pub(super) fn recount_and_export(
    place: &Place<'_>,
    pins: &Pins,
    witnesses: &Witnesses,
    narrator: &mut Narrator,
) -> anyhow::Result<PathBuf> {
    narrator.chapter("An observer recounts everything from public data");
    let instance = pins.instance.to_string();
    let policy = witnesses.policy_file.display().to_string();
    let trust = ["--instance", &instance, "--policy", &policy];
    narrator.say(&format!(
        "veche-audit recount {} --poll {POLL} --instance ... --policy ...",
        place.url
    ));
    let report = place.recount(place.url, &trust)?;
    narrator.quote(&report.text);
    narrator.say_timed("The observer has asked nobody's permission");
    narrator.claim("the recount finds the poll sound", report.is_sound);
    narrator.claim(
        "with one witness of two killed nothing has changed: the other has seen it all",
        report.is_sound && report.text.contains("witnessed 1 of 2"),
    );
    let archive = place.folder.join("green-budget.tar");
    let path = archive.display().to_string();
    place.programs.run("veche-audit", &["export", place.url, "--poll", POLL, "--out", &path])?;
    let size = fs::metadata(&archive)?.len() / 1024;
    narrator.say(&format!("The whole poll fits into one archive of {size} kB: {path}"));
    let live = place.recount(place.url, &["--instance", &instance, "--json"])?;
    let kept = place.recount(&path, &["--instance", &instance, "--json"])?;
    ensure!(live.is_verdict, "veche-audit gave no verdict:\n{}", live.text);
    let same = live.is_sound && kept.is_sound && live.text.lines().eq(kept.text.lines());
    if !same {
        fs::write(place.folder.join("live.json"), &live.text)?;
        fs::write(place.folder.join("kept.json"), &kept.text)?;
    }
    narrator.claim("the archive gives the same report, line for line", same);
    Ok(archive)
}

/// Recounts from the mirror, which has verified what it serves, and compares.
pub(super) fn recount_from_mirror(
    place: &Place<'_>,
    watchers: &Watchers,
    witnesses: &Witnesses,
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    let city = Api::new(place.url)?;
    watchers.wait_for_mirror(&city, &poll_path())?;
    watchers.wait_for_mirror(&city, &LogPath::Register)?;
    let policy = witnesses.policy_file.display().to_string();
    let trust = ["--policy", &policy];
    let report = place.recount(watchers.mirror(), &trust)?;
    narrator.claim(
        "the mirror gives a recount that is as sound, and the city need not be asked",
        report.is_sound && report.text.contains("witnessed 1 of 2"),
    );
    Ok(())
}

/// What to look at while the city is served.
pub(super) fn say_where_to_look(place: &Place<'_>, pins: &Pins, mirror: &str) {
    let url = place.url;
    println!("\n   The city is still there: {url}");
    println!("   its polls             {url}/api/v1/polls");
    println!("   the poll's head       {url}/poll/{POLL}/checkpoint");
    println!("   the result            {url}/api/v1/polls/{POLL}/result");
    println!("   recount it yourself   veche-audit recount {url} --poll {POLL}");
    println!("   pin the city          veche trust {url} --instance {}", pins.instance);
    println!("   the mirror            {mirror}");
    println!("   files and keys        {}", place.folder.display());
    println!("   Interrupt (Ctrl-C) ends it.");
}
