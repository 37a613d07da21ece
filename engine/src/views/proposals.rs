//! Proposals: entries with some of their signatures, kept until others have signed as well.

use std::sync::Arc;
use std::time::Duration;

use veche_protocol::entry::SignedEntry;
use veche_protocol::name::LogPath;

use crate::drafts::{Draft, check_signers, draft_id, missing_signers};
use crate::engine::Engine;
use crate::error::Refusal;
use crate::lock::read;
use crate::receipts::Recorded;
use crate::sequencer::{DraftOutcome, DraftTask, Task};

/// A draft and how far it is.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// The draft.
    pub draft: Arc<Draft>,
    /// How many more must sign, at least.
    pub missing: usize,
}

/// What became of a proposal.
#[derive(Clone, Debug)]
pub enum Proposal {
    /// It waits for further signatures.
    Waiting(DraftView),
    /// Enough have signed, and it is recorded.
    Recorded(Recorded),
}

impl Engine {
    /// Proposes an entry that not all have signed who must. Signatures on the same act meet in one
    /// draft; with the last of them the entry is submitted, and this waits for it, at most so long.
    ///
    /// If the complete entry is refused, the draft stays as it was before this proposal.
    pub fn propose(
        &self,
        path: &LogPath,
        bytes: Vec<u8>,
        timeout: Duration,
    ) -> Result<Proposal, Refusal> {
        self.shared().check_ready()?;
        let entry = SignedEntry::decode(path.log_type(), bytes)?;
        let register = self.register();
        // ENTRY-13: who signs is judged before the signatures.
        check_signers(&register, &entry)?;
        let context = self.context(path, entry.payload().kind())?;
        let binding = context.binding();
        entry.verify(&binding)?;
        let id = draft_id(&binding, &entry);
        let path = path.clone();
        let outcome = self.ask(|answer| {
            Task::Draft(Box::new(DraftTask { id, path: path.clone(), entry, answer }))
        })??;
        match outcome {
            DraftOutcome::Waiting(draft) => Ok(Proposal::Waiting(self.draft_view(draft))),
            DraftOutcome::Complete(entry) => {
                self.submit_and_wait(&path, entry.into_bytes(), timeout).map(Proposal::Recorded)
            }
        }
    }

    /// The drafts that wait, by id.
    pub fn drafts(&self) -> Vec<DraftView> {
        let drafts: Vec<_> = read(&self.shared().drafts).all().cloned().collect();
        drafts.into_iter().map(|draft| self.draft_view(draft)).collect()
    }

    /// A draft.
    pub fn draft(&self, id: &str) -> Option<DraftView> {
        let draft = read(&self.shared().drafts).get(id).cloned();
        draft.map(|draft| self.draft_view(draft))
    }

    /// Drops a draft; says whether there was one.
    pub fn withdraw(&self, id: &str) -> Result<bool, Refusal> {
        let id = id.to_owned();
        self.ask(|answer| Task::Withdraw(id, answer))?
    }

    fn draft_view(&self, draft: Arc<Draft>) -> DraftView {
        let missing = missing_signers(&self.register(), &draft.entry);
        DraftView { draft, missing }
    }
}
