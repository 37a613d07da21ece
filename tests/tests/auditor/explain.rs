//! `veche-audit explain`.

use veche_protocol::breach::Breach;

use crate::program::audit;

#[test]
fn every_code_is_explained_by_itself_and_in_the_list() {
    let all = audit(&["explain"]);
    assert_eq!(all.code, 0);
    let mut one_by_one = String::new();
    for breach in Breach::ALL {
        let ran = audit(&["explain", breach.code()]);
        assert_eq!(ran.code, 0, "{}", breach.code());
        assert!(ran.out.starts_with(&format!("{} (", breach.code())), "{}", ran.out);
        assert!(ran.out.contains(breach.meaning()), "{}", ran.out);
        one_by_one.push_str(&ran.out);
    }
    assert_eq!(all.out, one_by_one);
}

#[test]
fn an_unknown_code_is_a_matter_of_usage() {
    for code in ["", "no-such-code", "ROOT-MISMATCH"] {
        let ran = audit(&["explain", code]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    }
}
