//! Tests of pins and of what is remembered between runs.

use veche_protocol::breach::Breach;

use super::*;
use crate::city::City;
use crate::test_city::{TestCity, publishing, roll_path};

fn policy(city: &TestCity) -> Policy {
    Policy::parse(format!("log {}\nquorum none\n", city.pins.register).as_bytes()).unwrap()
}

#[test]
fn first_use_and_policy_lead_to_the_same_pins() {
    let city = TestCity::found();
    assert_eq!(Pins::on_first_use(&city).unwrap(), city.pins);
    assert_eq!(Pins::by_policy(&city, &policy(&city)).unwrap(), city.pins);
}

#[test]
fn another_city_is_not_taken_for_this_one() {
    let city = TestCity::found();
    let pins = Pins { instance: Hash([9; 32]), ..city.pins.clone() };
    let error = City::read(&city, &pins).unwrap_err();
    assert_eq!(error.code(), Breach::InstanceMismatch.code());
}

#[test]
fn heads_are_remembered_and_held_against_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("veche/trust.toml");
    assert!(Trust::load(&path).unwrap().is_none());
    let city = TestCity::with_roll();
    let mut trust = Trust::new("http://127.0.0.1:1", city.pins.clone(), None);
    let log = city.read().read_log(&city, &roll_path(), &mut |_, _| {}).unwrap();
    trust.check_and_note(&log).unwrap();
    trust.save(&path).unwrap();
    let mut trust = Trust::load(&path).unwrap().unwrap();
    trust.check_and_note(&log).unwrap();
    // The tail vanishes, while the register of that moment had not anchored it.
    city.logs.borrow_mut().get_mut(&roll_path()).unwrap().pop();
    let verifier = city.pins.verifier(&roll_path());
    let shorter = LogCopy::read(&city, &roll_path(), &verifier, &mut |_, _| {}).unwrap();
    assert_eq!(trust.check_and_note(&shorter).unwrap_err().code(), "entry-missing");
    // And something else grows in its place.
    city.push(&roll_path(), b"other");
    let forked = LogCopy::read(&city, &roll_path(), &verifier, &mut |_, _| {}).unwrap();
    assert_eq!(trust.check_and_note(&forked).unwrap_err().code(), "head-forked");
}

#[test]
fn a_policy_is_kept_as_it_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trust.toml");
    let city = TestCity::found();
    let text = format!("# ours\nlog {}\n{}", city.pins.register, publishing::policy(2));
    let mut trust = Trust::new("http://127.0.0.1:1", city.pins.clone(), Some(text.clone()));
    trust.check_and_note(city.read().log()).unwrap();
    trust.save(&path).unwrap();
    let trust = Trust::load(&path).unwrap().unwrap();
    assert_eq!(trust.policy, Some(text));
    let policy = trust.read_policy().unwrap().unwrap();
    let urls: Vec<_> = policy.witnesses().iter().filter_map(|w| w.url.as_deref()).collect();
    assert_eq!(urls, ["https://w60.example.org/", "https://w61.example.org/"]);
    let size = city.read().log().size();
    assert_eq!(trust.seen().collect::<Vec<_>>(), [(LogPath::Register, size)]);
}

#[test]
fn an_anchored_head_binds_the_log() {
    let city = TestCity::with_roll();
    let read = city.read();
    city.logs.borrow_mut().get_mut(&roll_path()).unwrap()[1][40] ^= 1;
    let error = read.read_log(&city, &roll_path(), &mut |_, _| {}).unwrap_err();
    assert_eq!(error.code(), Breach::AnchorFork.code());
    city.logs.borrow_mut().get_mut(&roll_path()).unwrap().pop();
    let error = read.read_log(&city, &roll_path(), &mut |_, _| {}).unwrap_err();
    assert_eq!(error.code(), Breach::EntryMissing.code());
}

#[test]
fn a_malformed_trust_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trust.toml");
    for text in ["url = 1", "url = \"a\"\ninstance = \"00\"\nregister = \"b\"\n"] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(Trust::load(&path).unwrap_err().code(), "file-content");
    }
}
