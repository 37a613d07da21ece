//! What a voter hands to the registrar: one word of text, made by the voter's own tool.
//!
//! ```text
//! veche1.<voter id, 32 hex digits>.<key, 64 hex digits>.<proof of possession, 128 hex digits>
//! ```
//!
//! The proof binds the key to the city, the roll and its header, so that nobody can enrol a key
//! that is not theirs. Not here: district and census record, which the registrar adds.

use core::fmt;

use veche_protocol::entry::Binding;
use veche_protocol::roll::{VoterId, possession_message, prove_possession};
use veche_protocol::signature::{Key, Signature, SigningKey, verify};

const PREFIX: &str = "veche1";

/// A voter's id, key and proof of holding the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrolmentLine {
    /// The voter's name on the log.
    pub voter: VoterId,
    /// The voter's key.
    pub key: Key,
    /// The proof.
    pub possession: Signature,
}

impl EnrolmentLine {
    /// Makes the line for a roll.
    pub fn new(roll: &Binding<'_>, voter: VoterId, key: &SigningKey) -> Self {
        Self { voter, key: key.key(), possession: prove_possession(roll, &voter, key) }
    }

    /// Reads a line; the key is not weak, the proof is not verified yet.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        if parts.next() != Some(PREFIX) {
            return None;
        }
        let voter = hex::decode(parts.next()?).ok()?.try_into().map(VoterId).ok()?;
        let key = Key::parse(&hex::decode(parts.next()?).ok()?).ok()?;
        let possession = Signature::parse(&hex::decode(parts.next()?).ok()?).ok()?;
        parts.next().is_none().then_some(Self { voter, key, possession })
    }

    /// Whether the voter holds the key, for this roll.
    pub fn is_proven(&self, roll: &Binding<'_>) -> bool {
        // ROLL-5: every enrolled key is shown to be held by the voter.
        let message = possession_message(roll, &self.voter, &self.key);
        verify(&self.key, &message, &self.possession).is_ok()
    }
}

impl fmt::Display for EnrolmentLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}.{}.{}.{}", hex::encode(self.voter.0), self.key, self.possession)
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::Hash;

    use super::*;

    fn binding(origin: &str) -> Binding<'_> {
        Binding { instance: Hash([1; 32]), origin, under: Hash([2; 32]) }
    }

    #[test]
    fn a_line_round_trips_and_is_proven_for_its_roll_alone() {
        let key = SigningKey::from_seed(&[5; 32]);
        let roll = binding("vote.example.org/roll/city");
        let line = EnrolmentLine::new(&roll, VoterId([6; 16]), &key);
        assert_eq!(EnrolmentLine::parse(&line.to_string()), Some(line));
        assert!(line.is_proven(&roll));
        // ROLL-5: a proof for another roll is none.
        assert!(!line.is_proven(&binding("vote.example.org/roll/other")));
    }

    #[test]
    fn what_is_no_line_is_refused() {
        let key = SigningKey::from_seed(&[5; 32]);
        let roll = binding("vote.example.org/roll/city");
        let line = EnrolmentLine::new(&roll, VoterId([6; 16]), &key).to_string();
        let weak = line.replace(&key.key().to_string(), &"0".repeat(64));
        for text in
            ["", "veche1", &line[1..], &line[..line.len() - 2], &format!("{line}.00"), &weak]
        {
            assert_eq!(EnrolmentLine::parse(text), None, "{text}");
        }
    }
}
