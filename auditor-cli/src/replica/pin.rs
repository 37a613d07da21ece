//! Whether a register is that of the city which its observer means.
//!
//! The same question as step A6 of the law's A3 ([`veche_protocol::audit`]), asked before anything
//! is copied. Not here: heads.

use veche_protocol::audit::Trust;
use veche_protocol::log::note::{TYPE_ED25519, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;
use veche_protocol::register::fold::RegisterFold;

/// Whether nothing that the observer has from elsewhere speaks against it.
pub(super) fn is_meant(register: &RegisterFold, trust: &Trust) -> bool {
    // MONITOR-1: AUDIT-6, for all logs that the city has or may have.
    let instance = trust.instance.is_none_or(|instance| instance == register.instance());
    let key = trust.key.as_ref().is_none_or(|key| is_of(register, key) == Some(true));
    let lines = trust.policy.iter().flat_map(Policy::logs);
    let lines = lines.filter(|line| line.key.public_key().kind() == TYPE_ED25519);
    let policy = lines.map(|line| is_of(register, &line.key)).all(|is_own| is_own != Some(false));
    instance && key && policy
}

/// Whether a key is the city's for one of its logs; nothing if it is of no log of this domain.
fn is_of(register: &RegisterFold, key: &VerifierKey) -> Option<bool> {
    let path = LogPath::of_origin(key.name(), &register.genesis().domain)?;
    Some(register.verifier_of(&path) == *key)
}
