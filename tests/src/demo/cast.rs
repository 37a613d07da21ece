//! Everybody votes: each ballot signed by its own key, handed in over HTTP, and held against its
//! receipt, over several connections at once.

use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_client::credential::Credential;
use veche_client::receipts;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;

use super::crowd::in_crowd;
use super::narrator::Narrator;
use super::people::Voter;

/// A ballot that was cast, with its receipt.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) ballot: SignedEntry,
    pub(super) receipt: Receipt,
}

/// Under which name the voters cast.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names<'a> {
    /// Their own, on the roll.
    Own,
    /// That of a credential each.
    Credentials(&'a [Credential]),
}

/// Casts every voter's ballot; gives ballots and receipts in the order of the voters.
pub(super) fn all(
    api: &Api,
    paper: &BallotPaper,
    voters: &[Voter],
    names: Names<'_>,
    connections: usize,
    narrator: &mut Narrator,
) -> anyhow::Result<Vec<Cast>> {
    narrator.chapter("Everybody votes");
    let casts = in_crowd("ballots", voters, connections, |place, voter| {
        let selections = vec![voter.choices.clone()];
        let ballot = match names {
            Names::Own => paper.sign(0, selections, &voter.key)?,
            Names::Credentials(all) => paper.sign_with(0, selections, &all[place])?,
        };
        let receipt = api.submit(paper.path(), ballot.bytes())?;
        // RECEIPT-3: held against the bytes that the voter has made.
        receipts::verify(&receipt, ballot.bytes(), paper.verifier())?;
        Ok(Cast { ballot, receipt })
    })?;
    narrator.say_timed(&match names {
        Names::Own => format!(
            "{} ballots are cast over {connections} connections, each under its voter's own key",
            casts.len()
        ),
        Names::Credentials(_) => format!(
            "{} ballots are cast over {connections} connections, sealed, under keys nobody knows",
            casts.len()
        ),
    });
    narrator.claim("every voter holds a receipt and has checked it", casts.len() == voters.len());
    Ok(casts)
}
