//! Who has witnessed a head, by the policy of the trust file: names, times, and whether they are
//! enough.
//!
//! Not here: asking witnesses, which the operator does, and the policy itself (the protocol).

use core::fmt;

use veche_protocol::breach::Breach;
use veche_protocol::log::note::Note;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use crate::{time, words};

/// Who has witnessed one head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Names of witnesses, as the policy calls them, each with the earliest time that it states, in
    /// seconds since 1970, if it states one.
    seen_by: Vec<(String, Option<u64>)>,
    /// Witnesses that the policy names.
    of: usize,
    is_enough: bool,
}

/// The policy as far as it speaks of this log: the heads of rolls are not cosigned, the register
/// that anchors them is.
pub fn policy_for<'a>(policy: Option<&'a Policy>, log: &LogPath) -> Option<&'a Policy> {
    let is_cosigned = matches!(log, LogPath::Register | LogPath::Poll(_));
    policy.filter(|policy| is_cosigned && policy.asks_for_witnesses())
}

impl Sight {
    /// Judges the lines below a head. A line of a known witness that fails is a breach, and so is a
    /// missing second signature where the policy asks for one.
    pub fn of(policy: &Policy, note: &Note) -> Result<Self, Breach> {
        // LOG-5: a known key's line that fails condemns the note.
        let cosigned = policy.cosignatures(note)?;
        policy.check_second_signature(note)?;
        let witnesses = policy.witnesses().iter().enumerate();
        let seen_by = witnesses.filter_map(|(place, witness)| {
            let own = || cosigned.iter().filter(|one| one.cosigner == place);
            own().next()?;
            let name = words::printable(&String::from_utf8_lossy(&witness.name));
            Some((name, own().filter_map(|one| one.time).min()))
        });
        let seen_by = seen_by.collect();
        // LOG-15: as many as the quorum says.
        let is_enough = policy.is_quorum(|key| cosigned.iter().any(|one| one.key == *key));
        Ok(Self { seen_by, of: policy.witnesses().len(), is_enough })
    }

    /// Whether they satisfy the policy.
    pub const fn is_enough(&self) -> bool {
        self.is_enough
    }
}

impl fmt::Display for Sight {
    /// `2 of 3 witnesses (one at 2026-..., other at 2026-...)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} witnesses", self.seen_by.len(), self.of)?;
        for (place, (name, time)) in self.seen_by.iter().enumerate() {
            f.write_str(if place == 0 { " (" } else { ", " })?;
            f.write_str(name)?;
            if let Some(time) = time {
                write!(f, " at {}", time::format(*time))?;
            }
        }
        if self.seen_by.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::log::checkpoint::Checkpoint;
    use veche_protocol::log::cosignature;
    use veche_protocol::log::note::VerifierKey;

    use super::*;
    use crate::test_city::key;

    const ORIGIN: &str = "vote.example.org/poll/park";

    fn policy(quorum: &str) -> Policy {
        let witness = |name: &str, number| {
            let key = VerifierKey::cosignature(name, key(number).key()).unwrap();
            format!("witness {name} {key} https://{name}.example.org\n")
        };
        let text = [witness("one", 60), witness("two", 61), format!("{quorum}\n")].concat();
        Policy::parse(text.as_bytes()).unwrap()
    }

    fn head(witnesses: &[(&str, u8, u64)]) -> Note {
        let root = veche_protocol::hash::Hash::ZERO;
        let head = Checkpoint { origin: ORIGIN.to_owned(), size: 7, root };
        let mut note = head.sign(&key(6)).unwrap().into_note();
        for (name, number, time) in witnesses {
            let line = cosignature::sign(note.text(), *time, &key(*number), name).unwrap();
            note.add_signature(line).unwrap();
        }
        note
    }

    #[test]
    fn witnesses_are_named_with_their_times() {
        let both = "group g all one two\nquorum g";
        let sight = Sight::of(&policy(both), &head(&[("two", 61, 2_000)])).unwrap();
        // LOG-15: one of two is not enough.
        assert!(!sight.is_enough());
        assert_eq!(sight.to_string(), "1 of 2 witnesses (two at 1970-01-01T00:33:20Z)");
        let seen = head(&[("two", 61, 2_000), ("two", 61, 1_000), ("one", 60, 3_000)]);
        let sight = Sight::of(&policy(both), &seen).unwrap();
        assert!(sight.is_enough());
        assert!(sight.to_string().contains("one at 1970-01-01T00:50:00Z, two at 1970-01-01T00:16"));
        let nobody = Sight::of(&policy("quorum one"), &head(&[])).unwrap();
        assert_eq!(nobody.to_string(), "0 of 2 witnesses");
    }

    #[test]
    fn a_false_line_condemns_the_head() {
        // LOG-5: the name and key of a witness, another's signature.
        let false_line = {
            let line = cosignature::sign(head(&[]).text(), 5, &key(61), "one").unwrap();
            let id = VerifierKey::cosignature("one", key(60).key()).unwrap().id();
            let line = veche_protocol::log::note::NoteSignature::new("one", id, line.blob().into());
            let mut note = head(&[]);
            note.add_signature(line.unwrap()).unwrap();
            note
        };
        let verdict = Sight::of(&policy("quorum two"), &false_line);
        assert_eq!(verdict, Err(Breach::NoteSignatureInvalid));
    }

    #[test]
    fn rolls_are_not_cosigned() {
        let policy = policy("quorum one");
        assert!(policy_for(Some(&policy), &LogPath::Register).is_some());
        assert!(policy_for(Some(&policy), &LogPath::Roll("city".to_owned())).is_none());
    }
}
