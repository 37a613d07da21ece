//! Trustees of the poll in memory: ceremonies that go well, that go wrong, and the share.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::acts::Head;
use zeroize::Zeroizing;

use super::*;
use crate::acts::poll;
use crate::authority::test_desk::{Loss, TestDesk, Witnessed};
use crate::test_city::anonymous::TRUSTEES;
use crate::test_city::{DOMAIN, OFFICERS, POLL, TestCity, key, poll_path};
use crate::trust::Trust;
use crate::trustee::state::Office;

/// When the poll of these tests may be opened up: `closes_at` - `tolerance`.
const EARLIEST: u64 = 2_990;

fn trust(city: &TestCity, policy: Option<String>) -> Trust {
    Trust::new("http://127.0.0.1:1", city.pins.clone(), policy)
}

/// The trustee with this key, from what its file holds.
fn load(city: &TestCity, file: &Path, number: u8, told: Trust) -> Result<Trustee, ClientError> {
    let office = Office { origin: poll_path().origin(DOMAIN), trustee: key(number).key() };
    let state = if file.exists() {
        TrusteeState::open(file, || Ok(Zeroizing::default()), &office)?
    } else {
        TrusteeState::create(file, None, office, told)?
    };
    let watch = PollWatch::read(city, state.seen().clone(), POLL, &mut |_, _| {})?;
    Ok(Trustee::new(watch, key(number), state))
}

/// Three trustees by their places in the definition, and the folder with their files.
struct House<'a> {
    city: &'a TestCity,
    desk: TestDesk<'a>,
    folder: TempDir,
    numbers: Vec<u8>,
}

impl<'a> House<'a> {
    fn new(city: &'a TestCity) -> Self {
        let mut numbers = TRUSTEES.to_vec();
        numbers.sort_by_key(|&number| key(number).key());
        let folder = tempfile::tempdir().unwrap();
        Self { city, desk: TestDesk::new(city), folder, numbers }
    }

    fn file(&self, place: usize) -> PathBuf {
        self.folder.path().join(place.to_string())
    }

    fn trustee(&self, place: usize) -> Trustee {
        let told = trust(self.city, None);
        load(self.city, &self.file(place), self.numbers[place], told).unwrap()
    }

    /// One step of a trustee that begins from its file.
    fn step(&self, place: usize) -> Result<Step, ClientError> {
        self.step_at(place, 2_500)
    }

    fn step_at(&self, place: usize, now: u64) -> Result<Step, ClientError> {
        self.trustee(place).step(self.city, &self.desk, now, &mut rand::rng())
    }

    /// Steps of these trustees in turn, until none of them does anything.
    fn settle(&self, places: &[usize]) -> Vec<Deed> {
        let mut deeds = Vec::new();
        loop {
            let before = deeds.len();
            for &place in places {
                if let Step::Did(deed) = self.step(place).unwrap() {
                    deeds.push(deed);
                }
            }
            if deeds.len() == before {
                return deeds;
            }
        }
    }

    fn ceremony(&self) -> CeremonyFold {
        let poll = self.city.poll(&self.city.read());
        assert_eq!(poll.rejected(), []);
        poll.fold().ceremony().unwrap().clone()
    }

    fn exclude(&self, place: usize) {
        let read = self.city.read();
        let act = poll::exclude(&read, &self.city.poll(&read), vec![index(place)]).unwrap();
        self.city.act(act, OFFICERS);
    }

    /// Opens the poll, whose issuers are played by the city.
    fn open(&self) {
        self.city.begin();
        let read = self.city.read();
        self.city.act(poll::open(&read, &self.city.poll(&read), &[]).unwrap(), OFFICERS);
    }
}

fn index(place: usize) -> TrusteeIndex {
    TrusteeIndex::new(u8::try_from(place + 1).unwrap()).unwrap()
}

fn code<T>(result: Result<T, ClientError>) -> String {
    result.err().map(|error| error.code().to_owned()).unwrap_or_default()
}

#[test]
fn three_trustees_make_a_key_and_open_the_poll() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    let deeds = house.settle(&[0, 1, 2]);
    let each = |deed: &Deed| deeds.iter().filter(|other| *other == deed).count();
    let expected = [Deed::Joined(1), Deed::Dealt(1), Deed::Confirmed(1)];
    assert_eq!((deeds.len(), expected.map(|deed| each(&deed))), (9, [3, 3, 3]));
    assert_eq!(house.ceremony().stage(), Stage::Complete);
    house.open();
    assert_eq!(house.step_at(0, u64::MAX).unwrap(), Step::Waits(Waiting::Close));
    city.close();
    for place in 0..3 {
        // CEREMONY-14: closed by the log, and not yet by the clock.
        let early = house.step_at(place, EARLIEST - 1).unwrap();
        assert_eq!(early, Step::Waits(Waiting::Clock(EARLIEST)));
        assert_eq!(house.step_at(place, EARLIEST).unwrap(), Step::Did(Deed::Shared));
        assert_eq!(house.step_at(place, EARLIEST).unwrap(), Step::Ended(Ending::ShareStands));
        let number = house.ceremony().context().ceremony;
        assert!(house.trustee(place).state.secrets(number).is_none(), "wiped");
    }
    let ceremony = house.ceremony();
    assert!(ceremony.can_open());
    assert_eq!(ceremony.shared().count(), 3);
}

#[test]
fn a_crash_at_any_step_says_the_same_again() {
    // CEREMONY-14: whatever was lost, nothing is said twice differently.
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    let storm = |now| {
        for loss in [Loss::Entry, Loss::Answer, Loss::Nothing] {
            house.desk.loss.set(loss);
            for place in 0..3 {
                let _lost_or_not = house.step_at(place, now);
            }
        }
    };
    for _ in 0..4 {
        storm(2_500);
    }
    assert_eq!(house.ceremony().stage(), Stage::Complete);
    house.open();
    city.close();
    storm(EARLIEST);
    assert_eq!(house.ceremony().shared().count(), 3);
    let of_trustees = |kind: Kind| {
        let logs = city.logs.borrow();
        let entries = logs[&poll_path()].iter().cloned();
        let entries = entries.map(|bytes| SignedEntry::decode(LogType::Poll, bytes).unwrap());
        entries.filter(|entry| entry.payload().kind() == kind).count()
    };
    for kind in [Kind::Join, Kind::Deal, Kind::Ready, Kind::Share] {
        assert_eq!(of_trustees(kind), 3, "{}", kind.name());
    }
}

/// A desk at which a trustee deals wrong shares to one other.
struct Rogue<'a> {
    desk: &'a TestDesk<'a>,
    key: SigningKey,
    victim: TrusteeIndex,
}

impl Desk for Rogue<'_> {
    fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        let entry = SignedEntry::decode(LogType::Poll, entry.to_vec()).unwrap();
        let Payload::Deal(mut deal) = entry.payload().clone() else {
            return self.desk.submit(log, entry.bytes());
        };
        deal.shares.iter_mut().find(|(to, _)| *to == self.victim).unwrap().1[0] ^= 1;
        let city = self.desk.city;
        let poll = city.poll(&city.read());
        let binding = poll.fold().binding(Kind::Deal);
        let wrong = SignedEntry::sign(&Payload::Deal(deal), &binding, &[&self.key]);
        self.desk.submit(log, wrong.bytes())?;
        Err(ClientError::TimeOut { url: String::new() })
    }
}

#[test]
fn who_deals_a_wrong_share_is_named_and_the_others_begin_again() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    for place in 0..3 {
        assert_eq!(house.step(place).unwrap(), Step::Did(Deed::Joined(1)));
    }
    let first_keys = house.ceremony().transport_keys();
    let rogue = Rogue { desk: &house.desk, key: key(house.numbers[2]), victim: index(0) };
    house.trustee(2).step(&city, &rogue, 2_500, &mut rand::rng()).unwrap_err();
    assert_eq!(house.step(0).unwrap(), Step::Did(Deed::Dealt(1)));
    assert_eq!(house.step(1).unwrap(), Step::Did(Deed::Dealt(1)));
    // CEREMONY-9: who was dealt right shares is ready, who was dealt a wrong one complains.
    assert_eq!(house.step(1).unwrap(), Step::Did(Deed::Confirmed(1)));
    assert_eq!(house.step(0).unwrap(), Step::Did(Deed::Complained(1, index(2))));
    assert_eq!(house.ceremony().excluded(), [(1, index(2), Exclusion::WrongShare)]);
    let error = house.step(2).unwrap_err();
    assert_eq!(error.code(), "trustee-unknown");
    assert!(error.to_string().contains("dealt a wrong share"), "{error}");
    let deeds = house.settle(&[0, 1]);
    assert_eq!(deeds.len(), 6);
    let ceremony = house.ceremony();
    assert_eq!((ceremony.stage(), ceremony.context().ceremony), (Stage::Complete, 2));
    // CEREMONY-7: nothing of the first is used again.
    let keys = ceremony.transport_keys();
    assert!(keys.iter().all(|(index, key)| first_keys[index] != *key));
    house.open();
    city.close();
    assert_eq!(house.step_at(0, EARLIEST).unwrap(), Step::Did(Deed::Shared));
    assert_eq!(house.step_at(1, EARLIEST).unwrap(), Step::Did(Deed::Shared));
    assert!(house.ceremony().can_open());
}

#[test]
fn who_complains_falsely_is_out_and_told_so() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    for _ in 0..2 {
        for place in 0..3 {
            house.step(place).unwrap();
        }
    }
    let trustee = house.trustee(1);
    let ceremony = house.ceremony();
    let channel = ceremony.channel(index(0), index(1)).unwrap();
    let secrets = trustee.state.secrets(1).unwrap();
    let complaint = Complaint::make(&channel, &secrets.transport, &mut rand::rng());
    let accusation = Accusation { ceremony: 1, dealer: index(0), complaint };
    let entry = trustee.sign(&Payload::Complaint(accusation)).unwrap();
    house.desk.submit(&poll_path(), entry.bytes()).unwrap();
    drop(trustee);
    assert_eq!(house.ceremony().excluded(), [(1, index(1), Exclusion::FalseComplaint)]);
    let error = house.step(1).unwrap_err();
    assert!(error.to_string().contains("complained of a share that is right"), "{error}");
    assert_eq!(house.settle(&[0, 2]).len(), 6);
    assert_eq!(house.ceremony().stage(), Stage::Complete);
}

#[test]
fn who_is_silent_is_excluded_and_the_next_ceremony_completes() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    house.settle(&[0, 1]);
    let waits = Step::Waits(Waiting::Trustees(1, vec![index(2)]));
    assert_eq!(house.step(0).unwrap(), waits);
    house.exclude(2);
    assert_eq!(house.settle(&[0, 1]).len(), 6);
    assert_eq!(house.ceremony().stage(), Stage::Complete);
    assert_eq!(code(house.step(2)), "trustee-unknown");
}

#[test]
fn too_few_trustees_make_no_key() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    house.settle(&[0]);
    house.exclude(1);
    house.settle(&[0]);
    house.exclude(2);
    let error = house.step(0).unwrap_err();
    assert_eq!(error.code(), Breach::CeremonyIncomplete.code());
    assert!(error.to_string().contains("too few trustees"), "{error}");
}

#[test]
fn a_share_waits_for_the_witnesses() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    house.settle(&[0, 1, 2]);
    house.open();
    city.close();
    let mut trustee = house.trustee(0);
    let told = trust(&city, Some(Witnessed::policy()));
    trustee.watch = PollWatch::read(&city, told, POLL, &mut |_, _| {}).unwrap();
    // CEREMONY-14: a head that the policy does not accept shows nothing.
    for logs in [vec![], vec![LogPath::Register], vec![poll_path()]] {
        let source = Witnessed { city: &city, logs };
        let step = trustee.step(&source, &house.desk, EARLIEST, &mut rand::rng()).unwrap();
        assert_eq!(step, Step::Waits(Waiting::Witnesses));
    }
    assert_eq!(house.ceremony().shared().count(), 0);
    let source = Witnessed { city: &city, logs: vec![LogPath::Register, poll_path()] };
    let step = trustee.step(&source, &house.desk, EARLIEST, &mut rand::rng()).unwrap();
    assert_eq!(step, Step::Did(Deed::Shared));
}

#[test]
fn what_is_not_public_yet_is_waited_for_and_not_said_again() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    let mut trustee = house.trustee(0);
    city.hold_back();
    let mut step = || trustee.step(&city, &house.desk, 2_500, &mut rand::rng()).unwrap();
    assert_eq!(step(), Step::Did(Deed::Joined(1)));
    // RECEIPT-12: the entry stands, and the public head does not show it yet.
    assert_eq!(step(), Step::Waits(Waiting::OwnEntry));
    assert_eq!(house.desk.seen.get(), 1);
    drop(trustee);
    // After a crash the same bytes are said again, which are one entry.
    assert_eq!(house.step(0).unwrap(), Step::Did(Deed::Joined(1)));
    city.publish();
    assert!(matches!(house.step(0).unwrap(), Step::Waits(Waiting::Trustees(1, _))));
    assert_eq!(house.ceremony().transport_keys().len(), 1);
}

#[test]
fn another_transcript_than_the_one_confirmed_is_refused() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    house.settle(&[0, 1, 2]);
    let ceremony = house.ceremony();
    let mut trustee = house.trustee(0);
    let (transcript, key) = ceremony.outcome().unwrap();
    let seen = trustee.watch.trust().clone();
    trustee.state.keep_outcome((transcript, *key.as_bytes()), &seen).unwrap();
    let other = (Hash([7; 32]), *key.as_bytes());
    assert_eq!(code(trustee.state.keep_outcome(other, &seen)), "head-forked");
    assert_eq!(code(trustee.state.keep_deal(Hash([7; 32]), &seen)), "head-forked");
    assert_eq!(code(trustee.state.check_announce(Hash([7; 32]))), "head-forked");
    drop(trustee);
    // An entry that was seen is replaced, and the log is as long as before.
    let mut log = city.logs.borrow_mut().remove(&poll_path()).unwrap();
    let replaced = log.len() - 2;
    log[replaced] = log[replaced - 1].clone();
    city.logs.borrow_mut().insert(poll_path(), log);
    let told = trust(&city, None);
    let refused = load(&city, &house.file(2), house.numbers[2], told);
    assert_eq!(code(refused), "head-forked");
}

#[test]
fn who_is_no_trustee_or_has_lost_the_file_is_told_so() {
    let city = TestCity::with_sealed_poll();
    let house = House::new(&city);
    let file = house.folder.path().join("stranger");
    let mut stranger = load(&city, &file, 99, trust(&city, None)).unwrap();
    let refused = stranger.step(&city, &house.desk, 0, &mut rand::rng());
    assert_eq!(code(refused), "trustee-unknown");
    drop(stranger);
    let refused = load(&city, &file, house.numbers[0], trust(&city, None));
    assert_eq!(code(refused), "file-content");
    house.step(0).unwrap();
    std::fs::remove_file(house.file(0)).unwrap();
    let seen = house.desk.seen.get();
    assert_eq!(code(house.step(0)), "usage");
    assert_eq!(house.desk.seen.get(), seen, "nothing was said");
}

#[test]
fn the_file_keeps_everything_under_a_passphrase() {
    let city = TestCity::with_sealed_poll();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trustee");
    let office = Office { origin: "vote.example.org/poll/park".into(), trustee: key(1).key() };
    let seen = trust(&city, None);
    let mut state =
        TrusteeState::create(&file, Some("horse"), office.clone(), seen.clone()).unwrap();
    let transport = TransportSecret::generate(&mut rand::rng());
    let dealer = Dealer::generate(index(0), 2, &mut rand::rng()).unwrap();
    let (public, dealing) = (transport.key(), dealer.dealing().clone());
    let secrets = Secrets { ceremony: 4, transport, dealer };
    state.keep_secrets(secrets, &seen).unwrap();
    state.keep_deal(Hash([1; 32]), &seen).unwrap();
    let head = Head { size: 9, root: Hash([2; 32]) };
    state.keep_head(head, &seen).unwrap();
    drop(state);
    let open = |phrase: &str| {
        let phrase = Zeroizing::new(phrase.to_owned());
        TrusteeState::open(&file, || Ok(phrase), &office)
    };
    assert_eq!(code(open("house")), "passphrase-wrong");
    let mut state = open("horse").unwrap();
    let secrets = state.secrets(4).unwrap();
    assert_eq!(secrets.transport.key(), public);
    assert_eq!(*secrets.dealer.dealing(), dealing);
    assert!(state.secrets(3).is_none(), "of this ceremony and no other");
    // The head that was named first stays.
    let other = Head { size: 10, root: Hash([3; 32]) };
    assert_eq!(state.keep_head(other, &seen).unwrap(), head);
}
