//! How an anonymous ballot is sent so that neither the moment nor the connection says whose it is.
//!
//! ```text
//! the log is read        over the connections of the run, as anyone reads it
//! the ballot is kept     on the disk, before anything is sent
//! a random while passes  so that the order of reading is not the order of casting
//! the ballot is sent     each attempt over a connection of its own: no cookie, no session, no
//!                        header that another voter's program does not send, and nothing in it that
//!                        an answer to the roll key had held
//! ```
//!
//! What remains is the network address. Whoever sees it at the server or before it can hold it
//! against the address of the request, unless the two differ: a relay (`--proxy`) or another
//! network is what helps. Not here: the ballot ([`crate::ballot_paper`]).

use std::time::Duration;

use rand::{CryptoRng, RngExt as _};
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::poll::credentials::MIN_CROWD;

use crate::api::Api;
use crate::ballot_paper::BallotPaper;
use crate::credential::Credential;
use crate::error::ClientError;
use crate::receipts;

/// How long to wait before an anonymous ballot is sent: a uniform part of `longest` seconds, or of
/// half of what is left until the poll closes, if that is less. Times are seconds since 1970.
pub fn delay<R: CryptoRng>(now: u64, closes_at: u64, longest: u64, rng: &mut R) -> Duration {
    // CRED-10: a random later time; the other half is for what may go wrong.
    let left = closes_at.saturating_sub(now) / 2;
    let bound = left.min(longest).saturating_mul(1_000);
    Duration::from_millis(rng.random_range(0..=bound))
}

/// That the credential is ready, and that its ballots have a crowd to hide in.
pub fn check_crowd(paper: &BallotPaper, credential: &Credential) -> Result<(), ClientError> {
    let district = credential.district();
    let crowd = paper.crowd(district).unwrap_or(0);
    // CRED-10: among fewer than so many a ballot can be told apart.
    if crowd >= MIN_CROWD {
        return Ok(());
    }
    Err(ClientError::NotYet(format!(
        "only {crowd} voters of the district {district} have a credential, so your ballot would \
         stand out; from {MIN_CROWD} on it hides. Wait, or say --small-crowd"
    )))
}

/// Sends a ballot until it is answered, and checks the receipt against the bytes that were sent.
/// `api` is for this alone, with connections that are fresh.
pub fn cast(api: &Api, paper: &BallotPaper, ballot: &SignedEntry) -> Result<Receipt, ClientError> {
    let receipt = api.submit(paper.path(), ballot.bytes())?;
    // RECEIPT-3: the leaf is computed from the bytes that were made here.
    receipts::verify(&receipt, ballot.bytes(), paper.verifier())?;
    Ok(receipt)
}

/// That a credential can vote in the poll of this paper at all.
pub fn check_ready(paper: &BallotPaper, credential: &Credential) -> Result<(), ClientError> {
    if credential.is_ready() {
        return Ok(());
    }
    let what = format!("a ballot for {}; first run `veche credential` to the end", paper.path());
    Err(ClientError::unlawful(what)(Breach::CredentialMissing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_city::TestCity;

    #[test]
    fn the_delay_is_random_and_ends_before_the_close() {
        let mut rng = rand::rng();
        let delays: Vec<_> = (0..200).map(|_| delay(1_000, 2_000, 3_600, &mut rng)).collect();
        assert!(delays.iter().all(|delay| *delay <= Duration::from_secs(500)));
        assert!(delays.iter().any(|delay| *delay > Duration::from_secs(250)));
        assert!(delays.windows(2).any(|pair| pair[0] != pair[1]));
        // CRED-10: no later than the close, however late it is.
        assert_eq!(delay(2_000, 2_000, 3_600, &mut rng), Duration::ZERO);
        assert_eq!(delay(u64::MAX, 2_000, 3_600, &mut rng), Duration::ZERO);
        assert!(delay(0, u64::MAX, 10, &mut rng) <= Duration::from_secs(10));
    }

    #[test]
    fn nobody_casts_among_few() {
        let city = TestCity::with_sealed_poll();
        city.begin();
        let credential = city.credential(0);
        city.push(&crate::test_city::poll_path(), credential.request().bytes());
        city.issue(0);
        city.issue(1);
        city.hold_ceremony();
        city.open();
        let read = city.read();
        let paper = BallotPaper::of(&read, &city.poll(&read)).unwrap();
        // CRED-10: one of fifty has a credential.
        let refused = check_crowd(&paper, &credential).unwrap_err();
        assert_eq!(refused.code(), "not-yet");
        assert!(refused.to_string().contains("only 1 voters of the district n"), "{refused}");
        assert_eq!(check_ready(&paper, &credential).unwrap_err().code(), "credential-missing");
    }
}
