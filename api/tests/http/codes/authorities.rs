//! What the law refuses of issuers, of trustees, and of voters with credentials
//! (spec/credentials.md, spec/ceremony.md, spec/sealing.md).

use veche_api::Config;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::acts::Certify;
use veche_protocol::poll::authorities::Issuing;
use veche_protocol::poll::ballot::{Ballot, Content, Credential};
use veche_protocol::poll::definition::Revote;
use veche_protocol::poll::issuing::Request;
use veche_protocol::poll::result::{OptionResult, PollResult, QuestionResult, Turnout};
use veche_protocol::sealing::SealedBallot;

use super::{Case, Handed, refuse_each};
use crate::authorities::secret_definition;
use crate::city::{CLOSES_AT, City, OFFICERS, definition, poll, voter_name};

const LAST: Revote = Revote::Last { max_turn: 3 };

fn city() -> City {
    City::start(&Config::default())
}

fn named() -> City {
    City::with_open_poll(&Config::default(), 3, LAST)
}

fn announced() -> City {
    let city = city();
    city.announce_secret(LAST, Issuing::UntilOpen);
    city
}

/// With a roll of ten.
fn lonely() -> City {
    let city = city();
    city.announce_to(10, secret_definition(LAST, Issuing::UntilOpen));
    city
}

fn begun() -> City {
    let city = announced();
    city.begin_announced();
    city
}

fn open() -> City {
    let city = city();
    city.begin(LAST, Issuing::UntilOpen);
    city.serve(0..2);
    city.open_secret();
    city
}

fn closed() -> City {
    let city = open();
    city.submit(&poll(), &city.sealed(&city.wallet(0), 0, 1));
    city.clock.set(CLOSES_AT);
    city.submit(&poll(), &city.closing(&OFFICERS));
    city.submit(&poll(), &city.share(0));
    city
}

fn of_poll(entry: SignedEntry) -> Handed {
    Handed::new(poll(), entry.into_bytes())
}

/// The same act, changed, by whoever has signed it.
macro_rules! changed {
    ($city:expr, $entry:expr, $by:expr, $kind:ident, |$act:ident| $change:expr) => {{
        let Payload::$kind(mut $act) = $entry.payload().clone() else { panic!() };
        $change;
        of_poll($city.sign(&poll(), &Payload::$kind($act), &[$by]))
    }};
}

/// The name of the trustee with the first index, and of the first issuer.
fn first(city: &City, kind: Kind) -> &'static str {
    let definition = city.engine.poll(&poll()).unwrap().definition;
    let (members, names): (_, &[&'static str]) = match kind {
        Kind::Join => (definition.trustees.members.clone(), &crate::authorities::TRUSTEES),
        _ => (definition.issuance.clone().unwrap().issuers, &crate::authorities::ISSUERS),
    };
    names.iter().find(|name| **name == members[0].label).unwrap()
}

fn join_all(city: &City) {
    (0..3).for_each(|place| city.submit(&poll(), &city.join(place)));
}

fn deal_all(city: &City) {
    join_all(city);
    (0..3).for_each(|place| city.submit(&poll(), &city.deal(place)));
}

fn ballot(city: &City, change: impl Fn(&mut Ballot)) -> Handed {
    let wallet = city.wallet(0);
    let entry = city.sealed(&wallet, 0, 1);
    let Payload::Ballot(mut ballot) = entry.payload().clone() else { panic!() };
    change(&mut ballot);
    let open = city.engine.poll(&poll()).unwrap().open.unwrap();
    let payload = Payload::Ballot(ballot);
    of_poll(SignedEntry::sign(&payload, &open.ballot_binding(), &[&wallet.key]))
}

fn sealed(ballot: &mut Ballot) -> &mut SealedBallot {
    match &mut ballot.content {
        Content::Sealed(sealed) => sealed,
        Content::Open(_) => panic!("the poll is sealed"),
    }
}

const NAMED: &[Case] = &[
    ("entry-not-of-poll", |city| {
        let request = Payload::Request(Request { blinded: vec![vec![1; 256]] });
        of_poll(city.sign_out_of_place(&poll(), &request, &[&voter_name(0)]))
    }),
    ("credential-unexpected", |city| {
        let credential = Credential {
            district: "north".to_owned(),
            prefix: [0; 32],
            signatures: vec![vec![1; 256]],
        };
        let ballot = Ballot { credential: Some(credential), ..Ballot::open(0, vec![vec![1]]) };
        of_poll(city.sign(&poll(), &Payload::Ballot(ballot), &[&voter_name(0)]))
    }),
];

const LONELY: &[Case] = &[("crowd-too-small", |city| of_poll(city.beginning()))];

const ANNOUNCED: &[Case] = &[
    ("issuer-unknown", |city| {
        changed!(city, city.issuer_keys(0), "nobody", IssuerKeys, |keys| keys.keys.truncate(2))
    }),
    ("issuer-key-weak", |city| {
        let by = first(city, Kind::IssuerKeys);
        // An even number has a factor that everyone knows.
        changed!(city, city.issuer_keys(0), by, IssuerKeys, |keys| {
            *keys.keys[0].1.last_mut().unwrap() &= 0xfe;
        })
    }),
    ("issuer-key-repeated", |city| {
        city.submit(&poll(), &city.issuer_keys(0));
        let by = first(city, Kind::IssuerKeys);
        changed!(city, city.issuer_keys(0), by, IssuerKeys, |keys| keys.keys.truncate(1))
    }),
    ("issuer-key-missing", |city| {
        city.submit(&poll(), &city.issuer_keys(0));
        of_poll(city.beginning())
    }),
    ("trustee-unknown", |city| {
        changed!(city, city.join(0), "nobody", Join, |join| join.ceremony = 1)
    }),
    ("ceremony-number", |city| {
        changed!(city, city.join(0), first(city, Kind::Join), Join, |join| join.ceremony = 2)
    }),
    ("transport-key-weak", |city| {
        let by = first(city, Kind::Join);
        changed!(city, city.join(0), by, Join, |join| join.transport_key = [0; 32])
    }),
    ("ceremony-stage", |city| {
        city.submit(&poll(), &city.join(0));
        let by = first(city, Kind::Join);
        changed!(city, city.join(0), by, Join, |join| join.commitment_hash = Hash::ZERO)
    }),
    ("trustee-not-silent", |city| {
        city.submit(&poll(), &city.join(0));
        of_poll(city.exclusion(&[0]))
    }),
    ("dealing-mismatch", |city| {
        join_all(city);
        let by = first(city, Kind::Join);
        changed!(city, city.deal(0), by, Deal, |deal| deal.dealing.proof[0] ^= 1)
    }),
    ("dealing-invalid", |city| {
        join_all(city);
        changed!(city, city.deal(0), first(city, Kind::Join), Deal, |deal| deal.shares.truncate(1))
    }),
    ("complaint-invalid", |city| {
        deal_all(city);
        let by = first(city, Kind::Join);
        changed!(city, city.complaint(1, 0), by, Complaint, |act| act.complaint.proof[0] ^= 1)
    }),
    ("ready-mismatch", |city| {
        deal_all(city);
        let by = first(city, Kind::Join);
        changed!(city, city.ready(0), by, Ready, |ready| ready.transcript = Hash::ZERO)
    }),
];

const BEGUN: &[Case] = &[
    ("ceremony-incomplete", |city| {
        city.clock.set(crate::city::OPENS_AT);
        of_poll(city.secret_opening())
    }),
    ("blinded-message", |city| {
        let by = voter_name(0);
        changed!(city, city.request(&city.wallet(0)), &by, Request, |act| act.blinded.truncate(1))
    }),
    ("request-repeated", |city| {
        city.submit(&poll(), &city.request(&city.wallet(0)));
        of_poll(city.request(&city.wallet_named(0, "another")))
    }),
    ("request-unknown", |city| of_poll(city.answers(0, &[(0, &city.wallet(0))]))),
    ("issued-invalid", |city| {
        city.submit(&poll(), &city.request(&city.wallet(0)));
        let index = city.engine.poll(&poll()).unwrap().head.size - 1;
        of_poll(city.answers(0, &[(index, &city.wallet(2))]))
    }),
    ("issued-twice", |city| {
        city.submit(&poll(), &city.request(&city.wallet(0)));
        let index = city.engine.poll(&poll()).unwrap().head.size - 1;
        let wallet = city.wallet(0);
        of_poll(city.answers(0, &[(index, &wallet), (index, &wallet)]))
    }),
];

const OPEN: &[Case] = &[
    ("issuing-over", |city| {
        let request = Payload::Request(Request { blinded: vec![vec![1; 256]; 2] });
        of_poll(city.sign_out_of_place(&poll(), &request, &[&voter_name(5)]))
    }),
    ("credential-missing", |city| of_poll(city.ballot(5, 0, 1))),
    ("credential-district", |city| {
        ballot(city, |ballot| {
            "nowhere".clone_into(&mut ballot.credential.as_mut().unwrap().district);
        })
    }),
    // Made for another key.
    ("credential-invalid", |city| {
        of_poll(city.sealed_with(&city.wallet(0), &city.wallet(1).key, 0, 1))
    }),
    ("credential-invalid", |city| {
        ballot(city, |ballot| ballot.credential.as_mut().unwrap().signatures.truncate(1))
    }),
    ("ballot-content-kind", |city| {
        ballot(city, |ballot| ballot.content = Content::Open(vec![vec![1]]))
    }),
    ("sealed-point", |city| ballot(city, |ballot| sealed(ballot).point = [0; 32])),
    ("sealed-length", |city| ballot(city, |ballot| sealed(ballot).ciphertext.truncate(16))),
];

/// Where credentials of two districts can be had for one key.
fn shared_key() -> City {
    let city = city();
    city.begin(LAST, Issuing::UntilOpen);
    for number in 0..2 {
        let wallet = city.wallet_named(number, "shared");
        city.submit(&poll(), &city.request(&wallet));
        let index = city.engine.poll(&poll()).unwrap().head.size - 1;
        (0..2).for_each(|issuer| {
            city.submit(&poll(), &city.answers(issuer, &[(index, &wallet)]));
        });
    }
    city.open_secret();
    city
}

const SHARED: &[Case] = &[("district-changed", |city| {
    city.submit(&poll(), &city.sealed(&city.wallet_named(0, "shared"), 0, 1));
    of_poll(city.sealed(&city.wallet_named(1, "shared"), 1, 1))
})];

const CLOSED: &[Case] = &[
    // The share again, under a head that has grown since.
    ("share-repeated", |city| of_poll(city.share(0))),
    ("share-invalid", |city| {
        let Payload::Share(own) = city.share(0).payload().clone() else { panic!() };
        let other = city.share(1);
        let labels = city.engine.poll(&poll()).unwrap().definition;
        let by = labels.trustees.members[1].label.clone();
        changed!(city, other, &by, Share, |share| share.key_share = own.key_share)
    }),
    ("shares-missing", |city| {
        let seen = city.engine.context(&poll(), Kind::Certify).unwrap().seen.unwrap();
        let turnout =
            |code: &str| Turnout { district: code.to_owned(), eligible: 50, effective: 0 };
        let option =
            |label: &str| OptionResult { label: label.to_owned(), votes: 0, selected: false };
        let result = PollResult {
            eligible: 100,
            effective: 0,
            districts: vec![turnout("north"), turnout("south")],
            quorum_met: false,
            questions: vec![QuestionResult {
                blank: 0,
                outcome: definition(LAST).questions[0]
                    .options
                    .iter()
                    .map(|one| option(&one.label))
                    .collect(),
            }],
        };
        of_poll(city.sign(&poll(), &Payload::Certify(Certify { seen, result }), &OFFICERS))
    }),
];

/// Everything in this file.
pub(super) const ALL: [&[Case]; 7] = [NAMED, LONELY, ANNOUNCED, BEGUN, OPEN, SHARED, CLOSED];

#[test]
fn entries_of_another_sort_of_poll_are_refused() {
    refuse_each(named, NAMED);
}

#[test]
fn issuers_and_trustees_who_break_the_law_are_refused() {
    refuse_each(lonely, LONELY);
    refuse_each(announced, ANNOUNCED);
}

#[test]
fn requests_and_answers_that_break_the_law_are_refused() {
    refuse_each(begun, BEGUN);
}

#[test]
fn ballots_with_credentials_that_break_the_law_are_refused() {
    refuse_each(open, OPEN);
    refuse_each(shared_key, SHARED);
}

#[test]
fn shares_that_break_the_law_are_refused() {
    refuse_each(closed, CLOSED);
}
