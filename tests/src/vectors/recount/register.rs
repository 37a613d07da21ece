//! Step A3: genesis, commission, officers, announced logs, anchors.

use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::name::LogPath;
use veche_protocol::register::{
    AnchoredHead, Anchors, CommissionKeys, LogAnnouncement, OfficerList, Role,
};

use super::case::Case;
use super::story::{POLL, REGISTER, Story, plain, stranger, usual};
use crate::city::{COMMISSION, City, key, officers};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        genesis_missing(),
        genesis_damaged(),
        genesis_without_a_member(),
        genesis_of_another_domain(),
        register_empty(),
        genesis_twice(),
        poll_announced_as_another(),
        poll_not_announced(),
        log_announced_twice(),
        log_of_another_domain(),
        log_announced_by_an_officer(),
    ];
    cases.extend(governance());
    cases.extend(anchors());
    cases
}

/// A register whose genesis is no genesis: the bytes are judged, and nothing else.
fn without_city(story: Story, name: &str, what: &'static str) -> Case {
    story.case(name, what).without_city().operator("A2", "note-unsigned", POLL, None).operator(
        "A2",
        "note-unsigned",
        REGISTER,
        None,
    )
}

fn genesis_missing() -> Case {
    let mut story = Story::voted();
    let register = story.city.logs.get_mut(&LogPath::Register).expect("the register");
    register.entries.remove(0);
    without_city(story, "genesis_missing", "The register begins with something else.").operator(
        "A3",
        "genesis-missing",
        REGISTER,
        0,
    )
}

fn genesis_damaged() -> Case {
    let mut story = Story::voted();
    let register = story.city.logs.get_mut(&LogPath::Register).expect("the register");
    register.entries[0].push(0);
    story
        .case("genesis_damaged", "A byte follows the genesis: two findings, one entry.")
        .without_city()
        .operator("A1", "entry-trailing-bytes", REGISTER, 0)
        .operator("A2", "note-unsigned", POLL, None)
        .operator("A2", "note-unsigned", REGISTER, None)
        .operator("A3", "genesis-missing", REGISTER, 0)
}

fn genesis_without_a_member() -> Case {
    let mut story = Story::new();
    let first = story.city.at(&LogPath::Register).entries[0].clone();
    let genesis = SignedEntry::decode(LogPath::Register.log_type(), first).expect("a genesis");
    let origin = LogPath::Register.origin(&story.city.domain);
    let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
    let [a, b, _] = COMMISSION.map(key);
    let entry = SignedEntry::sign(genesis.payload(), &binding, &[&a, &b, &story.city.log_key]);
    let register = story.city.logs.get_mut(&LogPath::Register).expect("the register");
    register.entries[0] = entry.bytes().to_vec();
    story.announce(plain());
    without_city(
        story,
        "genesis_without_a_member",
        "One member of the commission has not signed the genesis.",
    )
    .operator("A3", "genesis-missing", REGISTER, 0)
}

fn genesis_of_another_domain() -> Case {
    let mut story = Story::announced(plain());
    let other = City::found("vote.example.com");
    let register = story.city.logs.get_mut(&LogPath::Register).expect("the register");
    register.entries[0].clone_from(&other.at(&LogPath::Register).entries[0]);
    without_city(
        story,
        "genesis_of_another_domain",
        "The genesis is a valid one of another domain than the register's head names.",
    )
    .operator("A3", "genesis-missing", REGISTER, 0)
}

fn register_empty() -> Case {
    let mut story = Story::announced(plain());
    story.city.logs.get_mut(&LogPath::Register).expect("the register").entries.clear();
    without_city(story, "register_empty", "The register's head is that of an empty log.").operator(
        "A3",
        "genesis-missing",
        REGISTER,
        None,
    )
}

fn genesis_twice() -> Case {
    let mut story = Story::voted();
    let genesis = story.city.at(&LogPath::Register).entries[0].clone();
    let index = story.city.log_bytes(&LogPath::Register, genesis);
    story.end(usual());
    story.usual_case("genesis_twice", "Somebody tries to found the city a second time.").operator(
        "A3",
        "genesis-missing",
        REGISTER,
        index,
    )
}

fn poll_announced_as_another() -> Case {
    let mut story = Story::new();
    let entry = story.announce_entry(plain());
    story.stand(&entry);
    let log =
        LogAnnouncement { origin: story.poll.origin(&story.city.domain), first: Hash([7; 32]) };
    let announced = story.city.operator_entry(&Payload::Log(log));
    story.city.log(&LogPath::Register, &announced);
    story.open();
    story.cast_usual();
    story.end(usual());
    story
        .usual_case(
            "poll_announced_as_another",
            "The register announces a poll of this name that begins with another entry.",
        )
        .operator("A3", "log-not-announced", POLL, None)
}

fn poll_not_announced() -> Case {
    let mut story = Story::new();
    let entry = story.announce_entry(plain());
    story.stand(&entry);
    story.open();
    story.cast_usual();
    story.close();
    story.usual_case("poll_not_announced", "The register does not know the poll at all.").operator(
        "A3",
        "log-not-announced",
        POLL,
        None,
    )
}

fn log_announced_twice() -> Case {
    // REG-7: announced once.
    let mut story = Story::voted();
    let index = story.city.announce_log(&story.poll.clone());
    story.end(usual());
    story
        .usual_case("log_announced_twice", "The register announces the poll a second time.")
        .operator("A3", "log-announced-twice", REGISTER, index)
}

fn log_of_another_domain() -> Case {
    // REG-7: a roll or a poll of this domain.
    let mut story = Story::voted();
    let log =
        LogAnnouncement { origin: "vote.example.com/poll/park".to_owned(), first: Hash([7; 32]) };
    let entry = story.city.operator_entry(&Payload::Log(log));
    let index = story.city.log(&LogPath::Register, &entry);
    story.end(usual());
    story
        .usual_case("log_of_another_domain", "The register announces a log of another city.")
        .operator("A3", "entry-fields", REGISTER, index)
}

fn log_announced_by_an_officer() -> Case {
    let mut story = Story::voted();
    let origin = LogPath::Poll("swings".to_owned()).origin(&story.city.domain);
    let payload = Payload::Log(LogAnnouncement { origin, first: Hash([7; 32]) });
    let officer = key("officer-1");
    let keys = [&story.city.log_key, &officer];
    let register = LogPath::Register;
    let entry = story.city.sign_with(&register, story.city.instance, &payload, &keys);
    let index = story.city.log(&register, &entry);
    story.end(usual());
    story
        .usual_case(
            "log_announced_by_an_officer",
            "An officer has signed, together with the operator, what is the operator's alone.",
        )
        .operator("A3", "not-signed-by-log", REGISTER, index)
}

/// Name, what it is, the entry, its code, and whether staff answers for it.
type Defect = (&'static str, &'static str, fn(&City) -> SignedEntry, &'static str);

fn governance() -> Vec<Case> {
    let staff = by_staff().into_iter().map(|defect| {
        let (case, code, index) = governed(defect);
        case.staff("A3", code, REGISTER, index)
    });
    let operator = by_operator().into_iter().map(|defect| {
        let (case, code, index) = governed(defect);
        case.operator("A3", code, REGISTER, index)
    });
    staff.chain(operator).collect()
}

fn by_staff() -> [Defect; 4] {
    [
        (
            "officers_by_one_of_the_commission",
            "Officers are appointed by one member of the commission, where two must.",
            |city| govern(city, &appointment(), &COMMISSION[..1]),
            "commission-quorum",
        ),
        (
            "officers_by_a_stranger_too",
            "Officers are appointed by the commission and somebody else.",
            |city| govern(city, &appointment(), &[COMMISSION[0], COMMISSION[1], "officer-1"]),
            "commission-quorum",
        ),
        // REG-4: the threshold in force is of the commission in force.
        (
            "commission_by_its_successors",
            "A new commission appoints itself.",
            |city| {
                govern(city, &commission(&["usurper-1", "usurper-2"]), &["usurper-1", "usurper-2"])
            },
            "commission-quorum",
        ),
        // REG-4: every new key has signed.
        (
            "commission_with_a_silent_member",
            "A new member of the commission has not signed.",
            |city| govern(city, &commission(&[COMMISSION[0], "newcomer"]), &COMMISSION),
            "commission-quorum",
        ),
    ]
}

fn by_operator() -> [Defect; 3] {
    [
        (
            "officers_signed_for_another_history",
            "Officers are appointed by signatures made under another entry.",
            |city| city.sign(&LogPath::Register, Hash([7; 32]), &appointment(), &COMMISSION),
            "signature-invalid",
        ),
        (
            "officer_is_the_log_key",
            "The operator's key is made an officer.",
            |city| {
                let mut list = officers(&[("officer-1", &[Role::PollOfficer])]);
                list.0[0].key = city.log_key.key();
                govern(city, &Payload::Officers(list), &COMMISSION)
            },
            "entry-fields",
        ),
        (
            "commission_has_the_log_key",
            "The operator's key is made a member of the commission.",
            |city| {
                let keys = vec![city.log_key.key()];
                let payload = Payload::Commission(CommissionKeys { threshold: 1, keys });
                let members = COMMISSION.map(key);
                let signers = [&members[0], &members[1], &city.log_key];
                city.sign_with(&LogPath::Register, city.governance(), &payload, &signers)
            },
            "entry-fields",
        ),
    ]
}

/// The entry is refused: the officers in force act on.
fn governed((name, what, entry, code): Defect) -> (Case, &'static str, u64) {
    let mut story = Story::voted();
    let entry = entry(&story.city);
    let index = story.city.log(&LogPath::Register, &entry);
    story.end(usual());
    (story.usual_case(name, what), code, index)
}

fn govern(city: &City, payload: &Payload, by: &[&str]) -> SignedEntry {
    city.sign(&LogPath::Register, city.governance(), payload, by)
}

fn appointment() -> Payload {
    let list: OfficerList = officers(&[("usurper", &[Role::PollOfficer])]);
    Payload::Officers(list)
}

fn commission(names: &[&str]) -> Payload {
    let mut keys: Vec<_> = names.iter().map(|name| key(name).key()).collect();
    keys.sort_by_key(|key| key.0);
    Payload::Commission(CommissionKeys { threshold: 1, keys })
}

/// Name, what it is, how it spoils an honest anchors entry, and the code.
type BadAnchors = (&'static str, &'static str, fn(&City, &mut Anchors), &'static str);

fn anchors() -> Vec<Case> {
    bad_heads().into_iter().chain(bad_register_heads()).map(badly_anchored).collect()
}

fn bad_heads() -> [BadAnchors; 5] {
    [
        // REG-8: ascending, announced, never backwards, one root for one size.
        (
            "anchors_descending",
            "The heads of an anchors entry are not in their order.",
            |_, anchors| anchors.heads.reverse(),
            "anchor-disordered",
        ),
        (
            "anchors_of_an_unknown_log",
            "An anchors entry names a log that was never announced.",
            |_, anchors| "vote.example.org/poll/ghost".clone_into(&mut anchors.heads[0].origin),
            "anchor-disordered",
        ),
        (
            "anchors_of_an_empty_log",
            "An anchors entry names a head of size 0.",
            |_, anchors| anchors.heads[0].size = 0,
            "anchor-disordered",
        ),
        (
            "anchors_going_backwards",
            "An anchors entry names a smaller head than the one before.",
            |city, anchors| roll_at(city, anchors, 1),
            "anchor-disordered",
        ),
        (
            "anchors_of_two_roots",
            "Two anchors entries name different roots for one size.",
            |_, anchors| anchors.heads.last_mut().expect("the roll").root = Hash([7; 32]),
            "anchor-fork",
        ),
    ]
}

fn bad_register_heads() -> [BadAnchors; 5] {
    [
        // REG-9: a signed head of the register before it.
        (
            "anchors_without_register_head",
            "An anchors entry that is not the first holds no head of the register.",
            |_, anchors| anchors.register_checkpoint = None,
            "anchor-register-head",
        ),
        (
            "anchors_with_a_false_register_head",
            "An anchors entry holds a signed head that the register never had.",
            |city, anchors| {
                anchors.register_checkpoint = Some(register_head(city, 2, Hash([7; 32])));
            },
            "anchor-register-head",
        ),
        (
            "anchors_with_a_later_register_head",
            "An anchors entry holds a head that covers the entry itself.",
            |city, anchors| {
                anchors.register_checkpoint = Some(register_head(city, 5, Hash([7; 32])));
            },
            "anchor-register-head",
        ),
        (
            "anchors_with_an_unsigned_register_head",
            "An anchors entry holds a head of the register that another key has signed.",
            |city, anchors| {
                let log = city.at(&LogPath::Register);
                anchors.register_checkpoint = Some(log.checkpoint(&stranger()));
            },
            "anchor-register-head",
        ),
        (
            "anchors_with_a_head_of_a_roll",
            "An anchors entry holds a head of the roll in place of the register's.",
            |city, anchors| {
                let roll = city.at(&LogPath::Roll("residents".to_owned()));
                anchors.register_checkpoint = Some(roll.checkpoint(&city.log_key));
            },
            "anchor-register-head",
        ),
    ]
}

/// The entry is refused as a whole; an honest one follows after the close.
fn badly_anchored((name, what, spoil, code): BadAnchors) -> Case {
    let mut story = Story::voted();
    let mut anchors = story.city.anchors();
    spoil(&story.city, &mut anchors);
    let entry = story.city.operator_entry(&Payload::Anchors(anchors));
    let index = story.city.log(&LogPath::Register, &entry);
    story.end(usual());
    story.usual_case(name, what).operator("A3", code, REGISTER, index)
}

fn roll_at(city: &City, anchors: &mut Anchors, size: usize) {
    let log = city.at(&LogPath::Roll("residents".to_owned()));
    let head = log.head_at(size);
    let last = anchors.heads.last_mut().expect("the roll");
    *last = AnchoredHead { origin: log.origin.clone(), size: head.size, root: head.root };
}

fn register_head(city: &City, size: u64, root: Hash) -> Vec<u8> {
    let origin = LogPath::Register.origin(&city.domain);
    let signed = Checkpoint { origin, size, root }.sign(&city.log_key).expect("a log's origin");
    signed.into_note().to_string().into_bytes()
}
