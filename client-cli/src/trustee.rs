//! A trustee at work (spec/ceremony.md): it reads the log itself, takes part in the ceremony that
//! makes the election key, and lays its share open after the close, not before.
//!
//! ```text
//! joining -> dealing -> confirming -> complete       each step stored, then said
//!    ^          |            |           |
//!    +----------+------------+           +-> open -> closed, by the log and by the clock -> share
//! ```
//!
//! Each [`Trustee::step`] looks once and says what there is to say; after a crash at any point the
//! next one says the same again. Not here: when to look (the command), and the mathematics (the
//! protocol).

pub mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::CryptoRng;
use veche_protocol::breach::Breach;
use veche_protocol::ceremony::{
    Complaint, Dealer, DealtShare, KeyShare, TransportSecret, TrusteeIndex,
};
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::ceremony_fold::{CeremonyFold, Exclusion, Stage};
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::trusteeship::{Accusation, Deal, Join, Ready, Share};
use veche_protocol::signature::SigningKey;

use crate::api::Source;
use crate::authority::desk::Desk;
use crate::authority::step::{Deed, Ending, Step, Waiting};
use crate::authority::watch::PollWatch;
use crate::error::ClientError;
use crate::trustee::state::{Secrets, TrusteeState};

/// Refusals in a row after which a trustee believes that it is meant: a log that has moved on shows
/// it within a few looks.
const MAX_REFUSALS: u32 = 10;

/// How often the heads that were seen are written down while nothing is said, in seconds: a log
/// that is exchanged for another has at most so much unseen.
const NOTE_INTERVAL: u64 = 60;

/// A trustee of one poll.
#[derive(Debug)]
pub struct Trustee {
    watch: PollWatch,
    key: SigningKey,
    state: TrusteeState,
    /// Index of an entry that was handed in and does not show in the log that was read.
    awaited: Option<u64>,
    refusals: u32,
    /// When the heads that were seen were last written down, in seconds since 1970.
    noted: u64,
}

impl Trustee {
    /// A trustee who acts under this key in the poll that `watch` has read.
    pub const fn new(watch: PollWatch, key: SigningKey, state: TrusteeState) -> Self {
        Self { watch, key, state, awaited: None, refusals: 0, noted: 0 }
    }

    /// Reads on, and says what there is to say. `now` is this machine's clock, in seconds since
    /// 1970.
    pub fn step<R: CryptoRng>(
        &mut self,
        source: &impl Source,
        desk: &impl Desk,
        now: u64,
        rng: &mut R,
    ) -> Result<Step, ClientError> {
        self.watch.read_on(source)?;
        let Some(poll) = self.watch.poll() else { return Ok(Step::Waits(Waiting::Announcement)) };
        let (fold, size) = (poll.fold(), poll.log().size());
        let Some((definition, announce)) = fold.definition().zip(fold.entry(Kind::Announce)) else {
            return Ok(Step::Waits(Waiting::Announcement));
        };
        let unlawful = |breach| ClientError::unlawful(self.watch.path().to_string())(breach);
        let definition = Arc::clone(definition);
        let ceremony = fold.ceremony().ok_or(Breach::EntryNotOfPoll).map_err(unlawful)?.clone();
        let own = definition.trustees.find(&self.key.key());
        let own = own.ok_or(Breach::TrusteeUnknown).map_err(unlawful)?;
        let (phase, announce) = (fold.phase(), announce.leaf);
        self.state.check_announce(announce)?;
        if now.abs_diff(self.noted) >= NOTE_INTERVAL {
            self.state.note(self.watch.trust())?;
            self.noted = now;
        }
        if self.awaited.is_some_and(|index| index >= size) {
            return Ok(Step::Waits(Waiting::OwnEntry));
        }
        self.awaited = None;
        // CEREMONY-14: a head that the policy accepts, nothing beyond it.
        if !self.watch.is_accepted()? {
            return Ok(Step::Waits(Waiting::Witnesses));
        }
        let bench = Bench { ceremony, own };
        match phase {
            Phase::Unannounced => Ok(Step::Waits(Waiting::Announcement)),
            Phase::Announced | Phase::Begun => self.take_part(desk, &bench, &definition, rng),
            Phase::Open => {
                self.check_outcome(&bench)?;
                Ok(Step::Waits(Waiting::Close))
            }
            Phase::Closed => self.open_up(desk, &bench, &definition, now),
            Phase::Certified | Phase::Cancelled => {
                self.state.wipe(self.watch.trust())?;
                Ok(Step::Ended(Ending::PollOver))
            }
        }
    }

    /// What the ceremony waits for from this trustee.
    fn take_part<R: CryptoRng>(
        &mut self,
        desk: &impl Desk,
        bench: &Bench,
        definition: &Definition,
        rng: &mut R,
    ) -> Result<Step, ClientError> {
        bench.check_seat()?;
        if bench.ceremony.transport_keys().contains_key(&bench.own) {
            self.check_secrets(bench)?;
        }
        match bench.ceremony.stage() {
            Stage::Failed => {
                let what = "too few trustees are left to make a key; the poll must be cancelled";
                Err(ClientError::unlawful(what)(Breach::CeremonyIncomplete))
            }
            Stage::Complete => {
                self.check_outcome(bench)?;
                Ok(Step::Waits(Waiting::Close))
            }
            _ if bench.has_posted() => Ok(Step::Waits(bench.missing())),
            Stage::Joining => self.join(desk, bench, definition.trustees.threshold, rng),
            Stage::Dealing => self.deal(desk, bench),
            Stage::Confirming => self.confirm(desk, bench, rng),
        }
    }

    fn join<R: CryptoRng>(
        &mut self,
        desk: &impl Desk,
        bench: &Bench,
        threshold: u8,
        rng: &mut R,
    ) -> Result<Step, ClientError> {
        let context = bench.ceremony.context();
        let number = context.ceremony;
        if self.state.secrets(number).is_none() {
            // CEREMONY-7: fresh in every ceremony; CEREMONY-14: stored before they are used.
            let transport = TransportSecret::generate(rng);
            let dealer = Dealer::generate(bench.own, threshold, rng);
            let dealer = dealer.map_err(ClientError::unlawful("the threshold"))?;
            let secrets = Secrets { ceremony: number, transport, dealer };
            self.state.keep_secrets(secrets, self.watch.trust())?;
        }
        let secrets = self.state.secrets(number).ok_or_else(lost)?;
        let join = Join {
            ceremony: number,
            transport_key: *secrets.transport.key().as_bytes(),
            commitment_hash: secrets.dealer.dealing().commitment_hash(&context, bench.own),
        };
        self.say(desk, &Payload::Join(join), Deed::Joined(number))
    }

    fn deal(&mut self, desk: &impl Desk, bench: &Bench) -> Result<Step, ClientError> {
        let context = bench.ceremony.context();
        let number = context.ceremony;
        let secrets = self.state.secrets(number).ok_or_else(lost)?;
        let keys = bench.ceremony.transport_keys();
        let shares = secrets.dealer.deal(context, &secrets.transport, &keys);
        let dealing = secrets.dealer.dealing().clone();
        let deal = Deal { ceremony: number, dealing, shares: shares.into_iter().collect() };
        let payload = Payload::Deal(deal);
        let leaf = self.sign(&payload)?.leaf();
        self.state.keep_deal(leaf, self.watch.trust())?;
        self.say(desk, &payload, Deed::Dealt(number))
    }

    fn confirm<R: CryptoRng>(
        &mut self,
        desk: &impl Desk,
        bench: &Bench,
        rng: &mut R,
    ) -> Result<Step, ClientError> {
        let number = bench.ceremony.context().ceremony;
        let secrets = self.state.secrets(number).ok_or_else(lost)?;
        // CEREMONY-9: every share is checked before anything is confirmed.
        if let Err(dealer) = bench.shares(secrets) {
            let channel = bench.ceremony.channel(dealer, bench.own).ok_or_else(lost)?;
            let complaint = Complaint::make(&channel, &secrets.transport, rng);
            let accusation = Accusation { ceremony: number, dealer, complaint };
            let deed = Deed::Complained(number, dealer);
            return self.say(desk, &Payload::Complaint(accusation), deed);
        }
        let outcome = bench.outcome()?;
        self.state.keep_outcome(outcome, self.watch.trust())?;
        let (transcript, election_key) = outcome;
        let ready = Ready { ceremony: number, transcript, election_key };
        self.say(desk, &Payload::Ready(ready), Deed::Confirmed(number))
    }

    /// Lays the share open, once the poll is closed by the log and by the clock.
    fn open_up(
        &mut self,
        desk: &impl Desk,
        bench: &Bench,
        definition: &Definition,
        now: u64,
    ) -> Result<Step, ClientError> {
        bench.check_seat()?;
        if bench.ceremony.shared().any(|index| index == bench.own) {
            self.state.wipe(self.watch.trust())?;
            return Ok(Step::Ended(Ending::ShareStands));
        }
        self.check_outcome(bench)?;
        // CEREMONY-14: whatever the log says, not before the announced time.
        let earliest = definition.schedule.closes_at - definition.schedule.tolerance;
        if now < earliest {
            return Ok(Step::Waits(Waiting::Clock(earliest)));
        }
        let number = bench.ceremony.context().ceremony;
        let secrets = self.state.secrets(number).ok_or_else(lost)?;
        let key_share = bench.key_share(secrets)?;
        let Some(poll) = self.watch.poll() else { return Err(lost()) };
        // CEREMONY-14: the head through the Close that was verified here.
        let head = self.state.keep_head(poll.log().head(), self.watch.trust())?;
        poll.log().check_contains(head.size, &head.root)?;
        self.say(desk, &Payload::Share(Share { head, key_share }), Deed::Shared)
    }

    /// That the secrets kept are those that stand behind what this trustee has said.
    fn check_secrets(&self, bench: &Bench) -> Result<(), ClientError> {
        let secrets = self.state.secrets(bench.ceremony.context().ceremony);
        let said = bench.ceremony.transport_keys().get(&bench.own).copied();
        let kept = secrets.map(|secrets| secrets.transport.key());
        if kept.is_some() && kept == said { Ok(()) } else { Err(lost()) }
    }

    /// That the ceremony came to what this trustee has confirmed.
    fn check_outcome(&self, bench: &Bench) -> Result<(), ClientError> {
        bench.check_seat()?;
        self.check_secrets(bench)?;
        self.state.check_outcome(bench.outcome()?)
    }

    fn sign(&self, payload: &Payload) -> Result<SignedEntry, ClientError> {
        let fold: &PollFold = self.watch.poll().ok_or_else(lost)?.fold();
        Ok(SignedEntry::sign(payload, &fold.binding(payload.kind()), &[&self.key]))
    }

    fn say(
        &mut self,
        desk: &impl Desk,
        payload: &Payload,
        deed: Deed,
    ) -> Result<Step, ClientError> {
        let entry = self.sign(payload)?;
        match desk.submit(self.watch.path(), entry.bytes()) {
            Ok(receipt) => {
                self.awaited = Some(self.watch.check_receipt(&receipt, &entry)?);
                self.refusals = 0;
                Ok(Step::Did(deed))
            }
            // Someone was excluded, or the poll has moved on, and the log that was read does not
            // show it yet.
            Err(ClientError::Refused(problem))
                if has_moved_on(&problem.code) && self.refusals < MAX_REFUSALS =>
            {
                self.refusals += 1;
                Ok(Step::Waits(Waiting::OwnEntry))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether a refusal can come from a log that is ahead of what was read.
fn has_moved_on(code: &str) -> bool {
    let codes = [
        Breach::CeremonyNumber,
        Breach::CeremonyStage,
        Breach::TrusteeUnknown,
        Breach::PhaseOutOfOrder,
        Breach::ShareRepeated,
    ];
    codes.iter().any(|breach| breach.code() == code)
}

fn lost() -> ClientError {
    ClientError::usage(
        "the file does not hold the secrets with which this trustee has joined: go on with the \
         file that does; without it, two officers can exclude you",
    )
}

/// A ceremony as one trustee sees it.
#[derive(Debug)]
struct Bench {
    ceremony: CeremonyFold,
    own: TrusteeIndex,
}

impl Bench {
    /// That the trustee takes part.
    fn check_seat(&self) -> Result<(), ClientError> {
        let mut excluded = self.ceremony.excluded().iter();
        let Some((number, _, why)) = excluded.find(|(_, index, _)| *index == self.own) else {
            return Ok(());
        };
        let why = match why {
            Exclusion::WrongShare => "it dealt a wrong share",
            Exclusion::FalseComplaint => "it complained of a share that is right",
            Exclusion::Silent => "two officers found it silent",
        };
        let what = format!("trustee {} was excluded from ceremony {number}: {why}", self.own.get());
        Err(ClientError::unlawful(what)(Breach::TrusteeUnknown))
    }

    /// Whether the trustee has said what the stage waits for.
    fn has_posted(&self) -> bool {
        self.ceremony.participants().any(|participant| participant == (self.own, true))
    }

    fn missing(&self) -> Waiting {
        let missing = self.ceremony.participants().filter(|(_, has_posted)| !has_posted);
        let missing = missing.map(|(index, _)| index).collect();
        Waiting::Trustees(self.ceremony.context().ceremony, missing)
    }

    /// What every participant confirms.
    fn outcome(&self) -> Result<(Hash, [u8; 32]), ClientError> {
        let outcome =
            self.ceremony.outcome().map(|(transcript, key)| (transcript, *key.as_bytes()));
        outcome.ok_or_else(|| ClientError::unlawful("the ceremony")(Breach::CeremonyIncomplete))
    }

    /// The shares that were dealt to this trustee, its own included; or who dealt a wrong one.
    fn shares(
        &self,
        secrets: &Secrets,
    ) -> Result<BTreeMap<TrusteeIndex, DealtShare>, TrusteeIndex> {
        let mut shares = BTreeMap::from([(self.own, secrets.dealer.own_share())]);
        for (dealer, _) in self.ceremony.participants().filter(|(index, _)| *index != self.own) {
            let dealt = self.ceremony.dealt(dealer, self.own);
            let channel = self.ceremony.channel(dealer, self.own);
            let ((dealing, share), channel) = dealt.zip(channel).ok_or(dealer)?;
            let share = channel.receive(&secrets.transport, share, dealing);
            shares.insert(dealer, share.map_err(|_| dealer)?);
        }
        Ok(shares)
    }

    /// This trustee's share of the key, held against what the dealings make it.
    fn key_share(&self, secrets: &Secrets) -> Result<[u8; 32], ClientError> {
        let invalid = || ClientError::unlawful("the own share of the key")(Breach::ShareInvalid);
        let shares = self.shares(secrets).map_err(|_| invalid())?;
        let share = KeyShare::sum(&shares).to_bytes();
        let joint = self.ceremony.joint().ok_or_else(invalid)?;
        joint.verification_share(self.own).check(&share).map_err(|_| invalid())?;
        Ok(*share)
    }
}
