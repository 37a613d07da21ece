//! Trust policies: how a line is spaced means nothing, and more witnesses never make less trust.

use veche_protocol::log::{
    note::{TYPE_ML_DSA_44, VerifierKey},
    policy::Policy,
};

/// The bytes are a policy file.
pub fn holds(data: &[u8]) {
    match Policy::parse(data) {
        Err(error) => {
            let lines = data.iter().filter(|&&byte| byte == b'\n').count();
            assert!(error.line <= lines, "{error}: the file has {lines} lines");
        }
        Ok(policy) => {
            assert_eq!(Policy::parse(&respaced(data)).as_ref(), Ok(&policy));
            check_keys(&policy);
            check_quorum(&policy);
            check_second_keys(&policy);
            let twice = [data, b"quorum none\n"].concat();
            assert!(Policy::parse(&twice).is_err(), "a second quorum line");
        }
    }
}

/// The same file with comments left out, and one tab where blanks were.
fn respaced(data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for line in data.split(|&byte| byte == b'\n') {
        let tokens = line.split(|byte| [b' ', b'\t'].contains(byte));
        let tokens: Vec<_> = tokens.filter(|token| !token.is_empty()).collect();
        if tokens.first().is_some_and(|token| !token.starts_with(b"#")) {
            file.extend(tokens.join(&b'\t'));
            file.push(b'\n');
        }
    }
    file
}

fn check_keys(policy: &Policy) {
    let logs = policy.logs().iter().map(|log| &log.key);
    for key in logs.chain(policy.witnesses().iter().map(|witness| &witness.key)) {
        assert_eq!(VerifierKey::parse(&key.to_string()).as_ref(), Ok(key));
    }
    for log in policy.logs() {
        assert!(policy.logs_of(log.key.name()).any(|found| found == log));
    }
}

/// Nobody is a quorum only where none is asked for; adding cosigners one by one turns it once.
fn check_quorum(policy: &Policy) {
    let mut cosigners: Vec<&VerifierKey> = Vec::new();
    let is_quorum = |cosigners: &[&VerifierKey]| policy.is_quorum(|key| cosigners.contains(&key));
    let mut was_quorum = is_quorum(&cosigners);
    assert_eq!(was_quorum, !policy.asks_for_witnesses());
    for witness in policy.witnesses() {
        cosigners.push(&witness.key);
        let is_quorum = is_quorum(&cosigners);
        assert!(is_quorum || !was_quorum, "one more cosigner undid the quorum");
        was_quorum = is_quorum;
    }
    assert!(was_quorum, "all witnesses together are no quorum");
}

/// A second signature is asked for where a log has a line for one, whatever other lines it has.
fn check_second_keys(policy: &Policy) {
    for log in policy.logs() {
        let second = policy.second_keys(log.key.name());
        assert!(second.iter().all(|key| key.name() == log.key.name()));
        let has_line = log.key.public_key().kind() == TYPE_ML_DSA_44;
        assert!(!has_line || second.contains(&log.key));
    }
}
