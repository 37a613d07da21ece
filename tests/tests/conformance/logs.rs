//! What logs are made of: names, keys, notes, checkpoints, cosignatures, proofs, receipts, policies
//! and paths, each against the protocol's own function for it.

use serde_json::Value;
use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::parse_signed;
use veche_protocol::log::cosignature;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::merkle::{verify_consistency, verify_inclusion};
use veche_protocol::log::note::{Note, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, Resource, TilePath};
use veche_protocol::name::{LogPath, check_domain};

use crate::support::{base64, read_folder, read_vector};

/// The content of a file: its text, or its bytes in base64.
fn content(value: &Value) -> Vec<u8> {
    match value["text"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(&value["base64"]),
    }
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_else(|| panic!("{field} is a text"))
}

fn number(vector: &Value, field: &str) -> u64 {
    text(vector, field).parse().unwrap()
}

fn hash(text: &str) -> Hash {
    Hash::from_slice(&hex::decode(text).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// Compares a verdict with the vector's code, if it has one; gives what passed.
fn passed<T>(name: &str, vector: &Value, verdict: Result<T, Breach>) -> Option<T> {
    match verdict {
        Ok(value) => {
            assert!(vector["code"].is_null(), "{name} was accepted");
            Some(value)
        }
        Err(breach) => {
            assert_eq!(Some(breach.code()), vector["code"].as_str(), "{name}");
            None
        }
    }
}

#[test]
fn names() {
    // LOG-2: any other string is none of these.
    let domains = read_vector("name/domains.json");
    assert!(texts(&domains["good"]).iter().all(|domain| check_domain(domain).is_ok()));
    for domain in texts(&domains["bad"]) {
        assert!(check_domain(domain).is_err(), "{domain:?}");
    }
    let paths = read_vector("name/paths.json");
    for path in texts(&paths["good"]) {
        assert_eq!(LogPath::parse(path).unwrap().to_string(), path);
    }
    for path in texts(&paths["bad"]) {
        assert_eq!(LogPath::parse(path), None, "{path:?}");
    }
    let origins = read_vector("name/origins.json");
    let domain = text(&origins, "domain");
    for (origin, path) in origins["good"].as_object().unwrap() {
        let found = LogPath::of_origin(origin, domain).unwrap();
        assert_eq!(found.to_string(), path.as_str().unwrap());
        assert_eq!(found.origin(domain), *origin);
    }
    for origin in texts(&origins["bad"]) {
        assert_eq!(LogPath::of_origin(origin, domain), None, "{origin:?}");
    }
}

#[test]
fn verifier_keys() {
    // LOG-3, ENTRY-9: one spelling, and no weak keys.
    for (name, vector) in read_folder("key") {
        let spelled = text(&vector, "key");
        let Some(key) = passed(&name, &vector, VerifierKey::parse(spelled)) else { continue };
        assert_eq!(key.name(), text(&vector, "name"), "{name}");
        assert_eq!(hex::encode(key.id()), text(&vector, "id"), "{name}");
        assert_eq!(u64::from(key.public_key().kind()), vector["type"].as_u64().unwrap(), "{name}");
        assert_eq!(hex::encode(key.public_key().bytes()), text(&vector, "public_key"), "{name}");
        assert_eq!(key.to_string(), spelled, "{name}");
    }
}

#[test]
fn notes() {
    // LOG-4, LOG-5: the form, then the signatures of known keys.
    for (name, vector) in read_folder("note") {
        let bytes = content(&vector["note"]);
        let keys: Vec<_> = texts(&vector["keys"])
            .into_iter()
            .map(|key| VerifierKey::parse(key).unwrap())
            .collect();
        let verdict = Note::parse(&bytes).and_then(|note| {
            assert_eq!(note.to_string().as_bytes(), bytes, "{name} is written back");
            note.verify(&keys)
        });
        let Some(signers) = passed(&name, &vector, verdict) else { continue };
        let expected = vector["signers"].as_array().unwrap().iter();
        let expected: Vec<_> = expected.map(|place| place.as_u64().unwrap()).collect();
        let signers: Vec<_> = signers.into_iter().map(|place| place as u64).collect();
        assert_eq!(signers, expected, "{name}");
    }
}

#[test]
fn checkpoints() {
    // LOG-6: three lines, the origin, the signature.
    for (name, vector) in read_folder("checkpoint") {
        let key = VerifierKey::parse(text(&vector, "key")).unwrap();
        let verdict = parse_signed(text(&vector, "checkpoint").as_bytes(), &key);
        let Some(head) = passed(&name, &vector, verdict) else { continue };
        let checkpoint = head.checkpoint();
        assert_eq!(checkpoint.origin, text(&vector, "origin"), "{name}");
        assert_eq!(checkpoint.size, number(&vector, "size"), "{name}");
        assert_eq!(checkpoint.root, hash(text(&vector, "root")), "{name}");
    }
}

#[test]
fn cosignatures() {
    // LOG-13, LOG-17: over the time, and the text or what it says.
    for (name, vector) in read_folder("cosignature") {
        let witness = VerifierKey::parse(text(&vector, "witness")).unwrap();
        let note = Note::parse(text(&vector, "checkpoint").as_bytes()).unwrap();
        let verdict = cosignature::collect(&note, &[witness]);
        let Some(cosigned) = passed(&name, &vector, verdict) else { continue };
        let times: Vec<_> = cosigned.iter().map(|line| line.time).collect();
        let expected = vector["times"].as_array().unwrap().iter();
        let expected: Vec<Option<u64>> =
            expected.map(|time| time.as_str().map(|time| time.parse().unwrap())).collect();
        assert_eq!(times, expected, "{name}");
    }
}

#[test]
fn proofs() {
    // LOG-1, LOG-7, LOG-8: the roots in the vectors are made straight from LOG-1.
    let mut good = 0;
    for (name, vector) in read_folder("proof") {
        let proof: Vec<_> = texts(&vector["proof"]).into_iter().map(hash).collect();
        let verdict = if vector["leaf"].is_null() {
            let [old, new] = ["old_size", "new_size"].map(|field| number(&vector, field));
            let [old_root, new_root] =
                ["old_root", "new_root"].map(|field| hash(text(&vector, field)));
            verify_consistency(old, &old_root, new, &new_root, &proof)
        } else {
            let [leaf, root] = ["leaf", "root"].map(|field| hash(text(&vector, field)));
            let [index, size] = ["index", "size"].map(|field| number(&vector, field));
            verify_inclusion(&leaf, index, size, &proof, &root)
        };
        good += usize::from(passed(&name, &vector, verdict).is_some());
    }
    assert_eq!(good, 20);
}

#[test]
fn receipts() {
    // RECEIPT-1, RECEIPT-2: form, head, inclusion, in this order.
    for (name, vector) in read_folder("receipt") {
        let bytes = content(&vector["receipt"]);
        let key = VerifierKey::parse(text(&vector, "key")).unwrap();
        let own = vector["entry"].as_str().map(|entry| hex::decode(entry).unwrap());
        let verdict = Receipt::parse(&bytes).and_then(|receipt| {
            assert_eq!(receipt.to_string().as_bytes(), bytes, "{name} is written back");
            let entry = own.as_deref().or(receipt.extra()).ok_or(Breach::ProofInvalid)?;
            receipt.verify(entry, &key).map(|head| (receipt.index(), head.checkpoint().size))
        });
        if let Some((index, size)) = passed(&name, &vector, verdict) {
            assert_eq!(index, number(&vector, "index"), "{name}");
            assert_eq!(size, number(&vector, "size"), "{name}");
        }
    }
}

#[test]
fn grown_receipts() {
    // RECEIPT-8, RECEIPT-9, RECEIPT-10: form, both promises, what is between them, the anchor.
    for (name, vector) in read_folder("grown_receipt") {
        let bytes = content(&vector["receipt"]);
        let key = VerifierKey::parse(text(&vector, "key")).unwrap();
        let own = vector["entry"].as_str().map(|entry| hex::decode(entry).unwrap());
        let verdict = GrownReceipt::parse(&bytes).and_then(|grown| {
            assert_eq!(grown.to_string().as_bytes(), bytes, "{name} is written back");
            let entry = own.as_deref().or(grown.first().extra()).ok_or(Breach::ProofInvalid)?;
            grown.verify(entry, &key)
        });
        let Some(grown) = passed(&name, &vector, verdict) else { continue };
        assert_eq!(grown.first.checkpoint().size, number(&vector, "first"), "{name}");
        assert_eq!(grown.later.checkpoint().size, number(&vector, "later"), "{name}");
        let anchor = grown.anchored.map(|at| {
            [at.index, at.head.size, at.register.checkpoint().size].map(|number| number.to_string())
        });
        assert_eq!(serde_json::json!(anchor), vector["anchor"], "{name}");
    }
}

#[test]
fn policies() {
    // LOG-14, LOG-15, LOG-18: the form, and which heads satisfy it.
    for (name, vector) in read_folder("policy") {
        let policy = Policy::parse(&content(&vector["policy"])).map_err(Breach::from);
        let verdict = policy.and_then(|policy| match vector["checkpoint"].as_str() {
            Some(checkpoint) => policy.verify(checkpoint.as_bytes()).map(drop),
            None => Ok(()),
        });
        passed(&name, &vector, verdict);
    }
}

#[test]
fn paths_of_tiles() {
    // LOG-9, LOG-10: exactly these files, and one spelling for each.
    for (name, vector) in read_folder("tile_path") {
        let Some(size) = vector["size"].as_u64() else { continue };
        let tiles = TilePath::all(size).map(|path| path.to_string());
        let mut files: Vec<_> = tiles.collect();
        files.extend(EntriesPath::all(size).map(|path| path.to_string()));
        files.sort();
        let mut expected = texts(&vector["files"]);
        expected.sort_unstable();
        assert_eq!(files, expected, "{name}");
    }
    let spellings = read_vector("tile_path/spellings.json");
    let numbers = |value: &Value| -> Vec<u64> {
        value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    };
    for (path, parts) in spellings["tiles"].as_object().unwrap() {
        let TilePath { level, index, width } = TilePath::parse(path).unwrap();
        assert_eq!(numbers(parts), [u64::from(level), index, u64::from(width)], "{path}");
    }
    for (path, parts) in spellings["bundles"].as_object().unwrap() {
        let EntriesPath { index, width } = EntriesPath::parse(path).unwrap();
        assert_eq!(numbers(parts), [index, u64::from(width)], "{path}");
    }
    for path in texts(&spellings["bad"]) {
        assert_eq!(Resource::parse(path), Err(Breach::TileMalformed), "{path:?}");
    }
}
