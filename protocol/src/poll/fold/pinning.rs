//! What Announce, Begin and Open fix: the definition, the electorate, the keys (spec/polls.md).
//!
//! Not here: whether they may stand there, and by whose signatures (`signers`).

use std::sync::Arc;

use super::{Evidence, PinnedRoll, PollFold};
use crate::breach::Breach;
use crate::entry::Kind;
use crate::hash::Hash;
use crate::poll::acts::{Announce, Open, Pin};
use crate::poll::ballot_box::BallotBox;
use crate::poll::casting::OpenPoll;
use crate::poll::ceremony_fold::CeremonyFold;
use crate::poll::credentials::Begun;
use crate::poll::definition::Definition;
use crate::poll::electorate::{Electorate, eligible_of};
use crate::poll::requests::Requests;
use crate::register::fold::RegisterFold;

impl PollFold {
    pub(super) fn announce(&mut self, leaf: Hash, announce: &Announce) -> Result<(), Breach> {
        let definition = &announce.definition;
        definition.check(&self.domain)?;
        if definition.is_sealed() {
            self.ceremony = Some(CeremonyFold::new(leaf, &definition.trustees));
        }
        self.definition = Some(Arc::new(definition.clone()));
        Ok(())
    }

    pub(super) fn begin(
        &mut self,
        leaf: Hash,
        pinning: &Open,
        evidence: &Evidence<'_>,
    ) -> Result<(), Breach> {
        let definition = self.definition.clone().expect("the phase table puts Announce first");
        let issuance = definition.issuance.as_ref().ok_or(Breach::EntryNotOfPoll)?;
        let electorate = Arc::new(self.electorate(&definition, pinning, evidence)?);
        let binding = self.binding(Kind::Begin);
        let begun = Begun::new(&binding, leaf, issuance, electorate, &self.issuer_keys)?;
        self.requests = Arc::new(Requests::new(&begun));
        self.pins.clone_from(&pinning.pins);
        self.begun = Some(Arc::new(begun));
        Ok(())
    }

    pub(super) fn open(
        &mut self,
        leaf: Hash,
        open: &Open,
        evidence: &Evidence<'_>,
    ) -> Result<(), Breach> {
        let definition = self.definition.clone().expect("the phase table puts Announce first");
        let ceremony = self.ceremony.as_ref();
        let election_key =
            ceremony.map(|ceremony| ceremony.election_key(open.seen.own.size)).transpose()?;
        let electorate = match &self.begun {
            // POLL-22: Begin has pinned the rolls.
            Some(_) if !open.pins.is_empty() => return Err(Breach::RollPinMismatch),
            Some(begun) => Arc::clone(begun.electorate()),
            None => {
                let electorate = self.electorate(&definition, open, evidence)?;
                self.pins.clone_from(&open.pins);
                Arc::new(electorate)
            }
        };
        let ballots = BallotBox::new(&definition, electorate.len(), &self.hasher);
        self.ballots = Some(Arc::new(ballots));
        self.open = Some(Arc::new(OpenPoll {
            instance: self.instance,
            origin: self.origin.clone(),
            leaf,
            definition,
            electorate,
            begun: self.begun.clone(),
            election_key,
        }));
        Ok(())
    }

    /// The voters whom a pinning entry gives.
    fn electorate(
        &self,
        definition: &Definition,
        pinning: &Open,
        evidence: &Evidence<'_>,
    ) -> Result<Electorate, Breach> {
        // POLL-11: exactly the rolls of the definition, in its order.
        if !pinning.pins.iter().map(|pin| &pin.origin).eq(&definition.rolls) {
            return Err(Breach::RollPinMismatch);
        }
        let mut folds = Vec::with_capacity(pinning.pins.len());
        for (pin, roll) in pinning.pins.iter().zip(evidence.rolls) {
            check_pin(pin, *roll, definition, pinning.seen.register.size, evidence.register)?;
            folds.extend(roll.map(|roll| roll.fold));
        }
        if folds.len() != pinning.pins.len() {
            return Err(Breach::RollPinMismatch);
        }
        Electorate::gather(definition, &folds, &self.hasher)
    }
}

fn check_pin(
    pin: &Pin,
    roll: Option<PinnedRoll<'_>>,
    definition: &Definition,
    register_size: u64,
    register: &RegisterFold,
) -> Result<(), Breach> {
    let announced = register.logs().get(&pin.origin).filter(|log| log.index < register_size);
    let announced = announced.ok_or(Breach::LogNotAnnounced)?;
    let roll = roll.ok_or(Breach::RollPinMismatch)?;
    // POLL-11: a roll of which there is no entry 0 is not the one that was announced either.
    if roll.first != Some(announced.first) {
        return Err(Breach::LogNotAnnounced);
    }
    // POLL-12: the pin is a head of the roll, and the roll spans the poll.
    if pin.head.size == 0 || roll.root != Some(pin.head.root) {
        return Err(Breach::RollPinMismatch);
    }
    let header = roll.fold.header().ok_or(Breach::RollPinMismatch)?;
    let schedule = definition.schedule;
    if schedule.opens_at < header.since || schedule.closes_at > header.until {
        return Err(Breach::RollLife);
    }
    // POLL-13: the officers signed for a number of voters that the roll really has.
    if pin.eligible != eligible_of(definition, roll.fold) {
        return Err(Breach::RollPinMismatch);
    }
    Ok(())
}
