//! Entries of the register that the law refuses (spec/register.md).

use veche_api::Config;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::name::LogPath;
use veche_protocol::register::Anchors;

use super::{Case, Handed, refuse_each};
use crate::city::{City, key};

const REGISTER: LogPath = LogPath::Register;

fn of_register(entry: SignedEntry) -> Handed {
    Handed::new(REGISTER, entry.into_bytes())
}

pub(super) const CASES: &[Case] = &[
    // REG-2: there is one genesis.
    ("genesis-missing", |city| {
        let mut genesis = city.engine.register().genesis().clone();
        "Another".clone_into(&mut genesis.city);
        let by = ["member-1", "member-2", "member-3", "log"];
        of_register(city.sign_out_of_place(&REGISTER, &Payload::Genesis(genesis), &by))
    }),
    ("commission-quorum", |city| {
        let list = city.dismissal("officer-2").payload().clone();
        of_register(city.sign(&REGISTER, &list, &["member-1"]))
    }),
    ("commission-quorum", |city| {
        let list = city.dismissal("officer-2").payload().clone();
        of_register(city.sign(&REGISTER, &list, &["member-1", "member-2", "officer-1"]))
    }),
    ("signature-invalid", |city| {
        let mut entry = city.dismissal("officer-2").into_bytes();
        *entry.last_mut().unwrap() ^= 1;
        Handed::new(REGISTER, entry)
    }),
    // REG-5: the log's key holds no office.
    ("entry-fields", |city| {
        let Payload::Officers(mut list) = city.dismissal("officer-2").payload().clone() else {
            panic!()
        };
        list.0[0].key = key("log").key();
        list.0.sort_by_key(|officer| officer.key);
        of_register(city.sign(&REGISTER, &Payload::Officers(list), &["member-1", "member-2"]))
    }),
    // REG-6: what the operator makes is not taken from outside, key or no key.
    ("not-signed-by-log", |city| {
        let anchors = Payload::Anchors(Anchors { heads: Vec::new(), register_checkpoint: None });
        of_register(city.sign(&REGISTER, &anchors, &["log"]))
    }),
];

#[test]
fn entries_of_the_register_that_break_the_law_are_refused() {
    refuse_each(|| City::start(&Config::default()), CASES);
}
