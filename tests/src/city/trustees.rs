//! The trustees of sealed polls on paper: the secrets of a ceremony, the same in every run, and
//! what each trustee would post. Not here: entries on a log.

use std::collections::BTreeMap;

use veche_protocol::ceremony::{
    CeremonyContext, Channel, Complaint, Contribution, Dealer, JointDealing, KeyShare,
    TransportKey, TransportSecret, TrusteeIndex, transcript_hash,
};
use veche_protocol::hash::Hash;
use veche_protocol::poll::trusteeship::{Accusation, Deal, Join, Ready};
use veche_protocol::sealing::ElectionKey;

use super::Draws;

/// The trustee of this number.
///
/// # Panics
///
/// When there is none.
pub fn trustee(number: u8) -> TrusteeIndex {
    TrusteeIndex::new(number).expect("trustees are 1 to 16")
}

/// One ceremony, all of whose secrets are at hand.
#[derive(Clone, Debug)]
pub struct Ceremony {
    /// Which it is.
    pub context: CeremonyContext,
    /// How many shares open.
    pub threshold: u8,
    /// Who takes part.
    pub participants: Vec<TrusteeIndex>,
}

impl Ceremony {
    /// The first ceremony of a poll with so many trustees.
    pub fn first(announce: Hash, threshold: u8, trustees: u8) -> Self {
        let context = CeremonyContext { announce, ceremony: 1 };
        Self { context, threshold, participants: (1..=trustees).map(trustee).collect() }
    }

    /// The next ceremony, without these trustees.
    #[must_use]
    pub fn without(&self, excluded: &[u8]) -> Self {
        let mut next = self.clone();
        next.context.ceremony += 1;
        next.participants.retain(|index| !excluded.contains(&index.get()));
        next
    }

    fn draws(&self, what: &str, index: TrusteeIndex) -> Draws {
        let CeremonyContext { announce, ceremony } = self.context;
        Draws::of(&format!("{what} of {} in ceremony {ceremony} of {announce}", index.get()))
    }

    /// The secret of a trustee's transport key.
    pub fn transport(&self, index: u8) -> TransportSecret {
        TransportSecret::generate(&mut self.draws("transport key", trustee(index)))
    }

    fn transport_keys(&self) -> BTreeMap<TrusteeIndex, TransportKey> {
        let key = |index: &TrusteeIndex| (*index, self.transport(index.get()).key());
        self.participants.iter().map(key).collect()
    }

    /// A trustee's polynomial.
    pub fn dealer(&self, index: u8) -> Dealer {
        let index = trustee(index);
        let mut draws = self.draws("polynomial", index);
        Dealer::generate(index, self.threshold, &mut draws).expect("a lawful threshold")
    }

    /// What a trustee joins with.
    pub fn join(&self, index: u8) -> Join {
        let dealer = self.dealer(index);
        Join {
            ceremony: self.context.ceremony,
            transport_key: *self.transport(index).key().as_bytes(),
            commitment_hash: dealer.dealing().commitment_hash(&self.context, dealer.index()),
        }
    }

    /// What a trustee deals.
    pub fn deal(&self, index: u8) -> Deal {
        let dealer = self.dealer(index);
        Deal {
            ceremony: self.context.ceremony,
            dealing: dealer.dealing().clone(),
            shares: self.shares_of(&dealer),
        }
    }

    /// The encrypted shares of any polynomial for all but its dealer.
    pub fn shares_of(&self, dealer: &Dealer) -> Vec<(TrusteeIndex, [u8; 48])> {
        let secret = self.transport(dealer.index().get());
        let shares = dealer.deal(self.context, &secret, &self.transport_keys());
        shares.into_iter().collect()
    }

    /// The complaint of trustee `by` about what `dealer` dealt to it.
    pub fn accuse(&self, dealer: u8, by: u8) -> Accusation {
        let complaint = Complaint::make(
            &self.channel(dealer, by),
            &self.transport(by),
            &mut self.draws("complaint", trustee(by)),
        );
        Accusation { ceremony: self.context.ceremony, dealer: trustee(dealer), complaint }
    }

    fn channel(&self, from: u8, to: u8) -> Channel {
        let end = |index| (trustee(index), self.transport(index).key());
        Channel::new(self.context, end(from), end(to)).expect("two trustees")
    }

    /// What every participant is ready with, given the leaf hashes of joins and deals.
    pub fn ready(&self, posted: &BTreeMap<TrusteeIndex, Contribution>) -> Ready {
        Ready {
            ceremony: self.context.ceremony,
            transcript: transcript_hash(&self.context, posted),
            election_key: *self.election_key().as_bytes(),
        }
    }

    /// The key of the poll.
    pub fn election_key(&self) -> ElectionKey {
        let checked = self.participants.iter().map(|&index| {
            let dealer = self.dealer(index.get());
            dealer.dealing().check(index, self.threshold).expect("an honest dealing")
        });
        let checked: Vec<_> = checked.collect();
        *JointDealing::sum(&checked).expect("a key with a secret").election_key()
    }

    /// A trustee's share of the decryption key.
    pub fn key_share(&self, index: u8) -> [u8; 32] {
        let own = trustee(index);
        let shares = self.participants.iter().map(|&from| {
            let dealer = self.dealer(from.get());
            if from == own {
                return (from, dealer.own_share());
            }
            let dealing = dealer.dealing().check(from, self.threshold).expect("honest");
            let encrypted = self.shares_of(&dealer).into_iter().find(|(to, _)| *to == own);
            let (_, encrypted) = encrypted.expect("a share for every participant");
            let channel = self.channel(from.get(), index);
            let share = channel.receive(&self.transport(index), &encrypted, &dealing);
            (from, share.expect("an honest share"))
        });
        *KeyShare::sum(&shares.collect()).to_bytes()
    }
}
