//! Every code that an answer can carry, with its HTTP status (spec/api.md, "Problems").
//!
//! The codes of the law and their meanings are the protocol's; here is what status each has, and
//! the codes that are a server's own.

use axum::http::StatusCode;
use veche_engine::Refusal;
use veche_protocol::breach::Breach;

macro_rules! own_codes {
    ($($name:ident, $code:literal, $status:ident, $title:literal;)*) => {
        /// The codes of a server's own refusals, which are never findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Own { $(#[doc = $title] $name,)* }

        impl Own {
            /// Every one, in the order of the table.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

own_codes! {
    BadRequest, "bad-request", BAD_REQUEST, "The path, the query or the JSON cannot be read.";
    NotFound, "not-found", NOT_FOUND, "There is no such path.";
    UnknownLog, "unknown-log", NOT_FOUND, "There is no such log, roll or poll.";
    UnknownEntry, "unknown-entry", NOT_FOUND, "No entry with this leaf hash stands in the log.";
    UnknownDraft, "unknown-draft", NOT_FOUND, "There is no such draft.";
    MethodNotAllowed, "method-not-allowed", METHOD_NOT_ALLOWED, "The path knows other methods.";
    NotAcceptable, "not-acceptable", NOT_ACCEPTABLE, "None of the types asked for can be given.";
    NotClosed, "not-closed", CONFLICT, "The poll has no result yet.";
    BodyTooLarge, "body-too-large", PAYLOAD_TOO_LARGE, "The request is longer than allowed.";
    UnsupportedMediaType, "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE,
        "The body is of a type that is not taken here.";
    TooBusy, "too-busy", TOO_MANY_REQUESTS, "More is waiting than the server takes on.";
    DraftLimit, "draft-limit", TOO_MANY_REQUESTS, "As many drafts wait for signatures as may.";
    Internal, "internal", INTERNAL_SERVER_ERROR,
        "A fault of the program; an entry may stand, and handing in the same bytes again tells.";
    StorageFailed, "storage-failed", SERVICE_UNAVAILABLE,
        "The log could not be written or read; nothing was promised.";
    StorageStopped, "storage-stopped", SERVICE_UNAVAILABLE,
        "The server reads its state back after a failure; nothing was taken.";
    LogSetBack, "log-set-back", SERVICE_UNAVAILABLE,
        "The log was set back behind what it has signed; nothing was taken.";
    TimedOut, "timed-out", SERVICE_UNAVAILABLE,
        "No answer in time; the entry may stand, and handing in the same bytes again tells.";
    Stopped, "stopped", SERVICE_UNAVAILABLE, "The server shuts down; nothing was taken.";
    StorageFull, "storage-full", INSUFFICIENT_STORAGE,
        "The free space is below the server's floor; nothing was written.";
}

/// A code of the law or of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The law refuses what was handed in.
    Law(Breach),
    /// The server does.
    Own(Own),
}

impl Code {
    /// Number of codes.
    pub(crate) const COUNT: usize = Breach::ALL.len() + Own::ALL.len();

    /// The code of a refusal by the engine.
    pub(crate) const fn of(refusal: Refusal) -> Self {
        Self::Own(match refusal {
            Refusal::Breach(breach) => return Self::Law(breach),
            Refusal::UnknownLog => Own::UnknownLog,
            Refusal::Busy => Own::TooBusy,
            Refusal::DraftLimit => Own::DraftLimit,
            Refusal::StorageFull => Own::StorageFull,
            Refusal::StorageFailed => Own::StorageFailed,
            Refusal::StorageStopped => Own::StorageStopped,
            Refusal::LogSetBack => Own::LogSetBack,
            Refusal::TimedOut => Own::TimedOut,
            Refusal::Stopped => Own::Stopped,
            Refusal::Internal => Own::Internal,
        })
    }

    /// Every code, the law's first.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let law = Breach::ALL.iter().map(|&breach| Self::Law(breach));
        law.chain(Own::ALL.iter().map(|&own| Self::Own(own)))
    }

    /// The place in [`Code::all`].
    pub(crate) const fn place(self) -> usize {
        match self {
            Self::Law(breach) => breach as usize,
            Self::Own(own) => Breach::ALL.len() + own as usize,
        }
    }

    /// The stable code.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Law(breach) => breach.code(),
            Self::Own(own) => own.name(),
        }
    }

    /// What the code means, whatever the request.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Law(breach) => breach.meaning(),
            Self::Own(own) => own.title(),
        }
    }

    /// The status of the answer.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Law(breach) => status_of(breach),
            Self::Own(own) => own.status(),
        }
    }
}

/// The status of a refusal by the law.
const fn status_of(breach: Breach) -> StatusCode {
    use Breach as B;
    // API-5: one status for each code, whatever the path.
    match breach {
        B::EntryMalformed
        | B::EntryNonCanonical
        | B::EntryTrailingBytes
        | B::EntryUnknownKind
        | B::EntryFields
        | B::SignersDisordered
        | B::KeyWeak => StatusCode::BAD_REQUEST,
        B::SignatureInvalid
        | B::BallotSigners
        | B::VoterUnknown
        | B::OfficersTooFew
        | B::OfficerUnknown
        | B::OfficerRole
        | B::OfficerPinStale
        | B::CommissionQuorum
        | B::NotSignedByLog => StatusCode::FORBIDDEN,
        B::GenesisMissing
        | B::RollHeader
        | B::SeenMismatch
        | B::VoterIdTaken
        | B::VoterKeyTaken
        | B::VoterRevoked
        | B::ReplacementInvalid
        | B::AnnounceRepeated
        | B::NotAnnounced
        | B::BallotBeforeOpen
        | B::BallotAfterClose
        | B::PhaseRepeated
        | B::PhaseOutOfOrder
        | B::OpenedEarly
        | B::ClosedEarly
        | B::AnchorMissing
        | B::AlreadyVoted
        | B::StaleTurn => StatusCode::CONFLICT,
        B::EntryOversized => StatusCode::PAYLOAD_TOO_LARGE,
        B::PossessionInvalid
        | B::RollLife
        | B::RollDistrict
        | B::RollPinMismatch
        | B::LogNotAnnounced
        | B::DefinitionInvalid
        | B::BallotContentKind
        | B::TurnOutOfRange
        | B::QuestionCount
        | B::ChoiceOutOfRange
        | B::ChoiceDuplicated
        | B::ChoiceDisordered
        | B::ChoicesTooFew
        | B::ChoicesTooMany
        | B::MarksUneven
        | B::MarkOutOfRange
        | B::MarksTooManyPoints
        | B::RankShared
        | B::RankMissing
        | B::ResultMismatch
        | B::LabelMissing
        | B::LabelExtra => StatusCode::UNPROCESSABLE_ENTITY,
        _ => status_by_authorities(breach),
    }
}

/// Likewise, where issuers, trustees and what they make are concerned.
const fn status_by_authorities(breach: Breach) -> StatusCode {
    use Breach as B;
    match breach {
        B::CredentialDistrict | B::CredentialInvalid | B::IssuerUnknown | B::TrusteeUnknown => {
            StatusCode::FORBIDDEN
        }
        B::DistrictChanged
        | B::IssuerKeyRepeated
        | B::IssuerKeyMissing
        | B::IssuingOver
        | B::RequestRepeated
        | B::RequestUnknown
        | B::IssuedTwice
        | B::CeremonyNumber
        | B::CeremonyStage
        | B::CeremonyIncomplete
        | B::TrusteeNotSilent
        | B::ShareRepeated
        | B::SharesMissing => StatusCode::CONFLICT,
        B::EntryNotOfPoll
        | B::IssuerKeyWeak
        | B::CrowdTooSmall
        | B::BlindedMessage
        | B::IssuedInvalid
        | B::CredentialMissing
        | B::CredentialUnexpected
        | B::SealedPoint
        | B::SealedLength
        | B::TransportKeyWeak
        | B::DealingMismatch
        | B::DealingInvalid
        | B::ComplaintInvalid
        | B::ReadyMismatch
        | B::ShareInvalid => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
