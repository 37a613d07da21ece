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
    /// The rolls of an anonymous poll are pinned, and credentials are given out.
    Begun,
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
    pub const ALL: [Self; 7] = [
        Self::Unannounced,
        Self::Announced,
        Self::Begun,
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
            Self::Begun => "begun",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Certified => "certified",
            Self::Cancelled => "cancelled",
        }
    }

    /// The phase after an entry of this kind, if it may stand here. Where the definition narrows
    /// this further, the poll's fold says so (POLL-21).
    pub const fn after(self, kind: Kind) -> Result<Self, Breach> {
        // POLL-1: the whole table; its matrix is a snapshot, and the picture in the spec is made
        // from it.
        use Breach as B;
        use Kind as K;
        use Phase as P;
        match (self, kind) {
            (P::Unannounced, K::Announce) => Ok(P::Announced),
            (P::Unannounced, _) => Err(B::NotAnnounced),
            (_, K::Announce) => Err(B::AnnounceRepeated),

            (P::Announced, K::Begin) => Ok(P::Begun),
            (P::Announced | P::Begun, K::Open) | (P::Open, K::Ballot) => Ok(P::Open),
            (P::Announced | P::Begun, K::Ballot) => Err(B::BallotBeforeOpen),
            (_, K::Ballot) => Err(B::BallotAfterClose),

            (P::Open, K::Close) => Ok(P::Closed),
            (P::Closed, K::Certify) => Ok(P::Certified),
            (P::Announced | P::Begun | P::Open | P::Closed, K::Cancel) => Ok(P::Cancelled),

            (P::Begun | P::Open | P::Closed | P::Certified, K::Begin)
            | (P::Open | P::Closed | P::Certified, K::Open)
            | (P::Closed | P::Certified, K::Close)
            | (P::Certified, K::Certify)
            | (P::Cancelled, K::Cancel) => Err(B::PhaseRepeated),

            (P::Announced, K::IssuerKeys)
            | (P::Begun | P::Open, K::Request | K::Issued)
            | (P::Announced | P::Begun, K::Join | K::Deal | K::Complaint | K::Ready | K::Exclude)
            | (P::Closed, K::Share) => Ok(self),
            _ => Err(B::PhaseOutOfOrder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of the table: kinds that no phase tells apart share one.
    const COLUMNS: [&[Kind]; 11] = [
        &[Kind::Announce],
        &[Kind::Begin],
        &[Kind::Open],
        &[Kind::Ballot],
        &[Kind::Close],
        &[Kind::Certify],
        &[Kind::Cancel],
        &[Kind::IssuerKeys],
        &[Kind::Request, Kind::Issued],
        &[Kind::Join, Kind::Deal, Kind::Complaint, Kind::Ready, Kind::Exclude],
        &[Kind::Share],
    ];

    /// The whole table as it stands in the spec: phases down, kinds across.
    fn table() -> String {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let names = COLUMNS.map(|kinds| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>());
        let names = names.map(|names| names.join(", "));
        let mut table = row([vec!["phase".to_owned()], names.to_vec()].concat());
        table += &["|", &"---|".repeat(1 + COLUMNS.len()), "\n"].concat();
        for phase in Phase::ALL {
            let cell = |kind| match phase.after(kind) {
                Ok(next) => format!("→ {}", next.name()),
                Err(breach) => breach.code().to_owned(),
            };
            let cells = COLUMNS.map(|kinds| {
                assert!(kinds.iter().all(|&kind| cell(kind) == cell(kinds[0])), "{kinds:?}");
                cell(kinds[0])
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
            let mut kinds = COLUMNS.iter().copied().flatten();
            assert!(kinds.all(|&kind| phase.after(kind).is_err()), "{phase:?}");
        }
    }
}
