//! `veche-audit receipt`: offline by a key, and against a record.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use veche_protocol::name::LogPath;

use crate::program::{Ran, audit, text};
use crate::town::{SOUND, UNSOUND, folder_of, poll};

fn saved(folder: &TempDir, receipt: &[u8]) -> PathBuf {
    let file = folder.path().join("mine.tlog-proof");
    fs::write(&file, receipt).unwrap();
    file
}

fn check(file: &Path, more: &[&str]) -> Ran {
    audit(&[&["receipt", text(file)], more].concat())
}

#[test]
fn a_receipt_is_checked_with_a_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = saved(&folder, SOUND.at(&poll()).receipt(12, 200, &SOUND.log_key).as_bytes());
    for path in [poll(), LogPath::Register] {
        // All logs of a city have one key, so that of the register does as well.
        let ran = check(&file, &["--key", &SOUND.verifier(&path).to_string()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.starts_with("The receipt holds.\n"));
        for line in ["entry    12 of 200", "kind     ballot", "answer   question 1: option 3"] {
            assert!(ran.out.contains(line), "{line}: {}", ran.out);
        }
    }
    assert_eq!(check(&file, &[]).code, 2, "no key");
}

#[test]
fn a_receipt_that_was_changed_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let key = SOUND.verifier(&poll()).to_string();
    let receipt = SOUND.at(&poll()).receipt(12, 200, &SOUND.log_key);
    let place = receipt.find("index 12").unwrap();
    for (forged, code) in [
        (receipt.replace("index 12\n", "index 13\n"), "proof-invalid"),
        (receipt.replace("\n200\n", "\n201\n"), "note-unsigned"),
        (receipt.replace("index 12", "index 012"), "receipt-malformed"),
        (receipt[place..].to_owned(), "receipt-malformed"),
        (format!("{receipt}\n"), "note-malformed"),
        (String::new(), "receipt-malformed"),
    ] {
        let ran = check(&saved(&folder, forged.as_bytes()), &["--key", &key]);
        assert_eq!(ran.code, 1, "{code}: {ran:?}");
        assert!(ran.out.starts_with("The receipt proves nothing.\n"), "{ran:?}");
    }
    // Of another city, whose key is another.
    let other = "other.example+00000000+AAAA";
    assert_eq!(check(&saved(&folder, receipt.as_bytes()), &["--key", other]).code, 2);
}

#[test]
fn a_receipt_is_held_against_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let key = SOUND.verifier(&poll()).to_string();
    let file = saved(&folder, SOUND.at(&poll()).receipt(12, 200, &SOUND.log_key).as_bytes());
    let against = |record: &Path| check(&file, &["--key", &key, "--against", text(record)]);
    let record = folder_of(&SOUND);
    let ran = against(record.path());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("The record, now of 275 entries, extends it."), "{}", ran.out);
    // Another history up to size 200, signed by the same key.
    let mut forged = UNSOUND.clone();
    forged.logs.get_mut(&poll()).unwrap().entries.swap(20, 21);
    let ran = against(folder_of(&forged).path());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("The record does not bear it out."));
    assert!(ran.out.contains("Keep the receipt and a copy of the record"));
    // A record that has fallen behind.
    let mut short = SOUND.clone();
    short.logs.get_mut(&poll()).unwrap().entries.truncate(150);
    assert_eq!(against(folder_of(&short).path()).code, 1);
    // No record at all says nothing against the receipt.
    let ran = against(&folder.path().join("nowhere"));
    assert_eq!(ran.code, 3, "{ran:?}");
}
