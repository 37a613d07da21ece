//! The demo: a city is founded, enrols 6,586 voters, lets them vote with the real ballots of
//! Wieliczka 2023, counts, and is recounted by an observer who trusts nobody; then two forgeries
//! are made and caught.
//!
//! The cast: a commission of three, a registrar and an inspector, two poll officers, two issuers
//! and three trustees (one of whom is killed), two witnesses (one of whom is killed), a monitor and
//! a mirror, 6,586 voters (one of them is Anna), an operator, and an observer. Everything they do
//! goes through the same library and the same programs that a city would use.

mod cast;
mod credentials;
mod crowd;
mod forgery;
mod fork;
mod founding;
mod narrator;
mod observer;
mod people;
mod polling;
mod watchers;
mod winners;

use std::path::PathBuf;
use std::time::Instant;

use veche_client::api::Api;
use veche_client::trust::Pins;
use veche_protocol::interchange::pabulib::{self, Pabulib};
use veche_protocol::poll::definition::Definition;

use crate::programs::Programs;
use crate::services::{self, Authorities};
use cast::{Cast, Names};
use narrator::Narrator;
use people::{Staff, Voter};
use watchers::{Watchers, Witnesses};

/// Name of the demo's roll.
pub const ROLL: &str = "wieliczka-2023";
/// Id of the demo's poll.
pub const POLL: &str = "green-budget";

/// The real ballots; where they come from is said beside the file.
const WIELICZKA: &str = include_str!("../data/wieliczka-2023/wieliczka_2023_green_budget.pb");

/// What happens after the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// The city goes on being served until interrupted.
    Serve,
    /// The city ends.
    End,
}

/// What is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Anonymous and sealed, with issuers and trustees.
    Referendum,
    /// Named and open.
    Open,
}

/// How many histories of the poll the operator signs in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truths {
    /// One, as it must be.
    One,
    /// Two, of which the second is shown to a witness and to the monitor.
    Two,
}

/// How the demo is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is held.
    pub sort: Sort,
    /// What happens after the verdict.
    pub stay: Stay,
    /// Which of the three trustees of a referendum is killed, 1 to 3.
    pub killed: usize,
    /// Connections over which the ballots are cast.
    pub connections: usize,
    /// How many histories the operator signs.
    pub truths: Truths,
    /// Where keys, logs and the archive stay afterwards; by default nowhere.
    pub keep: Option<PathBuf>,
}

/// Plays the whole story; whether everything held.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let started = Instant::now();
    let programs = Programs::beside_this()?;
    let passing = tempfile::Builder::new().prefix("veche-demo-").tempdir()?;
    let folder = options.keep.as_deref().unwrap_or(passing.path());
    let file = pabulib::parse(WIELICZKA)?;
    let mut narrator = Narrator::new();

    let staff = Staff::generate()?;
    let voters = Voter::for_ballots(&file)?;
    let (mut server, pins, mut witnesses) =
        founding::found(&programs, folder, &staff, &mut narrator)?;
    let api = Api::new(server.url())?;
    let watchers = Watchers::start(&programs, folder, server.url(), &witnesses)?;
    narrator.say_timed("A monitor follows every log, and a mirror serves all of it on");
    polling::enrol(&api, &pins, &staff, &voters, &mut narrator)?;
    let authorities = match options.sort {
        Sort::Referendum => Some(Authorities::generate()?),
        Sort::Open => None,
    };
    let poll = Poll { api: &api, pins: &pins, staff: &staff, file: &file, voters: &voters };
    let place = observer::Place { programs: &programs, url: server.url(), folder };
    let (definition, casts) = match &authorities {
        Some(authorities) => {
            poll.referendum(authorities, &place, options, &mut witnesses, &mut narrator)?
        }
        None => poll.open(options, &mut witnesses, &mut narrator)?,
    };
    let result = polling::certify(&api, &pins, &staff, &mut narrator)?;
    winners::compare(&file, &definition, &result, &mut narrator);

    let archive = observer::recount_and_export(&place, &pins, &witnesses, &mut narrator)?;
    observer::recount_from_mirror(&place, &watchers, &witnesses, &mut narrator)?;
    let (mirror, monitor) = watchers.dismiss_monitor(&mut narrator)?;
    forgery::change_a_byte(&place, &archive, &casts, &mut narrator)?;
    forgery::drop_a_ballot(&place, &pins, &api, &casts, &mut narrator)?;
    if options.truths == Truths::Two {
        fork::two_truths(&place, &pins, &casts, &witnesses, &monitor, &mut narrator)?;
    }

    let held = narrator.verdict(started.elapsed());
    if options.stay == Stay::Serve {
        observer::say_where_to_look(&place, &pins, mirror.url());
        server.wait()?;
    }
    Ok(held)
}

/// Who takes part in a poll, and what it is about.
struct Poll<'a> {
    api: &'a Api,
    pins: &'a Pins,
    staff: &'a Staff,
    file: &'a Pabulib,
    voters: &'a [Voter],
}

impl Poll<'_> {
    /// Announced, opened, voted in and closed under everybody's own name.
    fn open(
        &self,
        options: &Options,
        witnesses: &mut Witnesses,
        narrator: &mut Narrator,
    ) -> anyhow::Result<(Definition, Vec<Cast>)> {
        let Self { api, pins, staff, file, voters } = *self;
        let (definition, schedule) = polling::announce(api, pins, staff, file, None, narrator)?;
        let paper = polling::open(api, pins, staff, schedule, narrator)?;
        kill_a_witness(witnesses, narrator)?;
        let casts = cast::all(api, &paper, voters, Names::Own, options.connections, narrator)?;
        polling::close(api, pins, staff, schedule, narrator)?;
        Ok((definition, casts))
    }

    /// The same under credentials, sealed until the close, and opened by two trustees of three.
    fn referendum(
        &self,
        authorities: &Authorities,
        place: &observer::Place<'_>,
        options: &Options,
        witnesses: &mut Witnesses,
        narrator: &mut Narrator,
    ) -> anyhow::Result<(Definition, Vec<Cast>)> {
        let Self { api, pins, staff, file, voters } = *self;
        let connections = options.connections;
        let (definition, schedule) =
            polling::announce(api, pins, staff, file, Some(authorities), narrator)?;
        let observer::Place { programs, url, folder } = *place;
        let policy = Some(witnesses.policy_file.as_path());
        let place = services::Place { programs, folder, url, pins, poll: POLL, policy };
        let mut services = authorities.start(&place)?;
        credentials::begin(api, pins, staff, &mut services, narrator)?;
        let held = credentials::ask(api, pins, voters, connections, &mut services, narrator)?;
        let paper = polling::open(api, pins, staff, schedule, narrator)?;
        kill_a_witness(witnesses, narrator)?;
        let killed = services.kill_trustee(options.killed)?;
        narrator.say(&format!("Somebody kills the program of one trustee, the {killed}."));
        // A cast waits for the end of the server's interval, so more of them wait side by side.
        let casts =
            cast::all(api, &paper, voters, Names::Credentials(&held), connections * 8, narrator)?;
        polling::close(api, pins, staff, schedule, narrator)?;
        credentials::shares(api, pins, &mut services, &killed, narrator)?;
        Ok((definition, casts))
    }
}

/// The poll has only begun when one of the witnesses is gone.
fn kill_a_witness(witnesses: &mut Witnesses, narrator: &mut Narrator) -> anyhow::Result<()> {
    let killed = witnesses.kill_one()?;
    narrator.say(&format!("Somebody kills the program of one witness, {killed}."));
    Ok(())
}
