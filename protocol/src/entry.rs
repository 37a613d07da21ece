//! The entry: what stands at an index of a log (spec/entries.md).
//!
//! ```text
//! entry     = [ payload: bytes, [ [ key, signature ], ... ] ]     signers strictly ascending
//! payload   = [ kind, version, fields... ]
//! signed    = [ "veche/entry/v1", instance, origin, under, payload: bytes ]
//! ```
//!
//! Here: the envelope, the kinds, and what a signature covers. Each kind's fields are in the module
//! of its noun ([`crate::register`], [`crate::roll`], [`crate::poll`]).

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::hash::{Hash, leaf_hash, tag};
use crate::name::LogType;
use crate::poll::acts::{Announce, Cancel, Certify, Close, Open};
use crate::poll::ballot::Ballot;
use crate::register::{Anchors, CommissionKeys, Genesis, LogAnnouncement, OfficerList};
use crate::roll::{Enrolment, Revocation, RollHeader};
use crate::signature::{Claim, Key, Signature, SigningKey, verify};

/// Longest entry, in bytes: what a C2SP entry bundle can frame with its 16-bit length.
pub const MAX_ENTRY_LENGTH: usize = 65_535;
/// Most signatures on an entry: a commission of 32 twice over, when it hands over to another.
pub const MAX_SIGNERS: usize = 64;
/// The only version of the entries.
const VERSION: u64 = 1;

/// The kinds of entries, by their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each kind is described at its type in `Payload`")]
pub enum Kind {
    Genesis = 0,
    Officers = 1,
    Commission = 2,
    Log = 4,
    Anchors = 5,
    Roll = 16,
    Enrol = 17,
    Revoke = 18,
    Announce = 32,
    Open = 34,
    Ballot = 35,
    Close = 36,
    Certify = 37,
    Cancel = 38,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Genesis,
        Self::Officers,
        Self::Commission,
        Self::Log,
        Self::Anchors,
        Self::Roll,
        Self::Enrol,
        Self::Revoke,
        Self::Announce,
        Self::Open,
        Self::Ballot,
        Self::Close,
        Self::Certify,
        Self::Cancel,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u64 {
        self as u64
    }

    /// The logs in which this kind may stand.
    pub const fn log_type(self) -> LogType {
        match self {
            Self::Genesis | Self::Officers | Self::Commission | Self::Log | Self::Anchors => {
                LogType::Register
            }
            Self::Roll | Self::Enrol | Self::Revoke => LogType::Roll,
            _ => LogType::Poll,
        }
    }

    /// The name of the kind, as in spec/veche.cddl.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Officers => "officers",
            Self::Commission => "commission",
            Self::Log => "log",
            Self::Anchors => "anchors",
            Self::Roll => "roll",
            Self::Enrol => "enrol",
            Self::Revoke => "revoke",
            Self::Announce => "announce",
            Self::Open => "open",
            Self::Ballot => "ballot",
            Self::Close => "close",
            Self::Certify => "certify",
            Self::Cancel => "cancel",
        }
    }
}

/// What an entry says, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The first entry of the register.
    Genesis(Genesis),
    /// The officers from here on.
    Officers(OfficerList),
    /// The commission from here on.
    Commission(CommissionKeys),
    /// A log of this city and its first entry.
    Log(LogAnnouncement),
    /// The heads of the logs that moved.
    Anchors(Anchors),
    /// The first entry of a roll.
    Roll(RollHeader),
    /// Voters added to a roll.
    Enrol(Vec<Enrolment>),
    /// Voters taken off a roll.
    Revoke(Vec<Revocation>),
    /// The first entry of a poll: its definition.
    Announce(Announce),
    /// The poll opens with the rolls pinned here.
    Open(Open),
    /// A voter's ballot.
    Ballot(Ballot),
    /// The poll closes.
    Close(Close),
    /// The result as two officers claim it.
    Certify(Certify),
    /// The poll ends without a result that binds.
    Cancel(Cancel),
}

impl Payload {
    /// The kind of this payload.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Genesis(_) => Kind::Genesis,
            Self::Officers(_) => Kind::Officers,
            Self::Commission(_) => Kind::Commission,
            Self::Log(_) => Kind::Log,
            Self::Anchors(_) => Kind::Anchors,
            Self::Roll(_) => Kind::Roll,
            Self::Enrol(_) => Kind::Enrol,
            Self::Revoke(_) => Kind::Revoke,
            Self::Announce(_) => Kind::Announce,
            Self::Open(_) => Kind::Open,
            Self::Ballot(_) => Kind::Ballot,
            Self::Close(_) => Kind::Close,
            Self::Certify(_) => Kind::Certify,
            Self::Cancel(_) => Kind::Cancel,
        }
    }

    /// The deterministic encoding of the payload.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(128);
        match self {
            Self::Genesis(genesis) => genesis.encode(self.start(&mut encoder, 5)),
            Self::Officers(officers) => officers.encode(self.start(&mut encoder, 1)),
            Self::Commission(commission) => commission.encode(self.start(&mut encoder, 1)),
            Self::Log(log) => log.encode(self.start(&mut encoder, 2)),
            Self::Anchors(anchors) => anchors.encode(self.start(&mut encoder, 2)),
            Self::Roll(header) => header.encode(self.start(&mut encoder, 4)),
            Self::Enrol(batch) => {
                self.start(&mut encoder, 1).list(batch, |encoder, item| item.encode(encoder));
            }
            Self::Revoke(batch) => {
                self.start(&mut encoder, 1).list(batch, |encoder, item| item.encode(encoder));
            }
            Self::Announce(announce) => announce.encode(self.start(&mut encoder, 2)),
            Self::Open(open) => open.encode(self.start(&mut encoder, 2)),
            Self::Ballot(ballot) => ballot.encode(self.start(&mut encoder, 2)),
            Self::Close(close) => close.encode(self.start(&mut encoder, 1)),
            Self::Certify(certify) => certify.encode(self.start(&mut encoder, 2)),
            Self::Cancel(cancel) => cancel.encode(self.start(&mut encoder, 2)),
        }
        encoder.finish()
    }

    /// Writes kind and version of a payload that has `fields` more.
    fn start<'e>(&self, encoder: &'e mut Encoder, fields: usize) -> &'e mut Encoder {
        encoder.array(2 + fields).uint(self.kind().number()).uint(VERSION)
    }

    /// Reads a payload that may stand in a log of this type.
    pub fn decode(log_type: LogType, bytes: &[u8]) -> Result<Self, Breach> {
        let mut decoder = Decoder::payload(bytes);
        let length = decoder.array()?;
        // ENTRY-6, ENTRY-8: the kind is known before the number of fields can be judged.
        let fields = length.checked_sub(2).ok_or(Breach::EntryFields)?;
        let number = decoder.uint()?;
        let version = decoder.uint()?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.number() == number && kind.log_type() == log_type)
            // ENTRY-5: a kind of another log, or another version, has no meaning here.
            .filter(|_| version == VERSION)
            .ok_or(Breach::EntryUnknownKind)?;
        let expect = |expected| if fields == expected { Ok(()) } else { Err(Breach::EntryFields) };
        let d = &mut decoder;
        let payload = match kind {
            Kind::Genesis => expect(5).and_then(|()| Genesis::decode(d)).map(Self::Genesis),
            Kind::Officers => expect(1).and_then(|()| OfficerList::decode(d)).map(Self::Officers),
            Kind::Commission => {
                expect(1).and_then(|()| CommissionKeys::decode(d)).map(Self::Commission)
            }
            Kind::Log => expect(2).and_then(|()| LogAnnouncement::decode(d)).map(Self::Log),
            Kind::Anchors => expect(2).and_then(|()| Anchors::decode(d)).map(Self::Anchors),
            Kind::Roll => expect(4).and_then(|()| RollHeader::decode(d)).map(Self::Roll),
            Kind::Enrol => expect(1).and_then(|()| Enrolment::decode_batch(d)).map(Self::Enrol),
            Kind::Revoke => expect(1).and_then(|()| Revocation::decode_batch(d)).map(Self::Revoke),
            Kind::Announce => expect(2).and_then(|()| Announce::decode(d)).map(Self::Announce),
            Kind::Open => expect(2).and_then(|()| Open::decode(d)).map(Self::Open),
            Kind::Ballot => expect(2).and_then(|()| Ballot::decode(d)).map(Self::Ballot),
            Kind::Close => expect(1).and_then(|()| Close::decode(d)).map(Self::Close),
            Kind::Certify => expect(2).and_then(|()| Certify::decode(d)).map(Self::Certify),
            Kind::Cancel => expect(2).and_then(|()| Cancel::decode(d)).map(Self::Cancel),
        }?;
        decoder.finish()?;
        Ok(payload)
    }
}

/// What ties a signature to one city, one log and one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding<'a> {
    /// Leaf hash of the city's genesis ([`Hash::ZERO`] within genesis itself).
    pub instance: Hash,
    /// Origin of the log in which the entry stands.
    pub origin: &'a str,
    /// Leaf hash of the entry acted under.
    pub under: Hash,
}

impl Binding<'_> {
    /// The bytes that a signature on `payload` covers.
    pub fn message(&self, payload: &[u8]) -> Vec<u8> {
        self.message_tagged(tag::ENTRY, payload)
    }

    /// The same under another domain tag of the table.
    pub fn message_tagged(&self, tag: &str, payload: &[u8]) -> Vec<u8> {
        // ENTRY-11: one city, one log, one history, one payload.
        let mut encoder = Encoder::with_capacity(96 + self.origin.len() + payload.len());
        encoder
            .array(5)
            .text(tag)
            .bytes(self.instance.as_bytes())
            .text(self.origin)
            .bytes(self.under.as_bytes())
            .bytes(payload);
        encoder.finish()
    }
}

/// An entry whose bytes are in order. Nothing is known yet of its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntry {
    bytes: Vec<u8>,
    leaf: Hash,
    payload_bytes: core::ops::Range<usize>,
    payload: Payload,
    signatures: Vec<(Key, Signature)>,
}

impl SignedEntry {
    /// Reads an entry of a log of this type, strictly.
    pub fn decode(log_type: LogType, bytes: Vec<u8>) -> Result<Self, Breach> {
        // ENTRY-1: what a bundle can frame, and not nothing.
        if bytes.is_empty() || bytes.len() > MAX_ENTRY_LENGTH {
            return Err(Breach::EntryOversized);
        }
        let mut decoder = Decoder::envelope(&bytes);
        decoder.array_of(2)?;
        let payload_slice = decoder.bytes()?;
        let signatures = decode_signatures(&mut decoder)?;
        decoder.finish()?;
        // ENTRY-7: signers strictly ascending, at least one, at most 64.
        let ascending = signatures.windows(2).all(|pair| pair[0].0.0 < pair[1].0.0);
        if signatures.is_empty() || signatures.len() > MAX_SIGNERS || !ascending {
            return Err(Breach::SignersDisordered);
        }
        let payload = Payload::decode(log_type, payload_slice)?;
        let start = payload_slice.as_ptr() as usize - bytes.as_ptr() as usize;
        let payload_bytes = start..start + payload_slice.len();
        Ok(Self { leaf: leaf_hash(&bytes), bytes, payload_bytes, payload, signatures })
    }

    /// Signs `payload` with each of `keys`, and puts the signatures into their order.
    pub fn sign(payload: &Payload, binding: &Binding<'_>, keys: &[&SigningKey]) -> Self {
        let payload_bytes = payload.encode();
        let message = binding.message(&payload_bytes);
        let signatures = keys.iter().map(|key| (key.key(), key.sign(&message))).collect();
        Self::assemble(payload.clone(), &payload_bytes, signatures)
    }

    /// The same entry with the signatures of `others` beside its own; a signer stands once.
    #[must_use]
    pub fn with_signatures(&self, others: &[(Key, Signature)]) -> Self {
        let mut signatures = self.signatures.clone();
        signatures.extend_from_slice(others);
        Self::assemble(self.payload.clone(), self.payload_bytes(), signatures)
    }

    fn assemble(
        payload: Payload,
        payload_bytes: &[u8],
        mut signatures: Vec<(Key, Signature)>,
    ) -> Self {
        signatures.sort_by_key(|(key, _)| key.0);
        signatures.dedup_by_key(|(key, _)| key.0);
        let mut encoder = Encoder::with_capacity(16 + payload_bytes.len() + 101 * signatures.len());
        encoder.array(2);
        encoder.bytes(payload_bytes).array(signatures.len());
        for (key, signature) in &signatures {
            encoder.array(2).bytes(&key.0).bytes(&signature.0);
        }
        let bytes = encoder.finish();
        let start = 1 + head_length(payload_bytes.len());
        let payload_bytes = start..start + payload_bytes.len();
        Self { leaf: leaf_hash(&bytes), bytes, payload_bytes, payload, signatures }
    }

    /// The exact bytes, which are the leaf of the log.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the bytes away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The leaf hash of the bytes.
    pub const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// What the entry says.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The encoded payload, over which the signatures are made.
    pub fn payload_bytes(&self) -> &[u8] {
        &self.bytes[self.payload_bytes.clone()]
    }

    /// The signatures, ascending by key.
    pub fn signatures(&self) -> &[(Key, Signature)] {
        &self.signatures
    }

    /// The keys of the signers, ascending.
    pub fn signers(&self) -> impl Iterator<Item = &Key> {
        self.signatures.iter().map(|(key, _)| key)
    }

    /// What the signatures claim, for verification together with others.
    pub fn claims(&self, binding: &Binding<'_>) -> impl Iterator<Item = Claim> {
        let message = binding.message(self.payload_bytes());
        self.signatures.iter().map(move |(key, signature)| Claim::new(key, &message, signature))
    }

    /// Verifies every signature, one by one.
    pub fn verify(&self, binding: &Binding<'_>) -> Result<(), Breach> {
        let message = binding.message(self.payload_bytes());
        self.signatures.iter().try_for_each(|(key, signature)| verify(key, &message, signature))
    }
}

fn decode_signatures(decoder: &mut Decoder<'_>) -> Result<Vec<(Key, Signature)>, Breach> {
    // ENTRY-7, ENTRY-8: their number is judged once all of them are read.
    decoder.list(0, usize::MAX, |decoder| {
        decoder.array_of(2)?;
        Ok((Key(decoder.bytes_of()?), Signature(decoder.bytes_of()?)))
    })
}

/// Length of the head of a CBOR string of this length, in bytes.
const fn head_length(length: usize) -> usize {
    match length {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}
