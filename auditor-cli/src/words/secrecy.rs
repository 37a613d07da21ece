//! What is secret in a poll, and how much of it the record bears out, in words.
//!
//! Who hides among whom, what all issuers together could do, what to be wary of. Not here: the
//! trustees ([`super::trustees`]).

use veche_protocol::audit::{DistrictCredentials, ExhibitKind, Recount};
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
            "The one issuer could have cast in place of voters who were issued a credential and \
             did not use it. The gap is what is left of that room, {ballots}, and does not say \
             what was done in it."
        ),
        issuers => format!(
            "All {issuers} issuers together could have cast in place of voters who were issued a \
             credential and did not use it; no single one of them, nor all but one, could have \
             cast any. The gap is what is left of that room, {ballots}, and does not say what was \
             done in it."
        ),
    }
}

/// What the gap does not show, and what would.
pub fn ghosts_sentence(recount: &Recount) -> String {
    let (confirmed, refused) = recount.evidence.exhibits_of(ExhibitKind::Claim);
    // AUDIT-14: ballots that were cast so have used up a credential of somebody who did not vote.
    format!(
        "Ballots cast so would stand among the spent. Whoever holds an unused credential can lay \
         it open in a claim: one claim more than the gap of its district proves it. Claims: {} \
         confirmed, {} refused.",
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
    let budget = if question.rule.has_costs() {
        " Where a budget is shared, votes alone do not decide, so a result may turn on fewer."
    } else {
        ""
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
        "A ballot hides among all {crowd}. Nothing on the record tells which of them cast it.\
         {growing}"
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
            "This poll is sealed and named: {} trustees together can read who votes for what \
             before the close, and everyone can once it is opened.",
            definition.trustees.threshold
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use veche_protocol::audit::{BallotCounts, Evidence, PinnedBy};
    use veche_protocol::blind_rsa::ModulusBits;
    use veche_protocol::name::LogPath;
    use veche_protocol::poll::authorities::{Authority, Trustees};
    use veche_protocol::poll::definition::{Quorum, Revote, Schedule};
    use veche_protocol::poll::phase::Phase;
    use veche_protocol::signature::Key;

    use super::*;

    fn issuance(issuers: u8) -> Issuance {
        let issuer = |n| Authority { key: Key([n; 32]), label: format!("Issuer \u{202e}{n}") };
        Issuance {
            bits: ModulusBits::Rsa3072,
            issuing: Issuing::UntilOpen,
            issuers: (1..=issuers).map(issuer).collect(),
        }
    }

    fn definition(issuance: Option<Issuance>, secrecy: Secrecy) -> Definition {
        let identity = if issuance.is_some() { Identity::Anonymous } else { Identity::Named };
        Definition {
            title: "The park".into(),
            details: None,
            questions: Vec::new(),
            identity,
            secrecy,
            revote: Revote::First,
            rolls: Vec::new(),
            districts: Vec::new(),
            schedule: Schedule { opens_at: 0, closes_at: 1, tolerance: 0 },
            quorum: Quorum { numerator: 0, denominator: 1 },
            issuance,
            trustees: Trustees { threshold: 2, members: Vec::new() },
            interval: 1_000,
        }
    }

    fn recount(definition: Definition, issued: &[u64]) -> Recount {
        let district = |&issued: &u64| DistrictCredentials {
            district: format!("d{issued}"),
            eligible: 90,
            requested: issued,
            issued,
            spent: 0,
        };
        let evidence = Evidence {
            pinned_by: PinnedBy::Nothing,
            witnessed: 0,
            witnesses: 0,
            times_judged: false,
            exhibits: Vec::new(),
        };
        let credentials = definition.is_anonymous().then(|| issued.iter().map(district).collect());
        Recount {
            poll: Arc::new(LogPath::Poll("park".into())),
            city: None,
            findings: Vec::new(),
            logs: Vec::new(),
            consulted: BTreeSet::new(),
            evidence,
            phase: Phase::Begun,
            definition: Some(Arc::new(definition)),
            entries: Vec::new(),
            pins: Vec::new(),
            counts: BallotCounts::default(),
            credentials,
            trustees: None,
            result: None,
            outcomes: Vec::new(),
            published: None,
            transcript: Vec::new(),
            ballots: None,
        }
    }

    fn warned(definition: Definition, issued: &[u64]) -> Vec<String> {
        warnings(&recount(definition, issued))
    }

    #[test]
    fn small_crowds_lone_issuers_and_names_on_sealed_ballots_are_warned_of() {
        // AUDIT-13
        let two = || Some(issuance(2));
        assert_eq!(warned(definition(two(), Secrecy::Sealed), &[50, 60]), Vec::<String>::new());
        assert_eq!(warned(definition(None, Secrecy::Open), &[]), Vec::<String>::new());
        let small = warned(definition(two(), Secrecy::Open), &[50, 49, 1]);
        assert_eq!(small.len(), 2);
        assert!(small[0].starts_with("Only 49 credentials were issued in district d49"));
        assert!(small[1].starts_with("Only 1 credential was issued in district d1"));
        let alone = warned(definition(Some(issuance(1)), Secrecy::Sealed), &[50]);
        assert!(alone.len() == 1 && alone[0].starts_with("One issuer serves"), "{alone:?}");
        let named = warned(definition(None, Secrecy::Sealed), &[]);
        assert!(named.len() == 1 && named[0].contains("sealed and named"), "{named:?}");
    }

    #[test]
    fn what_all_issuers_could_do_is_not_said_to_be_impossible_for_one_alone() {
        // AUDIT-13: a single issuer is all of them.
        let one = issuers_sentence(&issuance(1), 1);
        assert!(one.contains("of that room, 1 ballot, and") && !one.contains("no single one"));
        let three = issuers_sentence(&issuance(3), 1_200);
        assert!(three.starts_with("All 3 issuers together could have"), "{three}");
        assert!(three.contains("no single one of them"), "{three}");
        assert!(three.contains("of that room, 1\u{202f}200 ballots, and"), "{three}");
        assert_eq!(issuer_names(&issuance(1)), "Issuer ⟨U+202E⟩1");
    }
}
