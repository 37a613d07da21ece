//! (j) and (k): anonymous sealed ballots, cast within the process and over HTTP.
//!
//! A ballot carries a signature of each issuer, one by the voter's one-poll key, and a sealed
//! choice. The engine holds ballots back until the poll's interval is over, so thousands are in
//! flight. Limit, half before and half after the casts: the public operation of RSA for each
//! credential, and the same Ed25519 signatures in batches, one after the other, on all cores.
//!
//! Not here: reading the sealed point, which has no bare counterpart in the limit.

use std::time::Duration;

use anyhow::Result;

use crate::cores::{per_second, rounded};
use crate::cpu::CpuTimes;
use crate::http::{self, Server, quantile};
use crate::load;
use crate::progress::Progress;
use crate::referendum::{IN_FLIGHT, Referendum};
use crate::scale::Scale;
use crate::signatures::{Limit, Signed};
use crate::table::{self, Line, Target};

/// Ballots with what the limit verifies of them.
struct Round {
    /// The first voter of them.
    first: usize,
    ballots: Vec<Vec<u8>>,
    signed: Vec<Signed>,
    limit: Limit,
    rsa: Duration,
    ed25519: Duration,
}

impl Round {
    fn make(poll: &mut Referendum, count: usize, scale: Scale) -> Result<Self> {
        let first = poll.next();
        let ballots = poll.ballots(count);
        let signed = Signed::of(&ballots, &poll.open_poll().ballot_binding())?;
        let limit = Limit::find(&signed[..count.min(scale.calibration)])?;
        let (rsa, ed25519) = (Duration::ZERO, Duration::ZERO);
        Ok(Self { first, ballots, signed, limit, rsa, ed25519 })
    }

    /// Verifies a half of them, bare.
    fn verify(&mut self, poll: &Referendum, half: core::ops::Range<usize>) -> Result<()> {
        let voters = self.first + half.start..self.first + half.end;
        for (key, signatures) in poll.keys.iter().zip(poll.signatures(voters)) {
            self.rsa += key.raise_all(&signatures)?;
        }
        self.ed25519 += self.limit.verify(&self.signed[half])?;
        Ok(())
    }

    /// Times `cast` between the two halves of the limit.
    fn run(
        &mut self,
        poll: &Referendum,
        cast: impl FnOnce(&mut Self) -> Result<Duration>,
    ) -> Result<(Duration, CpuTimes)> {
        let (count, middle) = (self.ballots.len(), self.ballots.len() / 2);
        self.verify(poll, 0..middle)?;
        let before = CpuTimes::now();
        let took = cast(self)?;
        let mut taken = CpuTimes::default();
        taken.add(&before, &CpuTimes::now());
        self.verify(poll, middle..count)?;
        Ok((took, taken))
    }

    fn limit(&self) -> table::Limit {
        let each = |took: Duration| took.as_secs_f64() * 1e6 / rounded(self.signed.len());
        table::Limit {
            value: per_second(self.signed.len(), self.rsa + self.ed25519),
            name: format!(
                "bare RSA {:.1} us and Ed25519 {:.1} us a ballot, on all cores",
                each(self.rsa),
                each(self.ed25519)
            ),
        }
    }
}

/// Measures line (j): so many ballots within the process.
pub fn in_process(poll: &mut Referendum, count: usize, scale: Scale) -> Result<Line> {
    let progress = Progress::new("(j) sealed ballots in process", count);
    let mut round = Round::make(poll, count, scale)?;
    let (took, taken) = round.run(poll, |round| poll.town.cast(&round.ballots, IN_FLIGHT))?;
    progress.advance(count);
    Ok(Line {
        letter: 'j',
        what: format!("anonymous sealed ballots in process, {}", issuers(poll)),
        measured: per_second(count, took),
        unit: "ballots/s",
        limit: round.limit(),
        target: Target::Ratio(0.75),
        note: taken.shares(rounded(count)),
        cause: "no core is idle: beside its signatures, a ballot's key and sealed point are \
                checked, and it is decoded, hashed and stored; the last interval is waited for",
    })
}

/// Measures line (k): so many ballots over HTTP, of which `least` in a second are to be reached.
pub fn over_http(
    poll: &mut Referendum,
    server: &Server,
    count: usize,
    least: f64,
    scale: Scale,
) -> Result<Line> {
    let progress = Progress::new("(k) sealed ballots over HTTP", count);
    let mut round = Round::make(poll, count, scale)?;
    let mut times = load::no_times();
    let (took, taken) = round.run(poll, |round| {
        let ballots = core::mem::take(&mut round.ballots);
        let outcome = load::cast_over(server.target.clone(), scale.sealed_connections, ballots)?;
        http::check(&poll.town, &outcome, count)?;
        times = outcome.times;
        Ok(outcome.took)
    })?;
    progress.advance(count);
    Ok(Line {
        letter: 'k',
        what: format!("the same over HTTP, {}", issuers(poll)),
        measured: per_second(count, took),
        unit: "casts/s",
        limit: round.limit(),
        target: Target::AtLeast(least),
        note: format!(
            "{} connections, load generator beside the server; p50 {:.0} ms, p99 {:.0} ms; {}",
            scale.sealed_connections,
            quantile(&times, 0.5),
            quantile(&times, 0.99),
            taken.shares(rounded(count))
        ),
        cause: "no core is idle: HTTP and the load generator take what the signatures leave",
    })
}

fn issuers(poll: &Referendum) -> &'static str {
    if poll.keys.len() == 1 { "one issuer" } else { "two issuers" }
}
