//! Tests of census files: each defect with its line, and commitments that can be opened.

use std::path::PathBuf;

use veche_protocol::hash::Hash;
use veche_protocol::roll::census_commitment;

use super::*;
use crate::roll_copy::RollCopy;
use crate::test_city::{ROLL, TestCity, VOTERS, key};

fn roll() -> RollCopy {
    let city = TestCity::with_roll();
    RollCopy::read(&city, &city.read(), ROLL, &mut |_, _| {}).unwrap()
}

fn line(roll: &RollCopy, number: u8) -> String {
    let voter = VoterId([number; 16]);
    EnrolmentLine::new(&roll.fold().binding(), voter, &key(VOTERS + number)).to_string()
}

fn write(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("census.csv");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn rows_are_read_and_committed_to() {
    let (roll, folder) = (roll(), tempfile::tempdir().unwrap());
    let id = "07".repeat(16);
    let text = format!(
        "name,enrolment,district,replaces\n\"Ivanova, Anna\",{},n,\nPetrov,{},s,{id}\n",
        line(&roll, 8),
        line(&roll, 9)
    );
    let census = Census::read(&write(&folder, &text), roll.fold()).unwrap();
    assert_eq!(census.defects, []);
    let totals = census.totals(roll.fold().header().unwrap());
    assert_eq!(totals, BTreeMap::from([("n", 1), ("s", 1)]));
    let private = folder.path().join("salts");
    let enrolments = census.commit(&private).unwrap();
    assert_eq!(enrolments[1].replaces, Some(VoterId([7; 16])));
    // ROLL-10: whoever has salt and record can open the commitment.
    let kept = std::fs::read_to_string(&private).unwrap();
    let parts: Vec<_> = kept.lines().next().unwrap().splitn(3, ',').collect();
    let salt: [u8; 32] = hex::decode(parts[1]).unwrap().try_into().unwrap();
    assert_eq!(parts[2], "\"Ivanova, Anna\"");
    assert_eq!(census_commitment(&salt, parts[2].as_bytes()), enrolments[0].census);
    assert_ne!(enrolments[0].census, Hash::ZERO);
}

#[test]
fn each_defect_is_named_with_its_line() {
    let (roll, folder) = (roll(), tempfile::tempdir().unwrap());
    let good = line(&roll, 8);
    let other = TestCity::found();
    let foreign = EnrolmentLine::new(
        &crate::roll_copy::empty(&other.read(), ROLL).binding(),
        VoterId([10; 16]),
        &key(VOTERS + 10),
    );
    let text = format!(
        "enrolment,district,name\n{good},n,A\n{good},n,B\n{},west,C\nveche1.x,n,D\n{foreign},n,E\n\
         {},n,F\n{},n\n",
        line(&roll, 9),
        line(&roll, 1),
        line(&roll, 11)
    );
    let census = Census::read(&write(&folder, &text), roll.fold()).unwrap();
    assert_eq!(census.rows.len(), 1);
    let found: Vec<_> =
        census.defects.iter().map(|defect| (defect.line, defect.reason.as_str())).collect();
    let expected = [
        (3, "stands on line 2 already"),
        (4, "no district"),
        (5, "malformed"),
        (6, "does not verify"),
        (7, "on the roll already"),
        (8, "fields"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((line, reason), (expected_line, part)) in found.into_iter().zip(expected) {
        assert_eq!(line, expected_line, "{reason}");
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_file_without_the_columns_is_refused() {
    let (roll, folder) = (roll(), tempfile::tempdir().unwrap());
    let error = Census::read(&write(&folder, "enrolment,name\n"), roll.fold()).unwrap_err();
    assert!(error.to_string().contains("no column district"), "{error}");
}
