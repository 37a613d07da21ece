//! (l): the recount of an anonymous sealed poll from its public files, as any observer repeats it.
//!
//! For each voter there is a proof of possession on the roll, a request, an answer of the issuer
//! (64 to an entry), and a sealed ballot: three Ed25519 signatures, two public operations of RSA,
//! and one ristretto255 product by which the ballot opens. Limit: as many of each, bare, one kind
//! after the other, on all cores, half before and half after the recount.
//!
//! The recount runs in a process of its own, as that of (e) does. Not here: named polls.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::bare::multiply_ristretto;
use crate::cores::{per_second, rounded};
use crate::progress::Progress;
use crate::recount::{Measured, run_child, write_files};
use crate::referendum::{IN_FLIGHT, Referendum};
use crate::scale::Scale;
use crate::signatures::{Limit, Signed};
use crate::table::{self, Line, Target};

/// Recounts that are timed.
const ROUNDS: usize = 2;
/// Ed25519 signatures of a voter: on the roll, the request, the ballot. Those of the issuers are
/// one for 64 voters, and left out of the limit.
const SIGNATURES: usize = 3;
/// Operations of RSA for each signature of an issuer: blind, and on the ballot.
const OPERATIONS: usize = 2;

/// What the limit took.
#[derive(Clone, Copy, Debug, Default)]
struct Bare {
    rsa: Duration,
    ed25519: Duration,
    ristretto: Duration,
}

impl Bare {
    /// Does bare what the recount has to do for a part of the ballots.
    fn verify(
        &mut self,
        poll: &Referendum,
        limit: &Limit,
        signed: &[Signed],
        voters: core::ops::Range<usize>,
    ) -> Result<()> {
        for (key, signatures) in poll.keys.iter().zip(poll.signatures(voters.clone())) {
            for _ in 0..OPERATIONS {
                self.rsa += key.raise_all(&signatures)?;
            }
        }
        for _ in 0..SIGNATURES {
            self.ed25519 += limit.verify(&signed[voters.clone()])?;
        }
        self.ristretto += multiply_ristretto(voters.len())?;
        Ok(())
    }

    fn sum(self) -> Duration {
        self.rsa + self.ed25519 + self.ristretto
    }

    fn name(self) -> String {
        let seconds = |took: Duration| took.as_secs_f64() / rounded(ROUNDS);
        format!(
            "bare RSA {:.2} s, Ed25519 {:.2} s, ristretto255 {:.2} s, on all cores",
            seconds(self.rsa),
            seconds(self.ed25519),
            seconds(self.ristretto)
        )
    }
}

/// Casts the ballots of all who have credentials and have not, closes the poll, and measures the
/// line. The requests and the answers must stand.
pub fn measure(poll: &mut Referendum, voters: usize, data: &Path, scale: Scale) -> Result<Line> {
    let cast = poll.next();
    let ballots = poll.ballots(voters - cast);
    poll.town.cast(&ballots, IN_FLIGHT)?;
    drop(ballots);
    let signed = poll.signed(voters)?;
    poll.close()?;
    let files = data.join("sealed-files");
    write_files(&poll.town, &files)?;

    let progress = Progress::new("(l) recounting", ROUNDS);
    let limit = Limit::find(&signed[..voters.min(scale.calibration)])?;
    let (mut own, mut bare) = (Duration::ZERO, Bare::default());
    let mut one = Measured::default();
    for _ in 0..ROUNDS {
        bare.verify(poll, &limit, &signed, 0..voters / 2)?;
        one = run_child(&files)?;
        ensure!(one.ballots == voters, "every ballot stands");
        own += one.took;
        bare.verify(poll, &limit, &signed, voters / 2..voters)?;
        progress.advance(1);
    }
    Ok(Line {
        letter: 'l',
        what: format!("recount of {voters} anonymous sealed ballots"),
        measured: per_second(voters * ROUNDS, own),
        unit: "ballots/s",
        limit: table::Limit { value: per_second(voters * ROUNDS, bare.sum()), name: bare.name() },
        target: Target::Ratio(0.85),
        note: format!(
            "{:.2} s with the roll, requests and answers, from files; peak memory {:.0} MB",
            own.as_secs_f64() / rounded(ROUNDS),
            rounded(one.peak) / 1e6
        ),
        cause: "keys on the roll and of ballots are checked for small order, each for half of what \
                a signature costs, and sealed points are read twice",
    })
}
