//! The demo: a city is founded, enrols 6,586 voters, lets them vote with the real ballots of
//! Wieliczka 2023, counts, and is recounted by an observer who trusts nobody; then two forgeries
//! are made and caught.
//!
//! The cast: a commission of three, a registrar and an inspector, two poll officers, 6,586 voters
//! (one of them is Anna), an operator, and an observer. Everything they do goes through the same
//! library and the same programs that a city would use.

mod cast;
mod forgery;
mod founding;
mod narrator;
mod observer;
mod people;
mod polling;
mod winners;

use std::path::PathBuf;
use std::time::Instant;

use veche_client::api::Api;
use veche_protocol::interchange::pabulib;

use crate::programs::Programs;
use narrator::Narrator;
use people::{Staff, Voter};

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

/// How the demo is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What happens after the verdict.
    pub stay: Stay,
    /// Connections over which the ballots are cast.
    pub connections: usize,
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
    let (mut server, pins) = founding::found(&programs, folder, &staff, &mut narrator)?;
    let api = Api::new(server.url())?;
    polling::enrol(&api, &pins, &staff, &voters, &mut narrator)?;
    let (definition, schedule) = polling::announce(&api, &pins, &staff, &file, &mut narrator)?;
    let paper = polling::open(&api, &pins, &staff, schedule, &mut narrator)?;
    let casts = cast::all(&api, &paper, &voters, options.connections, &mut narrator)?;
    polling::close(&api, &pins, &staff, schedule, &mut narrator)?;
    let result = polling::certify(&api, &pins, &staff, &mut narrator)?;
    winners::compare(&file, &definition, &result, &mut narrator);

    let place = observer::Place { programs: &programs, url: server.url(), folder };
    let archive = observer::recount_and_export(&place, &pins, &mut narrator)?;
    forgery::change_a_byte(&place, &archive, &casts, &mut narrator)?;
    forgery::drop_a_ballot(&place, &pins, &api, &casts, &mut narrator)?;

    let held = narrator.verdict(started.elapsed());
    if options.stay == Stay::Serve {
        observer::say_where_to_look(&place, &pins);
        server.wait()?;
    }
    Ok(held)
}
