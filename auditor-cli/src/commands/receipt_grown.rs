//! `veche-audit receipt` of a grown receipt: what each of its parts proves.
//!
//! Not here: the first promise, which is a receipt like any other ([`super::receipt`]).

use std::io;

use veche_protocol::audit::Trust;
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::grown_receipt::{Anchored, Grown, GrownReceipt};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use super::CommandError;
use super::receipt::{Verified, keys, verify_promise};
use crate::words::date::utc;
use crate::words::visible;

/// Checks a grown receipt and describes it; its two promises go on to be held against the record.
/// The inner error is the receipt's.
pub(super) fn verify(
    bytes: &[u8],
    trust: &Trust,
    out: &mut dyn io::Write,
) -> Result<Result<Vec<Verified>, Breach>, CommandError> {
    let judged = check(bytes, &keys(trust)?).and_then(|(promises, grown)| {
        let lines = describe(&promises[0], &grown, trust.policy.as_ref())?;
        Ok((promises, lines))
    });
    let (promises, lines) = match judged {
        Ok(judged) => judged,
        Err(breach) => return Ok(Err(breach)),
    };
    promises[0].describe_promise(out)?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    Ok(Ok(promises.into()))
}

fn check(bytes: &[u8], keys: &[VerifierKey]) -> Result<([Verified; 2], Grown), Breach> {
    let grown = GrownReceipt::parse(bytes)?;
    // RECEIPT-9: the first promise, then what has come of it.
    let first = verify_promise(grown.first().clone(), keys)?;
    let entry = grown.first().extra().ok_or(Breach::ProofInvalid)?;
    let proved = grown.verify(entry, &first.key)?;
    let later = verify_promise(grown.later().clone(), keys)?;
    Ok(([first, later], proved))
}

/// What each part proves, and what it does not.
fn describe(
    first: &Verified,
    grown: &Grown,
    policy: Option<&Policy>,
) -> Result<Vec<String>, Breach> {
    let size = grown.later.checkpoint().size;
    let mut lines =
        vec![format!("grown    the log at {size} entries extends that head and holds the entry")];
    let path = first.key.name().split_once('/').and_then(|(_, path)| LogPath::parse(path));
    if let Some(LogPath::Roll(_)) = path {
        let text = "witness  rolls are not cosigned; the register's anchor speaks for them";
        lines.push(text.to_owned());
    } else {
        lines.extend(witnesses(&grown.later, policy)?);
    }
    let Some(Anchored { index, head, register }) = &grown.anchored else {
        lines.push("anchor   none".to_owned());
        return Ok(lines);
    };
    let size = head.size;
    lines.push(format!("anchor   entry {index} of the register names a head of {size} entries,"));
    lines.push("         which holds the entry".to_owned());
    lines.extend(witnesses(register, policy)?);
    Ok(lines)
}

/// Who has seen a head; a line of a known witness that fails condemns it.
fn witnesses(head: &SignedCheckpoint, policy: Option<&Policy>) -> Result<Vec<String>, Breach> {
    let Some(policy) = policy else {
        let text = "witness  no policy: that others were shown it is the operator's word";
        return Ok(vec![text.to_owned()]);
    };
    // RECEIPT-9: how many, which, at what times, and whether that is enough.
    let cosigned = policy.cosignatures(head.note())?;
    let verdict = match policy.check_quorum(head.note()) {
        Ok(_) => "as the policy asks",
        Err(Breach::QuorumMissing) => "and the policy asks for more",
        Err(breach) => return Err(breach),
    };
    let seen = policy.witnesses().iter().enumerate().filter_map(|(place, witness)| {
        let own = cosigned.iter().find(|one| one.cosigner == place)?;
        let name = visible(&String::from_utf8_lossy(&witness.name));
        let time = own.time.map_or_else(String::new, |time| format!(" at {}", utc(time)));
        Some(format!("         {name}{time}"))
    });
    let seen: Vec<_> = seen.collect();
    let of = policy.witnesses().len();
    let count = format!("witness  {} of {of} have seen it, {verdict}", seen.len());
    Ok([vec![count], seen].concat())
}

#[cfg(test)]
mod tests {
    use veche_protocol::hash::{Hash, leaf_hash, node_hash};
    use veche_protocol::log::checkpoint::Checkpoint;
    use veche_protocol::log::cosignature;
    use veche_protocol::log::note::{Note, NoteSignature};
    use veche_protocol::log::receipt::Receipt;
    use veche_protocol::signature::SigningKey;

    use super::*;

    const ORIGIN: &str = "vote.example.org/poll/park";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed(&[seed; 32])
    }

    fn head(size: u64, root: Hash) -> Note {
        let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size, root };
        checkpoint.sign(&key(1)).unwrap().into_note()
    }

    const NAME: &str = "w.example.org";

    fn witness() -> VerifierKey {
        VerifierKey::cosignature(NAME, key(2).key()).unwrap()
    }

    /// The first of two entries, below the first head and a later one, which each of these keys
    /// has cosigned in the witness' name.
    fn grown(cosigners: &[u8]) -> String {
        let [one, two] = [b"one", b"two"].map(|entry| leaf_hash(entry));
        let mut later = head(2, node_hash(&one, &two));
        for cosigner in cosigners {
            let own = cosignature::sign(later.text(), 90, &key(*cosigner), NAME).unwrap();
            let line = NoteSignature::new(NAME, witness().id(), own.blob().to_vec()).unwrap();
            later.add_signature(line).unwrap();
        }
        let receipt =
            |proof, note| Receipt::new(0, proof, note).unwrap().with_extra(b"one".to_vec());
        let (first, later) = (receipt(Vec::new(), head(1, one)), receipt(vec![two], later));
        GrownReceipt::new(first, later, vec![two], None).unwrap().to_string()
    }

    fn judge(grown: &str) -> (Result<usize, Breach>, String) {
        let log = VerifierKey::ed25519(ORIGIN, key(1).key()).unwrap();
        let policy = format!("log {log}\nwitness w {}\nquorum w\n", witness());
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        let trust = Trust { policy: Some(policy), ..Trust::default() };
        let mut out = Vec::new();
        let verdict = verify(grown.as_bytes(), &trust, &mut out).unwrap();
        (verdict.map(|promises| promises.len()), String::from_utf8(out).unwrap())
    }

    #[test]
    fn each_part_is_said_with_what_it_does_not_prove() {
        let (verdict, text) = judge(&grown(&[2]));
        // RECEIPT-9: the names and times of those who have seen it.
        assert_eq!(verdict, Ok(2));
        assert!(text.contains("1 of 1 have seen it, as the policy asks"), "{text}");
        assert!(text.contains("w at 1970-01-01 00:01:30 UTC"), "{text}");
        assert!(text.contains("anchor   none"), "{text}");
        let (verdict, text) = judge(&grown(&[]));
        assert_eq!(verdict, Ok(2));
        assert!(text.contains("0 of 1 have seen it, and the policy asks for more"), "{text}");
    }

    #[test]
    fn what_is_wrong_with_any_part_leaves_nothing() {
        let other_index = grown(&[2]).replacen("index 0", "index 1", 1);
        assert_eq!(judge(&other_index), (Err(Breach::ReceiptMalformed), String::new()));
        // RECEIPT-9: another's signature in the name of the witness.
        assert_eq!(judge(&grown(&[3])), (Err(Breach::NoteSignatureInvalid), String::new()));
    }
}
