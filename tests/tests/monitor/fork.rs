//! `veche-audit fork`: what it says of proofs, and making them.

use std::fs;

use veche_tests::city::City;

use crate::program::{audit, text};
use crate::town::{poll, town, vote, write};

/// Two histories of one town, with checkpoints of the poll in both, and the second in a folder.
fn two_histories() -> (tempfile::TempDir, City) {
    let folder = tempfile::tempdir().unwrap();
    let first = town(20, 5);
    let mut second = first.clone();
    second.logs.get_mut(&poll()).unwrap().entries.pop();
    vote(&mut second, 5..9);
    let note = |city: &City| city.at(&poll()).checkpoint(&city.log_key);
    fs::write(folder.path().join("one"), note(&first)).unwrap();
    fs::write(folder.path().join("two"), note(&second)).unwrap();
    write(&second.files(), &folder.path().join("second"));
    (folder, first)
}

// FORK-3
#[test]
fn a_proof_is_made_and_convicts() {
    let (folder, city) = two_histories();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let proof = at("proof");
    let made = audit(&["fork", &proof, "--make", &at("one"), &at("two"), &at("second")]);
    assert_eq!(made.code, 0, "{made:?}");
    for order in [[at("one"), at("two")], [at("two"), at("one")]] {
        let again = audit(&["fork", &at("again"), "--make", &order[0], &order[1], &at("second")]);
        assert_eq!(again.code, 0, "{again:?}");
        assert_eq!(fs::read(at("again")).unwrap(), fs::read(&proof).unwrap());
    }
    // Without a key from elsewhere it convicts whoever holds the key.
    let alone = audit(&["fork", &proof]);
    assert_eq!(alone.code, 0, "{alone:?}");
    assert!(alone.out.contains("convicts whoever holds this key"), "{alone:?}");
    // Any log's key of the city will do, and so does a policy.
    for path in [poll(), crate::town::roll()] {
        let known = audit(&["fork", &proof, "--key", &city.verifier(&path).to_string()]);
        assert_eq!(known.code, 0, "{known:?}");
        assert!(known.out.contains("the city that you know"), "{known:?}");
    }
    let policy = at("policy");
    fs::write(&policy, format!("log {}\nquorum none\n", city.verifier(&poll()))).unwrap();
    assert_eq!(audit(&["fork", &proof, "--policy", &policy]).code, 0);
    let stranger = City::found("other.example.org");
    let key = stranger.verifier(&poll()).to_string();
    let other = audit(&["fork", &proof, "--key", &key]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(other.out.contains("instance-mismatch"), "{other:?}");
}

// FORK-2
#[test]
fn what_proves_nothing_is_refused() {
    let (folder, _) = two_histories();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let same = audit(&["fork", &at("proof"), "--make", &at("one"), &at("one"), &at("second")]);
    assert_eq!((same.code, folder.path().join("proof").exists()), (1, false), "{same:?}");
    let garbage = audit(&["fork", &at("one")]);
    assert_eq!(garbage.code, 1, "{garbage:?}");
    assert!(garbage.out.contains("fork-malformed"), "{garbage:?}");
    let missing = audit(&["fork", &at("nothing")]);
    assert_eq!(missing.code, 2, "{missing:?}");
    let unkeyed = audit(&["fork", &at("one"), "--instance", &"ab".repeat(32)]);
    assert_eq!(unkeyed.code, 2, "{unkeyed:?}");
    let _ = text(folder.path());
}
