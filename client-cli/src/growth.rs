//! How a receipt grows: the published head that covers it, the witnesses below that head, and the
//! register's anchor.
//!
//! ```text
//! receipt's head --- consistency ---> published head, cosigned     from the public tiles
//!       entry    --- inclusion -----> the same head
//!       entry    --- inclusion -----> a head that the register names, in an entry of its own
//! ```
//!
//! One look at a time, nothing of it on the server's word. Not here: how often to look
//! ([`crate::patience`]), and the files in which it is kept (the commands and the voter's book).

use veche_protocol::breach::Breach;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::{Checkpoint, SignedCheckpoint};
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::grown_receipt::{AnchorProof, GrownReceipt};
use veche_protocol::log::merkle::{
    NodeReader, consistency_proof, inclusion_proof, root_at, verify_consistency,
};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use crate::api::Source;
use crate::city::City;
use crate::error::ClientError;
use crate::log_copy::{LogCopy, read_head};
use crate::tiles;
use crate::witnesses::{Sight, policy_for};

/// A receipt that was checked, with what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Promise<'a> {
    /// The log.
    pub path: &'a LogPath,
    /// The key that signs its heads.
    pub verifier: &'a VerifierKey,
    /// The bytes of the entry, as this program has made or read them.
    pub entry: &'a [u8],
    /// The receipt.
    pub receipt: &'a Receipt,
}

/// What a look at the published head found.
#[derive(Debug)]
pub enum Look {
    /// It is smaller than the receipt's head: so many entries.
    Behind(u64),
    /// It covers the receipt, and too few of the policy's witnesses have cosigned it.
    Unwitnessed(Sight),
    /// It covers the receipt, extends its head, and satisfies the policy if there is one.
    Grown(Box<GrownReceipt>, Option<Sight>),
    /// It does not extend the receipt's head, though both are signed by the log's key.
    Forked(Box<ForkProof>),
}

/// Looks at the published head of a log, by its checkpoint and tiles.
pub fn look(
    source: &impl Source,
    promise: &Promise<'_>,
    policy: Option<&Policy>,
) -> Result<Look, ClientError> {
    let head = match read_head(source, promise.path, promise.verifier) {
        // The first entry of a log is promised before the log is public.
        Err(ClientError::NoLog { .. }) => return Ok(Look::Behind(0)),
        head => head?,
    };
    let reader = tiles::reader(source, promise.path, head.checkpoint().size);
    grow(&reader, &head, promise, policy)
}

/// The same by a log that was read whole: who serves it does not learn which entry is meant.
pub fn look_in(
    log: &LogCopy,
    promise: &Promise<'_>,
    policy: Option<&Policy>,
) -> Result<Look, ClientError> {
    grow(&log.nodes(), log.signed_head(), promise, policy)
}

fn grow<R: NodeReader<Error = ClientError>>(
    reader: &R,
    head: &SignedCheckpoint,
    promise: &Promise<'_>,
    policy: Option<&Policy>,
) -> Result<Look, ClientError> {
    let distrust = || ClientError::distrust(format!("the head of {}", promise.path));
    let first = promise.receipt.verify(promise.entry, promise.verifier).map_err(distrust())?;
    let (from, to) = (first.checkpoint(), head.checkpoint());
    if to.size < from.size {
        return Ok(Look::Behind(to.size));
    }
    let growth = consistency_proof(reader, from.size, to.size)?;
    // RECEIPT-12, RECEIPT-13: the published head extends the receipt's, or is a fork of it.
    if verify_consistency(from.size, &from.root, to.size, &to.root, &growth).is_err() {
        let (one, other) = (promise.receipt.note(), head.note());
        let fork = ForkProof::between(promise.verifier, one, other, reader)?;
        return Ok(Look::Forked(Box::new(fork)));
    }
    let policy = policy_for(policy, promise.path);
    let sight = policy.map(|policy| Sight::of(policy, head.note())).transpose();
    let sight = sight.map_err(distrust())?;
    if let Some(sight) = sight.as_ref().filter(|sight| !sight.is_enough()) {
        return Ok(Look::Unwitnessed(sight.clone()));
    }
    let index = promise.receipt.index();
    let proof = inclusion_proof(reader, index, to.size)?;
    let own = |receipt: Receipt| receipt.with_extra(promise.entry.to_vec());
    let later = Receipt::new(index, proof, head.note().clone()).map(own);
    let grown = later
        .and_then(|later| GrownReceipt::new(own(promise.receipt.clone()), later, growth, None));
    let grown = grown.map_err(distrust())?;
    // RECEIPT-9: what is kept passes the check that others will make.
    grown.verify(promise.entry, promise.verifier).map_err(distrust())?;
    Ok(Look::Grown(Box::new(grown), sight))
}

/// The register's anchor of an entry: the first of its anchors entries that names a head of the log
/// beyond the entry; `None` if there is none yet, or none that the published log reaches. `later`
/// is the grown receipt's own, cosigned head.
pub fn anchor(
    source: &impl Source,
    city: &City,
    promise: &Promise<'_>,
    later: &Checkpoint,
) -> Result<Option<AnchorProof>, ClientError> {
    let reader = tiles::reader(source, promise.path, later.size);
    anchor_by(&reader, city, promise, later)
}

/// The same by a log that was read whole.
pub fn anchor_in(
    log: &LogCopy,
    city: &City,
    promise: &Promise<'_>,
    later: &Checkpoint,
) -> Result<Option<AnchorProof>, ClientError> {
    anchor_by(&log.nodes(), city, promise, later)
}

fn anchor_by<R: NodeReader<Error = ClientError>>(
    reader: &R,
    city: &City,
    promise: &Promise<'_>,
    later: &Checkpoint,
) -> Result<Option<AnchorProof>, ClientError> {
    let index = promise.receipt.index();
    let covers = |size: u64| index < size && size <= later.size;
    let mut anchors = city.register().anchors_of(promise.verifier.name()).iter();
    let Some(anchor) = anchors.find(|anchor| covers(anchor.size)) else { return Ok(None) };
    // RECEIPT-10: the register names a head that this log had.
    if root_at(reader, anchor.size)? != anchor.root {
        return Err(ClientError::distrust(format!("the log {}", promise.path))(Breach::AnchorFork));
    }
    let inclusion = inclusion_proof(reader, index, anchor.size)?;
    let receipt = receipt_in(city.log(), anchor.index)?;
    Ok(Some(AnchorProof { receipt, inclusion }))
}

/// The receipt for an entry of a log that was read whole, below its present head.
pub fn receipt_in(log: &LogCopy, index: u64) -> Result<Receipt, ClientError> {
    let distrust = |breach| ClientError::distrust(format!("the log {}", log.path()))(breach);
    let entry = log.entry(index).ok_or_else(|| distrust(Breach::EntryMissing))?;
    let proof = inclusion_proof(&log.nodes(), index, log.size())?;
    let receipt = Receipt::new(index, proof, log.signed_head().note().clone());
    Ok(receipt.map_err(distrust)?.with_extra(entry.to_vec()))
}

/// The fork proof of a receipt's head and a log that was read whole, if the log is not smaller and
/// does not extend it.
pub fn fork_in(log: &LogCopy, verifier: &VerifierKey, receipt: &Receipt) -> Option<ForkProof> {
    let then = Checkpoint::parse(receipt.note().text()).ok()?;
    let root: Option<Hash> = log.root_at(then.size);
    root.filter(|root| *root != then.root)?;
    let (one, other) = (receipt.note(), log.signed_head().note());
    ForkProof::between(verifier, one, other, &log.nodes()).ok()
}

#[cfg(test)]
mod tests;
