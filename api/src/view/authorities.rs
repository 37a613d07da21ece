//! Issuers and trustees of a poll as JSON, and how far they and the voters have come.
//!
//! Not here: the entries by which they act, which anyone reads from the public files.

use serde::Serialize;
use utoipa::ToSchema;
use veche_engine::DistrictView;
use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::ceremony_fold::{CeremonyFold, Exclusion, Stage};

/// An organisation and the key under which it acts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorityView {
    /// Its key, in hex.
    key: String,
    /// Its name.
    label: String,
}

impl From<&Authority> for AuthorityView {
    fn from(authority: &Authority) -> Self {
        Self { key: authority.key.to_string(), label: authority.label.clone() }
    }
}

/// Who issues the credentials of an anonymous poll.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuersView {
    /// Length of each issuer's RSA modulus.
    modulus_bits: u64,
    /// How long credentials are given out: `until-open` or `until-close`.
    issuing: &'static str,
    /// The issuers, ascending by key; all of them sign for each credential.
    members: Vec<AuthorityView>,
}

impl From<&Issuance> for IssuersView {
    fn from(issuance: &Issuance) -> Self {
        Self {
            modulus_bits: issuance.bits.bits(),
            issuing: match issuance.issuing {
                Issuing::UntilOpen => "until-open",
                Issuing::UntilClose => "until-close",
            },
            members: issuance.issuers.iter().map(AuthorityView::from).collect(),
        }
    }
}

/// Who makes the key of a sealed poll, and opens its ballots.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrusteesView {
    /// How many of them are needed to open the ballots.
    threshold: u8,
    /// The trustees, ascending by key; the first has the index 1.
    members: Vec<AuthorityView>,
}

impl TrusteesView {
    /// `None` for a poll that is not sealed.
    pub(crate) fn of(trustees: &Trustees) -> Option<Self> {
        let members: Vec<_> = trustees.members.iter().map(AuthorityView::from).collect();
        (!members.is_empty()).then_some(Self { threshold: trustees.threshold, members })
    }
}

/// The trustees' present ceremony, and whose shares stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct CeremonyView {
    /// Number of the ceremony, 1 at first.
    ceremony: u64,
    /// What it waits for: `joining`, `dealing`, `confirming`; or `complete`, `failed`.
    #[schema(example = "dealing")]
    stage: &'static str,
    /// The key to which ballots are sealed, in hex, once every trustee has dealt.
    election_key: Option<String>,
    /// Who takes part, ascending by index.
    participants: Vec<ParticipantView>,
    /// Who does not any more, in the order in which they were excluded.
    excluded: Vec<ExcludedView>,
    /// The indices of the trustees who have laid their shares open, ascending.
    shares: Vec<u8>,
}

/// A trustee who takes part.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParticipantView {
    /// The trustee's index.
    trustee: u8,
    /// Whether the trustee has posted what the ceremony waits for.
    posted: bool,
}

/// A trustee who takes no further part.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExcludedView {
    /// The trustee's index.
    trustee: u8,
    /// In which ceremony that happened.
    ceremony: u64,
    /// Why: `wrong-share`, `false-complaint` or `silent`.
    reason: &'static str,
}

impl From<&CeremonyFold> for CeremonyView {
    fn from(fold: &CeremonyFold) -> Self {
        let participants = fold.participants();
        let excluded = fold.excluded().iter().map(|(ceremony, trustee, reason)| ExcludedView {
            trustee: trustee.get(),
            ceremony: *ceremony,
            reason: match reason {
                Exclusion::WrongShare => "wrong-share",
                Exclusion::FalseComplaint => "false-complaint",
                Exclusion::Silent => "silent",
            },
        });
        let key = fold.joint().map(|joint| hex::encode(joint.election_key().as_bytes()));
        Self {
            ceremony: fold.context().ceremony,
            stage: match fold.stage() {
                Stage::Joining => "joining",
                Stage::Dealing => "dealing",
                Stage::Confirming => "confirming",
                Stage::Complete => "complete",
                Stage::Failed => "failed",
            },
            election_key: key,
            participants: participants
                .map(|(trustee, posted)| ParticipantView { trustee: trustee.get(), posted })
                .collect(),
            excluded: excluded.collect(),
            shares: fold.shared().map(TrusteeIndex::get).collect(),
        }
    }
}

/// The credentials of one district of an anonymous poll.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialsView {
    /// Code of the district.
    code: String,
    /// Voters on the pinned rolls.
    eligible: u64,
    /// Those of them who have asked for a credential.
    requested: u64,
    /// Those of them whom all issuers have answered.
    issued: u64,
    /// Credentials of which a ballot was taken in.
    spent: u64,
}

impl From<&DistrictView> for CredentialsView {
    fn from(district: &DistrictView) -> Self {
        Self {
            code: district.code.clone(),
            eligible: district.eligible,
            requested: district.counts.requested,
            issued: district.counts.issued,
            spent: district.counts.voted,
        }
    }
}
