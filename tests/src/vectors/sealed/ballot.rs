//! Sealed ballots: which have the right form, which open, and to what.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use serde_json::{Value, json};
use veche_protocol::encoding::Encoder;
use veche_protocol::hash::{Hash, sha256};

use super::paper::Paper;
use super::primitives::{BEYOND, IDENTITY, NEGATIVE, encrypt, point, secret};
use super::{Named, refused, with};
use crate::city::key;

/// The length of every plaintext of the poll.
const LENGTH: usize = 32;

/// Whom a ballot is sealed for, and whose it is.
#[derive(Clone)]
struct Binding {
    open: Hash,
    election_key: [u8; 32],
    ballot_key: [u8; 32],
}

/// The trustees of the poll.
fn paper() -> Paper {
    Paper::new("two of two", 2, 2)
}

fn binding() -> Binding {
    Binding {
        open: sha256(b"open"),
        election_key: point(&paper().decryption_key()),
        ballot_key: *key("voter").key().as_bytes(),
    }
}

impl Binding {
    /// The ciphertext of a plaintext, with the point `R` in what it is bound to.
    fn seal(&self, y: Scalar, r: Scalar, point: &[u8; 32], plaintext: &[u8]) -> Vec<u8> {
        let mut info = Encoder::new();
        info.array(5).text("veche/sealed/v1").bytes(self.open.as_bytes());
        info.bytes(&self.election_key).bytes(point).bytes(&self.ballot_key);
        encrypt(&RistrettoPoint::mul_base(&(r * y)), &info.finish(), plaintext)
    }
}

/// A ballot of the poll with this plaintext.
fn sealed(binding: &Binding, plaintext: &[u8]) -> Value {
    let paper = paper();
    let r = secret("r");
    let ciphertext = binding.seal(paper.decryption_key(), r, &point(&r), plaintext);
    let own = self::binding();
    json!({
        "dealings": paper.dealings(),
        "key_shares": paper.key_shares(&[1, 2]),
        "decryption_key": hex::encode(paper.decryption_key().as_bytes()),
        "election_key": hex::encode(own.election_key),
        "open": own.open.to_string(),
        "ballot_key": hex::encode(own.ballot_key),
        "length": LENGTH,
        "point": hex::encode(point(&r)),
        "ciphertext": hex::encode(ciphertext),
    })
}

/// The padded plaintext of a message.
fn padded(message: &[u8]) -> Vec<u8> {
    let mut plaintext = message.to_vec();
    plaintext.push(0x80);
    plaintext.resize(LENGTH, 0);
    plaintext
}

pub(super) fn vectors() -> Vec<Named> {
    let mut vectors = good();
    vectors.extend(misshapen());
    vectors.extend(unopened());
    vectors.extend(unpadded());
    vectors
}

fn good() -> Vec<Named> {
    let cases: [(&str, &[u8]); 5] = [
        ("sealed", b"\x81\x81\x02"),
        ("empty_message", b""),
        ("longest_message", &[0xff; LENGTH - 1]),
        ("message_that_ends_like_padding", b"\x81\x80\0\0"),
        ("message_of_zeros", &[0; 5]),
    ];
    let vector = |message: &[u8]| {
        let opened = [("message", json!(hex::encode(message)))];
        with(&sealed(&binding(), &padded(message)), &opened)
    };
    cases.map(|(name, message)| (name.to_owned(), vector(message))).into()
}

/// What is refused as it comes in.
fn misshapen() -> Vec<Named> {
    let base = sealed(&binding(), &padded(b"x"));
    let point = |bytes: [u8; 32]| vec![("point", json!(hex::encode(bytes)))];
    let ciphertext = |bytes: &[u8]| vec![("ciphertext", json!(hex::encode(bytes)))];
    let longer = sealed(&binding(), &[padded(b"x"), vec![0]].concat());
    let shorter = sealed(&binding(), &padded(b"x")[..LENGTH - 1]);
    let both = [point(IDENTITY), ciphertext(&[])].concat();
    let cases = [
        ("identity_point", point(IDENTITY), "sealed-point"),
        ("point_beyond_the_field", point(BEYOND), "sealed-point"),
        ("negative_point", point(NEGATIVE), "sealed-point"),
        ("identity_point_and_no_ciphertext", both, "sealed-point"),
        ("no_ciphertext", ciphertext(&[]), "sealed-length"),
        ("ciphertext_of_a_tag_alone", ciphertext(&[0; 16]), "sealed-length"),
        (
            "ciphertext_too_long",
            vec![("ciphertext", longer["ciphertext"].clone())],
            "sealed-length",
        ),
        (
            "ciphertext_too_short",
            vec![("ciphertext", shorter["ciphertext"].clone())],
            "sealed-length",
        ),
    ];
    let vectors =
        cases.map(|(name, changes, code)| (name.to_owned(), refused(&base, &changes, &[], code)));
    vectors.into()
}

/// What has the right form but does not open.
fn unopened() -> Vec<Named> {
    let base = sealed(&binding(), &padded(b"x"));
    let paper = paper();
    let (y, r) = (paper.decryption_key(), secret("r"));
    let ciphertext = |bytes: Vec<u8>| vec![("ciphertext", json!(hex::encode(bytes)))];
    let good = binding().seal(y, r, &point(&r), &padded(b"x"));
    let altered = |place: usize| {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        ciphertext(bytes)
    };
    let copied = |change: fn(&mut Binding)| {
        let mut other = binding();
        change(&mut other);
        ciphertext(other.seal(y, r, &point(&r), &padded(b"x")))
    };
    let another_point = point(&secret("another r"));
    let cases = [
        ("first_byte_altered", altered(0)),
        ("last_byte_of_the_text_altered", altered(LENGTH - 1)),
        ("first_byte_of_the_tag_altered", altered(LENGTH)),
        ("last_byte_of_the_tag_altered", altered(LENGTH + 15)),
        ("ciphertext_of_zeros", ciphertext(vec![0; LENGTH + 16])),
        ("point_exchanged", vec![("point", json!(hex::encode(another_point)))]),
        ("copied_from_another_key", copied(|b| b.ballot_key = *key("another").key().as_bytes())),
        ("copied_from_another_poll", copied(|b| b.open = sha256(b"another open"))),
        ("bound_to_another_election_key", copied(|b| b.election_key = point(&secret("other")))),
        ("bound_to_another_point", {
            ciphertext(binding().seal(y, r, &another_point, &padded(b"x")))
        }),
        ("sealed_for_another_key", {
            ciphertext(binding().seal(secret("other"), r, &point(&r), &padded(b"x")))
        }),
    ];
    let vector = |changes: &[(&str, Value)]| refused(&base, changes, &[], "sealed-tag");
    cases.map(|(name, changes)| (name.to_owned(), vector(&changes))).into()
}

/// What opens to something that is not padded.
fn unpadded() -> Vec<Named> {
    let end = |byte: u8| {
        let mut plaintext = padded(b"x");
        plaintext[LENGTH - 1] = byte;
        plaintext
    };
    let mut wrong_mark = padded(b"x");
    wrong_mark[1] = 0x81;
    let cases = [
        ("padding_of_zeros_alone", vec![0; LENGTH]),
        ("padding_missing", vec![0x01; LENGTH]),
        ("padding_with_another_mark", wrong_mark),
        ("padding_with_a_byte_after_it", end(0x01)),
        ("padding_with_a_byte_ff_after_it", end(0xff)),
    ];
    let vector =
        |plaintext: &[u8]| refused(&sealed(&binding(), plaintext), &[], &[], "sealed-padding");
    cases.map(|(name, plaintext)| (name.to_owned(), vector(&plaintext))).into()
}
