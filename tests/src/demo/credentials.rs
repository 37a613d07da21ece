//! Credentials: the trustees' ceremony is awaited, the roll pinned, and every voter asks the
//! issuers for a signature over a key that they cannot see.

use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use veche_client::acts::poll;
use veche_client::api::Api;
use veche_client::city::City;
use veche_client::credential::{Answers, Credential};
use veche_client::poll_copy::PollCopy;
use veche_client::receipts;
use veche_client::roll_copy::RollCopy;
use veche_client::trust::Pins;
use veche_protocol::poll::ceremony_fold::Stage;

use super::crowd::in_crowd;
use super::narrator::Narrator;
use super::people::{Staff, Voter};
use super::polling::{PAUSE, WAIT, city_with, hand_in, poll_path, quiet};
use super::{POLL, ROLL};
use crate::services::Services;

/// Longest wait for the issuers to answer everybody.
const ISSUING: Duration = Duration::from_mins(5);

/// Waits until the trustees have made the key and the issuers have given theirs; then two officers
/// pin the roll, and credentials may be asked for.
pub(super) fn begin(
    api: &Api,
    pins: &Pins,
    staff: &Staff,
    services: &mut Services,
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("Trustees make a key that nobody has");
    narrator
        .say("Two issuers and three trustees: five programs of five organisations, each with a");
    narrator
        .say("key of its own, each reading the log by itself. They believe the server nothing.");
    let city = city_with(api, pins, &poll_path())?;
    let end = Instant::now() + WAIT;
    let copy = loop {
        let copy = PollCopy::read(api, &city, POLL, &mut quiet)?;
        let fold = copy.fold();
        let made = fold.ceremony().is_some_and(|ceremony| ceremony.stage() == Stage::Complete);
        let issuers = fold.definition().and_then(|d| d.issuance.as_ref()).map(|i| i.issuers.len());
        let given = (0..issuers.unwrap_or(0)).all(|i| fold.issuer_keys().get("gmina", i).is_some());
        if made && given {
            break copy;
        }
        services.check()?;
        ensure!(Instant::now() < end, "the ceremony does not come to an end");
        sleep(PAUSE);
    };
    narrator.say_timed(&format!(
        "Joined, dealt, checked, confirmed: {} entries on the log, and the election key stands",
        copy.log().size() - 1
    ));
    let city = City::read(api, pins)?;
    let rolls = [RollCopy::read(api, &city, ROLL, &mut quiet)?];
    let copy = PollCopy::read(api, &city, POLL, &mut quiet)?;
    hand_in(api, &city, vec![poll::begin(&city, &copy, &rolls)?], staff.poll_officers())?;
    narrator.say_timed("Two officers pin the roll: credentials may be asked for");
    Ok(())
}

/// Every voter asks for a credential, and takes the blinding off the answers.
pub(super) fn ask(
    api: &Api,
    pins: &Pins,
    voters: &[Voter],
    connections: usize,
    services: &mut Services,
    narrator: &mut Narrator,
) -> anyhow::Result<Vec<Credential>> {
    narrator.chapter("Everybody asks for a credential");
    let mut city = City::read(api, pins)?;
    let mut copy = PollCopy::read(api, &city, POLL, &mut quiet)?;
    let begun = copy.fold().begun().context("the poll has begun")?.clone();
    let verifier = pins.verifier(&poll_path());
    let asked = in_crowd("requests", voters, connections, |_, voter| {
        let credential = Credential::make(&begun, &voter.key, &mut rand::rng())?;
        let request = credential.request();
        let receipt = api.submit(&poll_path(), request.bytes())?;
        receipts::verify(&receipt, request.bytes(), &verifier)?;
        Ok(credential)
    })?;
    narrator.say_timed(&format!(
        "{} voters ask under their own names, each for a key that nobody has seen",
        voters.len()
    ));
    let end = Instant::now() + ISSUING;
    loop {
        copy.read_on(api, &mut city)?;
        let served = copy.fold().requests().served();
        if served.iter().map(|district| district.issued).sum::<u64>() == voters.len() as u64 {
            break;
        }
        services.check()?;
        ensure!(Instant::now() < end, "the issuers do not answer everybody");
        sleep(PAUSE);
    }
    narrator.say_timed("Both issuers have answered everybody, blindly");
    let answers = Answers::of(&copy);
    let asked: Vec<_> = asked.into_iter().map(Mutex::new).collect();
    let ready = in_crowd("credentials", &asked, connections, |_, credential| {
        let missing = credential.lock().expect("no voter panics").collect(&copy, &answers)?;
        Ok(missing.is_empty())
    })?;
    let credentials: Vec<Credential> = asked
        .into_iter()
        .map(|credential| credential.into_inner().expect("no voter panics"))
        .collect();
    narrator.claim(
        "every voter has a credential with both issuers' signatures, verified under the log's keys",
        ready.into_iter().all(|ready| ready),
    );
    Ok(credentials)
}

/// Waits until enough trustees have laid their shares open.
pub(super) fn shares(
    api: &Api,
    pins: &Pins,
    services: &mut Services,
    killed: &str,
    narrator: &mut Narrator,
) -> anyhow::Result<()> {
    narrator.chapter("The trustees lay their shares open");
    let end = Instant::now() + WAIT;
    let shared = loop {
        let city = City::read(api, pins)?;
        let copy = PollCopy::read(api, &city, POLL, &mut quiet)?;
        let ceremony = copy.fold().ceremony().context("a sealed poll has trustees")?;
        if ceremony.can_open() {
            break ceremony.shared().count();
        }
        services.check()?;
        ensure!(Instant::now() < end, "the trustees do not share");
        sleep(PAUSE);
    };
    narrator.say_timed(&format!(
        "{shared} of three have verified the log through its close, and posted; {killed} is dead"
    ));
    narrator.claim("two trustees open the ballots; the third is not missed", shared >= 2);
    let ended = services.have_ended()?;
    narrator.claim("issuers and trustees have ended by themselves, their work done", ended);
    Ok(())
}
