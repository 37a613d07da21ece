//! Tests of what is kept, and how often.

use std::fs;

use super::{Evidence, Finding, MAX_FILES};

fn suspicion(number: usize) -> Finding {
    Finding::Suspicion(format!("number {number}\n"))
}

// WITNESS-8
#[test]
fn a_finding_is_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a").join("b");
    let evidence = Evidence::new(Some(place.clone())).unwrap();
    for _ in 0..3 {
        evidence.keep("city.example/register", &suspicion(1));
    }
    // A witness that has started again finds the file.
    Evidence::new(Some(place.clone())).unwrap().keep("city.example/register", &suspicion(1));
    let names: Vec<_> = fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(names.len(), 1);
    assert_eq!(fs::read_to_string(&names[0]).unwrap(), "number 1\n");
}

// WITNESS-8
#[test]
fn findings_do_not_fill_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let evidence = Evidence::new(Some(folder.path().to_owned())).unwrap();
    for number in 0..MAX_FILES + 10 {
        evidence.keep("city.example/register", &suspicion(number));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), MAX_FILES);
}
