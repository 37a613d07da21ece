//! Entries of anonymous and sealed polls: a good one of each kind, and the defects of their fields.

use veche_protocol::breach::Breach::{EntryFields, KeyWeak};
use veche_protocol::ceremony::{Complaint, Dealing};
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::LogType::Poll;
use veche_protocol::poll::ballot::{Ballot, Content, Credential};
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::issuing::{Issued, IssuerKeys, Request};
use veche_protocol::poll::trusteeship::{Accusation, Deal, Exclude};
use veche_protocol::sealing::SealedBallot;

use super::super::recount::story::{Story, anonymous, plain, sealed};
use super::Sample;
use super::defects::{Defect, around};
use crate::city::{authorities, trustee};

/// A good entry of each kind that only these polls have, and of the kinds that look otherwise in
/// them.
pub(super) fn samples() -> Vec<Sample> {
    let mut story = Story::hidden(sealed(anonymous(plain())));
    story.unseal(&[1]);
    let other = {
        let mut other = Story::announced(sealed(plain()));
        other.deal_all();
        other
    };
    let announce = other.leaf(Kind::Announce);
    let complaint = Payload::Complaint(other.trustees().ceremony.accuse(1, 2));
    let sample = |entry: SignedEntry, under: Hash| Sample {
        name: entry.payload().kind().name(),
        path: story.poll.clone(),
        entry,
        instance: story.city.instance,
        under,
    };
    let first = |kind: Kind, under: Hash| {
        let decode = |bytes: &Vec<u8>| SignedEntry::decode(Poll, bytes.clone()).expect("an entry");
        let mut entries = story.entries().iter().map(decode);
        let entry = entries.find(|entry| entry.payload().kind() == kind);
        sample(entry.expect("the story has an entry of this kind"), under)
    };
    let under = |kind| story.leaf(kind);
    let named = |name, sample| Sample { name, ..sample };
    vec![
        named("announce_anonymous_sealed", first(Kind::Announce, story.city.instance)),
        first(Kind::IssuerKeys, under(Kind::Announce)),
        first(Kind::Begin, under(Kind::Announce)),
        first(Kind::Request, under(Kind::Begin)),
        first(Kind::Issued, under(Kind::Begin)),
        first(Kind::Join, under(Kind::Announce)),
        first(Kind::Deal, under(Kind::Announce)),
        first(Kind::Ready, under(Kind::Announce)),
        named("open_after_begin", first(Kind::Open, under(Kind::Begin))),
        named("ballot_sealed_with_credential", first(Kind::Ballot, under(Kind::Open))),
        first(Kind::Share, under(Kind::Close)),
        sample(other.trustee_entry(2, &complaint), announce),
        sample(other.exclude_entry(&[2]), announce),
    ]
}

/// All defects of this module.
pub(super) fn defects(announce: &SignedEntry) -> Vec<Defect> {
    let mut all = of_issuing();
    all.extend(of_deals());
    all.extend(of_trustees());
    all.extend(of_exclusions());
    all.extend(of_ballots());
    all.extend(of_authorities(announce));
    all.extend(of_choices(announce));
    all
}

fn payload(payload: &Payload) -> Vec<u8> {
    around(&payload.encode())
}

/// A payload of this kind with fields that no type of the protocol can hold.
fn raw(kind: u64, fields: usize, write: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(2 + fields).uint(kind).uint(1);
    write(&mut encoder);
    around(&encoder.finish())
}

fn number(length: usize) -> Vec<u8> {
    vec![0xa5; length]
}

fn of_issuing() -> Vec<Defect> {
    let keys = |keys: Vec<(&str, Vec<u8>)>| {
        let keys = keys.into_iter().map(|(code, modulus)| (code.to_owned(), modulus)).collect();
        payload(&Payload::IssuerKeys(IssuerKeys { keys }))
    };
    let request = |blinded| payload(&Payload::Request(Request { blinded }));
    let issued = |signatures| payload(&Payload::Issued(Issued { signatures }));
    vec![
        ("issuer_keys_none", Poll, keys(Vec::new()), EntryFields),
        ("issuer_keys_65", Poll, keys(vec![("a", number(256)); 65]), EntryFields),
        ("issuer_key_of_255_bytes", Poll, keys(vec![("a", number(255))]), EntryFields),
        ("issuer_key_of_513_bytes", Poll, keys(vec![("a", number(513))]), EntryFields),
        ("issuer_key_without_district", Poll, keys(vec![("", number(256))]), EntryFields),
        ("request_of_nothing", Poll, request(Vec::new()), EntryFields),
        ("request_of_9", Poll, request(vec![number(256); 9]), EntryFields),
        ("request_of_255_bytes", Poll, request(vec![number(255)]), EntryFields),
        ("issued_none", Poll, issued(Vec::new()), EntryFields),
        ("issued_65", Poll, issued(vec![(7, number(256)); 65]), EntryFields),
        ("issued_of_513_bytes", Poll, issued(vec![(7, number(513))]), EntryFields),
    ]
}

fn of_deals() -> Vec<Defect> {
    let deal = |commitments: usize, shares: usize| {
        let dealing = Dealing { commitments: vec![[7; 32]; commitments], proof: [7; 64] };
        let shares = vec![(trustee(2), [7; 48]); shares];
        payload(&Payload::Deal(Deal { ceremony: 1, dealing, shares }))
    };
    let with_share = |index: u64, share: usize| {
        raw(43, 4, |encoder| {
            encoder.uint(1).array(1).bytes(&[7; 32]).bytes(&[7; 64]);
            encoder.array(1).array(2).uint(index).bytes(&vec![7; share]);
        })
    };
    let proof_of_63 = raw(43, 4, |encoder| {
        encoder.uint(1).array(1).bytes(&[7; 32]).bytes(&[7; 63]);
        encoder.array(1).array(2).uint(2).bytes(&[7; 48]);
    });
    let commitment_of_33 = raw(43, 4, |encoder| {
        encoder.uint(1).array(1).bytes(&[7; 33]).bytes(&[7; 64]);
        encoder.array(1).array(2).uint(2).bytes(&[7; 48]);
    });
    vec![
        ("deal_without_commitments", Poll, deal(0, 2), EntryFields),
        ("deal_with_17_commitments", Poll, deal(17, 2), EntryFields),
        ("deal_without_shares", Poll, deal(2, 0), EntryFields),
        ("deal_with_16_shares", Poll, deal(2, 16), EntryFields),
        ("trustee_index_zero", Poll, with_share(0, 48), EntryFields),
        ("trustee_index_17", Poll, with_share(17, 48), EntryFields),
        ("deal_with_a_share_of_47_bytes", Poll, with_share(2, 47), EntryFields),
        ("deal_with_a_proof_of_63_bytes", Poll, proof_of_63, EntryFields),
        ("deal_with_a_commitment_of_33_bytes", Poll, commitment_of_33, EntryFields),
    ]
}

fn of_trustees() -> Vec<Defect> {
    let join = |key: usize, hash: usize| {
        raw(42, 3, |encoder| {
            encoder.uint(1).bytes(&vec![7; key]).bytes(&vec![7; hash]);
        })
    };
    let complaint = |dealer: u64, point: usize, proof: usize| {
        raw(44, 4, |encoder| {
            encoder.uint(1).uint(dealer).bytes(&vec![7; point]).bytes(&vec![7; proof]);
        })
    };
    let ready = raw(45, 3, |encoder| {
        encoder.uint(1).bytes(&[7; 32]).bytes(&[7; 31]);
    });
    let share = raw(47, 2, |encoder| {
        encoder.array(2).uint(1).bytes(&[7; 32]).bytes(&[7; 33]);
    });
    let share_of_no_head = raw(47, 2, |encoder| {
        encoder.array(1).uint(1).bytes(&[7; 32]);
    });
    let one_field_more = {
        let complaint = Complaint { shared_point: [7; 32], proof: [7; 64] };
        let accusation = Accusation { ceremony: 1, dealer: trustee(2), complaint };
        let mut bytes = Payload::Complaint(accusation).encode();
        bytes[0] += 1;
        bytes.push(0);
        around(&bytes)
    };
    vec![
        ("join_with_a_key_of_31_bytes", Poll, join(31, 32), EntryFields),
        ("join_with_a_hash_of_33_bytes", Poll, join(32, 33), EntryFields),
        ("complaint_about_index_zero", Poll, complaint(0, 32, 64), EntryFields),
        ("complaint_with_a_point_of_31_bytes", Poll, complaint(2, 31, 64), EntryFields),
        ("complaint_with_a_proof_of_65_bytes", Poll, complaint(2, 32, 65), EntryFields),
        ("complaint_with_a_field_more", Poll, one_field_more, EntryFields),
        ("ready_with_a_key_of_31_bytes", Poll, ready, EntryFields),
        ("share_of_33_bytes", Poll, share, EntryFields),
        ("share_with_a_head_of_one_item", Poll, share_of_no_head, EntryFields),
    ]
}

fn of_exclusions() -> Vec<Defect> {
    let seen = Story::announced(plain()).seen();
    let exclude = |indices: &[u8]| {
        let trustees = indices.iter().copied().map(trustee).collect();
        payload(&Payload::Exclude(Exclude { seen, ceremony: 1, trustees }))
    };
    vec![
        ("exclude_nobody", Poll, exclude(&[]), EntryFields),
        ("exclude_descending", Poll, exclude(&[3, 2]), EntryFields),
        ("exclude_one_twice", Poll, exclude(&[2, 2]), EntryFields),
    ]
}

fn of_ballots() -> Vec<Defect> {
    let credential = |signatures| Credential {
        district: "north".to_owned(),
        prefix: [7; 32],
        signatures: vec![number(256); signatures],
    };
    let ballot = |credential: Credential| {
        let content = Content::Sealed(SealedBallot { point: [7; 32], ciphertext: vec![7; 48] });
        payload(&Payload::Ballot(Ballot { turn: 0, content, credential: Some(credential) }))
    };
    let raw_credential = |items: usize, prefix: usize| {
        raw(35, 3, |encoder| {
            encoder.uint(0).array(2).uint(1).array(1).array(1).uint(0);
            encoder.array(items).text("north").bytes(&vec![7; prefix]);
            if items > 2 {
                encoder.array(1).bytes(&number(256));
            }
        })
    };
    let content = |items: usize, kind: u64, point: usize| {
        raw(35, 2, |encoder| {
            encoder.uint(0).array(items).uint(kind).bytes(&vec![7; point]);
            if items > 2 {
                encoder.bytes(&[7; 48]);
            }
        })
    };
    let no_credential = raw(35, 3, |encoder| {
        encoder.uint(0).array(2).uint(1).array(1).array(1).uint(0).null();
    });
    vec![
        ("credential_of_no_signature", Poll, ballot(credential(0)), EntryFields),
        ("credential_of_9_signatures", Poll, ballot(credential(9)), EntryFields),
        ("credential_of_two_items", Poll, raw_credential(2, 32), EntryFields),
        ("credential_with_a_prefix_of_31_bytes", Poll, raw_credential(3, 31), EntryFields),
        ("credential_null", Poll, no_credential, EntryFields),
        ("ballot_content_open_of_three_items", Poll, content(3, 1, 32), EntryFields),
        ("ballot_sealed_with_a_point_of_31_bytes", Poll, content(3, 2, 31), EntryFields),
    ]
}

fn definition_with(announce: &SignedEntry, change: &dyn Fn(&mut Definition)) -> Vec<u8> {
    let Payload::Announce(poll) = announce.payload() else { unreachable!("an Announce") };
    let mut changed = poll.clone();
    change(&mut changed.definition);
    payload(&Payload::Announce(changed))
}

const NINE: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

fn of_authorities(announce: &SignedEntry) -> Vec<Defect> {
    let with = |change: &dyn Fn(&mut Definition)| definition_with(announce, change);
    let issuers = |change: &dyn Fn(&mut Vec<veche_protocol::poll::authorities::Authority>)| {
        with(&|definition| {
            let issuance = definition.issuance.as_mut().expect("the sample is anonymous");
            change(&mut issuance.issuers);
        })
    };
    let many = |definition: &mut Definition| {
        definition.trustees.members = authorities(&NINE);
        let more = ["k", "l", "m", "n", "o", "p", "q", "r"];
        definition.trustees.members.extend(authorities(&more));
        definition.trustees.members.sort_by_key(|member| member.key.0);
    };
    vec![
        ("issuers_none", Poll, issuers(&|issuers| issuers.clear()), EntryFields),
        ("issuers_9", Poll, issuers(&|issuers| *issuers = authorities(&NINE)), EntryFields),
        ("issuers_descending", Poll, issuers(&|issuers| issuers.reverse()), EntryFields),
        ("issuer_twice", Poll, issuers(&|issuers| issuers[1] = issuers[0].clone()), EntryFields),
        ("issuer_without_label", Poll, issuers(&|issuers| issuers[0].label.clear()), EntryFields),
        ("issuer_of_small_order", Poll, issuers(&|issuers| issuers[0].key.0 = [0; 32]), KeyWeak),
        ("trustees_17", Poll, with(&many), EntryFields),
        ("trustees_descending", Poll, with(&|d| d.trustees.members.reverse()), EntryFields),
        ("trustee_of_small_order", Poll, with(&|d| d.trustees.members[0].key.0 = [0; 32]), KeyWeak),
        ("threshold_17", Poll, with(&|d| d.trustees.threshold = 17), EntryFields),
    ]
}

/// Numbers of a definition that no type of the protocol can hold, put in by hand.
fn of_choices(announce: &SignedEntry) -> Vec<Defect> {
    let good = announce.payload_bytes();
    // bits = 2048: 19 08 00; then `issuing` and the list of issuers.
    let issuance: &[u8] = &[0x83, 0x19, 0x08, 0x00, 0x00];
    let start = good.windows(issuance.len()).position(|bytes| bytes == issuance);
    let start = start.expect("the issuance of the sample");
    let changed = |place: usize, bytes: &[u8]| {
        let mut changed = good.to_vec();
        changed.splice(start + place..start + place + bytes.len(), bytes.iter().copied());
        around(&changed)
    };
    let two_items = {
        let mut changed = good.to_vec();
        changed[start] = 0x82;
        changed.remove(start + 4);
        around(&changed)
    };
    vec![
        ("modulus_bits_1024", Poll, changed(1, &[0x19, 0x04, 0x00]), EntryFields),
        ("modulus_bits_2049", Poll, changed(1, &[0x19, 0x08, 0x01]), EntryFields),
        ("issuing_2", Poll, changed(4, &[0x02]), EntryFields),
        ("issuance_of_two_items", Poll, two_items, EntryFields),
    ]
}
