//! The sample of a poll's voters whose census commitments inspectors have opened to them, drawn so
//! that nobody could choose it (spec/roll.md, ROLL-12).
//!
//! Not here: opening a commitment, which takes the registrar's record and salt ([`crate::census`]).

use std::collections::BTreeMap;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::roll::{Enrolment, VoterId};

use crate::city::City;
use crate::error::ClientError;
use crate::poll_copy::PollCopy;
use crate::roll_copy;

/// A sample, and what it was drawn by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Leaf hash of the anchors entry.
    pub seed: Hash,
    /// Index of the anchors entry in the register.
    pub anchor: u64,
    /// The voters, in the order in which they are drawn.
    pub drawn: Vec<Drawn>,
}

/// A voter who was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The voter's name on the log.
    pub voter: VoterId,
    /// Origin of the roll.
    pub roll: String,
    /// Index in the roll of the entry that enrols the voter.
    pub index: u64,
    /// The commitment to the census record.
    pub census: Hash,
}

/// Draws `count` voters of a poll that has pinned its rolls, or all if there are fewer.
pub fn draw(city: &City, poll: &PollCopy, count: usize) -> Result<Sample, ClientError> {
    let what = format!("drawing from {}", poll.log().path());
    let fold = poll.fold();
    let pinning = fold.entry(Kind::Begin).or_else(|| fold.entry(Kind::Open));
    let pinning =
        pinning.ok_or_else(|| ClientError::unlawful(what.clone())(Breach::PhaseOutOfOrder))?;
    // ROLL-12: an anchor that nobody knew who pinned the rolls.
    let anchors = city.register().anchors_of(fold.origin());
    let anchor = anchors.iter().find(|anchor| anchor.size > pinning.index).map(|a| a.index);
    let seed = anchor.and_then(|index| Some((index, city.log().leaf(index)?)));
    let (anchor, seed) = seed.ok_or_else(|| ClientError::unlawful(what)(Breach::AnchorMissing))?;
    let mut order = BTreeMap::new();
    for (place, (roll, pin)) in poll.pinned().enumerate() {
        let (roll, _) = roll_copy::judge(city, roll, pin.head.size, pinning.seen.register.size);
        let districts = roll.header().map_or(&[][..], |header| &header.districts);
        for (voter, _, district) in roll.active() {
            let votes = fold.definition().is_some_and(|d| d.admits(&districts[district].code));
            if votes {
                let ticket = sha256(&[seed.0.as_slice(), &voter.0].concat());
                order.insert(ticket, (place, voter));
                // No more than asked for are kept, however many voters there are.
                if order.len() > count {
                    order.pop_last();
                }
            }
        }
    }
    let commitments = commitments(city, poll, order.values(), pinning.seen.register.size);
    let drawn = order.values().filter_map(|drawn| commitments.get(drawn).cloned());
    Ok(Sample { seed, anchor, drawn: drawn.collect() })
}

/// The enrolments of these voters, each by the place of its roll and its id.
fn commitments<'a>(
    city: &City,
    poll: &PollCopy,
    wanted: impl Iterator<Item = &'a (usize, VoterId)>,
    jury: u64,
) -> BTreeMap<(usize, VoterId), Drawn> {
    let wanted: std::collections::BTreeSet<_> = wanted.copied().collect();
    let mut found = BTreeMap::new();
    for (place, (roll, pin)) in poll.pinned().enumerate() {
        let (_, rejected) = roll_copy::judge(city, roll, pin.head.size, jury);
        let entries = roll.decoded_from(0).take_while(|(index, _)| *index < pin.head.size);
        for (index, entry) in entries {
            let Ok(entry) = entry else { continue };
            let Payload::Enrol(batch) = entry.payload() else { continue };
            // ENTRY-13: an entry that is refused enrols nobody.
            if rejected.binary_search_by_key(&index, |&(index, _)| index).is_ok() {
                continue;
            }
            for &Enrolment { voter, census, .. } in batch {
                if wanted.contains(&(place, voter)) {
                    let roll = roll.origin().to_owned();
                    found.insert((place, voter), Drawn { voter, roll, index, census });
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_city::{TestCity, roll_path};

    #[test]
    fn the_sample_is_fixed_by_the_first_anchor_after_the_pins() {
        let city = TestCity::with_sealed_poll();
        let before = city.poll(&city.read());
        let early = draw(&city.read(), &before, 5).unwrap_err();
        assert_eq!(early.code(), "phase-out-of-order", "nothing is pinned");
        city.begin();
        let read = city.read();
        let sample = draw(&read, &city.poll(&read), 5).unwrap();
        // ROLL-12: the order of the hashes, by the leaf of the anchors entry.
        assert_eq!(Some(sample.seed), read.log().leaf(sample.anchor));
        let ticket = |drawn: &Drawn| sha256(&[sample.seed.0.as_slice(), &drawn.voter.0].concat());
        let mut all: Vec<_> = (0..50_u8)
            .map(|voter| sha256(&[sample.seed.0.as_slice(), &[voter; 16]].concat()))
            .collect();
        all.sort_unstable();
        assert!(sample.drawn.iter().map(ticket).eq(all[..5].iter().copied()));
        for drawn in &sample.drawn {
            assert_eq!(drawn.roll, read.pins().origin(&roll_path()));
            let census =
                veche_protocol::roll::census_commitment(&[drawn.voter.0[0]; 32], b"record");
            assert_eq!((drawn.index, drawn.census), (1, census));
        }
        // What the register takes note of later changes nothing.
        city.anchor();
        let read = city.read();
        assert_eq!(draw(&read, &city.poll(&read), 5).unwrap(), sample);
        assert_eq!(draw(&read, &city.poll(&read), 500).unwrap().drawn.len(), 50);
    }
}
