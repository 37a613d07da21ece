//! The entries by which credentials are asked for and issued (spec/credentials.md).
//!
//! ```text
//! issuer-keys = [ 39, 1, [ [ code, modulus ], ... ] ]               1 to 64 of them
//! request     = [ 40, 1, [ blinded, ... ] ]                         1 to 8
//! issued      = [ 41, 1, [ [ request, blind signature ], ... ] ]    1 to 64 of them
//! ```
//!
//! Not here: whether they may stand ([`crate::poll::credentials`]).

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::poll::authorities::MAX_ISSUERS;
use crate::roll::MAX_CODE_LENGTH;

/// Most items of one entry: 64 of the longest numbers with their codes are 37 kB, within what an
/// entry can hold.
pub const MAX_ITEMS: usize = 64;
/// Lengths of a number of RSA in bytes: 2048 to 4096 bits.
const NUMBER_LENGTHS: core::ops::RangeInclusive<usize> = 256..=512;

/// Reads a number of RSA, most significant byte first.
pub(super) fn decode_number(decoder: &mut Decoder<'_>) -> Result<Vec<u8>, Breach> {
    let bytes = decoder.bytes()?;
    if NUMBER_LENGTHS.contains(&bytes.len()) { Ok(bytes.to_vec()) } else { Err(decoder.mismatch()) }
}

/// An issuer's keys for this poll, by district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerKeys {
    /// Code of a district and the modulus for its voters.
    pub keys: Vec<(String, Vec<u8>)>,
}

impl IssuerKeys {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.list(&self.keys, |encoder, (code, modulus)| {
            encoder.array(2).text(code).bytes(modulus);
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let keys = decoder.list(1, MAX_ITEMS, |decoder| {
            decoder.array_of(2)?;
            let code = decoder.text(1, MAX_CODE_LENGTH)?.to_owned();
            Ok((code, decode_number(decoder)?))
        })?;
        Ok(Self { keys })
    }
}

/// A voter asks for a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The blinded message for each issuer, in the order of the definition.
    pub blinded: Vec<Vec<u8>>,
}

impl Request {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.list(&self.blinded, |encoder, number| {
            encoder.bytes(number);
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self { blinded: decoder.list(1, MAX_ISSUERS, decode_number)? })
    }
}

/// An issuer answers requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Index of a request in the poll's log, and the blind signature over its message.
    pub signatures: Vec<(u64, Vec<u8>)>,
}

impl Issued {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.list(&self.signatures, |encoder, (request, signature)| {
            encoder.array(2).uint(*request).bytes(signature);
        });
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let signatures = decoder.list(1, MAX_ITEMS, |decoder| {
            decoder.array_of(2)?;
            Ok((decoder.uint()?, decode_number(decoder)?))
        })?;
        Ok(Self { signatures })
    }
}
