//! (b): ingest within the process. Ballot bytes in, receipt out, durable, signatures verified.
//!
//! One thread submits and takes receipts, as text, with thousands of ballots in flight. Limit: bare
//! verification of the same signatures on all cores, in turns with the ingest. Not here: HTTP.

use std::time::Duration;

use anyhow::Result;

use crate::cores::{per_second, rounded};
use crate::cpu::CpuTimes;
use crate::progress::Progress;
use crate::scale::Scale;
use crate::signatures::{Limit, Signed};
use crate::table::{self, Line, Target};
use crate::town::{IN_FLIGHT, Town};

/// Measures line (b).
pub fn measure(town: &mut Town, limit: &Limit, scale: Scale) -> Result<Line> {
    let (slice, slices) = scale.ingest;
    let progress = Progress::new("(b) ingest", slice * slices);
    let (mut own, mut bare) = (Duration::ZERO, Duration::ZERO);
    let mut taken = CpuTimes::default();
    for _ in 0..slices {
        let ballots = town.ballots(slice);
        let signed = Signed::of(&ballots, &town.binding())?;
        let before = CpuTimes::now();
        own += town.cast(&ballots, IN_FLIGHT)?;
        taken.add(&before, &CpuTimes::now());
        bare += limit.verify(&signed)?;
        progress.advance(slice);
    }
    Ok(Line {
        letter: 'b',
        what: format!("ingest in process, {} in flight", IN_FLIGHT.min(slice)),
        measured: per_second(slice * slices, own),
        unit: "ballots/s",
        limit: table::Limit { value: per_second(slice * slices, bare), name: limit.name() },
        target: Target::Ratio(0.75),
        note: taken.shares(rounded(slice * slices)),
        cause: "no core is idle: of what a ballot takes beside its signature, each must be less",
    })
}
