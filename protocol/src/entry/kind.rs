//! The kinds of entries, by their numbers on the wire (spec/entries.md, ENTRY-5).
//!
//! Not here: the fields of each kind ([`super::payload`]).

use crate::name::LogType;

/// The kinds of entries, by their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "each kind is described at its type in `Payload`")]
pub enum Kind {
    Genesis = 0,
    Officers = 1,
    Commission = 2,
    Log = 4,
    Anchors = 5,
    Roll = 16,
    Enrol = 17,
    Revoke = 18,
    Announce = 32,
    Begin = 33,
    Open = 34,
    Ballot = 35,
    Close = 36,
    Certify = 37,
    Cancel = 38,
    IssuerKeys = 39,
    Request = 40,
    Issued = 41,
    Join = 42,
    Deal = 43,
    Complaint = 44,
    Ready = 45,
    Exclude = 46,
    Share = 47,
}

impl Kind {
    /// Every kind, ascending by number.
    pub const ALL: [Self; 24] = [
        Self::Genesis,
        Self::Officers,
        Self::Commission,
        Self::Log,
        Self::Anchors,
        Self::Roll,
        Self::Enrol,
        Self::Revoke,
        Self::Announce,
        Self::Begin,
        Self::Open,
        Self::Ballot,
        Self::Close,
        Self::Certify,
        Self::Cancel,
        Self::IssuerKeys,
        Self::Request,
        Self::Issued,
        Self::Join,
        Self::Deal,
        Self::Complaint,
        Self::Ready,
        Self::Exclude,
        Self::Share,
    ];

    /// The number on the wire.
    pub const fn number(self) -> u64 {
        self as u64
    }

    /// The logs in which this kind may stand.
    pub const fn log_type(self) -> LogType {
        match self {
            Self::Genesis | Self::Officers | Self::Commission | Self::Log | Self::Anchors => {
                LogType::Register
            }
            Self::Roll | Self::Enrol | Self::Revoke => LogType::Roll,
            _ => LogType::Poll,
        }
    }

    /// Whether entries of this kind carry a poll from phase to phase, signed by two officers.
    pub const fn is_phase(self) -> bool {
        matches!(
            self,
            Self::Announce | Self::Begin | Self::Open | Self::Close | Self::Certify | Self::Cancel
        )
    }

    /// The name of the kind, as in spec/veche.cddl.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Genesis => "genesis",
            Self::Officers => "officers",
            Self::Commission => "commission",
            Self::Log => "log",
            Self::Anchors => "anchors",
            Self::Roll => "roll",
            Self::Enrol => "enrol",
            Self::Revoke => "revoke",
            Self::Announce => "announce",
            Self::Begin => "begin",
            Self::Open => "open",
            Self::Ballot => "ballot",
            Self::Close => "close",
            Self::Certify => "certify",
            Self::Cancel => "cancel",
            Self::IssuerKeys => "issuer-keys",
            Self::Request => "request",
            Self::Issued => "issued",
            Self::Join => "join",
            Self::Deal => "deal",
            Self::Complaint => "complaint",
            Self::Ready => "ready",
            Self::Exclude => "exclude",
            Self::Share => "share",
        }
    }
}
