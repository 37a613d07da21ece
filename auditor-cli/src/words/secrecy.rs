//! What is secret in a poll, and how much of it the record bears out, in words.
//!
//! Who hides among whom, what all issuers together could do, what to be wary of. Not here: the
//! trustees ([`super::trustees`]).

use veche_protocol::audit::{DistrictCredentials, ExhibitKind, Recount};
use veche_protocol::count::Rule;
use veche_protocol::poll::authorities::{Issuance, Issuing};
use veche_protocol::poll::credentials::MIN_CROWD;
use veche_protocol::poll::definition::{Definition, Identity, Secrecy};
use veche_protocol::poll::result::PollResult;

use super::{grouped, plural, visible};
use crate::margin::Margin;

/// The sort of a poll in two words.
pub const fn sort(definition: &Definition) -> &'static str {
    match (definition.identity, definition.secrecy) {
        (Identity::Named, Secrecy::Open) => "named, open",
        (Identity::Named, Secrecy::Sealed) => "named, sealed",
        (Identity::Named, Secrecy::Secret) => "named, secret",
        (Identity::Anonymous, Secrecy::Open) => "anonymous, open",
        (Identity::Anonymous, Secrecy::Sealed) => "anonymous, sealed",
        (Identity::Anonymous, Secrecy::Secret) => "anonymous, secret",
    }
}

/// What the sort of a poll keeps from whom.
pub fn sort_sentence(definition: &Definition) -> String {
    let identity = match definition.identity {
        Identity::Named => "Each ballot stands on the record under the voter's key on the roll",
        Identity::Anonymous => {
            "Each ballot stands on the record under a key that its voter made for this poll alone, \
             and nothing on the record ties the two"
        }
    };
    let trustees = &definition.trustees;
    let secrecy = match definition.secrecy {
        Secrecy::Open => "what it says can be read by everyone from the moment it is cast".into(),
        Secrecy::Sealed => format!(
            "what it says can be read by nobody until, after the close, {} of the {} trustees have \
             laid their shares of the key open, and by everyone then",
            trustees.threshold,
            trustees.members.len()
        ),
        Secrecy::Secret => "what it says is never opened".into(),
    };
    format!("{identity}; {secrecy}.")
}

/// The numbers of all districts added up.
pub fn all_together(districts: &[DistrictCredentials]) -> DistrictCredentials {
    let sum = |number: fn(&DistrictCredentials) -> u64| districts.iter().map(number).sum();
    DistrictCredentials {
        district: String::new(),
        eligible: sum(|district| district.eligible),
        requested: sum(|district| district.requested),
        issued: sum(|district| district.issued),
        spent: sum(|district| district.spent),
    }
}

/// How many ballots of a district count, once there is a result.
pub fn effective_in(result: Option<&PollResult>, district: &str) -> Option<u64> {
    let turnout = result?.districts.iter().find(|turnout| turnout.district == district);
    turnout.map(|turnout| turnout.effective)
}

/// The issuers by their names.
pub fn issuer_names(issuance: &Issuance) -> String {
    let names: Vec<_> = issuance.issuers.iter().map(|issuer| visible(&issuer.label)).collect();
    names.join(", ")
}

/// How many credentials were issued and not used.
pub fn gap_sentence(gap: u64) -> String {
    let credentials = plural(gap, "credential was", "credentials were");
    format!("{credentials} issued and not used to cast: that is the gap.")
}

/// What all issuers together could have done, and no fewer.
pub fn issuers_sentence(issuance: &Issuance, gap: u64) -> String {
    // AUDIT-13: the sentence that goes with the gap.
    let ballots = plural(gap, "ballot", "ballots");
    match issuance.issuers.len() {
        1 => format!(
            "The one issuer could have made credentials of its own, and cast as many ballots as \
             the gap, {ballots}, unseen."
        ),
        issuers => format!(
            "All {issuers} issuers together could have made credentials of their own, and cast as \
             many ballots as the gap, {ballots}, unseen; no single one of them, nor all but one, \
             could have cast any."
        ),
    }
}

/// What the gap does not show, and what would.
pub fn ghosts_sentence(recount: &Recount) -> String {
    let (confirmed, refused) = recount.evidence.exhibits_of(ExhibitKind::Claim);
    // AUDIT-14: ballots that were cast so have used up a credential of somebody who did not vote.
    format!(
        "What they had cast already would stand among the spent, for somebody who was issued a \
         credential and did not use it. Such voters can lay theirs open in a claim: one claim more \
         than the gap of its district proves it. Claims: {} confirmed, {} refused.",
        grouped(confirmed as u64),
        grouped(refused as u64)
    )
}

/// By how little the result was decided.
pub fn margin_sentence(recount: &Recount) -> String {
    let (Some(result), Some(definition)) = (&recount.result, &recount.definition) else {
        return "There is no result yet to hold it against.".to_owned();
    };
    let Some(margin) = Margin::of(result) else {
        return "In no question is one option selected and another not, so there is no difference \
                of votes to hold it against."
            .to_owned();
    };
    let question = &definition.questions[margin.question];
    let [selected, other] =
        [margin.selected, margin.other].map(|option| visible(&question.options[option].label));
    let budget = match question.rule {
        Rule::EqualShares { .. } => {
            " Where a budget is shared, votes alone do not decide, so a result may turn on fewer."
        }
        Rule::SingleChoice { .. } | Rule::Approval { .. } => "",
    };
    format!(
        "The smallest difference of votes between a selected option and one that is not is {}: in \
         question {}, {selected} is selected and {other} is not.{budget}",
        grouped(margin.votes),
        margin.question + 1
    )
}

/// Among how many a ballot of a district hides.
pub fn crowd_sentence(issuance: &Issuance, districts: &[DistrictCredentials]) -> String {
    let crowd = if let [district] = districts {
        format!("who were issued credentials: {}", grouped(district.issued))
    } else {
        let least = districts.iter().map(|district| district.issued).min().unwrap_or(0);
        format!("who were issued credentials of its district: at least {}", grouped(least))
    };
    let growing = match issuance.issuing {
        Issuing::UntilOpen => "",
        Issuing::UntilClose => {
            " Credentials were issued until the close, so a ballot that was cast early hid among \
             fewer: those who had been issued theirs by then."
        }
    };
    format!(
        "A ballot hides among all {crowd}. Nothing on the record tells which of them cast it.{growing}"
    )
}

/// What a reader should be wary of in a poll of this sort.
pub fn warnings(recount: &Recount) -> Vec<String> {
    let Some(definition) = &recount.definition else { return Vec::new() };
    let mut warnings = Vec::new();
    // AUDIT-13: small crowds, an issuer alone, names on sealed ballots.
    for district in recount.credentials.iter().flatten() {
        if district.issued < MIN_CROWD {
            warnings.push(format!(
                "Only {} issued in district {}: a ballot hides among fewer than {MIN_CROWD}.",
                plural(district.issued, "credential was", "credentials were"),
                visible(&district.district)
            ));
        }
    }
    if definition.issuance.as_ref().is_some_and(|issuance| issuance.issuers.len() == 1) {
        warnings.push(
            "One issuer serves this poll alone: that no ballot was cast with a credential that \
             nobody asked for rests on it."
                .to_owned(),
        );
    }
    if definition.is_sealed() && !definition.is_anonymous() {
        warnings.push(format!(
            "This poll is sealed and named: {} trustees together can read who votes for what before \
             the close, and everyone can once it is opened.",
            definition.trustees.threshold
        ));
    }
    warnings
}
