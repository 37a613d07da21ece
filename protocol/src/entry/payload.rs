//! What an entry says, by kind: `[ kind, version, fields... ]`.
//!
//! Each kind's fields are in the module of its noun ([`crate::register`], [`crate::roll`],
//! [`crate::poll`]).

use super::kind::Kind;
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::name::LogType;
use crate::poll::acts::{Announce, Cancel, Certify, Close, Open};
use crate::poll::ballot::Ballot;
use crate::poll::issuing::{Issued, IssuerKeys, Request};
use crate::poll::trusteeship::{Accusation, Deal, Exclude, Join, Ready, Share};
use crate::register::{Anchors, CommissionKeys, Genesis, LogAnnouncement, OfficerList};
use crate::roll::{Enrolment, Revocation, RollHeader};

/// The only version of the entries.
const VERSION: u64 = 1;

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
    /// The rolls of an anonymous poll are pinned, and credentials may be asked for.
    Begin(Open),
    /// The poll opens; of a named poll, with the rolls pinned here.
    Open(Open),
    /// A voter's ballot.
    Ballot(Ballot),
    /// The poll closes.
    Close(Close),
    /// The result as two officers claim it.
    Certify(Certify),
    /// The poll ends without a result that binds.
    Cancel(Cancel),
    /// An issuer's keys for this poll.
    IssuerKeys(IssuerKeys),
    /// A voter asks for a credential.
    Request(Request),
    /// An issuer answers requests.
    Issued(Issued),
    /// A trustee takes part in a ceremony.
    Join(Join),
    /// A trustee deals its shares.
    Deal(Deal),
    /// A trustee was dealt a wrong share.
    Complaint(Accusation),
    /// A trustee is ready.
    Ready(Ready),
    /// Silent trustees are excluded.
    Exclude(Exclude),
    /// A trustee lays its share open.
    Share(Share),
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
            Self::Begin(_) => Kind::Begin,
            Self::Open(_) => Kind::Open,
            Self::Ballot(_) => Kind::Ballot,
            Self::Close(_) => Kind::Close,
            Self::Certify(_) => Kind::Certify,
            Self::Cancel(_) => Kind::Cancel,
            Self::IssuerKeys(_) => Kind::IssuerKeys,
            Self::Request(_) => Kind::Request,
            Self::Issued(_) => Kind::Issued,
            Self::Join(_) => Kind::Join,
            Self::Deal(_) => Kind::Deal,
            Self::Complaint(_) => Kind::Complaint,
            Self::Ready(_) => Kind::Ready,
            Self::Exclude(_) => Kind::Exclude,
            Self::Share(_) => Kind::Share,
        }
    }

    /// The deterministic encoding of the payload.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::with_capacity(128);
        let fields = match self {
            Self::Ballot(ballot) => ballot.fields(),
            _ => fields(self.kind())[0],
        };
        encoder.array(2 + fields).uint(self.kind().number()).uint(VERSION);
        self.encode_fields(&mut encoder);
        encoder.finish()
    }

    fn encode_fields(&self, encoder: &mut Encoder) {
        match self {
            Self::Genesis(payload) => payload.encode(encoder),
            Self::Officers(payload) => payload.encode(encoder),
            Self::Commission(payload) => payload.encode(encoder),
            Self::Log(payload) => payload.encode(encoder),
            Self::Anchors(payload) => payload.encode(encoder),
            Self::Roll(payload) => payload.encode(encoder),
            Self::Enrol(batch) => {
                encoder.list(batch, |encoder, item| item.encode(encoder));
            }
            Self::Revoke(batch) => {
                encoder.list(batch, |encoder, item| item.encode(encoder));
            }
            Self::Announce(payload) => payload.encode(encoder),
            Self::Begin(payload) | Self::Open(payload) => payload.encode(encoder),
            Self::Ballot(payload) => payload.encode(encoder),
            Self::Close(payload) => payload.encode(encoder),
            Self::Certify(payload) => payload.encode(encoder),
            Self::Cancel(payload) => payload.encode(encoder),
            Self::IssuerKeys(payload) => payload.encode(encoder),
            Self::Request(payload) => payload.encode(encoder),
            Self::Issued(payload) => payload.encode(encoder),
            Self::Join(payload) => payload.encode(encoder),
            Self::Deal(payload) => payload.encode(encoder),
            Self::Complaint(payload) => payload.encode(encoder),
            Self::Ready(payload) => payload.encode(encoder),
            Self::Exclude(payload) => payload.encode(encoder),
            Self::Share(payload) => payload.encode(encoder),
        }
    }

    /// Reads a payload that may stand in a log of this type.
    pub fn decode(log_type: LogType, bytes: &[u8]) -> Result<Self, Breach> {
        let mut decoder = Decoder::payload(bytes);
        let length = decoder.array()?;
        // ENTRY-6, ENTRY-8: the kind is known before the number of fields can be judged.
        let found = length.checked_sub(2).ok_or(Breach::EntryFields)?;
        let number = decoder.uint()?;
        let version = decoder.uint()?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.number() == number && kind.log_type() == log_type)
            // ENTRY-5: a kind of another log, or another version, has no meaning here.
            .filter(|_| version == VERSION)
            .ok_or(Breach::EntryUnknownKind)?;
        let place = fields(kind).iter().position(|&fields| fields as u64 == found);
        let place = place.ok_or(Breach::EntryFields)?;
        let payload = Self::decode_fields(kind, place, &mut decoder)?;
        decoder.finish()?;
        Ok(payload)
    }

    /// Reads the fields of a kind; `form` is the place of their number in [`fields`].
    fn decode_fields(kind: Kind, form: usize, d: &mut Decoder<'_>) -> Result<Self, Breach> {
        match kind {
            Kind::Genesis => Genesis::decode(d).map(Self::Genesis),
            Kind::Officers => OfficerList::decode(d).map(Self::Officers),
            Kind::Commission => CommissionKeys::decode(d).map(Self::Commission),
            Kind::Log => LogAnnouncement::decode(d).map(Self::Log),
            Kind::Anchors => Anchors::decode(d).map(Self::Anchors),
            Kind::Roll => RollHeader::decode(d).map(Self::Roll),
            Kind::Enrol => Enrolment::decode_batch(d).map(Self::Enrol),
            Kind::Revoke => Revocation::decode_batch(d).map(Self::Revoke),
            Kind::Announce => Announce::decode(d).map(Self::Announce),
            Kind::Begin => Open::decode(d).map(Self::Begin),
            Kind::Open => Open::decode(d).map(Self::Open),
            Kind::Ballot if form == 0 => Ballot::decode_named(d).map(Self::Ballot),
            Kind::Ballot => Ballot::decode_anonymous(d).map(Self::Ballot),
            Kind::Close => Close::decode(d).map(Self::Close),
            Kind::Certify => Certify::decode(d).map(Self::Certify),
            Kind::Cancel => Cancel::decode(d).map(Self::Cancel),
            Kind::IssuerKeys => IssuerKeys::decode(d).map(Self::IssuerKeys),
            Kind::Request => Request::decode(d).map(Self::Request),
            Kind::Issued => Issued::decode(d).map(Self::Issued),
            Kind::Join => Join::decode(d).map(Self::Join),
            Kind::Deal => Deal::decode(d).map(Self::Deal),
            Kind::Complaint => Accusation::decode(d).map(Self::Complaint),
            Kind::Ready => Ready::decode(d).map(Self::Ready),
            Kind::Exclude => Exclude::decode(d).map(Self::Exclude),
            Kind::Share => Share::decode(d).map(Self::Share),
        }
    }
}

/// How many fields may follow kind and version.
const fn fields(kind: Kind) -> &'static [usize] {
    match kind {
        Kind::Officers
        | Kind::Commission
        | Kind::Enrol
        | Kind::Revoke
        | Kind::Close
        | Kind::IssuerKeys
        | Kind::Request
        | Kind::Issued => &[1],
        Kind::Log
        | Kind::Anchors
        | Kind::Announce
        | Kind::Begin
        | Kind::Open
        | Kind::Certify
        | Kind::Cancel
        | Kind::Share => &[2],
        Kind::Join | Kind::Ready | Kind::Exclude => &[3],
        Kind::Roll | Kind::Deal | Kind::Complaint => &[4],
        Kind::Genesis => &[5],
        Kind::Ballot => &[2, 3],
    }
}
