//! Step A15: the transcript, a function of the pinned prefixes alone.
//!
//! ```text
//! [ "veche/transcript/v1", instance id, origin of the poll, [ size, root ],
//!   [ size, root ] of the register, [ [ origin, size, root ], ... ] pins,
//!   [ [ kind, index ], ... ] standing, [ [ index, code ], ... ] refused, result / null ]
//! ```

use super::entries::LogRead;
use super::source::Source;
use crate::breach::Breach;
use crate::encoding::Encoder;
use crate::entry::Kind;
use crate::hash::{Hash, empty_root, tag};
use crate::poll::fold::PollFold;
use crate::poll::result::PollResult;

/// The transcript of a poll that was judged.
pub(super) fn transcript<S: Source>(
    instance: Hash,
    fold: &PollFold,
    log: &LogRead<'_, S>,
    refused: &[(u64, Breach)],
    result: Option<&PollResult>,
) -> Result<Vec<u8>, S::Error> {
    let last = fold.entries().last();
    // AUDIT-10: what comes after the end of a poll is not part of it.
    let end = last.filter(|last| matches!(last.kind, Kind::Certify | Kind::Cancel));
    let size = end.map_or(log.tree.size(), |end| end.index + 1);
    let root = log.root_at(size)?.unwrap_or(log.root);
    let register = last.map(|last| last.seen.register);
    let within: Vec<_> = refused.iter().filter(|(index, _)| *index < size).collect();

    let mut encoder = Encoder::new();
    encoder.array(9).text(tag::TRANSCRIPT).bytes(instance.as_bytes()).text(fold.origin());
    encoder.array(2).uint(size).bytes(root.as_bytes());
    let (size, root) = register.map_or((0, empty_root()), |head| (head.size, head.root));
    encoder.array(2).uint(size).bytes(root.as_bytes());
    encoder.list(fold.pins(), |encoder, pin| {
        encoder.array(3).text(&pin.origin).uint(pin.head.size).bytes(pin.head.root.as_bytes());
    });
    encoder.list(fold.entries(), |encoder, entry| {
        encoder.array(2).uint(entry.kind.number()).uint(entry.index);
    });
    encoder.list(&within, |encoder, (index, breach)| {
        encoder.array(2).uint(*index).text(breach.code());
    });
    match result {
        Some(result) => result.encode(&mut encoder),
        None => drop(encoder.null()),
    }
    Ok(encoder.finish())
}
