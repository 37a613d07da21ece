//! Rounds of publication: the heads of all logs at one moment, and their becoming public at
//! another.
//!
//! Both are the writer's, between two of its steps: so a round never sees half of one.

use std::sync::Arc;

use veche_protocol::name::LogPath;

use crate::city::PublishedHead;
use crate::publication::{PublicHeads, PublicationError, RoundHead, read_head, record};
use crate::store::Batch;

use super::Sequencer;

impl Sequencer {
    /// The heads of all logs, the register first.
    pub(super) fn heads_now(&self) -> Vec<RoundHead> {
        let (city, public) = (self.shared.city(), self.shared.public());
        let head_of = |log: &Arc<crate::city::LogCell>| RoundHead {
            path: log.path.clone(),
            verifier: log.verifier.clone(),
            head: log.head(),
            public: public.get(&log.path).cloned(),
        };
        city.logs().map(head_of).collect()
    }

    /// Makes these notes public, all at once: durable first.
    pub(super) fn make_public(
        &mut self,
        notes: &[(LogPath, String)],
    ) -> Result<(), PublicationError> {
        self.shared.check_ready().map_err(PublicationError::Refused)?;
        let mut public = PublicHeads::clone(&self.shared.public());
        let mut meta = Vec::with_capacity(notes.len());
        for (path, note) in notes {
            let (origin, head) = self.check_public(path, note, &public)?;
            meta.push(record(&origin, &head));
            public.insert(path.clone(), Arc::new(head));
        }
        // PUBLISH-2: a crash before this returns leaves public what was; after it, what is stored.
        let batch = Batch { meta, ..Batch::default() };
        self.commit(&batch).map_err(PublicationError::Refused)?;
        self.shared.set_public(public);
        Ok(())
    }

    fn check_public(
        &self,
        path: &LogPath,
        note: &str,
        public: &PublicHeads,
    ) -> Result<(String, PublishedHead), PublicationError> {
        let city = self.shared.city();
        let log = city.log(path).ok_or(PublicationError::UnknownLog)?;
        let head = read_head(note.as_bytes(), &log.verifier).map_err(PublicationError::Head)?;
        // PUBLISH-1: only what is stored becomes public, and never less than is public already.
        let is_stored = head.size <= log.head().size
            && self.shared.reader.root_at(log.id, head.size).is_ok_and(|root| root == head.root);
        if !is_stored {
            return Err(PublicationError::NotStored);
        }
        if public.get(path).is_some_and(|public| public.size > head.size) {
            return Err(PublicationError::Smaller);
        }
        Ok((log.origin.clone(), head))
    }
}
