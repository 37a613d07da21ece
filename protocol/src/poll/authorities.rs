//! The issuers and trustees of a definition: organisations that the city does not command, each
//! with a key under which it acts on the poll's log (spec/polls.md, "Definition").
//!
//! Not here: what they do there ([`crate::poll::issuing`], [`crate::poll::trusteeship`]).

use crate::blind_rsa::ModulusBits;
use crate::breach::Breach;
use crate::ceremony::{MAX_TRUSTEES, MIN_THRESHOLD, TrusteeIndex};
use crate::encoding::{Decoder, Encoder};
use crate::register::{MAX_LABEL_LENGTH, decode_ascending_key};
use crate::signature::Key;

/// Most issuers of a poll: a ballot carries a signature of each, 384 bytes by default.
pub const MAX_ISSUERS: usize = 8;

/// An organisation and the key under which it acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its key.
    pub key: Key,
    /// Its name, as people read it.
    pub label: String,
}

impl Authority {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.array(2).bytes(self.key.as_bytes()).text(&self.label);
    }

    fn decode_list(
        decoder: &mut Decoder<'_>,
        at_least: usize,
        at_most: usize,
    ) -> Result<Vec<Self>, Breach> {
        let mut last = None;
        decoder.list(at_least, at_most, |decoder| {
            decoder.array_of(2)?;
            let key = decode_ascending_key(decoder, &mut last)?;
            Ok(Self { key, label: decoder.text(1, MAX_LABEL_LENGTH)?.to_owned() })
        })
    }
}

/// How long credentials are given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issuing {
    /// Until Open: whoever casts hides among all who asked.
    UntilOpen,
    /// Until Close: whoever asks late hides among those who asked before.
    UntilClose,
}

/// Who issues the credentials of an anonymous poll, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// Length of every issuer's modulus.
    pub bits: ModulusBits,
    /// How long credentials are given out.
    pub issuing: Issuing,
    /// The issuers, ascending by key; all of them are needed for each credential.
    pub issuers: Vec<Authority>,
}

impl Issuance {
    /// The place of the issuer with this key.
    pub fn find(&self, key: &Key) -> Option<usize> {
        self.issuers.iter().position(|issuer| issuer.key == *key)
    }

    /// Writes the issuance of a poll, or that there is none.
    pub(super) fn encode(issuance: Option<&Self>, encoder: &mut Encoder) {
        let Some(Self { bits, issuing, issuers }) = issuance else {
            encoder.array(0);
            return;
        };
        encoder.array(3).uint(bits.bits()).uint(*issuing as u64);
        encoder.list(issuers, |encoder, issuer| issuer.encode(encoder));
    }

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Option<Self>, Breach> {
        // ENTRY-8: none or three; the count is judged before the items.
        match decoder.array()? {
            0 => return Ok(None),
            3 => {}
            _ => return Err(decoder.mismatch()),
        }
        let bits = decoder.uint()?;
        let bits = ModulusBits::from_bits(bits).ok_or(Breach::EntryFields)?;
        let issuing = match decoder.uint_up_to(1)? {
            0 => Issuing::UntilOpen,
            _ => Issuing::UntilClose,
        };
        let issuers = Authority::decode_list(decoder, 1, MAX_ISSUERS)?;
        Ok(Some(Self { bits, issuing, issuers }))
    }
}

/// Who makes and opens the key of a sealed poll. A poll that is not sealed has none of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trustees {
    /// How many must lay their shares open.
    pub threshold: u8,
    /// The trustees, ascending by key.
    pub members: Vec<Authority>,
}

impl Trustees {
    /// The index of the trustee with this key.
    pub fn find(&self, key: &Key) -> Option<TrusteeIndex> {
        let place = self.members.iter().position(|member| member.key == *key)?;
        TrusteeIndex::new(u8::try_from(place + 1).ok()?)
    }

    /// The trustee with this index.
    pub fn get(&self, index: TrusteeIndex) -> Option<&Authority> {
        self.members.get(usize::from(index.get()) - 1)
    }

    /// The indices of all trustees, ascending.
    pub fn indices(&self) -> impl Iterator<Item = TrusteeIndex> {
        (1..=MAX_TRUSTEES).take(self.members.len()).filter_map(TrusteeIndex::new)
    }

    /// Whether a sealed poll can be held with these.
    pub(super) const fn can_seal(&self) -> bool {
        self.threshold >= MIN_THRESHOLD && self.threshold as usize <= self.members.len()
    }

    /// Whether there are none.
    pub(super) const fn is_none(&self) -> bool {
        self.threshold == 0 && self.members.is_empty()
    }

    pub(super) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(2).uint(u64::from(self.threshold));
        encoder.list(&self.members, |encoder, member| member.encode(encoder));
    }

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(2)?;
        let threshold = decoder.uint_up_to(u64::from(MAX_TRUSTEES))?;
        let threshold = u8::try_from(threshold).expect("MAX_TRUSTEES fits a byte");
        let members = Authority::decode_list(decoder, 0, usize::from(MAX_TRUSTEES))?;
        Ok(Self { threshold, members })
    }
}
