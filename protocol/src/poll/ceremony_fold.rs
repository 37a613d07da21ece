//! The trustees' ceremonies on a poll's log: who takes part, how far they are, who is excluded,
//! and after the close whose shares stand (spec/ceremony.md).
//!
//! ```text
//! joining -> dealing -> confirming -> complete
//!    ^           |           |
//!    +-----------+-----------+   someone guilty or silent: the next ceremony, without them
//! ```
//!
//! Not here: the mathematics ([`crate::ceremony`]), and phases and officers
//! ([`crate::poll::fold`]).

use std::collections::BTreeMap;

use crate::breach::Breach;
use crate::ceremony::{
    CeremonyContext, Channel, CheckedDealing, Contribution, EncryptedShare, Guilty, JointDealing,
    KeyShare, TransportKey, TrusteeIndex, combine, transcript_hash,
};
use crate::entry::Payload;
use crate::hash::Hash;
use crate::poll::authorities::Trustees;
use crate::poll::trusteeship::{Accusation, Deal, Exclude, Join, Ready, Share};
use crate::sealing::{DecryptionKey, ElectionKey};
use crate::signature::Key;

/// What a ceremony waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Every participant joins.
    Joining,
    /// Every participant deals.
    Dealing,
    /// Every participant is ready, or complains.
    Confirming,
    /// Nothing: the election key stands.
    Complete,
    /// Too few are left to reach the threshold.
    Failed,
}

/// Why a trustee takes no further part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// It dealt a wrong share.
    WrongShare,
    /// It complained of a right one.
    FalseComplaint,
    /// Two officers found it silent.
    Silent,
}

/// What a participant has put on the log in the current ceremony.
#[derive(Clone, Debug, Default)]
struct Participant {
    joined: Option<Joined>,
    dealt: Option<Dealt>,
    ready: bool,
}

#[derive(Clone, Debug)]
struct Joined {
    leaf: Hash,
    transport_key: TransportKey,
    commitment_hash: Hash,
}

#[derive(Clone, Debug)]
struct Dealt {
    leaf: Hash,
    dealing: CheckedDealing,
    shares: BTreeMap<TrusteeIndex, EncryptedShare>,
}

/// The ceremonies of a sealed poll.
#[derive(Clone, Debug)]
pub struct CeremonyFold {
    announce: Hash,
    trustees: Trustees,
    number: u64,
    participants: BTreeMap<TrusteeIndex, Participant>,
    /// The sum of all dealings, once every participant has dealt.
    joint: Option<JointDealing>,
    /// Index of the last ready.
    last_ready: u64,
    /// In the order in which they were excluded, with the number of the ceremony.
    excluded: Vec<(u64, TrusteeIndex, Exclusion)>,
    shares: BTreeMap<TrusteeIndex, KeyShare>,
}

impl CeremonyFold {
    /// The first ceremony of the poll whose Announce has this leaf hash, before anyone joined.
    pub(super) fn new(announce: Hash, trustees: &Trustees) -> Self {
        let participants = trustees.indices().map(|index| (index, Participant::default()));
        Self {
            announce,
            trustees: trustees.clone(),
            number: 1,
            participants: participants.collect(),
            joint: None,
            last_ready: 0,
            excluded: Vec::new(),
            shares: BTreeMap::new(),
        }
    }

    /// Which ceremony is being held.
    pub const fn context(&self) -> CeremonyContext {
        CeremonyContext { announce: self.announce, ceremony: self.number }
    }

    /// What it waits for.
    pub fn stage(&self) -> Stage {
        let all = |posted: fn(&Participant) -> bool| self.participants.values().all(posted);
        if self.participants.len() < usize::from(self.trustees.threshold) {
            Stage::Failed
        } else if !all(|participant| participant.joined.is_some()) {
            Stage::Joining
        } else if !all(|participant| participant.dealt.is_some()) {
            Stage::Dealing
        } else if all(|participant| participant.ready) {
            Stage::Complete
        } else {
            Stage::Confirming
        }
    }

    /// The index of the participant with this key.
    pub fn participant(&self, key: &Key) -> Option<TrusteeIndex> {
        self.trustees.find(key).filter(|index| self.participants.contains_key(index))
    }

    /// The participants, ascending, and whether each has posted what the stage waits for.
    pub fn participants(&self) -> impl Iterator<Item = (TrusteeIndex, bool)> {
        let stage = self.stage();
        self.participants.iter().map(move |(&index, participant)| {
            let posted = match stage {
                Stage::Joining => participant.joined.is_some(),
                Stage::Dealing => participant.dealt.is_some(),
                Stage::Confirming => participant.ready,
                Stage::Complete | Stage::Failed => true,
            };
            (index, posted)
        })
    }

    /// Who was excluded, in which ceremony, and why.
    pub fn excluded(&self) -> &[(u64, TrusteeIndex, Exclusion)] {
        &self.excluded
    }

    /// The transport keys of those who have joined.
    pub fn transport_keys(&self) -> BTreeMap<TrusteeIndex, TransportKey> {
        let joined = self.participants.iter().filter_map(|(&index, participant)| {
            Some((index, participant.joined.as_ref()?.transport_key))
        });
        joined.collect()
    }

    /// The dealing of a participant, with the share that it has encrypted to another.
    pub fn dealt(
        &self,
        dealer: TrusteeIndex,
        recipient: TrusteeIndex,
    ) -> Option<(&CheckedDealing, &EncryptedShare)> {
        let dealt = self.participants.get(&dealer)?.dealt.as_ref()?;
        Some((&dealt.dealing, dealt.shares.get(&recipient)?))
    }

    /// The way of the share from one participant to another.
    pub fn channel(&self, dealer: TrusteeIndex, recipient: TrusteeIndex) -> Option<Channel> {
        let key = |index| Some(self.participants.get(&index)?.joined.as_ref()?.transport_key);
        let (dealer_key, recipient_key) = (key(dealer)?, key(recipient)?);
        Channel::new(self.context(), (dealer, dealer_key), (recipient, recipient_key))
    }

    /// The sum of all dealings, once every participant has dealt.
    pub const fn joint(&self) -> Option<&JointDealing> {
        self.joint.as_ref()
    }

    /// What every participant confirms by being ready: the transcript and the election key.
    pub fn outcome(&self) -> Option<(Hash, ElectionKey)> {
        let contributions = self.participants.iter().map(|(&index, participant)| {
            let join = participant.joined.as_ref()?.leaf;
            Some((index, Contribution { join, deal: participant.dealt.as_ref()?.leaf }))
        });
        let contributions = contributions.collect::<Option<BTreeMap<_, _>>>()?;
        let key = *self.joint.as_ref()?.election_key();
        Some((transcript_hash(&self.context(), &contributions), key))
    }

    /// The election key, once all are ready, if officers have seen that who have seen `seen_size`
    /// entries of the log.
    pub(super) fn election_key(&self, seen_size: u64) -> Result<ElectionKey, Breach> {
        // CEREMONY-11: they open with a key that they know.
        match &self.joint {
            Some(joint) if self.stage() == Stage::Complete => {
                let has_seen = seen_size > self.last_ready;
                if has_seen { Ok(*joint.election_key()) } else { Err(Breach::SeenMismatch) }
            }
            _ => Err(Breach::CeremonyIncomplete),
        }
    }

    /// Judges an entry of a participant before the close, and takes it in.
    pub(super) fn admit(
        &mut self,
        payload: &Payload,
        (signer, leaf, index): (TrusteeIndex, Hash, u64),
    ) -> Result<(), Breach> {
        match payload {
            Payload::Join(join) => self.join(join, signer, leaf),
            Payload::Deal(deal) => self.deal(deal, signer, leaf),
            Payload::Complaint(accusation) => self.complain(accusation, signer),
            Payload::Ready(ready) => self.confirm(ready, signer, index),
            _ => Err(Breach::EntryUnknownKind),
        }
    }

    fn check_number(&self, number: u64) -> Result<(), Breach> {
        // CEREMONY-1: nothing of one ceremony is used in another.
        if number == self.number { Ok(()) } else { Err(Breach::CeremonyNumber) }
    }

    /// The participant `signer`, if the ceremony is at this stage.
    fn at(&mut self, stage: Stage, signer: TrusteeIndex) -> Result<&mut Participant, Breach> {
        if self.stage() != stage {
            return Err(Breach::CeremonyStage);
        }
        self.participants.get_mut(&signer).ok_or(Breach::TrusteeUnknown)
    }

    fn join(&mut self, join: &Join, signer: TrusteeIndex, leaf: Hash) -> Result<(), Breach> {
        self.check_number(join.ceremony)?;
        // CEREMONY-2: once, with a key of its own.
        let is_new = self.at(Stage::Joining, signer)?.joined.is_none();
        if !is_new {
            return Err(Breach::CeremonyStage);
        }
        let transport_key = TransportKey::parse(&join.transport_key)?;
        if self.transport_keys().values().any(|other| *other == transport_key) {
            return Err(Breach::TransportKeyWeak);
        }
        let commitment_hash = join.commitment_hash;
        let participant = self.at(Stage::Joining, signer)?;
        participant.joined = Some(Joined { leaf, transport_key, commitment_hash });
        Ok(())
    }

    fn deal(&mut self, deal: &Deal, signer: TrusteeIndex, leaf: Hash) -> Result<(), Breach> {
        self.check_number(deal.ceremony)?;
        let (context, threshold) = (self.context(), self.trustees.threshold);
        let others = self.participants.keys().copied().filter(|&index| index != signer);
        let others: Vec<_> = others.collect();
        let participant = self.at(Stage::Dealing, signer)?;
        let Some(joined) = participant.joined.as_ref().filter(|_| participant.dealt.is_none())
        else {
            return Err(Breach::CeremonyStage);
        };
        // CEREMONY-3: what it had bound itself to, and a share for each of the others.
        if deal.dealing.commitment_hash(&context, signer) != joined.commitment_hash {
            return Err(Breach::DealingMismatch);
        }
        let dealing = deal.dealing.check(signer, threshold)?;
        if !deal.shares.iter().map(|(recipient, _)| recipient).eq(&others) {
            return Err(Breach::DealingInvalid);
        }
        let shares = deal.shares.iter().copied().collect();
        participant.dealt = Some(Dealt { leaf, dealing, shares });
        if self.stage() != Stage::Dealing {
            let dealt = self.participants.values().filter_map(|p| p.dealt.as_ref());
            match JointDealing::sum(dealt.map(|dealt| &dealt.dealing)) {
                // CEREMONY-8: a key with a secret.
                Ok(joint) => self.joint = Some(joint),
                Err(breach) => {
                    self.participants.entry(signer).and_modify(|p| p.dealt = None);
                    return Err(breach);
                }
            }
        }
        Ok(())
    }

    fn complain(&mut self, accusation: &Accusation, signer: TrusteeIndex) -> Result<(), Breach> {
        self.check_number(accusation.ceremony)?;
        self.at(Stage::Confirming, signer)?;
        // CEREMONY-6: with the proof that the share is laid open truly.
        let dealer = accusation.dealer;
        let channel = self.channel(dealer, signer).ok_or(Breach::ComplaintInvalid)?;
        let complaint = accusation.complaint.verify(channel)?;
        let (dealing, share) = self.dealt(dealer, signer).ok_or(Breach::ComplaintInvalid)?;
        // CEREMONY-7: decided at once, by everyone alike.
        let (guilty, why) = match complaint.judge(share, dealing) {
            Guilty::Dealer => (dealer, Exclusion::WrongShare),
            Guilty::Complainant => (signer, Exclusion::FalseComplaint),
        };
        self.exclude(&[guilty], why);
        Ok(())
    }

    fn confirm(&mut self, ready: &Ready, signer: TrusteeIndex, index: u64) -> Result<(), Breach> {
        self.check_number(ready.ceremony)?;
        let outcome = self.outcome();
        let participant = self.at(Stage::Confirming, signer)?;
        if participant.ready {
            return Err(Breach::CeremonyStage);
        }
        // CEREMONY-9: with this transcript and this key.
        let claimed = (ready.transcript, ready.election_key);
        if outcome.is_none_or(|(transcript, key)| (transcript, *key.as_bytes()) != claimed) {
            return Err(Breach::ReadyMismatch);
        }
        participant.ready = true;
        self.last_ready = index;
        Ok(())
    }

    /// Judges the exclusion of silent trustees by two officers, and takes it in.
    pub(super) fn admit_exclude(&mut self, exclude: &Exclude) -> Result<(), Breach> {
        self.check_number(exclude.ceremony)?;
        // CEREMONY-10: only who has not done what the ceremony waits for.
        if matches!(self.stage(), Stage::Complete | Stage::Failed) {
            return Err(Breach::CeremonyStage);
        }
        let silent = |index| self.participants().any(|participant| participant == (index, false));
        if !exclude.trustees.iter().all(|&index| silent(index)) {
            return Err(Breach::TrusteeNotSilent);
        }
        self.exclude(&exclude.trustees, Exclusion::Silent);
        Ok(())
    }

    fn exclude(&mut self, trustees: &[TrusteeIndex], why: Exclusion) {
        for &index in trustees {
            self.participants.remove(&index);
            self.excluded.push((self.number, index, why));
        }
        // CEREMONY-7: fresh keys and polynomials.
        self.participants.values_mut().for_each(|p| *p = Participant::default());
        self.joint = None;
        self.number += 1;
    }

    /// Judges a share without taking it in.
    fn check_share(&self, share: &Share, signer: TrusteeIndex) -> Result<KeyShare, Breach> {
        // CEREMONY-12: once, and the one that the dealings give.
        if self.shares.contains_key(&signer) {
            return Err(Breach::ShareRepeated);
        }
        let joint = self.joint.as_ref().ok_or(Breach::CeremonyIncomplete)?;
        joint.verification_share(signer).check(&share.key_share)
    }

    /// Judges a share after the close, and takes it in.
    pub(super) fn admit_share(
        &mut self,
        share: &Share,
        signer: TrusteeIndex,
    ) -> Result<(), Breach> {
        let checked = self.check_share(share, signer)?;
        self.shares.insert(signer, checked);
        Ok(())
    }

    /// The trustees whose shares stand, ascending.
    pub fn shared(&self) -> impl Iterator<Item = TrusteeIndex> {
        self.shares.keys().copied()
    }

    /// Whether enough shares stand to open the ballots.
    pub fn can_open(&self) -> bool {
        self.shares.len() >= usize::from(self.trustees.threshold)
    }

    /// The key that opens the ballots, once enough shares stand.
    pub(super) fn decryption_key(&self) -> Option<DecryptionKey> {
        // CEREMONY-13: any so many of them give the same.
        let joint = self.joint.as_ref().filter(|_| self.can_open())?;
        combine(&self.shares, joint.election_key()).ok()
    }
}
