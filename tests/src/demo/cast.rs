//! Everybody votes: each ballot signed by its own key, handed in over HTTP, and held against its
//! receipt, over several connections at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::anyhow;
use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_client::receipts;
use veche_client::terminal::Progress;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;

use super::narrator::Narrator;
use super::people::Voter;

/// A ballot that was cast, with its receipt.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) ballot: SignedEntry,
    pub(super) receipt: Receipt,
}

/// Casts every voter's ballot; gives ballots and receipts in the order of the voters.
pub(super) fn all(
    api: &Api,
    paper: &BallotPaper,
    voters: &[Voter],
    connections: usize,
    narrator: &mut Narrator,
) -> anyhow::Result<Vec<Cast>> {
    narrator.chapter("Everybody votes");
    let progress = Progress::new("ballots");
    let next = AtomicUsize::new(0);
    let casts = Mutex::new(vec![None; voters.len()]);
    let failures: Mutex<Vec<anyhow::Error>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                while let place = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(voter) = voters.get(place)
                {
                    progress.set(place as u64, voters.len() as u64);
                    match cast(api, paper, voter) {
                        Ok(cast) => casts.lock().expect("no voter panics")[place] = Some(cast),
                        Err(error) => failures.lock().expect("no voter panics").push(error),
                    }
                }
            });
        }
    });
    drop(progress);
    if let Some(error) = failures.into_inner().expect("no voter panics").pop() {
        return Err(error);
    }
    let casts: Option<Vec<_>> = casts.into_inner().expect("no voter panics").into_iter().collect();
    let casts = casts.ok_or_else(|| anyhow!("a voter was left out"))?;
    narrator.say_timed(&format!(
        "{} ballots are cast over {connections} connections, each signed by its voter's own key",
        casts.len()
    ));
    narrator.claim("every voter holds a receipt and has checked it", casts.len() == voters.len());
    Ok(casts)
}

fn cast(api: &Api, paper: &BallotPaper, voter: &Voter) -> anyhow::Result<Cast> {
    let ballot = paper.sign(0, vec![voter.choices.clone()], &voter.key)?;
    let receipt = api.submit(paper.path(), ballot.bytes())?;
    // RECEIPT-3: held against the bytes that the voter has made.
    receipts::verify(&receipt, ballot.bytes(), paper.verifier())?;
    Ok(Cast { ballot, receipt })
}
