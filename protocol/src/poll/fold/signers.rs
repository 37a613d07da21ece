//! Whether an entry may stand where it stands, and whether those who signed it may (spec/polls.md,
//! "Phase entries"). Not here: what follows from it.

use super::{Evidence, OFFICERS_PER_ACT, PollFold};
use crate::breach::Breach;
use crate::ceremony::TrusteeIndex;
use crate::entry::{Kind, Payload, SignedEntry};
use crate::hash::empty_root;
use crate::poll::acts::{CancelReason, Seen, seen_by};
use crate::poll::authorities::Issuing;
use crate::poll::phase::Phase;
use crate::register::Role;
use crate::register::fold::RegisterFold;

impl PollFold {
    /// Whether an entry of this kind may stand here at all; the phase that it would bring.
    pub fn check_position(&self, kind: Kind) -> Result<Phase, Breach> {
        // BALLOT-1: position comes first; order is the index alone.
        let next = self.phase.after(kind)?;
        let Some(definition) = &self.definition else { return Ok(next) };
        let is_anonymous = definition.is_anonymous();
        match kind {
            // CRED-1, POLL-21: what has no meaning in a poll of this sort.
            Kind::Begin | Kind::IssuerKeys | Kind::Request | Kind::Issued if !is_anonymous => {
                Err(Breach::EntryNotOfPoll)
            }
            // CEREMONY-1: likewise.
            Kind::Join
            | Kind::Deal
            | Kind::Complaint
            | Kind::Ready
            | Kind::Exclude
            | Kind::Share
                if self.ceremony.is_none() =>
            {
                Err(Breach::EntryNotOfPoll)
            }
            // POLL-21: nobody can cast where nobody could ask.
            Kind::Open if is_anonymous && self.begun.is_none() => Err(Breach::PhaseOutOfOrder),
            // CRED-7, CRED-8: Open ends issuing unless the definition says otherwise.
            Kind::Request | Kind::Issued if self.phase == Phase::Open => {
                match definition.issuance.as_ref().map(|issuance| issuance.issuing) {
                    Some(Issuing::UntilClose) => Ok(next),
                    _ => Err(Breach::IssuingOver),
                }
            }
            _ => Ok(next),
        }
    }

    /// Whether this entry may stand here by its kind, and by its reason if it is a Cancel.
    fn check_place(&self, entry: &SignedEntry) -> Result<Phase, Breach> {
        let next = self.check_position(entry.payload().kind())?;
        if let Payload::Cancel(cancel) = entry.payload() {
            // POLL-21: after the close only because the ballots cannot be opened.
            let unopened = self.ceremony.as_ref().is_some_and(|ceremony| !ceremony.can_open());
            let for_shares = cancel.reason == CancelReason::SharesMissing;
            if for_shares != (self.phase == Phase::Closed) || for_shares && !unopened {
                return Err(Breach::PhaseOutOfOrder);
            }
        }
        Ok(next)
    }

    /// Judges an entry by its place, its signers and their signatures, before a register of which
    /// `register_size` entries are held; returns the phase that it would bring. This looks nothing
    /// up and copies nothing: it is what a server asks first about an entry of a stranger.
    pub fn check_signers(
        &self,
        entry: &SignedEntry,
        register: &RegisterFold,
        register_size: u64,
    ) -> Result<Phase, Breach> {
        let kind = entry.payload().kind();
        let next = self.check_place(entry)?;
        match (kind, seen_by(entry.payload())) {
            (_, Some(seen)) => check_officers(entry, seen, register, register_size)?,
            // CRED-6: an issuer of the definition, alone.
            (Kind::IssuerKeys, None) => {
                self.issuer(entry).ok_or(Breach::IssuerUnknown)?;
            }
            // CEREMONY-1: a trustee who takes part, alone.
            (_, None) => {
                self.trustee(entry).ok_or(Breach::TrusteeUnknown)?;
            }
        }
        entry.verify(&self.binding(kind))?;
        Ok(next)
    }

    /// The place of the issuer who alone has signed an entry.
    pub(super) fn issuer(&self, entry: &SignedEntry) -> Option<usize> {
        let issuance = self.definition.as_ref()?.issuance.as_ref()?;
        let [(key, _)] = entry.signatures() else { return None };
        issuance.find(key)
    }

    /// The participant of the ceremony who alone has signed an entry.
    pub(super) fn trustee(&self, entry: &SignedEntry) -> Option<TrusteeIndex> {
        let [(key, _)] = entry.signatures() else { return None };
        self.ceremony.as_ref()?.participant(key)
    }

    /// The checks that are made of all entries but those that come in numbers.
    pub(super) fn check_act(
        &self,
        entry: &SignedEntry,
        index: u64,
        evidence: &Evidence<'_>,
    ) -> Result<(Phase, Option<Seen>), Breach> {
        let seen = seen_by(entry.payload()).copied();
        // The register is held at least as far as there is a root of it.
        let held = seen.filter(|_| evidence.register_root.is_some());
        let held = held.map_or(0, |seen| seen.register.size);
        let next = self.check_signers(entry, evidence.register, held)?;
        let Some(seen) = seen else { return Ok((next, None)) };
        self.check_seen(index, &seen, evidence)?;
        // POLL-7: and, if they saw little, by the register when it last took note of this log.
        let trace = evidence.register.last_trace(&self.origin, index);
        if let Some(trace) = trace.filter(|&trace| trace > seen.register.size) {
            let roles = check_roles(entry, evidence.register, trace);
            roles.map_err(|_| Breach::OfficerPinStale)?;
        }
        Ok((next, Some(seen)))
    }

    fn check_seen(&self, index: u64, seen: &Seen, evidence: &Evidence<'_>) -> Result<(), Breach> {
        // POLL-5: the officers signed for this log, through the entry that they act under.
        let last = self.entries.last();
        let own = match last {
            None => seen.own.size == 0 && seen.own.root == empty_root(),
            Some(last) => {
                let within = last.index < seen.own.size && seen.own.size <= index;
                within && evidence.own_root == Some(seen.own.root)
            }
        };
        // POLL-6: and for this register, at least as far as the officers before them.
        let earlier = last.map_or(0, |last| last.seen.register.size);
        let register =
            seen.register.size >= earlier && evidence.register_root == Some(seen.register.root);
        if own && register { Ok(()) } else { Err(Breach::SeenMismatch) }
    }
}

/// Two officers, by the register that they had seen.
fn check_officers(
    entry: &SignedEntry,
    seen: &Seen,
    register: &RegisterFold,
    register_size: u64,
) -> Result<(), Breach> {
    // POLL-3: two people, two keys.
    if entry.signatures().len() < OFFICERS_PER_ACT {
        return Err(Breach::OfficersTooFew);
    }
    // POLL-2: a size that nobody holds leaves nothing to judge the officers by.
    if !(1..=register_size).contains(&seen.register.size) {
        return Err(Breach::SeenMismatch);
    }
    // POLL-4: judged by the register that the officers had seen.
    check_roles(entry, register, seen.register.size)
}

fn check_roles(entry: &SignedEntry, register: &RegisterFold, size: u64) -> Result<(), Breach> {
    let officers = register.officers_at(size).ok_or(Breach::OfficerUnknown)?;
    for key in entry.signers() {
        let officer = officers.find(key).ok_or(Breach::OfficerUnknown)?;
        if !officer.roles.contains(&Role::PollOfficer) {
            return Err(Breach::OfficerRole);
        }
    }
    Ok(())
}
