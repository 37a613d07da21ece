//! When the store fails: what the waiting are told, and how the writer gets going again.
//!
//! A full disk changes nothing. Any other failure leaves open what the store holds, so everything
//! in memory is worthless: nothing is taken until the store has been reopened and all logs have
//! been loaded from it ([`crate::recovery`], the same way as at start).

use core::fmt::Display;
use core::time::Duration;

use crate::error::{EngineError, Refusal};
use crate::lock::write;
use crate::recovery::{Sources, load};
use crate::shared::{Shared, Status};
use crate::store::{Batch, Remedy, StoreError};

use super::Sequencer;

impl Sequencer {
    /// Says what a failed commit means for those who wait for it.
    pub(super) fn fail(&mut self, error: &StoreError) -> Refusal {
        if error.remedy() == Remedy::MakeRoom {
            self.shared.note_error(error);
            tracing::error!(%error, "refusing entries until there is room");
            return Refusal::StorageFull;
        }
        self.stop(error);
        Refusal::StorageFailed
    }

    /// Takes nothing more until a reload has succeeded; the first attempt is due at once. A reload
    /// that panics is tried again as late as one that fails.
    pub(super) fn stop(&mut self, error: &dyn Display) {
        tracing::error!(%error, "the sequencer stops until its state is reloaded");
        self.shared.note_error(error);
        let pause = match self.shared.status() {
            Status::Reloading => self.shared.settings.reload_pause,
            Status::Ready | Status::SetBack | Status::Stopped => Duration::ZERO,
        };
        self.shared.set_status(Status::Reloading);
        self.reload_due = Some(self.shared.clock.monotonic() + pause);
        self.anchor_due = None;
        self.refuse_held();
    }

    pub(super) fn reload_if_due(&mut self) {
        let now = self.shared.clock.monotonic();
        if self.reload_due.is_none_or(|due| due > now) {
            return;
        }
        match self.reload() {
            Ok(()) => {
                tracing::info!("the state is reloaded");
                self.reload_due = None;
                self.shared.metrics.count_reload();
                self.shared.set_status(Status::Ready);
                self.note_moved();
            }
            Err(error) => {
                tracing::error!(%error, "the state cannot be reloaded yet");
                self.shared.note_error(&error);
                self.reload_due = Some(now + self.shared.settings.reload_pause);
            }
        }
    }

    /// Puts what the store says in the place of everything in memory. An entry that was
    /// prepared for the old state is told apart by the cell it holds, and refused.
    fn reload(&mut self) -> Result<(), EngineError> {
        let shared = &self.shared;
        shared.store.reopen()?;
        shared.reader.forget();
        let Shared { store, reader, key, hasher, settings, .. } = shared.as_ref();
        let sources = Sources {
            store: store.as_ref(),
            reader,
            key,
            hasher,
            threads: settings.verifiers,
            on_head: settings.on_head.as_ref(),
        };
        let loaded = load(&sources, &mut self.rng)?;
        self.edges = loaded.edges;
        *write(&shared.drafts) = loaded.drafts;
        shared.set_city(loaded.city);
        shared.set_public(loaded.public);
        Ok(())
    }

    /// The last step: anchors what has moved and stores the last signed heads.
    pub(super) fn finish(&mut self) {
        if self.shared.status() == Status::Reloading {
            return;
        }
        if self.anchor_due.is_some()
            && let Err(refusal) = self.anchor()
        {
            tracing::warn!(%refusal, "the last anchor is not recorded");
        }
        let city = self.shared.city();
        let notes = city.logs().map(|log| crate::heads::note_record(&log.origin, &log.head()));
        let batch = Batch { meta: notes.collect(), ..Batch::default() };
        if let Err(refusal) = self.commit(&batch) {
            // No loss: the stored sizes and roots determine the heads.
            tracing::warn!(%refusal, "the last signed heads are not stored");
        }
    }
}
