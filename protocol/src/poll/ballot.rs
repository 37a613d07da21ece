//! The ballot: what a voter says, and the form in which it stands on the log (spec/ballots.md).
//!
//! ```text
//! ballot     = [ 35, 1, turn, content ]
//!            | [ 35, 1, turn, content, credential ]        in an anonymous poll
//! content    = [ 1, [ selection, ... ] ]                   open
//!            | [ 2, R, ciphertext ]                        sealed
//! credential = [ code, prefix, [ signature, ... ] ]        one of each issuer
//! ```
//!
//! Not here: whether it counts ([`crate::poll::casting`], [`crate::poll::ballot_box`]).

use crate::blind_rsa::PREFIX_LENGTH;
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::poll::authorities::MAX_ISSUERS;
use crate::poll::definition::{MAX_QUESTIONS, MAX_TURN};
use crate::poll::issuing::decode_number;
use crate::roll::MAX_CODE_LENGTH;
use crate::sealing::SealedBallot;

/// Content that anyone can read at once.
const CONTENT_OPEN: u64 = 1;
/// Content that can be read after the close.
const CONTENT_SEALED: u64 = 2;

/// For each question the chosen options, by their places.
pub type Selections = Vec<Vec<u64>>;

/// What a voter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In clear.
    Open(Selections),
    /// Encrypted to the election key.
    Sealed(SealedBallot),
}

/// By what the signer of an anonymous ballot may vote: the signatures of all issuers over its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Code of the district.
    pub district: String,
    /// What the signed message begins with.
    pub prefix: [u8; PREFIX_LENGTH],
    /// A signature of each issuer, in the order of the definition.
    pub signatures: Vec<Vec<u8>>,
}

/// A ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ballot {
    /// How often the voter has voted before, as the voter counts.
    pub turn: u8,
    /// What the voter says.
    pub content: Content,
    /// In an anonymous poll, by what the signer may vote.
    pub credential: Option<Credential>,
}

impl Ballot {
    /// A ballot in clear, under the voter's own key.
    pub const fn open(turn: u8, selections: Selections) -> Self {
        Self { turn, content: Content::Open(selections), credential: None }
    }

    /// The selections, if anyone can read them.
    pub const fn selections(&self) -> Option<&Selections> {
        match &self.content {
            Content::Open(selections) => Some(selections),
            Content::Sealed(_) => None,
        }
    }

    /// Number of the fields after kind and version.
    pub(crate) const fn fields(&self) -> usize {
        if self.credential.is_some() { 3 } else { 2 }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.uint(u64::from(self.turn));
        match &self.content {
            Content::Open(selections) => {
                encoder.array(2).uint(CONTENT_OPEN);
                encode_selections(encoder, selections);
            }
            Content::Sealed(sealed) => {
                encoder.array(3).uint(CONTENT_SEALED);
                encoder.bytes(&sealed.point).bytes(&sealed.ciphertext);
            }
        }
        if let Some(credential) = &self.credential {
            encoder.array(3).text(&credential.district).bytes(&credential.prefix);
            encoder.list(&credential.signatures, |encoder, signature| {
                encoder.bytes(signature);
            });
        }
    }

    pub(crate) fn decode_named(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let turn = decode_turn(decoder)?;
        Ok(Self { turn, content: decode_content(decoder)?, credential: None })
    }

    pub(crate) fn decode_anonymous(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let turn = decode_turn(decoder)?;
        let content = decode_content(decoder)?;
        decoder.array_of(3)?;
        let credential = Credential {
            district: decoder.text(1, MAX_CODE_LENGTH)?.to_owned(),
            prefix: decoder.bytes_of()?,
            signatures: decoder.list(1, MAX_ISSUERS, decode_number)?,
        };
        Ok(Self { turn, content, credential: Some(credential) })
    }
}

fn decode_turn(decoder: &mut Decoder<'_>) -> Result<u8, Breach> {
    let turn = decoder.uint_up_to(MAX_TURN)?;
    Ok(u8::try_from(turn).expect("MAX_TURN fits a byte"))
}

fn decode_content(decoder: &mut Decoder<'_>) -> Result<Content, Breach> {
    let items = decoder.array()?;
    // BALLOT-6: the number of items, then the kind, then whether the number is the kind's.
    if !(2..=3).contains(&items) {
        return Err(decoder.mismatch());
    }
    match (decoder.uint()?, items) {
        (CONTENT_OPEN, 2) => decode_selections(decoder).map(Content::Open),
        (CONTENT_SEALED, 3) => {
            let point = decoder.bytes_of()?;
            let ciphertext = decoder.bytes()?.to_vec();
            Ok(Content::Sealed(SealedBallot { point, ciphertext }))
        }
        (CONTENT_OPEN | CONTENT_SEALED, _) => Err(decoder.mismatch()),
        _ => Err(Breach::BallotContentKind),
    }
}

/// The encoding of selections by themselves: what a sealed ballot holds.
pub fn selections_bytes(selections: &Selections) -> Vec<u8> {
    // SEAL-1: as an open ballot has them.
    let mut encoder = Encoder::new();
    encode_selections(&mut encoder, selections);
    encoder.finish()
}

/// Reads what a sealed ballot holds.
pub fn parse_selections(bytes: &[u8]) -> Result<Selections, Breach> {
    // SEAL-6: whatever the defect, it is one code.
    let mut decoder = Decoder::payload(bytes);
    let selections = decode_selections(&mut decoder).map_err(|_| Breach::SealedEncoding)?;
    decoder.finish().map_err(|_| Breach::SealedEncoding)?;
    Ok(selections)
}

fn encode_selections(encoder: &mut Encoder, selections: &Selections) {
    encoder.list(selections, |encoder, selection| {
        encoder.list(selection, |encoder, &choice| {
            encoder.uint(choice);
        });
    });
}

fn decode_selections(decoder: &mut Decoder<'_>) -> Result<Selections, Breach> {
    decoder.list(1, MAX_QUESTIONS, |decoder| decoder.list(0, usize::MAX, Decoder::uint))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(ballot: &Ballot) -> Result<Ballot, Breach> {
        let mut encoder = Encoder::new();
        ballot.encode(&mut encoder);
        let bytes = encoder.finish();
        let mut decoder = Decoder::payload(&bytes);
        let decode = if ballot.fields() == 2 {
            Ballot::decode_named(&mut decoder)
        } else {
            Ballot::decode_anonymous(&mut decoder)
        };
        decode.and_then(|ballot| decoder.finish().map(|()| ballot))
    }

    proptest! {
        #[test]
        fn a_ballot_has_one_form(turn in 0_u8..=15, selections in prop::collection::vec(
            prop::collection::vec(any::<u64>(), 0..8), 1..4)) {
            let ballot = Ballot::open(turn, selections);
            prop_assert_eq!(round_trip(&ballot), Ok(ballot));
        }

        #[test]
        fn a_sealed_ballot_with_a_credential_has_one_form(
            point: [u8; 32],
            ciphertext: Vec<u8>,
            district in "[a-z]{1,64}",
            signatures in
                prop::collection::vec(prop::collection::vec(any::<u8>(), 256..=512), 1..9),
        ) {
            let content = Content::Sealed(SealedBallot { point, ciphertext });
            let credential = Some(Credential { district, prefix: [7; 32], signatures });
            let ballot = Ballot { turn: 1, content, credential };
            prop_assert_eq!(round_trip(&ballot), Ok(ballot));
        }

        #[test]
        fn what_is_sealed_is_read_back(selections in prop::collection::vec(
            prop::collection::vec(any::<u64>(), 0..8), 1..4)) {
            prop_assert_eq!(parse_selections(&selections_bytes(&selections)), Ok(selections));
        }
    }

    #[test]
    fn a_selection_that_ends_early_is_malformed_whatever_length_it_claims() {
        // ENTRY-6, ENTRY-8: the grammar bounds no selection, so the first defect is the end.
        for claimed in ["8a", "9a00010000", "9bffffffffffffffff"] {
            let bytes = hex::decode(format!("00820181{claimed}00")).unwrap();
            let refused = Ballot::decode_named(&mut Decoder::payload(&bytes));
            assert_eq!(refused, Err(Breach::EntryMalformed), "{claimed}");
        }
    }

    #[test]
    fn content_is_judged_by_its_kind_before_its_length() {
        // BALLOT-6: kinds 1 and 2 have their numbers of items; others are not looked into.
        for (content, breach) in [
            ("008203ff", Breach::BallotContentKind),
            ("00830340", Breach::BallotContentKind),
            ("008400", Breach::EntryFields),
            ("008101", Breach::EntryFields),
            ("00830180", Breach::EntryFields),
            ("008202", Breach::EntryFields),
        ] {
            let bytes = hex::decode(content).unwrap();
            let refused = Ballot::decode_named(&mut Decoder::payload(&bytes));
            assert_eq!(refused, Err(breach), "{content}");
        }
    }

    #[test]
    fn what_does_not_read_as_selections_has_one_code() {
        // SEAL-6: nothing, another type, a longer integer than needed, something after it.
        for bytes in ["", "00", "80", "8100", "811801", "81811801", "818000", "81c0"] {
            let refused = parse_selections(&hex::decode(bytes).unwrap());
            assert_eq!(refused, Err(Breach::SealedEncoding), "{bytes}");
        }
    }
}
