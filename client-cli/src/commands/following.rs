//! After handing in: the wait for a public head that covers what was handed in, with words on a
//! terminal and silence in a pipe.
//!
//! Not here: the look itself ([`crate::growth`]), and what is kept of it (the commands).

use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use veche_keys::private_file::{self, Existing};
use veche_protocol::breach::Breach;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::fork::ForkProof;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::policy::Policy;

use crate::api::Source;
use crate::authority::pace::is_passing;
use crate::error::ClientError;
use crate::growth::{Look, Promise, look};
use crate::patience::{Witnessing, limit, look_until};
use crate::witnesses::{Sight, policy_for};

/// Options of every command that waits for a public head.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct WaitArgs {
    /// Longest wait for a public head that covers what was handed in, cosigned as the policy of
    /// your trust file asks; 0: do not wait. By default two intervals of the log and some seconds.
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
}

/// What came of waiting.
#[derive(Debug)]
pub(super) enum Followed {
    /// The receipt has grown.
    Grown(Box<GrownReceipt>, Option<Sight>),
    /// It has not, and this is why.
    Provisional(String),
}

impl WaitArgs {
    /// Whether nobody wants to wait.
    pub(super) fn is_off(self) -> bool {
        self.wait == Some(0)
    }

    /// The longest wait.
    pub(super) fn limit(self, interval: Duration, witnessing: Witnessing) -> Duration {
        self.wait.map_or_else(|| limit(interval, witnessing), Duration::from_secs)
    }

    /// Waits for a public head that covers the promise and satisfies the policy. A fork is written
    /// to `fork`, and is an error.
    pub(super) fn follow(
        self,
        source: &impl Source,
        promise: &Promise<'_>,
        policy: Option<&Policy>,
        interval: Duration,
        fork: &Path,
    ) -> Result<Followed, ClientError> {
        let witnessing = match policy_for(policy, promise.path) {
            Some(_) => Witnessing::Asked,
            None => Witnessing::NotAsked,
        };
        let limit = self.limit(interval, witnessing);
        let mut said = String::new();
        let mut is_done = |look: &Look| {
            let is_done = matches!(look, Look::Grown(..) | Look::Forked(_));
            if !is_done && io::stderr().is_terminal() {
                let words = why(look, promise);
                if words != said {
                    eprintln!("waiting: {words}");
                    said = words;
                }
            }
            is_done
        };
        match look_until(limit, || look(source, promise, policy), &mut is_done) {
            Ok(Look::Grown(grown, sight)) => Ok(Followed::Grown(grown, sight)),
            Ok(Look::Forked(proof)) => Err(convict(promise, &proof, fork)?),
            Ok(look) => Ok(Followed::Provisional(why(&look, promise))),
            // What was handed in stands, whatever the network does now.
            Err(error) if is_passing(&error) => {
                Ok(Followed::Provisional(format!("the public head could not be read ({error})")))
            }
            Err(error) => Err(error),
        }
    }
}

impl Followed {
    /// Says what the user holds: what witnesses have seen, or what is missing and which command
    /// looks for it later. Without a policy, a receipt whose head is public is all there is.
    pub(super) fn say(&self, later: &str) {
        match self {
            Self::Grown(_, None) => {}
            Self::Grown(grown, Some(sight)) => {
                let size = Checkpoint::parse(grown.later().note().text()).map_or(0, |h| h.size);
                println!("{sight} have cosigned a head of {size} entries that holds it");
            }
            Self::Provisional(why) => {
                println!("provisional: you hold the operator's signed promise; {why}");
                println!("{later}");
            }
        }
    }
}

/// Why a receipt has not grown yet.
pub(super) fn why(look: &Look, promise: &Promise<'_>) -> String {
    let (path, index) = (promise.path, promise.receipt.index());
    match look {
        Look::Behind(0) => format!("{path} is not public yet"),
        Look::Behind(size) => {
            format!("the public head of {path} has {size} entries, and does not cover it yet")
        }
        Look::Unwitnessed(sight) => format!(
            "{sight} of your policy have cosigned the public head of {path} that covers it, and \
             that is not enough"
        ),
        Look::Grown(..) => format!("index {index} of {path} is public"),
        Look::Forked(_) => format!("the public head of {path} contradicts the receipt"),
    }
}

/// Writes the proof of a fork, says so, and gives the error to end with.
pub(super) fn convict(
    promise: &Promise<'_>,
    proof: &ForkProof,
    file: &Path,
) -> Result<ClientError, ClientError> {
    // RECEIPT-13: the receipt stays where it is, and the two heads are kept together.
    private_file::write(file, proof.to_string().as_bytes(), Existing::Replace)?;
    let path = promise.path;
    println!("FORK: the city has signed two heads of {path} that cannot both be true");
    println!("the proof is in {}; anyone can check it: `veche-audit fork`", file.display());
    println!("keep it with your receipt, and show it to observers");
    let what = format!("the public head of {path}, held against the receipt");
    Ok(ClientError::distrust(what)(Breach::HeadForked))
}

#[cfg(test)]
mod tests {
    use veche_protocol::poll::definition::Revote;

    use super::*;
    use crate::patience::INTERVAL;
    use crate::test_city::publishing::{WITNESSES, read_policy};
    use crate::test_city::{TestCity, poll_path};

    /// What comes of one look at a city in which an entry was handed in; the file for a fork.
    fn follow(
        city: &TestCity,
        change: impl FnOnce(),
    ) -> (Result<Followed, ClientError>, tempfile::TempDir) {
        let (path, entry) = (poll_path(), b"handed in");
        let index = city.push(&path, entry);
        let receipt = city.receipt(&path, index);
        change();
        let verifier = city.pins.verifier(&path);
        let promise = Promise { path: &path, verifier: &verifier, entry, receipt: &receipt };
        let folder = tempfile::tempdir().unwrap();
        let wait = WaitArgs { wait: Some(0) };
        let fork = folder.path().join("a.veche-fork");
        let policy = read_policy(2);
        (wait.follow(city, &promise, Some(&policy), INTERVAL, &fork), folder)
    }

    #[test]
    fn a_quorum_that_is_never_reached_is_said_and_is_no_error() {
        let city = TestCity::with_open_poll(Revote::First);
        city.witness_by(&WITNESSES[..1]);
        let (followed, _) = follow(&city, || {});
        let Followed::Provisional(why) = followed.unwrap() else { panic!("one of two is missing") };
        // RECEIPT-12: whom it waits for, by name, when the bound is reached.
        assert!(why.starts_with("1 of 2 witnesses (w60 at "), "{why}");
        city.witness_by(&WITNESSES);
        let (followed, _) = follow(&city, || {});
        assert!(matches!(followed.unwrap(), Followed::Grown(_, Some(_))));
    }

    #[test]
    fn a_fork_is_an_error_and_its_proof_is_kept() {
        let city = TestCity::with_open_poll(Revote::First);
        let (followed, folder) = follow(&city, || {
            city.logs.borrow_mut().get_mut(&poll_path()).unwrap().pop();
            city.push(&poll_path(), b"another");
        });
        assert_eq!(followed.unwrap_err().code(), Breach::HeadForked.code());
        // RECEIPT-13: a stranger can check it.
        let proof = std::fs::read(folder.path().join("a.veche-fork")).unwrap();
        ForkProof::parse(&proof).unwrap().verify().unwrap();
    }

    #[test]
    fn the_wait_is_the_users_or_two_intervals() {
        let limit = |wait| WaitArgs { wait }.limit(INTERVAL, Witnessing::Asked).as_secs();
        assert_eq!((limit(None), limit(Some(60)), limit(Some(0))), (12, 60, 0));
        assert!(WaitArgs { wait: Some(0) }.is_off() && !WaitArgs { wait: None }.is_off());
    }
}
