//! Blind signatures on all cores.
//!
//! Not here: for whom (the issuer), and what one is (the protocol).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};

use veche_protocol::blind_rsa::IssuerSecret;
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::poll::issuing::{Issued, MAX_ITEMS};
use veche_protocol::signature::{Key, SigningKey};

use crate::error::ClientError;
use crate::issuer::state::IssuerState;

/// A request as an issuer answers it.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// Index of the request.
    pub(super) request: u64,
    /// Who asks.
    pub(super) voter: Key,
    /// District of the voter.
    pub(super) code: String,
    /// The message blinded for this issuer.
    pub(super) blinded: Vec<u8>,
}

/// Signs for every question; the entries that say so.
pub(super) fn answer(
    questions: &[Question],
    state: &IssuerState,
    key: &SigningKey,
    binding: &Binding<'_>,
) -> Result<Vec<SignedEntry>, ClientError> {
    let batches: Vec<_> = questions.chunks(MAX_ITEMS).collect();
    let entries = on_all_cores(&batches, |batch| {
        let signatures = batch.iter().map(|question| sign(question, state));
        let signatures = signatures.collect::<Result<_, ClientError>>()?;
        let payload = Payload::Issued(Issued { signatures });
        Ok(SignedEntry::sign(&payload, binding, &[key]))
    });
    entries.into_iter().collect()
}

fn sign(question: &Question, state: &IssuerState) -> Result<(u64, Vec<u8>), ClientError> {
    let lost = || ClientError::usage(format!("the key for district {} is lost", question.code));
    let secret: &IssuerSecret = state.secret(&question.code).ok_or_else(lost)?;
    let what = || format!("the blind signature for request {}", question.request);
    let signature = secret.blind_sign(&question.blinded).map_err(ClientError::unlawful(what()))?;
    Ok((question.request, signature))
}

/// Maps the items on as many threads as there are cores; results in the order of the items.
pub(super) fn on_all_cores<T: Sync, R: Send>(items: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some((place, item)) = take(items, &next) {
            results.push((place, map(item)));
        }
        results
    };
    let workers = available_parallelism().map_or(1, usize::from).min(items.len());
    let mut results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().expect("the work does not panic")
        };
        workers.into_iter().flat_map(join).collect()
    });
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    items.get(place).map(|item| (place, item))
}
