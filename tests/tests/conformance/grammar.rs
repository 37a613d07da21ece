//! The grammar of the law (`spec/veche.cddl`) against the entries of all vectors: it admits every
//! entry that decodes, and refuses every defect that a grammar can see.

use std::collections::BTreeSet;

use veche_protocol::encoding::Encoder;
use veche_protocol::entry::SignedEntry;

use crate::cities::Logs;
use crate::support::{bytes, read_folder, root};

/// Defects of single entries that no grammar of items sees: the encoding beneath it, orders,
/// relations between fields, the log in which the entry stands, and what keys and names are.
const BEYOND_THE_GRAMMAR: [&str; 32] = [
    "entry/array_indefinite",
    "entry/commission_keys_descending",
    "entry/commission_threshold_above_members",
    "entry/districts_repeated",
    "entry/domain_with_capitals",
    "entry/entry_trailing_byte",
    "entry/entry_twice_in_a_row",
    "entry/exclude_descending",
    "entry/exclude_one_twice",
    "entry/integer_longer_than_needed",
    "entry/integer_of_nine_bytes",
    "entry/issuer_of_small_order",
    "entry/issuer_twice",
    "entry/issuers_descending",
    "entry/key_not_canonical_as_log_key",
    "entry/key_of_small_order_as_log_key",
    "entry/kind_genesis_in_a_poll",
    "entry/kind_longer_than_needed",
    "entry/kind_of_a_poll_in_the_register",
    "entry/kind_of_another_log",
    "entry/officer_is_the_log_key",
    "entry/officer_roles_descending",
    "entry/officers_descending",
    "entry/payload_trailing_byte",
    "entry/rolls_descending",
    "entry/signer_twice",
    "entry/signers_descending",
    "entry/trustee_of_small_order",
    "entry/trustees_descending",
    "entry/two_domain_before_log_key",
    "entry/two_key_before_its_order",
    "entry/two_trailing_byte_before_signers",
];

/// Entries validated together: reading the grammar takes longer than any of them.
const BATCH: usize = 64;

/// The grammar, read once.
struct Grammar(String);

impl Grammar {
    fn read() -> Self {
        Self(std::fs::read_to_string(root().join("../veche.cddl")).unwrap())
    }

    fn admits(&self, entry: &[u8]) -> Result<(), String> {
        cddl::validate_cbor_from_slice(&self.0, entry, None).map_err(|error| error.to_string())
    }

    /// The same of many entries, as the items of one array.
    fn admits_all(&self, entries: &[Vec<u8>]) -> Result<(), String> {
        let mut encoder = Encoder::new();
        encoder.array(entries.len());
        let batch = [encoder.finish(), entries.concat()].concat();
        Self(format!("batch = [ *entry ]\n{}", self.0)).admits(&batch)
    }
}

#[test]
fn the_grammar_admits_every_entry_that_decodes() {
    let grammar = Grammar::read();
    let mut entries = BTreeSet::new();
    for (_, vector) in read_folder("entry") {
        if vector["code"].is_null() {
            entries.insert(bytes(&vector, "entry"));
        }
    }
    for (_, vector) in read_folder("recount") {
        for (path, log) in Logs::readable(&vector).0 {
            let decodes =
                |entry: &Vec<u8>| SignedEntry::decode(path.log_type(), entry.clone()).is_ok();
            entries.extend(log.entries.into_iter().filter(decodes));
        }
    }
    assert!(entries.len() > 300, "{} entries", entries.len());
    let entries: Vec<_> = entries.into_iter().collect();
    for batch in entries.chunks(BATCH) {
        assert_eq!(grammar.admits_all(batch), Ok(()));
    }
    // One entry that is none of this law, anywhere among the others, refuses them all.
    for place in [0, BATCH / 2, BATCH - 1] {
        let mut batch = entries[..BATCH].to_vec();
        batch[place] = vec![0xa0];
        assert!(grammar.admits_all(&batch).is_err(), "{place}");
    }
}

#[test]
fn the_grammar_refuses_every_defect_that_it_can_see() {
    let grammar = Grammar::read();
    let mut admitted = Vec::new();
    for (name, vector) in read_folder("entry") {
        if !vector["code"].is_null() && grammar.admits(&bytes(&vector, "entry")).is_ok() {
            admitted.push(name);
        }
    }
    assert_eq!(admitted, BEYOND_THE_GRAMMAR);
}
