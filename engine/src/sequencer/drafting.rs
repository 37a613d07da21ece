//! Drafts as the writer keeps them: merged with what others have signed, stored, bounded.

use std::sync::Arc;

use crate::drafts::{Draft, missing_signers, removal, signatures_in_force};
use crate::error::Refusal;
use crate::lock::{read, write};
use crate::store::{Batch, MetaWrite};

use super::{DraftOutcome, DraftTask, Sequencer};

impl Sequencer {
    /// Merges an entry with the draft of the same act, and keeps it until enough have signed.
    pub(super) fn keep_draft(&mut self, task: DraftTask) {
        let DraftTask { id, path, entry, answer } = task;
        let known = read(&self.shared.drafts).get(&id).cloned();
        let register = self.shared.city().register.fold();
        let merged = match &known {
            // POLL-4, POLL-7: nobody completes an act with someone who was dismissed meanwhile.
            Some(draft) => entry.with_signatures(&signatures_in_force(&register, &draft.entry)),
            None => entry,
        };
        let outcome = if missing_signers(&register, &merged) == 0 {
            Ok(DraftOutcome::Complete(Box::new(merged)))
        } else {
            let now = self.shared.clock.unix_seconds();
            let created = known.map_or(now, |draft| draft.created);
            let draft = Arc::new(Draft { id, path, created, entry: merged });
            self.store_draft(&draft).map(|()| DraftOutcome::Waiting(draft))
        };
        // Whoever asked may have stopped waiting; the draft is kept all the same.
        let _ = answer.send(outcome);
    }

    fn store_draft(&mut self, draft: &Arc<Draft>) -> Result<(), Refusal> {
        self.shared.check_ready()?;
        let now = self.shared.clock.unix_seconds();
        let settings = &self.shared.settings;
        let stale = read(&self.shared.drafts).older_than(now.saturating_sub(settings.draft_age));
        let drafts = read(&self.shared.drafts);
        let is_new = drafts.get(&draft.id).is_none();
        if is_new && drafts.len() - stale.len() >= settings.drafts {
            return Err(Refusal::DraftLimit);
        }
        drop(drafts);
        let mut meta: Vec<MetaWrite> = stale.iter().map(|id| removal(id)).collect();
        meta.push(draft.record());
        self.commit(&Batch { meta, ..Batch::default() })?;
        let mut drafts = write(&self.shared.drafts);
        drafts.remove_all(&stale);
        drafts.insert(Arc::clone(draft));
        Ok(())
    }

    /// Drops a draft; says whether there was one.
    pub(super) fn drop_draft(&mut self, id: &str) -> Result<bool, Refusal> {
        self.shared.check_ready()?;
        if read(&self.shared.drafts).get(id).is_none() {
            return Ok(false);
        }
        self.commit(&Batch { meta: vec![removal(id)], ..Batch::default() })?;
        write(&self.shared.drafts).remove_all(&[id.to_owned()]);
        Ok(true)
    }
}
