//! A voter's claim: a credential was issued to me, and I have not cast with it
//! (spec/credentials.md, CRED-11).
//!
//! ```text
//! claim = [ "veche/claim/v1", instance, origin, request, key, prefix,
//!           [ [ signature, factor ], ... ], voter's signature over the seven items before ]
//! ```
//!
//! It stands in a file, not on the log. Not here: whether the credential was spent after all, and
//! what follows from many claims ([`crate::audit`]).

use crate::blind_rsa::PREFIX_LENGTH;
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::entry::{Binding, MAX_ENTRY_LENGTH};
use crate::hash::{Hash, tag};
use crate::name::MAX_ORIGIN_LENGTH;
use crate::poll::authorities::MAX_ISSUERS;
use crate::poll::credentials::Begun;
use crate::poll::issuing::decode_number;
use crate::signature::{Key, Signature, SigningKey, verify};

/// A claim as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    statement: Statement,
    signature: Signature,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The instance id of the city.
    pub instance: Hash,
    /// Origin of the poll.
    pub origin: String,
    /// Index of the voter's request.
    pub request: u64,
    /// The credential key.
    pub key: Key,
    /// What the signed message begins with.
    pub prefix: [u8; PREFIX_LENGTH],
    /// Of each issuer, the signature and the blinding factor used for it.
    pub pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A request as the log holds it, by which a claim is checked.
#[derive(Clone, Copy, Debug)]
pub struct ClaimedRequest<'a> {
    /// The voter's place in the electorate.
    pub voter: usize,
    /// The blinded messages.
    pub blinded: &'a [Vec<u8>],
}

impl Statement {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.text(tag::CLAIM).bytes(self.instance.as_bytes()).text(&self.origin);
        encoder.uint(self.request).bytes(self.key.as_bytes()).bytes(&self.prefix);
        encoder.list(&self.pairs, |encoder, (signature, factor)| {
            encoder.array(2).bytes(signature).bytes(factor);
        });
    }

    fn signed(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(7);
        self.encode(&mut encoder);
        encoder.finish()
    }

    /// The claim of the voter who holds this key on the roll.
    pub fn sign(self, voter: &SigningKey) -> Claim {
        let signature = voter.sign(&self.signed());
        Claim { statement: self, signature }
    }
}

impl Claim {
    /// Reads a claim.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // CRED-11: whatever the defect of its form, it is one code.
        Self::read(bytes).map_err(|_| Breach::ClaimMalformed)
    }

    fn read(bytes: &[u8]) -> Result<Self, Breach> {
        if bytes.len() > MAX_ENTRY_LENGTH {
            return Err(Breach::ClaimMalformed);
        }
        let mut decoder = Decoder::payload(bytes);
        decoder.array_of(8)?;
        if decoder.text(1, tag::CLAIM.len())? != tag::CLAIM {
            return Err(Breach::ClaimMalformed);
        }
        let statement = Statement {
            instance: decoder.hash()?,
            origin: decoder.text(1, MAX_ORIGIN_LENGTH)?.to_owned(),
            request: decoder.uint()?,
            key: Key(decoder.bytes_of()?),
            prefix: decoder.bytes_of()?,
            pairs: decoder.list(1, MAX_ISSUERS, |decoder| {
                decoder.array_of(2)?;
                Ok((decode_number(decoder)?, decode_number(decoder)?))
            })?,
        };
        let signature = Signature(decoder.bytes_of()?);
        decoder.finish()?;
        Ok(Self { statement, signature })
    }

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.array(8);
        self.statement.encode(&mut encoder);
        encoder.bytes(self.signature.as_bytes());
        encoder.finish()
    }

    /// What it says.
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Whether the claim is about this poll.
    pub fn is_of(&self, binding: &Binding<'_>) -> bool {
        self.statement.instance == binding.instance && self.statement.origin == binding.origin
    }

    /// Checks the claim against the poll and the request that it names.
    pub fn check(&self, begun: &Begun, request: ClaimedRequest<'_>) -> Result<(), Breach> {
        let Statement { key, prefix, pairs, .. } = &self.statement;
        let voter = begun.electorate().key(request.voter);
        // CRED-11: the voter, then a pair for each issuer, signatures before factors.
        verify(&voter, &self.statement.signed(), &self.signature)
            .map_err(|_| Breach::ClaimInvalid)?;
        let district = begun.electorate().district(request.voter);
        let keys = begun.keys(district);
        let prepared = begun.prepared(prefix, district, key);
        let holds = pairs.len() == keys.len()
            && keys
                .iter()
                .zip(pairs)
                .all(|(key, (signature, _))| key.verify(&prepared, signature).is_ok())
            && keys.iter().zip(pairs).zip(request.blinded).all(
                |((key, (signature, factor)), blinded)| {
                    key.is_blinding_of(signature, factor, blinded)
                },
            );
        if self.is_of(&begun.binding()) && holds { Ok(()) } else { Err(Breach::ClaimInvalid) }
    }
}
