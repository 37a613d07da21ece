//! Vectors of what logs are made of (spec/log.md, spec/receipts.md, spec/witnesses.md): names,
//! keys, notes, checkpoints, cosignatures, proofs, receipts, policies, the paths of tiles, and
//! requests to witnesses. The forms are in the README of each folder.
//!
//! Not here: entries, and whole cities.

mod checkpoint;
mod cosignature;
mod fork;
mod grown_receipt;
mod key;
mod ml_dsa;
mod name;
mod note;
mod policy;
mod proof;
mod receipt;
mod tile_path;
mod witness;

use serde_json::{Value, json};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::signature::SigningKey;

use super::Files;
use crate::city::key;

/// The folders of this module.
pub const FOLDERS: [&str; 12] = [
    "checkpoint",
    "cosignature",
    "fork",
    "grown_receipt",
    "key",
    "name",
    "note",
    "policy",
    "proof",
    "receipt",
    "tile_path",
    "witness",
];

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    let chapters: [(&str, Vec<(String, Value)>); 15] = [
        ("checkpoint", checkpoint::vectors()),
        ("cosignature", cosignature::vectors()),
        ("cosignature", ml_dsa::cosignatures()),
        ("fork", fork::vectors()),
        ("grown_receipt", grown_receipt::vectors()),
        ("key", key::vectors()),
        ("name", name::vectors()),
        ("note", note::vectors()),
        ("note", ml_dsa::notes()),
        ("policy", policy::vectors()),
        ("policy", ml_dsa::policies()),
        ("proof", proof::vectors()),
        ("receipt", receipt::vectors()),
        ("tile_path", tile_path::vectors()),
        ("witness", witness::vectors()),
    ];
    for (folder, vectors) in chapters {
        for (name, vector) in vectors {
            let double = files.insert(format!("{folder}/{name}.json").into(), vector);
            assert!(double.is_none(), "two vectors of the name {folder}/{name}");
        }
    }
}

/// The origin of the log in these vectors.
const ORIGIN: &str = "vote.example.org/register";

/// The key of that log.
fn log_key() -> SigningKey {
    key("log of the vectors")
}

fn log_verifier() -> VerifierKey {
    VerifierKey::ed25519(ORIGIN, log_key().key()).expect("a name of a key")
}

/// The content of a file: as text if it is that, else in base64.
fn content(bytes: &[u8]) -> Value {
    use base64::Engine as _;
    match core::str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => {
            json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) })
        }
    }
}

/// The entries of a small log: `entry 0`, `entry 1` and so on.
fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// A root that no log of these vectors has.
fn other_root() -> Hash {
    sha256(b"another root")
}
