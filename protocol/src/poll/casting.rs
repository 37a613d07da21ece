//! Entries that come in numbers, and the stages they pass before a poll takes them in: ballots,
//! and in anonymous polls requests for credentials and the issuers' answers.
//!
//! Each stage is a type that only its check can make, so that what is not verified cannot be
//! counted or appended, by construction:
//!
//! ```text
//! SignedEntry -> Eligible          -> Verified            -> taken in by `PollFold`
//!                (Intake::check)      (Intake::verify)
//! ```
//!
//! The first two stages look at nothing but what is fixed ([`Intake`]), so they can be done
//! anywhere and in any order; many signatures are verified together. Not here: what the poll's
//! state says of an entry ([`crate::poll::ballot_box`], [`crate::poll::requests`]).

use std::sync::Arc;

use rand::CryptoRng;

use crate::breach::Breach;
use crate::entry::{Binding, Kind, Payload, SignedEntry};
use crate::hash::Hash;
use crate::poll::ballot::{Ballot, Content};
use crate::poll::ballot_box::BallotBox;
use crate::poll::credentials::Begun;
use crate::poll::definition::Definition;
use crate::poll::electorate::Electorate;
use crate::poll::issuing::{Issued, Request};
use crate::sealing::ElectionKey;
use crate::signature::{Claim, Key, verify_batch};

/// What is fixed from Open on, and shared by all who check ballots.
#[derive(Clone, Debug)]
pub struct OpenPoll {
    pub(super) instance: Hash,
    pub(super) origin: String,
    pub(super) leaf: Hash,
    pub(super) definition: Arc<Definition>,
    pub(super) electorate: Arc<Electorate>,
    /// Of an anonymous poll.
    pub(super) begun: Option<Arc<Begun>>,
    /// Of a sealed poll.
    pub(super) election_key: Option<ElectionKey>,
}

impl OpenPoll {
    /// What a ballot's signature is bound to.
    pub fn ballot_binding(&self) -> Binding<'_> {
        Binding { instance: self.instance, origin: &self.origin, under: self.leaf }
    }

    /// Leaf hash of the Open.
    pub const fn leaf(&self) -> Hash {
        self.leaf
    }

    /// The definition.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Who may vote.
    pub fn electorate(&self) -> &Electorate {
        &self.electorate
    }

    /// What credentials are checked by, in an anonymous poll.
    pub const fn begun(&self) -> Option<&Arc<Begun>> {
        self.begun.as_ref()
    }

    /// The place in the electorate's list of the district of the caster at `place`.
    pub(super) fn district_of(&self, ballots: &BallotBox, place: usize) -> usize {
        ballots.district(place).unwrap_or_else(|| self.electorate.district(place))
    }

    /// The key under which ballots are sealed, in a sealed poll.
    pub const fn election_key(&self) -> Option<&ElectionKey> {
        self.election_key.as_ref()
    }

    /// Checks that the entry is a ballot of this poll's sort with one signer who may vote.
    pub fn check(&self, entry: SignedEntry) -> Result<EligibleBallot, Breach> {
        let Payload::Ballot(ballot) = entry.payload() else {
            return Err(Breach::EntryUnknownKind);
        };
        self.check_sort(ballot)?;
        // BALLOT-2: exactly one signer.
        let [(key, _)] = entry.signatures() else {
            return Err(Breach::BallotSigners);
        };
        let caster = match (&self.begun, &ballot.credential) {
            (Some(begun), Some(credential)) => {
                // BALLOT-13: a key that is fit for use, a district that votes, all issuers.
                Key::parse(key.as_bytes())?;
                let district = begun.district(&credential.district);
                let district = district.ok_or(Breach::CredentialDistrict)?;
                if credential.signatures.len() != begun.keys(district).len() {
                    return Err(Breach::CredentialInvalid);
                }
                let district = u16::try_from(district).expect("at most 16,384 districts");
                Caster::Credential { district }
            }
            // BALLOT-3: on a pinned roll, in a district that votes.
            _ => Caster::Voter(self.electorate.find(key).ok_or(Breach::VoterUnknown)?),
        };
        Ok(EligibleBallot { entry, caster })
    }

    fn check_sort(&self, ballot: &Ballot) -> Result<(), Breach> {
        // BALLOT-12: with a credential or without, sealed or in clear, as the poll is.
        match (&self.begun, &ballot.credential) {
            (Some(_), None) => return Err(Breach::CredentialMissing),
            (None, Some(_)) => return Err(Breach::CredentialUnexpected),
            _ => {}
        }
        let is_sealed = matches!(ballot.content, Content::Sealed(_));
        let is_fitting = is_sealed == self.definition.is_sealed();
        if is_fitting { Ok(()) } else { Err(Breach::BallotContentKind) }
    }

    /// What can be judged of a ballot whose signature holds without knowing of any other.
    fn finish(&self, ballot: EligibleBallot) -> Result<VerifiedBallot, Breach> {
        let EligibleBallot { entry, caster } = ballot;
        let verified = VerifiedBallot { entry, caster };
        let ballot = verified.ballot();
        if let (Some(begun), Some(credential), Caster::Credential { district }) =
            (&self.begun, &ballot.credential, caster)
        {
            begun.check_credential(credential, usize::from(district), verified.key())?;
        }
        if let Content::Sealed(sealed) = &ballot.content {
            // SEAL-4: nothing that everyone could open, or that shows its length.
            sealed.check_form(self.definition.sealed_length())?;
        }
        Ok(verified)
    }
}

/// What entries are checked by before the poll's state is looked at.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// From Begin on, in an anonymous poll.
    pub begun: Option<Arc<Begun>>,
    /// From Open on.
    pub open: Option<Arc<OpenPoll>>,
}

impl Intake {
    /// Whether entries of this kind pass through here.
    pub const fn takes(kind: Kind) -> bool {
        matches!(kind, Kind::Ballot | Kind::Request | Kind::Issued)
    }

    /// Whether all is fixed that entries of this kind are checked by.
    pub const fn is_ready_for(&self, kind: Kind) -> bool {
        match kind {
            Kind::Ballot => self.open.is_some(),
            _ => self.begun.is_some(),
        }
    }

    /// Checks and verifies one entry by itself.
    pub fn judge_alone(&self, entry: SignedEntry) -> Result<Verified, Breach> {
        let entry = self.check(entry)?;
        entry.entry().verify(&self.binding(&entry))?;
        self.finish(entry)
    }

    /// Checks who has signed an entry that came in. The position of the entry, which is judged
    /// before this, is the caller's to look at.
    pub fn check(&self, entry: SignedEntry) -> Result<Eligible, Breach> {
        match (entry.payload(), &self.begun, &self.open) {
            (Payload::Ballot(_), _, Some(open)) => open.check(entry).map(Eligible::Ballot),
            (Payload::Ballot(_), _, None) => Err(Breach::BallotBeforeOpen),
            (Payload::Request(_), Some(begun), _) => {
                // CRED-7: exactly one signer, on a pinned roll, in a district that votes.
                let voter = match entry.signatures() {
                    [(key, _)] => begun.electorate().find(key),
                    _ => None,
                };
                let voter = voter.ok_or(Breach::VoterUnknown)?;
                Ok(Eligible::Request(EligibleRequest { entry, voter }))
            }
            (Payload::Issued(_), Some(begun), _) => {
                // CRED-8: exactly one signer, an issuer of the definition.
                let issuer = match entry.signatures() {
                    [(key, _)] => begun.issuance().find(key),
                    _ => None,
                };
                let issuer = issuer.ok_or(Breach::IssuerUnknown)?;
                Ok(Eligible::Issued(EligibleIssued { entry, issuer }))
            }
            (Payload::Request(_) | Payload::Issued(_), None, _) => Err(Breach::PhaseOutOfOrder),
            _ => Err(Breach::EntryUnknownKind),
        }
    }

    /// Verifies the signatures of many entries together. Each gets the verdict it would get alone.
    pub fn verify<R: CryptoRng>(
        &self,
        entries: Vec<Eligible>,
        rng: &mut R,
    ) -> Vec<Result<Verified, Breach>> {
        // BALLOT-4, CRED-7, CRED-8: under this Open or Begin, in this log, of this city.
        let mut claims: Vec<Claim> = Vec::with_capacity(entries.len());
        for entry in &entries {
            claims.extend(entry.entry().claims(&self.binding(entry)));
        }
        let verdicts = verify_batch(&claims, rng);
        let judged = entries.into_iter().zip(verdicts);
        judged
            .map(
                |(entry, holds)| {
                    if holds { self.finish(entry) } else { Err(Breach::SignatureInvalid) }
                },
            )
            .collect()
    }

    fn binding(&self, entry: &Eligible) -> Binding<'_> {
        match (entry, &self.begun, &self.open) {
            (Eligible::Ballot(_), _, Some(open)) => open.ballot_binding(),
            (Eligible::Request(_) | Eligible::Issued(_), Some(begun), _) => begun.binding(),
            _ => unreachable!("`check` lets through only what the intake has a place for"),
        }
    }

    fn finish(&self, entry: Eligible) -> Result<Verified, Breach> {
        match (entry, &self.begun, &self.open) {
            (Eligible::Ballot(ballot), _, Some(open)) => open.finish(ballot).map(Verified::Ballot),
            (Eligible::Request(EligibleRequest { entry, voter }), Some(begun), _) => {
                let request = VerifiedRequest { entry, voter };
                // CRED-7, CRED-4: one message for each issuer, under its key for this district.
                let keys = begun.keys(begun.electorate().district(voter));
                let blinded = request.blinded();
                let fitting = blinded.len() == keys.len()
                    && keys.iter().zip(blinded).all(|(key, blinded)| key.is_blinded(blinded));
                if fitting { Ok(Verified::Request(request)) } else { Err(Breach::BlindedMessage) }
            }
            (Eligible::Issued(EligibleIssued { entry, issuer }), Some(_), _) => {
                Ok(Verified::Issued(VerifiedIssued { entry, issuer }))
            }
            _ => unreachable!("`check` lets through only what the intake has a place for"),
        }
    }
}

/// An entry whose signer may sign it. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub enum Eligible {
    /// A ballot.
    Ballot(EligibleBallot),
    /// A request for a credential.
    Request(EligibleRequest),
    /// An issuer's answers.
    Issued(EligibleIssued),
}

impl Eligible {
    /// The entry.
    pub const fn entry(&self) -> &SignedEntry {
        match self {
            Self::Ballot(ballot) => &ballot.entry,
            Self::Request(request) => &request.entry,
            Self::Issued(issued) => &issued.entry,
        }
    }
}

/// An entry that is right in itself. What the poll's state says of it is not judged yet.
#[derive(Clone, Debug)]
pub enum Verified {
    /// A ballot.
    Ballot(VerifiedBallot),
    /// A request for a credential.
    Request(VerifiedRequest),
    /// An issuer's answers, of which the blind signatures are not checked yet.
    Issued(VerifiedIssued),
}

/// Under whose name a ballot is cast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caster {
    /// The voter at this place of the electorate.
    Voter(usize),
    /// The holder of the key that signs, who has credentials of the district at this place.
    Credential {
        /// Place of the district in the electorate's list.
        district: u16,
    },
}

/// A ballot whose one signer may vote. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct EligibleBallot {
    entry: SignedEntry,
    caster: Caster,
}

/// A ballot signed by who may vote in the poll.
#[derive(Clone, Debug)]
pub struct VerifiedBallot {
    entry: SignedEntry,
    caster: Caster,
}

impl VerifiedBallot {
    /// Under whose name it is cast.
    pub const fn caster(&self) -> Caster {
        self.caster
    }

    /// The key that has signed it.
    pub fn key(&self) -> &Key {
        let [(key, _)] = self.entry.signatures() else {
            unreachable!("`OpenPoll::check` lets only one signer through")
        };
        key
    }

    /// The leaf hash of the ballot's bytes.
    pub const fn leaf(&self) -> Hash {
        self.entry.leaf()
    }

    /// The entry as it is, or is to be, logged.
    pub const fn entry(&self) -> &SignedEntry {
        &self.entry
    }

    /// What the voter says.
    pub fn ballot(&self) -> &Ballot {
        match self.entry.payload() {
            Payload::Ballot(ballot) => ballot,
            _ => unreachable!("`OpenPoll::check` lets only ballots through"),
        }
    }
}

/// A request whose one signer may vote. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct EligibleRequest {
    entry: SignedEntry,
    voter: usize,
}

/// A request signed by a voter, for messages that the issuers can sign.
#[derive(Clone, Debug)]
pub struct VerifiedRequest {
    entry: SignedEntry,
    voter: usize,
}

impl VerifiedRequest {
    /// The voter's place in the electorate.
    pub const fn voter(&self) -> usize {
        self.voter
    }

    /// The entry.
    pub const fn entry(&self) -> &SignedEntry {
        &self.entry
    }

    /// The blinded messages.
    pub fn blinded(&self) -> &[Vec<u8>] {
        match self.entry.payload() {
            Payload::Request(Request { blinded }) => blinded,
            _ => unreachable!("`Intake::check` lets only requests through"),
        }
    }
}

/// An issuer's answers. Its signature is not verified yet.
#[derive(Clone, Debug)]
pub struct EligibleIssued {
    entry: SignedEntry,
    issuer: usize,
}

/// Answers signed by an issuer.
#[derive(Clone, Debug)]
pub struct VerifiedIssued {
    entry: SignedEntry,
    issuer: usize,
}

impl VerifiedIssued {
    /// The issuer's place in the definition.
    pub const fn issuer(&self) -> usize {
        self.issuer
    }

    /// The entry.
    pub const fn entry(&self) -> &SignedEntry {
        &self.entry
    }

    /// What it says.
    pub fn issued(&self) -> &Issued {
        match self.entry.payload() {
            Payload::Issued(issued) => issued,
            _ => unreachable!("`Intake::check` lets only issued entries through"),
        }
    }
}
