//! The founding of a city: the register's entry 0, once.

use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::signature::SigningKey;

use crate::error::EngineError;
use crate::heads::{note_record, sign_head};
use crate::store::{Batch, Store};
use crate::tree::TreeEdge;

pub(super) fn found(
    store: &dyn Store,
    key: &SigningKey,
    genesis: Vec<u8>,
) -> Result<Hash, EngineError> {
    let entry =
        SignedEntry::decode(LogType::Register, genesis).map_err(EngineError::GenesisRefused)?;
    // REG-1: by the fold that everyone begins with.
    let fold = RegisterFold::begin(&entry).map_err(EngineError::GenesisRefused)?;
    if fold.genesis().log_key != key.key() {
        return Err(EngineError::WrongLogKey);
    }
    let origin = LogPath::Register.origin(&fold.genesis().domain);
    for (log, other) in store.logs()? {
        if store.head(log)?.size == 0 {
            continue;
        }
        if other == origin && store.entry(log, 0)? == entry.bytes() {
            return Ok(entry.leaf());
        }
        return Err(EngineError::AlreadyFounded);
    }
    // A crash before the commit leaves an empty log, and founding again goes on from there.
    let log = store.create_log(&origin)?;
    let growth = TreeEdge::new().grow(&[entry.leaf()]);
    let leaf = entry.leaf();
    let (append, edge, _) = growth.into_append(log, vec![entry.into_bytes()], Vec::new());
    store.commit(&Batch { appends: vec![append], ..Batch::default() })?;
    // LOG-12: durable first, signed second.
    let head = sign_head(key, &origin, edge.head());
    store.commit(&Batch { meta: vec![note_record(&origin, &head)], ..Batch::default() })?;
    Ok(leaf)
}
