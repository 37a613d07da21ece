//! What became of a ballot: whether it counts, and what it says once it can be read; by this
//! program's own fold of the whole poll.
//!
//! Not here: receipts, which prove that it stands ([`crate::receipts`]).

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::poll::ballot::Selections;

use crate::choices;
use crate::poll_copy::PollCopy;

/// What became of a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It does not stand at this index of the log.
    NotThere,
    /// The law refuses it, where it stands.
    Refused(Breach),
    /// A later ballot of the same key, with this turn, took its place.
    Replaced(u8),
    /// It is the one of its key that counts, and nobody can read it yet.
    Sealed,
    /// It counts, and says this.
    Counts(Selections),
    /// It was the one of its key, but did not open or decode.
    Spoiled(Breach),
}

/// What became of the ballot at an index of the poll's log.
pub fn of(poll: &PollCopy, ballot: &SignedEntry, index: u64) -> Standing {
    let Payload::Ballot(content) = ballot.payload() else { return Standing::NotThere };
    if poll.log().entry(index) != Some(ballot.bytes()) {
        return Standing::NotThere;
    }
    if let Some((_, breach)) = poll.rejected().iter().find(|(rejected, _)| *rejected == index) {
        return Standing::Refused(*breach);
    }
    let (Some(place), Some(ballots)) = (place(poll, ballot), poll.fold().ballots()) else {
        return Standing::NotThere;
    };
    match ballots.turn(place) {
        None => Standing::NotThere,
        Some(turn) if turn != content.turn => Standing::Replaced(turn),
        Some(_) => match content.selections() {
            Some(selections) => Standing::Counts(selections.clone()),
            None => read(poll, place),
        },
    }
}

/// The place of the ballot's key: in the electorate, or among the credential keys that have cast.
fn place(poll: &PollCopy, ballot: &SignedEntry) -> Option<usize> {
    let key = ballot.signers().next()?;
    let definition = poll.fold().definition()?;
    if definition.is_anonymous() {
        return poll.fold().ballots()?.find_credential(key.as_bytes());
    }
    poll.fold().open_poll()?.electorate().find(key)
}

/// What the standing sealed ballot at this place says.
fn read(poll: &PollCopy, place: usize) -> Standing {
    let Some(opening) = poll.fold().opening() else { return Standing::Sealed };
    let opened = opening.gather(opening.open_some(place..place + 1));
    if let Some((_, breach)) = opened.spoiled().first() {
        return Standing::Spoiled(*breach);
    }
    let questions = poll.fold().definition().map_or(0, |d| d.questions.len());
    let choices = (0..questions).map(|question| {
        let choices = opened.clear().choices(place, question).unwrap_or_default();
        choices.iter().copied().map(u64::from).collect()
    });
    Standing::Counts(choices.collect())
}

/// In words; `cast` is what the voter chose, if that is known apart from the ballot.
pub fn describe(standing: &Standing, cast: Option<&Selections>) -> String {
    match standing {
        Standing::NotThere => "it does not count".to_owned(),
        Standing::Refused(breach) if !breach.fault().is_city() => {
            format!("it is spoiled: {breach}")
        }
        Standing::Refused(breach) => format!("it is refused by the law: {breach}"),
        Standing::Spoiled(breach) => format!("it is spoiled, and does not count: {breach}"),
        Standing::Replaced(turn) => {
            format!("a later ballot of yours, with turn {turn}, counts instead")
        }
        Standing::Sealed => "it is the one that counts; nobody can read it yet".to_owned(),
        Standing::Counts(says) => {
            let says = says.as_slice();
            let agrees = match cast {
                None => "",
                Some(cast) if cast == says => ", as you chose",
                Some(_) => ", AND THAT IS NOT WHAT YOU CHOSE",
            };
            format!("it is the one that counts, and says {}{agrees}", choices::numbers(says))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot_paper::BallotPaper;
    use crate::credential::{Answers, Credential};
    use crate::test_city::anonymous::Keepers;
    use crate::test_city::{TestCity, poll_path};

    /// An open poll, one voter with a credential, and the trustees' shares.
    fn city() -> (TestCity, Credential, Keepers) {
        let city = TestCity::with_sealed_poll();
        city.begin();
        let mut credential = city.credential(0);
        city.push(&poll_path(), credential.request().bytes());
        city.issue(0);
        city.issue(1);
        let poll = city.poll(&city.read());
        assert!(credential.collect(&poll, &Answers::of(&poll)).unwrap().is_empty());
        let keepers = city.hold_ceremony();
        city.open();
        (city, credential, keepers)
    }

    #[test]
    fn a_sealed_ballot_is_found_by_its_key_and_read_after_the_close() {
        let (city, credential, keepers) = city();
        let read = city.read();
        let paper = BallotPaper::of(&read, &city.poll(&read)).unwrap();
        let first = paper.sign_with(0, vec![vec![0]], &credential).unwrap();
        let second = paper.sign_with(1, vec![vec![1, 2]], &credential).unwrap();
        let at = city.push(&poll_path(), first.bytes());
        assert_eq!(of(&city.poll(&city.read()), &first, at), Standing::Sealed);
        assert_eq!(of(&city.poll(&city.read()), &second, at), Standing::NotThere);
        let then = city.push(&poll_path(), second.bytes());
        let again = city.push(&poll_path(), second.bytes());
        city.close();
        city.share(&keepers, 2);
        let poll = city.poll(&city.read());
        assert_eq!(of(&poll, &first, at), Standing::Replaced(1));
        let counts = of(&poll, &second, then);
        assert_eq!(counts, Standing::Counts(vec![vec![1, 2]]));
        // BALLOT-5: the same bytes a second time are refused where they stand.
        assert_eq!(of(&poll, &second, again), Standing::Refused(Breach::DuplicateEntry));
        assert!(describe(&counts, Some(&vec![vec![1, 2]])).ends_with("says 2, 3, as you chose"));
        assert!(describe(&counts, Some(&vec![vec![0]])).contains("NOT WHAT YOU CHOSE"));
    }
}
