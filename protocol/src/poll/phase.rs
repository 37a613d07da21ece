//! The life of a poll as one table: phase and kind of entry give the next phase, or a refusal
//! (spec/polls.md, "Life").

use crate::breach::Breach;
use crate::entry::Kind;

/// Where a poll stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Its log is empty.
    Unannounced,
    /// The definition is frozen.
    Announced,
    /// Ballots count.
    Open,
    /// No ballot counts any more.
    Closed,
    /// Two officers have claimed the result.
    Certified,
    /// It ended without a result that binds.
    Cancelled,
}

impl Phase {
    /// Every phase, in the order of a poll's life.
    pub const ALL: [Self; 6] = [
        Self::Unannounced,
        Self::Announced,
        Self::Open,
        Self::Closed,
        Self::Certified,
        Self::Cancelled,
    ];

    /// The name of the phase, as the API and reports give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unannounced => "unannounced",
            Self::Announced => "announced",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Certified => "certified",
            Self::Cancelled => "cancelled",
        }
    }

    /// The phase after an entry of this kind, if it may stand here.
    pub const fn after(self, kind: Kind) -> Result<Self, Breach> {
        // POLL-1: the whole table; its matrix is a snapshot, and the picture in the spec is made
        // from it.
        use Breach as B;
        use Kind as K;
        match (self, kind) {
            (Self::Unannounced, K::Announce) => Ok(Self::Announced),
            (Self::Unannounced, _) => Err(B::NotAnnounced),
            (_, K::Announce) => Err(B::AnnounceRepeated),

            (Self::Announced, K::Open) | (Self::Open, K::Ballot) => Ok(Self::Open),
            (Self::Announced, K::Ballot) => Err(B::BallotBeforeOpen),
            (_, K::Ballot) => Err(B::BallotAfterClose),

            (Self::Open, K::Close) => Ok(Self::Closed),
            (Self::Closed, K::Certify) => Ok(Self::Certified),
            (Self::Announced | Self::Open, K::Cancel) => Ok(Self::Cancelled),

            (Self::Open | Self::Closed | Self::Certified, K::Open)
            | (Self::Closed | Self::Certified, K::Close)
            | (Self::Certified, K::Certify)
            | (Self::Cancelled, K::Cancel) => Err(B::PhaseRepeated),
            _ => Err(B::PhaseOutOfOrder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 6] =
        [Kind::Announce, Kind::Open, Kind::Ballot, Kind::Close, Kind::Certify, Kind::Cancel];

    /// The whole table as it stands in the spec: phases down, kinds across.
    fn table() -> String {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let names = KINDS.map(|kind| kind.name().to_owned());
        let mut table = row([vec!["phase".to_owned()], names.to_vec()].concat());
        table += &["|", &"---|".repeat(1 + KINDS.len()), "\n"].concat();
        for phase in Phase::ALL {
            let cells = KINDS.map(|kind| match phase.after(kind) {
                Ok(next) => format!("→ {}", next.name()),
                Err(breach) => breach.code().to_owned(),
            });
            table += &row([vec![phase.name().to_owned()], cells.to_vec()].concat());
        }
        table
    }

    #[test]
    fn current_life_of_a_poll() {
        // POLL-1: the spec's table is this one, so both change together or not at all.
        let law = include_str!("../../../spec/polls.md");
        let (_, rest) = law.split_once("<!-- generated: poll-life -->\n").unwrap();
        let (written, _) = rest.split_once("<!-- end -->").unwrap();
        assert_eq!(written, table());
    }

    #[test]
    fn no_phase_admits_what_is_no_entry_of_a_poll() {
        // POLL-1: kinds of other logs do not even decode in a poll; here they would change nothing.
        for phase in Phase::ALL {
            for kind in [Kind::Genesis, Kind::Anchors, Kind::Roll, Kind::Revoke] {
                assert!(phase.after(kind).is_err(), "{phase:?} {kind:?}");
            }
        }
    }

    #[test]
    fn a_poll_that_is_over_stays_over() {
        // POLL-1: nothing leads out of these two.
        for phase in [Phase::Certified, Phase::Cancelled] {
            assert!(KINDS.iter().all(|&kind| phase.after(kind).is_err()), "{phase:?}");
        }
    }
}
