//! Sealed polls: the trustees' ceremony, sealed ballots, shares.

use std::collections::BTreeMap;

use curve25519_dalek::ristretto::CompressedRistretto;
use veche_protocol::ceremony::{Contribution, TrusteeIndex};
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::acts::Head;
use veche_protocol::poll::authorities::Trustees;
use veche_protocol::poll::ballot::{Content, selections_bytes};
use veche_protocol::poll::definition::{Definition, Secrecy};
use veche_protocol::poll::trusteeship::{Exclude, Join, Share};
use veche_protocol::sealing::SealedBallot;
use veche_protocol::signature::Key;

use super::{OFFICERS, Story};
use crate::city::{Ceremony, authorities, by_key, trustee};
use crate::vectors::sealed::primitives::{encrypt, point, secret};

/// The trustees of sealed polls; any two of them open the ballots.
pub(in crate::vectors) const TRUSTEES: [&str; 3] = ["trustee-1", "trustee-2", "trustee-3"];
const THRESHOLD: u8 = 2;

/// The length of every plaintext: one question with two options takes 3 bytes at most (SEAL-2).
pub(in crate::vectors) const LENGTH: usize = 32;

/// The same poll, sealed.
pub(in crate::vectors) fn sealed(definition: Definition) -> Definition {
    Definition {
        secrecy: Secrecy::Sealed,
        trustees: Trustees { threshold: THRESHOLD, members: authorities(&TRUSTEES) },
        ..definition
    }
}

/// The trustees of a story.
#[derive(Clone, Debug)]
pub(in crate::vectors) struct Sealed {
    pub(in crate::vectors) ceremony: Ceremony,
    /// What was posted in the current ceremony.
    pub(in crate::vectors) posted: BTreeMap<TrusteeIndex, Contribution>,
}

impl Sealed {
    pub(super) fn first(announce: Hash, definition: &Definition) -> Option<Self> {
        if !definition.is_sealed() {
            return None;
        }
        let trustees = u8::try_from(definition.trustees.members.len()).expect("at most 16");
        let ceremony = Ceremony::first(announce, definition.trustees.threshold, trustees);
        Some(Self { ceremony, posted: BTreeMap::new() })
    }

    /// The indices of those who take part.
    pub(in crate::vectors) fn participants(&self) -> Vec<u8> {
        self.ceremony.participants.iter().map(|index| index.get()).collect()
    }

    /// Content sealed for the key that signs the ballot.
    pub(super) fn seal(&self, open: Hash, key: &Key, selections: &[&[u64]]) -> Content {
        let selections = selections.iter().map(|choices| choices.to_vec()).collect();
        let mut plaintext = selections_bytes(&selections);
        plaintext.push(0x80);
        plaintext.resize(LENGTH.max(plaintext.len()), 0);
        Content::Sealed(self.seal_plaintext(open, key, &plaintext))
    }

    /// Any plaintext, sealed as SEAL-3 says.
    pub(in crate::vectors) fn seal_plaintext(
        &self,
        open: Hash,
        key: &Key,
        plaintext: &[u8],
    ) -> SealedBallot {
        let election_key = *self.ceremony.election_key().as_bytes();
        let r = secret(&format!("{open} {} {}", hex::encode(key.0), hex::encode(plaintext)));
        let mut info = Encoder::new();
        info.array(5).text("veche/sealed/v1").bytes(&open.0).bytes(&election_key);
        info.bytes(&point(&r)).bytes(key.as_bytes());
        let y = CompressedRistretto(election_key).decompress().expect("an election key");
        let ciphertext = encrypt(&(y * r), &info.finish(), plaintext);
        SealedBallot { point: point(&r), ciphertext }
    }
}

impl Story {
    /// The name of the trustee of this index: they stand in the order of their keys.
    pub(in crate::vectors) fn trustee_name(index: u8) -> &'static str {
        by_key(&TRUSTEES)[usize::from(index) - 1]
    }

    /// The trustees of the story.
    pub(in crate::vectors) fn trustees(&self) -> &Sealed {
        self.sealed.as_ref().expect("the poll is sealed")
    }

    /// An entry of the trustee of this index before Open.
    pub(in crate::vectors) fn trustee_entry(&self, index: u8, payload: &Payload) -> SignedEntry {
        self.sign(self.leaf(Kind::Announce), payload, &[Self::trustee_name(index)])
    }

    fn post(&mut self, index: u8, payload: &Payload) -> Hash {
        let entry = self.trustee_entry(index, payload);
        self.log(&entry);
        entry.leaf()
    }

    /// A trustee joins.
    pub(in crate::vectors) fn join(&mut self, index: u8) {
        self.join_as(index, self.trustees().ceremony.join(index));
    }

    /// A trustee joins with what the story says.
    pub(in crate::vectors) fn join_as(&mut self, index: u8, join: Join) {
        let join = self.post(index, &Payload::Join(join));
        let contribution = Contribution { join, deal: Hash::ZERO };
        let sealed = self.sealed.as_mut().expect("the poll is sealed");
        sealed.posted.insert(trustee(index), contribution);
    }

    /// A trustee deals.
    pub(in crate::vectors) fn deal(&mut self, index: u8) {
        let deal = self.trustees().ceremony.deal(index);
        self.deal_as(index, &Payload::Deal(deal));
    }

    /// A trustee deals what the story says.
    pub(in crate::vectors) fn deal_as(&mut self, index: u8, deal: &Payload) {
        let deal = self.post(index, deal);
        let sealed = self.sealed.as_mut().expect("the poll is sealed");
        sealed.posted.get_mut(&trustee(index)).expect("it has joined").deal = deal;
    }

    /// A trustee is ready.
    pub(in crate::vectors) fn confirm(&mut self, index: u8) {
        let sealed = self.trustees();
        let ready = sealed.ceremony.ready(&sealed.posted);
        self.post(index, &Payload::Ready(ready));
    }

    /// All participants join and deal.
    pub(in crate::vectors) fn deal_all(&mut self) {
        for index in self.trustees().participants() {
            self.join(index);
        }
        for index in self.trustees().participants() {
            self.deal(index);
        }
    }

    /// The whole ceremony, if the poll is sealed.
    pub(in crate::vectors) fn make_key(&mut self) {
        if self.sealed.is_none() {
            return;
        }
        self.deal_all();
        for index in self.trustees().participants() {
            self.confirm(index);
        }
    }

    /// From here on, the next ceremony is held without these trustees.
    pub(in crate::vectors) fn next_ceremony(&mut self, without: &[u8]) {
        let sealed = self.sealed.as_mut().expect("the poll is sealed");
        sealed.ceremony = sealed.ceremony.without(without);
        sealed.posted.clear();
    }

    /// The exclusion of trustees by the two officers.
    pub(in crate::vectors) fn exclude_entry(&self, indices: &[u8]) -> SignedEntry {
        self.sign(self.last_leaf(), &Payload::Exclude(self.exclusion(indices)), &OFFICERS)
    }

    /// What such an exclusion says.
    pub(in crate::vectors) fn exclusion(&self, indices: &[u8]) -> Exclude {
        Exclude {
            seen: self.seen(),
            ceremony: self.trustees().ceremony.context.ceremony,
            trustees: indices.iter().copied().map(trustee).collect(),
        }
    }

    /// A trustee's share, as it sees the log.
    pub(in crate::vectors) fn share_payload(&self, index: u8) -> Share {
        let head = self.city.head(&self.poll);
        Share { head, key_share: self.trustees().ceremony.key_share(index) }
    }

    /// A share by the trustee of this index.
    pub(in crate::vectors) fn share_entry(&self, index: u8, share: Share) -> SignedEntry {
        self.sign(self.leaf(Kind::Close), &Payload::Share(share), &[Self::trustee_name(index)])
    }

    /// A trustee lays its share open.
    pub(in crate::vectors) fn share(&mut self, index: u8) -> u64 {
        let entry = self.share_entry(index, self.share_payload(index));
        self.log(&entry)
    }

    /// The head over the first entries of the poll, through this index.
    pub(in crate::vectors) fn head_through(&self, index: u64) -> Head {
        let size = usize::try_from(index + 1).expect("a small log");
        self.city.at(&self.poll).head_at(size)
    }

    /// A sealed poll with its ceremony held, open.
    pub(in crate::vectors) fn sealed_open(definition: Definition) -> Self {
        let mut story = Self::announced(definition);
        story.make_key();
        story.open();
        story
    }

    /// The same with the usual ballots.
    pub(in crate::vectors) fn sealed_voted(definition: Definition) -> Self {
        let mut story = Self::sealed_open(definition);
        story.cast_usual();
        story
    }

    /// Closes, lays these shares open, anchors.
    pub(in crate::vectors) fn unseal(&mut self, shares: &[u8]) {
        self.close();
        for &index in shares {
            self.share(index);
        }
        self.city.anchor();
    }
}
