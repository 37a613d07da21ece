//! Records that are unique in a poll's log, written in the batch that appends their entry.
//!
//! ```text
//! 1 | key that signs | turn         a ballot: index, leaf hash
//! 2 | key of the voter              a request: index, leaf hash
//! 3 | index of the request | place of the issuer      an issuer's answer: index, leaf hash
//! ```
//!
//! Each of these meets in at most one accepted entry (BALLOT-9, BALLOT-10, CRED-7, CRED-8; a voter
//! has one request, so its index names the voter), so nothing is read before it is written. Not
//! here: the rules themselves.

use veche_protocol::hash::Hash;
use veche_protocol::signature::Key;

use crate::store::UniqueWrite;
use crate::voting::intake::Checked;

const BALLOT: u8 = 1;
const REQUEST: u8 = 2;
const ANSWER: u8 = 3;

/// What the keys of a voter's ballots begin with; they stand in the order of turns.
pub(crate) fn ballots_prefix(key: &Key) -> Vec<u8> {
    [&[BALLOT], key.as_bytes().as_slice()].concat()
}

/// The records of an entry that is to stand at `index`.
pub(crate) fn unique_writes(index: u64, entry: &Checked) -> Vec<UniqueWrite> {
    let keys = match entry {
        Checked::Ballot(ballot) => {
            vec![ballot_key(ballot.key(), ballot.ballot().turn)]
        }
        Checked::Request(request) => {
            let signers = request.entry().signers();
            signers.map(|key| [&[REQUEST], key.as_bytes().as_slice()].concat()).collect()
        }
        Checked::Issued(issued) => {
            let place = u8::try_from(issued.issuer()).expect("a poll has at most 8 issuers");
            issued.requests().map(|request| answer_key(request, place)).collect()
        }
    };
    let value = unique_value(index, &entry.leaf());
    keys.into_iter().map(|key| UniqueWrite { key, value: value.clone() }).collect()
}

fn ballot_key(key: &Key, turn: u8) -> Vec<u8> {
    [ballots_prefix(key).as_slice(), &[turn]].concat()
}

fn answer_key(request: u64, issuer: u8) -> Vec<u8> {
    [&[ANSWER], request.to_be_bytes().as_slice(), &[issuer]].concat()
}

/// The value of a record: index (8 bytes, most significant first), leaf hash.
fn unique_value(index: u64, leaf: &Hash) -> Vec<u8> {
    [index.to_be_bytes().as_slice(), leaf.as_bytes()].concat()
}

/// Reads the value of a record.
pub(crate) fn parse_unique_value(value: &[u8]) -> Option<(u64, Hash)> {
    let (index, leaf) = value.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*index), Hash::from_slice(leaf)?))
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::leaf_hash;

    use super::*;

    #[test]
    fn unique_values_round_trip() {
        let leaf = leaf_hash(b"ballot");
        assert_eq!(parse_unique_value(&unique_value(7, &leaf)), Some((7, leaf)));
        assert_eq!(parse_unique_value(b"short"), None);
    }

    #[test]
    fn keys_of_a_voters_ballots_stand_in_the_order_of_turns() {
        let voter = Key([9; 32]);
        let keys: Vec<_> = (0..16).map(|turn| ballot_key(&voter, turn)).collect();
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| key.starts_with(&ballots_prefix(&voter))));
    }

    #[test]
    fn answers_of_all_issuers_to_all_requests_are_apart() {
        let pairs = (0..300_u64).flat_map(|request| (0..8).map(move |issuer| (request, issuer)));
        let keys: Vec<_> = pairs.map(|(request, issuer)| answer_key(request, issuer)).collect();
        assert!(keys.is_sorted_by(|one, other| one < other));
    }
}
