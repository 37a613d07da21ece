//! The files of the law that machines read: the grammar parses, the vectors are JSON.
//!
//! Not here: whether any implementation agrees with them (conformance), and the numbered prose
//! (`requirements`).

use veche_tests::repository;

#[test]
fn the_grammar_parses() {
    let grammar = repository::read("spec/veche.cddl");
    let parsed = cddl::parser::cddl_from_str(&grammar, false);
    let rules = parsed.expect("spec/veche.cddl is a grammar by RFC 8610").rules.len();
    assert!(rules > 10, "only {rules} rules were read");
}

#[test]
fn a_broken_grammar_is_refused() {
    assert!(cddl::parser::cddl_from_str("entry = [ payload: bstr, ", false).is_err());
}

#[test]
fn every_vector_is_json() {
    assert!(!repository::vectors("").is_empty());
}
