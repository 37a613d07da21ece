//! What the officers do: the roll, the announcement, opening, closing, certifying. Each act is
//! built from logs that are read and hashed anew, signed by two people, and answered by a receipt
//! that is checked.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use veche_client::acts::check::Target;
use veche_client::acts::{Act, poll, roll};
use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_client::city::City;
use veche_client::enrolment_line::EnrolmentLine;
use veche_client::error::ClientError;
use veche_client::log_copy::read_head;
use veche_client::poll_copy::PollCopy;
use veche_client::roll_copy::RollCopy;
use veche_client::trust::Pins;
use veche_client::{definition_file::DefinitionFile, pabulib, receipts, time};
use veche_keys::key_file::random_bytes;
use veche_protocol::interchange::pabulib::Pabulib;
use veche_protocol::name::LogPath;
use veche_protocol::poll::definition::{Definition, Schedule};
use veche_protocol::poll::result::PollResult;
use veche_protocol::roll::{District, Enrolment, RollHeader, census_commitment};
use veche_protocol::signature::SigningKey;

use super::narrator::Narrator;
use super::people::{Staff, Voter};
use super::{POLL, ROLL};
use crate::services::Authorities;

/// When a poll of the demo opens and closes, in seconds. Close is lawful from `closes_at` less the
/// tolerance, when all have about voted.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// From the announcement to the opening.
    opens_in: u64,
    voting: u64,
    tolerance: u64,
}

/// Time to refuse an opening that comes too early, and for ten seconds of casting on two cores.
const OPEN_PACE: Pace = Pace { opens_in: 3, voting: 20, tolerance: 8 };
/// Time for the ceremony and 13,172 blind signatures, and for casting in the server's intervals.
const REFERENDUM_PACE: Pace = Pace { opens_in: 50, voting: 60, tolerance: 30 };
/// The life of the demo's roll, in seconds: a month.
const ROLL_LIFE: u64 = 30 * 24 * 60 * 60;
/// Longest wait for a log or an anchor to show up.
pub(super) const WAIT: Duration = Duration::from_secs(30);
pub(super) const PAUSE: Duration = Duration::from_millis(100);

pub(super) fn quiet(_: u64, _: u64) {}

/// Begins the roll and enrols every voter.
pub(super) fn enrol(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    voters: &[Voter],
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("The roll of voters");
    let now = time::now();
    let header = RollHeader {
        title: "Residents of Wieliczka".to_owned(),
        districts: vec![District { code: "gmina".to_owned(), label: "Gmina Wieliczka".to_owned() }],
        since: now - 60,
        until: now + ROLL_LIFE,
    };
    let city = City::read(api, pins)?;
    hand_in(api, &city, vec![roll::header(&city, ROLL, header)?], staff.desk())?;
    let city = city_with(api, pins, &roll_path())?;
    let copy = RollCopy::read(api, &city, ROLL, &mut quiet)?;
    narrator.say("Each voter makes a key that nobody else ever sees, and proves to hold it.");
    let enrolments = voters.iter().map(|voter| enrolment(&copy, voter));
    let enrolments = enrolments.collect::<anyhow::Result<Vec<_>>>()?;
    let acts = roll::enrol(&roll_path(), copy.fold(), &enrolments);
    let count = acts.len();
    hand_in(api, &city, acts, staff.desk())?;
    narrator.say_timed(&format!(
        "Registrar and inspector enrol {} voters in {count} entries; each carries both signatures",
        voters.len()
    ));
    let city = City::read(api, pins)?;
    let copy = RollCopy::read(api, &city, ROLL, &mut quiet)?;
    let stands = voters
        .iter()
        .all(|voter| copy.fold().find(&voter.id).is_some_and(|(key, _)| key == voter.key.key()));
    narrator.claim("every voter finds their own key on the roll", stands);
    Ok(())
}

fn enrolment(roll: &RollCopy, voter: &Voter) -> anyhow::Result<Enrolment> {
    let EnrolmentLine { voter, key, possession } =
        EnrolmentLine::new(&roll.fold().binding(), voter.id, &voter.key);
    let salt = random_bytes::<32>()?;
    let census = census_commitment(&salt, b"a resident of the demo");
    Ok(Enrolment { voter, key, district: 0, possession, census, replaces: None })
}

/// Announces the poll with the projects, costs, budget and rule of the file.
pub(super) fn announce(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    file: &Pabulib,
    authorities: Option<&Authorities>,
    narrator: &mut Narrator,
) -> anyhow::Result<(Definition, Schedule)> {
    narrator.chapter("Two officers announce the poll");
    let pace = if authorities.is_some() { REFERENDUM_PACE } else { OPEN_PACE };
    let opens_at = time::now() + pace.opens_in;
    let closes_at = opens_at + pace.voting;
    let title = "Wieliczka 2023, Green Budget";
    let question = pabulib::question(file, "Which projects shall be carried out?");
    let definition = DefinitionFile {
        title: title.to_owned(),
        details: None,
        rolls: vec![ROLL.to_owned()],
        districts: Vec::new(),
        opens_at: time::format(opens_at),
        closes_at: time::format(closes_at),
        tolerance: pace.tolerance,
        revote: None,
        max_turn: None,
        quorum: None,
        interval: None,
        identity: None,
        secrecy: None,
        issuers: None,
        trustees: None,
        questions: vec![question.map_err(anyhow::Error::msg)?],
    };
    let mut definition = definition.read(pins.domain()).map_err(anyhow::Error::msg)?;
    if let Some(authorities) = authorities {
        authorities.appoint(&mut definition);
    }
    let city = City::read(api, pins)?;
    let act = poll::announce(&city, POLL, definition.clone())?;
    hand_in(api, &city, vec![act], staff.poll_officers())?;
    narrator.say(&format!(
        "{} projects, a budget of {} PLN, Equal Shares with add1. From here on nothing changes it.",
        file.projects.len(),
        file.budget
    ));
    let Pace { opens_in, voting, tolerance } = pace;
    narrator.say(&format!(
        "Voting opens in {opens_in} s and closes {voting} s later, give or take {tolerance} s: a \
         real poll takes weeks."
    ));
    Ok((definition.clone(), definition.schedule))
}

/// Opens the poll when its time has come; gives the ballot paper that voters read from the log.
pub(super) fn open(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    schedule: Schedule,
    narrator: &mut Narrator,
) -> anyhow::Result<BallotPaper> {
    narrator.chapter("Two officers open the poll");
    let city = city_with(api, pins, &poll_path())?;
    let act = |city: &City| -> anyhow::Result<Act> {
        let copy = PollCopy::read(api, city, POLL, &mut quiet)?;
        let rolls = [RollCopy::read(api, city, ROLL, &mut quiet)?];
        Ok(poll::open(city, &copy, &rolls)?)
    };
    if time::now() + 1 < schedule.opens_at {
        let early = hand_in(api, &city, vec![act(&city)?], staff.poll_officers());
        narrator.claim(
            "the server refuses to open before the announced time",
            is(&early, "opened-early"),
        );
    }
    wait_until(schedule.opens_at);
    let city = City::read(api, pins)?;
    hand_in(api, &city, vec![act(&city)?], staff.poll_officers())?;
    narrator.say_timed("Both officers have read the logs themselves. The poll is open");
    let city = City::read(api, pins)?;
    Ok(BallotPaper::read(api, &city, POLL)?)
}

/// Closes the poll, as soon as the announcement allows.
pub(super) fn close(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    schedule: Schedule,
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("The poll closes");
    let act = |city: &City| -> anyhow::Result<Act> {
        let copy = PollCopy::read(api, city, POLL, &mut quiet)?;
        Ok(poll::close(city, &copy)?)
    };
    let lawful = schedule.closes_at - schedule.tolerance;
    let city = City::read(api, pins)?;
    let close = act(&city)?;
    if time::now() + 1 < lawful {
        let early = hand_in(api, &city, vec![close], staff.poll_officers());
        narrator.claim(
            "the server refuses to close before the announced time",
            is(&early, "closed-early"),
        );
        let seconds = lawful.saturating_sub(time::now());
        narrator.say(&format!(
            "All have voted, but a poll is open as long as was announced: {seconds} s"
        ));
        wait_until(lawful);
    }
    let city = City::read(api, pins)?;
    hand_in(api, &city, vec![act(&city)?], staff.poll_officers())?;
    narrator.say_timed("Two officers close the poll; no ballot counts that comes later");
    Ok(())
}

/// Certifies the result that the officers' own tools have counted.
pub(super) fn certify(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    narrator: &mut Narrator,
) -> anyhow::Result<PollResult> {
    let end = Instant::now() + WAIT;
    loop {
        let city = City::read(api, pins)?;
        let copy = PollCopy::read(api, &city, POLL, &mut quiet)?;
        match poll::certify(&city, &copy) {
            Err(error) if error.code() == "anchor-missing" && Instant::now() < end => {
                sleep(PAUSE);
            }
            act => {
                hand_in(api, &city, vec![act?], staff.poll_officers())?;
                let result = copy.fold().open_and_count().context("a closed poll has a result")?.0;
                narrator.say_timed(&format!(
                    "Each officer's tool reads all {} entries, verifies and counts them; both sign",
                    copy.log().size()
                ));
                return Ok(result);
            }
        }
    }
}

/// Signs acts with both keys, judges them by the law's own folds, hands them in, checks receipts.
pub(super) fn hand_in(
    api: &Api,
    city: &City,
    mut acts: Vec<Act>,
    signers: [&SigningKey; 2],
) -> Result<(), ClientError> {
    let Some(path) = acts.first().map(|act| act.path().clone()) else { return Ok(()) };
    for act in &mut acts {
        for key in signers {
            act.sign(key);
        }
    }
    Target::read(api, city, &path, &mut quiet)?.check(api, city, &acts)?;
    let mut last = 0;
    for act in &acts {
        let entry = act.entry();
        let receipt = api.submit(&path, entry.bytes())?;
        let verifier = city.pins().verifier(&path);
        receipts::verify(&receipt, entry.bytes(), &verifier)?;
        last = receipt.index();
    }
    // The next act is made from what is public, and that is what a witness has seen.
    let (verifier, end) = (city.pins().verifier(&path), Instant::now() + WAIT);
    loop {
        match read_head(api, &path, &verifier) {
            Ok(head) if head.checkpoint().size > last => return Ok(()),
            // A log that was just begun has no public head yet.
            Err(error) if Instant::now() > end => return Err(error),
            _ => sleep(PAUSE),
        }
    }
}

/// The city, once its register announces this log.
pub(super) fn city_with(api: &Api, pins: &Pins, path: &LogPath) -> anyhow::Result<City> {
    let end = Instant::now() + WAIT;
    loop {
        let city = City::read(api, pins)?;
        if city.has_log(path) {
            return Ok(city);
        }
        ensure!(Instant::now() < end, "the register does not announce {path}");
        sleep(PAUSE);
    }
}

fn is(outcome: &Result<(), ClientError>, code: &str) -> bool {
    outcome.as_ref().is_err_and(|error| error.code() == code)
}

fn wait_until(time: u64) {
    while time::now() < time {
        sleep(PAUSE);
    }
}

fn roll_path() -> LogPath {
    LogPath::Roll(ROLL.to_owned())
}

pub(super) fn poll_path() -> LogPath {
    LogPath::Poll(POLL.to_owned())
}
