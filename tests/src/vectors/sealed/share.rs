//! Dealt shares, key shares, and keys out of them.

use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};

use super::paper::Paper;
use super::primitives::{interpolate, plus_order, point};
use super::{Named, refused, with};

const REFUSED: &str = "share-invalid";

pub(super) fn vectors() -> Vec<Named> {
    let mut vectors: Vec<Named> = encrypted_shares()
        .into_iter()
        .map(|(name, encrypted, is_right)| (name.to_owned(), received(&encrypted, is_right)))
        .collect();
    vectors.extend(key_shares());
    vectors.extend(combinations());
    vectors
}

/// The ceremony in which trustee 1 deals to trustee 2.
pub(super) fn paper() -> Paper {
    Paper::new("two of three", 2, 3)
}

/// Name, encrypted share from 1 to 2, and whether it is right.
pub(super) fn encrypted_shares() -> Vec<(&'static str, Vec<u8>, bool)> {
    let paper = paper();
    let share = paper.share(1, 2);
    let good = paper.encrypt((1, 2), share.as_bytes());
    let altered = |place: usize| {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        bytes
    };
    let later = Paper { ceremony: 2, ..paper.clone() };
    let own_info = paper.encrypt((2, 1), share.as_bytes());
    let other = |scalar: Scalar| paper.encrypt((1, 2), scalar.as_bytes());
    vec![
        ("share", good.clone(), true),
        ("share_with_a_byte_altered", altered(0), false),
        ("share_with_its_tag_altered", altered(47), false),
        ("share_of_zeros", vec![0; 48], false),
        ("share_encrypted_to_another", paper.encrypt((1, 3), share.as_bytes()), false),
        ("share_encrypted_the_other_way", own_info, false),
        ("share_encrypted_in_another_ceremony", later.encrypt((1, 2), share.as_bytes()), false),
        ("share_one_too_high", other(share + Scalar::ONE), false),
        ("share_of_another_trustee", other(paper.share(1, 3)), false),
        ("share_of_the_secret_itself", other(paper.share(1, 0)), false),
        ("share_zero", other(Scalar::ZERO), false),
        ("share_beyond_the_order", paper.encrypt((1, 2), &plus_order(&share)), false),
        ("share_of_32_bytes_ff", paper.encrypt((1, 2), &[0xff; 32]), false),
    ]
}

/// What belongs to a share from 1 to 2, without it.
pub(super) fn way() -> Value {
    let paper = paper();
    let members = [
        ("announce", json!(paper.announce.to_string())),
        ("ceremony", json!(paper.ceremony.to_string())),
        ("recipient", json!(2)),
        ("dealer_key", json!(hex::encode(point(&paper.transport(1))))),
        ("recipient_key", json!(hex::encode(point(&paper.transport(2))))),
    ];
    with(&paper.dealing(1), &members)
}

fn received(encrypted: &[u8], is_right: bool) -> Value {
    let paper = paper();
    let vector = with(
        &way(),
        &[
            ("check", json!("share")),
            ("recipient_secret", json!(hex::encode(paper.transport(2).as_bytes()))),
            ("encrypted_share", json!(hex::encode(encrypted))),
        ],
    );
    if is_right {
        with(&vector, &[("share", json!(hex::encode(paper.share(1, 2).as_bytes())))])
    } else {
        refused(&vector, &[], &[], REFUSED)
    }
}

fn key_shares() -> Vec<Named> {
    let paper = paper();
    let share = paper.key_share(3);
    let good = json!({
        "check": "key-share",
        "dealings": paper.dealings(),
        "trustee": 3,
        "key_share": hex::encode(share.as_bytes()),
        "verification_share": hex::encode(point(&share)),
        "election_key": hex::encode(point(&paper.decryption_key())),
    });
    let bad =
        |bytes: [u8; 32]| refused(&good, &[("key_share", json!(hex::encode(bytes)))], &[], REFUSED);
    let without_own = share - paper.share(3, 3);
    let vectors = [
        ("key_share", good.clone()),
        ("key_share_one_too_high", bad((share + Scalar::ONE).to_bytes())),
        ("key_share_of_another_trustee", bad(paper.key_share(2).to_bytes())),
        ("key_share_without_its_own_dealing", bad(without_own.to_bytes())),
        ("key_share_of_zeros", bad([0; 32])),
        ("key_share_beyond_the_order", bad(plus_order(&share))),
        ("key_share_that_is_the_key", bad(paper.decryption_key().to_bytes())),
    ];
    vectors.map(|(name, vector)| (name.to_owned(), vector)).into()
}

fn combinations() -> Vec<Named> {
    let three = paper();
    let ten = Paper::new("seven of ten", 7, 10);
    let combine = |paper: &Paper, trustees: &[u8]| {
        let shares: Vec<_> = trustees.iter().map(|&j| (j, paper.key_share(j))).collect();
        let key = interpolate(&shares);
        assert_eq!(key, paper.decryption_key(), "enough shares give the key");
        json!({
            "check": "combination",
            "dealings": paper.dealings(),
            "key_shares": paper.key_shares(trustees),
            "decryption_key": hex::encode(key.as_bytes()),
            "election_key": hex::encode(point(&key)),
        })
    };
    let vectors = [
        ("combination_of_1_and_2", combine(&three, &[1, 2])),
        ("combination_of_1_and_3", combine(&three, &[1, 3])),
        ("combination_of_all_three", combine(&three, &[1, 2, 3])),
        ("combination_of_the_first_seven_of_ten", combine(&ten, &[1, 2, 3, 4, 5, 6, 7])),
        ("combination_of_the_last_seven_of_ten", combine(&ten, &[4, 5, 6, 7, 8, 9, 10])),
        ("combination_of_seven_of_ten_with_gaps", combine(&ten, &[1, 2, 4, 5, 7, 9, 10])),
    ];
    vectors.map(|(name, vector)| (name.to_owned(), vector)).into()
}
