//! A voter's credential for one anonymous poll: made here, asked for under the voter's name, and
//! used under a name that nobody can tie to it (spec/credentials.md).
//!
//! ```text
//! make -> request -> (the issuers answer on the log) -> collect -> ballots, or a claim
//! ```
//!
//! All that is secret is drawn before the request is signed, so whoever keeps a [`Credential`]
//! before sending its request loses nothing by a crash, and asks once: the request is kept with it,
//! bit for bit. Not here: where it is kept ([`crate::vote_book`]).

mod answers;

use rand::CryptoRng;
use veche_protocol::blind_rsa::{Blinding, PREFIX_LENGTH};
use veche_protocol::breach::Breach;
use veche_protocol::encoding::{Decoder, Encoder};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogType;
use veche_protocol::poll::authorities::MAX_ISSUERS;
use veche_protocol::poll::ballot;
use veche_protocol::poll::claim::{Claim, ClaimedRequest, Statement};
use veche_protocol::poll::credentials::Begun;
use veche_protocol::poll::issuing::Request;
use veche_protocol::roll::MAX_CODE_LENGTH;
use veche_protocol::signature::{Key, SigningKey};
use zeroize::Zeroizing;

pub use self::answers::Answers;

use crate::error::ClientError;
use crate::poll_copy::PollCopy;

/// A signature and a blinding factor, as a claim has them.
type Pair = (Vec<u8>, Vec<u8>);

/// A credential, from the moment it is asked for.
#[derive(Clone)]
pub struct Credential {
    /// Leaf hash of the Begin under which it is issued.
    begin: Hash,
    /// Code of the voter's district.
    district: String,
    key: SigningKey,
    prefix: [u8; PREFIX_LENGTH],
    /// Of each issuer, in the order of the definition.
    blindings: Vec<Zeroizing<Vec<u8>>>,
    request: SignedEntry,
    /// Of each issuer, once all have answered.
    signatures: Option<Vec<Vec<u8>>>,
}

impl Credential {
    /// Makes a key for this poll alone, and the request that the issuers sign for it, signed by the
    /// voter's key on the roll. To be kept before the request is sent.
    pub fn make<R: CryptoRng>(
        begun: &Begun,
        voter: &SigningKey,
        rng: &mut R,
    ) -> Result<Self, Breach> {
        // CRED-7: only a voter of the electorate may ask.
        let place = begun.electorate().find(&voter.key()).ok_or(Breach::VoterUnknown)?;
        let district = begun.electorate().district(place);
        // CRED-10: key, prefix, salts and factors are the voter's own randomness.
        let key = SigningKey::generate(rng);
        let mut prefix = [0; PREFIX_LENGTH];
        rng.fill_bytes(&mut prefix);
        let prepared = begun.prepared(&prefix, district, &key.key());
        let (mut blindings, mut blinded) = (Vec::new(), Vec::new());
        for issuer in begun.keys(district) {
            let (blinding, message) = issuer.blind(&prepared, rng)?;
            blindings.push(blinding.to_bytes());
            blinded.push(message);
        }
        let payload = Payload::Request(Request { blinded });
        let request = SignedEntry::sign(&payload, &begun.binding(), &[voter]);
        let (code, _) = &begun.electorate().eligible()[district];
        Ok(Self {
            begin: begun.binding().under,
            district: code.clone(),
            key,
            prefix,
            blindings,
            request,
            signatures: None,
        })
    }

    /// The request, always the same bytes: sent twice, it is one request (RECEIPT-5).
    pub const fn request(&self) -> &SignedEntry {
        &self.request
    }

    /// Code of the district in which it votes.
    pub fn district(&self) -> &str {
        &self.district
    }

    /// The name under which it votes.
    pub fn key(&self) -> Key {
        self.key.key()
    }

    /// Leaf hash of the Begin under which it is issued.
    pub const fn begin(&self) -> Hash {
        self.begin
    }

    /// Whether all issuers' signatures are there.
    pub const fn is_ready(&self) -> bool {
        self.signatures.is_some()
    }

    /// Where the request stands on the poll's log; `None` if it does not stand there.
    pub fn find_request(&self, poll: &PollCopy) -> Result<Option<u64>, ClientError> {
        let begun = self.begun(poll)?;
        let voter = self.request.signers().next().and_then(|key| begun.electorate().find(key));
        let voter = voter.ok_or_else(|| ClientError::unlawful("the request")(Breach::VoterUnknown));
        let index = poll.fold().requests().of_voter(voter?);
        match index.and_then(|index| poll.log().entry(index)) {
            // Another device of the voter's, or a thief of the key, has asked before.
            Some(other) if other != self.request.bytes() => {
                let what = "a request under your key stands on the log, and is not of this file";
                Err(ClientError::unlawful(what)(Breach::RequestRepeated))
            }
            _ => Ok(index),
        }
    }

    /// Takes the issuers' answers from the poll's log, as far as they are there; gives the places
    /// of the issuers who have not answered yet. With none missing the credential is ready.
    pub fn collect(
        &mut self,
        poll: &PollCopy,
        answers: &Answers,
    ) -> Result<Vec<usize>, ClientError> {
        let begun = self.begun(poll)?;
        if self.is_ready() {
            return Ok(Vec::new());
        }
        let index = self.find_request(poll)?;
        let given = index.map_or(&[][..], |index| answers.to(index));
        let given: Vec<_> = (0..self.blindings.len())
            .map(|issuer| given.get(issuer).and_then(Option::as_ref))
            .collect();
        let missing = given.iter().enumerate().filter(|(_, answer)| answer.is_none());
        let missing: Vec<_> = missing.map(|(issuer, _)| issuer).collect();
        if missing.is_empty() {
            let given: Vec<_> = given.into_iter().flatten().collect();
            let distrust = ClientError::distrust("the issuers' answers to your request");
            self.signatures = Some(self.finalize(begun, &given).map_err(distrust)?);
        }
        Ok(missing)
    }

    /// CRED-10: under the keys of the log that was verified; each signature counts for nothing
    /// until it verifies under them.
    fn finalize(&self, begun: &Begun, answers: &[&Vec<u8>]) -> Result<Vec<Vec<u8>>, Breach> {
        let district = begun.district(&self.district).ok_or(Breach::CredentialDistrict)?;
        let prepared = begun.prepared(&self.prefix, district, &self.key.key());
        let issuers = begun.keys(district).iter().zip(&self.blindings).zip(answers);
        issuers
            .map(|((issuer, blinding), answer)| {
                let blinding = Blinding::from_bytes(issuer, blinding)?;
                issuer.finalize(&prepared, &blinding, answer)
            })
            .collect()
    }

    fn begun<'a>(&self, poll: &'a PollCopy) -> Result<&'a Begun, ClientError> {
        let begun = poll.fold().begun().filter(|begun| begun.binding().under == self.begin);
        let path = poll.log().path();
        let what = format!("{path}, which has another Begin than when you asked");
        // The leaf hash of Begin is in the message that is signed: under another it is worthless.
        begun.map(AsRef::as_ref).ok_or_else(|| ClientError::distrust(what)(Breach::HeadForked))
    }

    /// What a ballot brings with it, once the credential is ready.
    pub fn of_ballot(&self) -> Option<ballot::Credential> {
        let signatures = self.signatures.clone()?;
        let (district, prefix) = (self.district.clone(), self.prefix);
        Some(ballot::Credential { district, prefix, signatures })
    }

    /// The key that signs ballots.
    pub const fn signing_key(&self) -> &SigningKey {
        &self.key
    }

    /// The voter's word that the credential was issued and is not spent (CRED-11). It ties the
    /// credential to the voter for everyone.
    pub fn claim(&self, poll: &PollCopy, voter: &SigningKey) -> Result<Claim, ClientError> {
        let begun = self.begun(poll)?;
        let unlawful = |breach| ClientError::unlawful("the claim")(breach);
        let index = self.find_request(poll)?.ok_or_else(|| unlawful(Breach::RequestUnknown))?;
        let signatures =
            self.signatures.as_ref().ok_or_else(|| unlawful(Breach::CredentialInvalid))?;
        // CRED-11: whoever has cast has nothing to claim.
        if poll.fold().ballots().is_some_and(|b| b.find_credential(&self.key().0).is_some()) {
            return Err(unlawful(Breach::CredentialSpent));
        }
        let pairs = self.pairs(begun, signatures).map_err(unlawful)?;
        let binding = begun.binding();
        let (instance, origin) = (binding.instance, binding.origin.to_owned());
        let (key, prefix) = (self.key(), self.prefix);
        let statement = Statement { instance, origin, request: index, key, prefix, pairs };
        let claim = statement.sign(voter);
        let place = poll.fold().requests().voter(index);
        let place = place.ok_or_else(|| unlawful(Breach::RequestUnknown))?;
        let request = ClaimedRequest { voter: place, blinded: self.blinded() };
        claim.check(begun, request).map_err(unlawful)?;
        Ok(claim)
    }

    /// Each issuer's signature with the factor that had blinded its message.
    fn pairs(&self, begun: &Begun, signatures: &[Vec<u8>]) -> Result<Vec<Pair>, Breach> {
        let district = begun.district(&self.district).ok_or(Breach::CredentialDistrict)?;
        let issuers = begun.keys(district).iter().zip(&self.blindings).zip(signatures);
        issuers
            .map(|((issuer, blinding), signature)| {
                let blinding = Blinding::from_bytes(issuer, blinding)?;
                Ok((signature.clone(), blinding.factor().to_vec()))
            })
            .collect()
    }

    fn blinded(&self) -> &[Vec<u8>] {
        match self.request.payload() {
            Payload::Request(request) => &request.blinded,
            _ => unreachable!("`make` and `decode` put nothing else there"),
        }
    }

    /// Writes it for a file of secrets.
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(7).bytes(self.begin.as_bytes()).text(&self.district);
        encoder.bytes(self.key.seed().as_slice()).bytes(&self.prefix);
        encoder.list(&self.blindings, |encoder, blinding| {
            encoder.bytes(blinding);
        });
        encoder.bytes(self.request.bytes());
        encoder.list(self.signatures.as_deref().unwrap_or_default(), |encoder, signature| {
            encoder.bytes(signature);
        });
    }

    /// Reads what [`Credential::encode`] wrote.
    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(7)?;
        let begin = decoder.hash()?;
        let district = decoder.text(1, MAX_CODE_LENGTH)?.to_owned();
        let key = SigningKey::from_seed(&Zeroizing::new(decoder.bytes_of()?));
        let prefix = decoder.bytes_of()?;
        let blindings = decoder
            .list(1, MAX_ISSUERS, |decoder| Ok(Zeroizing::new(decoder.bytes()?.to_vec())))?;
        let request = SignedEntry::decode(LogType::Poll, decoder.bytes()?.to_vec())?;
        if !matches!(request.payload(), Payload::Request(_)) {
            return Err(Breach::EntryUnknownKind);
        }
        let signatures = decoder.list(0, MAX_ISSUERS, |decoder| Ok(decoder.bytes()?.to_vec()))?;
        let signatures = (!signatures.is_empty()).then_some(signatures);
        Ok(Self { begin, district, key, prefix, blindings, request, signatures })
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither the secrets nor the key by which its ballots are known.
        f.debug_struct("Credential").field("ready", &self.is_ready()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
