//! How large everything is: as the targets ask for, or small enough for a smoke test.

use std::time::Duration;

/// The sizes of a run.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// What the head of the table says of it.
    pub remark: &'static str,
    /// Entries of a young log.
    pub young: usize,
    /// Entries of an old one.
    pub old: usize,
    /// Entries of one slice of appends.
    pub append_slice: usize,
    /// How long proofs are asked for.
    pub proving: Duration,
    /// Signatures by which the best size of a batch is found.
    pub calibration: usize,
    /// Ballots of one slice of an ingest, and how many slices there are.
    pub ingest: (usize, usize),
    /// Ballots of one slice over HTTP, and how many slices there are.
    pub http: (usize, usize),
    /// Connections that cast at the same time.
    pub connections: usize,
    /// Casts one after another.
    pub singles: usize,
    /// Ballots that are recounted.
    pub recount: usize,
    /// Requests that an issuer answers.
    pub requests: usize,
    /// Anonymous sealed ballots of one line, of one issuer and of two. Each issuer's signature
    /// takes a millisecond of one core to make: the 200,000 of all lines take a minute and a half
    /// of two.
    pub sealed: [usize; 2],
    /// Connections that cast anonymous ballots at the same time: the server answers 4,096 requests
    /// at a time, and a ballot waits for its interval.
    pub sealed_connections: usize,
}

impl Scale {
    /// The sizes of the targets.
    pub const FULL: Self = Self {
        remark: "measured and limit take turns in the same run",
        young: 1_000_000,
        old: 10_000_000,
        append_slice: 16 * 4_096,
        proving: Duration::from_secs(6),
        calibration: 16_384,
        ingest: (100_000, 4),
        http: (60_000, 4),
        connections: 512,
        singles: 4_000,
        recount: 1_000_000,
        requests: 8_192,
        sealed: [50_000, 25_000],
        sealed_connections: 3_840,
    };

    /// Sizes at which everything runs and nothing is measured.
    pub const QUICK: Self = Self {
        remark: "a smoke test: the numbers mean nothing",
        young: 4_096,
        old: 16_384,
        append_slice: 2_048,
        proving: Duration::from_millis(20),
        calibration: 256,
        ingest: (200, 2),
        http: (100, 2),
        connections: 8,
        singles: 20,
        recount: 1_200,
        requests: 64,
        sealed: [80, 60],
        sealed_connections: 32,
    };

    /// Voters needed for what comes before the recount, if it is measured.
    pub fn casts_before(&self, ingest: bool, http: bool, singles: bool) -> usize {
        let (slice, slices) = self.ingest;
        let (http_slice, http_slices) = self.http;
        let ingest = usize::from(ingest) * slice * slices;
        let http = usize::from(http) * http_slice * http_slices;
        self.calibration + ingest + http + usize::from(singles) * self.singles
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn a_recount_has_voters_for_all_that_comes_before_it() {
        for scale in [Scale::FULL, Scale::QUICK] {
            assert!(scale.casts_before(true, true, true) <= scale.recount, "{scale:?}");
        }
    }
}
