//! The city is founded: commission, officers, the operator's log key, the server.

use std::path::Path;

use anyhow::{Context as _, ensure};
use veche_client::api::Api;
use veche_client::trust::Pins;
use veche_keys::key_file::write_plain;
use veche_keys::private_file::{self, Existing};
use veche_protocol::signature::SigningKey;

use super::narrator::Narrator;
use super::people::Staff;
use super::watchers::{Witnesses, first_head};
use crate::programs::{Programs, Server};

/// The domain of the demo; it leads nowhere (RFC 2606).
const DOMAIN: &str = "wieliczka.veche.example";

/// Founds the city and serves it; gives what identifies it, as published out of band.
pub(super) fn found(
    programs: &Programs,
    folder: &Path,
    staff: &Staff,
    narrator: &mut Narrator,
) -> anyhow::Result<(Server, Pins, Witnesses)> {
    narrator.chapter("A city is founded");
    let data = folder.join("data");
    let mut arguments: Vec<String> =
        ["init", "--domain", DOMAIN, "--city", "Wieliczka (a demo)"].map(str::to_owned).to_vec();
    arguments.extend(["--data".to_owned(), data.display().to_string()]);
    arguments.extend(["--unencrypted", "--threshold", "2"].map(str::to_owned));
    for (number, member) in staff.commission.iter().enumerate() {
        let file = folder.join(format!("commission-{}.pem", number + 1));
        private_file::write(&file, write_plain(member).as_bytes(), Existing::Keep)?;
        arguments.extend(["--commission".to_owned(), member.key().to_string()]);
        arguments.extend(["--commission-key-file".to_owned(), file.display().to_string()]);
    }
    let officer = |key: &SigningKey, label: &str, role: &str| {
        ["--officer".to_owned(), format!("{}:{label}:{role}", key.key())]
    };
    arguments.extend(officer(&staff.registrar, "registrar", "registrar"));
    arguments.extend(officer(&staff.inspector, "inspector of rolls", "inspector"));
    arguments.extend(officer(&staff.officers[0], "poll officer, north", "poll-officer"));
    arguments.extend(officer(&staff.officers[1], "poll officer, south", "poll-officer"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = programs.run("veched", &arguments)?;
    let value = |name: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.with_context(|| format!("veched init did not print {name}"))
    };
    let pins = Pins::parse(value("instance")?, value("register")?);
    let pins = pins.context("veched init printed a malformed instance id or key")?;
    narrator.say("A commission of three signs the genesis; it names a registrar, an inspector and");
    narrator.say("two poll officers. Its hash identifies the city for ever; newspapers print it:");
    narrator.say(&format!("instance {}", pins.instance));
    let witnesses = Witnesses::start(programs, folder, &pins)?;
    narrator.say_timed("A library and a newspaper start a witness each: programs of their own");
    let settings = witnesses.settings();
    let settings: Vec<_> = settings.iter().map(String::as_str).collect();
    let server = Server::start(programs, &data, folder, &settings)?;
    let api = Api::new(server.url())?;
    // The register is public once a witness has seen it.
    first_head(&api)?;
    let seen = Pins::on_first_use(&api)?;
    ensure!(seen == pins, "the server shows another city than the one that was founded");
    narrator.say_timed(&format!("The operator serves the logs at {}", server.url()));
    narrator.say("No head is public before a witness has seen that it extends all before it.");
    Ok((server, pins, witnesses))
}
