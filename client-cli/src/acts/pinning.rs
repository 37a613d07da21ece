//! What two officers find out before they pin the rolls of a poll: whether these voters can vote in
//! it at all. The protocol's fold gives the verdict; here the words name roll, district and person.
//!
//! Not here: the pins themselves ([`crate::acts::poll`]).

use std::collections::{BTreeMap, HashMap};

use veche_protocol::breach::Breach;
use veche_protocol::poll::credentials::MIN_CROWD;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::electorate::eligible_of;
use veche_protocol::poll::fold::PollFold;

use crate::error::ClientError;
use crate::roll_copy::RollCopy;
use crate::time;

/// Checks the rolls, as far as they were read, against the definition; in the law's order.
pub fn check(
    definition: &Definition,
    fold: &PollFold,
    rolls: &[RollCopy],
) -> Result<(), ClientError> {
    // POLL-11: exactly the rolls of the definition, in its order.
    let origins = rolls.iter().map(|roll| roll.log().origin());
    if !origins.eq(definition.rolls.iter().map(String::as_str)) {
        let named = definition.rolls.join(", ");
        return Err(refuse(format!("the poll names the rolls {named}"), Breach::RollPinMismatch));
    }
    rolls.iter().try_for_each(|roll| check_life(definition, roll))?;
    check_districts(definition, rolls)?;
    check_distinct(definition, rolls)?;
    if definition.is_anonymous() { check_crowd(definition, fold, rolls) } else { Ok(()) }
}

fn refuse(what: impl Into<String>, breach: Breach) -> ClientError {
    ClientError::unlawful(what)(breach)
}

fn check_life(definition: &Definition, roll: &RollCopy) -> Result<(), ClientError> {
    let origin = roll.log().origin();
    let Some(header) = roll.fold().header() else {
        let what = format!("{origin} has no header that stands");
        return Err(refuse(what, Breach::RollPinMismatch));
    };
    // POLL-12: the roll spans the poll.
    let schedule = definition.schedule;
    if header.since <= schedule.opens_at && schedule.closes_at <= header.until {
        return Ok(());
    }
    let [since, until, opens, closes] =
        [header.since, header.until, schedule.opens_at, schedule.closes_at].map(time::format);
    let what = format!(
        "{origin} is for polls from {since} until {until}; this one lasts from {opens} until \
         {closes}"
    );
    Err(refuse(what, Breach::RollLife))
}

fn check_districts(definition: &Definition, rolls: &[RollCopy]) -> Result<(), ClientError> {
    let is_known = |code: &String| {
        let headers = rolls.iter().filter_map(|roll| roll.fold().header());
        headers.flat_map(|header| &header.districts).any(|district| district.code == *code)
    };
    // POLL-13: a district that no roll knows would silently have no voters.
    match definition.districts.iter().find(|code| !is_known(code)) {
        None => Ok(()),
        Some(code) => {
            let what = format!("the district {code} of the poll is on none of its rolls");
            Err(refuse(what, Breach::RollDistrict))
        }
    }
}

fn check_distinct(definition: &Definition, rolls: &[RollCopy]) -> Result<(), ClientError> {
    if rolls.len() < 2 {
        return Ok(());
    }
    let (mut ids, mut keys) = (HashMap::new(), HashMap::new());
    let mut twice_id = None;
    let mut twice_key = None;
    for roll in rolls {
        let districts = roll.fold().header().map_or(&[][..], |header| &header.districts);
        let origin = roll.log().origin();
        for (voter, key, district) in roll.fold().active() {
            if !definition.admits(&districts[district].code) {
                continue;
            }
            // POLL-14: one id and one key, one vote, whatever rolls they stand on.
            if let Some(other) = ids.insert(voter.0, origin) {
                twice_id = twice_id.or(Some((hex::encode(voter.0), other, origin)));
            }
            if let Some(other) = keys.insert(key.0, origin) {
                twice_key = twice_key.or(Some((key.to_string(), other, origin)));
            }
        }
    }
    let what = |(name, one, other): (String, &str, &str)| format!("{name} of {one} and {other}");
    match (twice_id, twice_key) {
        (Some(twice), _) => Err(refuse(format!("voter {}", what(twice)), Breach::VoterIdTaken)),
        (None, Some(twice)) => Err(refuse(format!("key {}", what(twice)), Breach::VoterKeyTaken)),
        (None, None) => Ok(()),
    }
}

fn check_crowd(
    definition: &Definition,
    fold: &PollFold,
    rolls: &[RollCopy],
) -> Result<(), ClientError> {
    let mut eligible: BTreeMap<String, u64> = BTreeMap::new();
    for (code, voters) in rolls.iter().flat_map(|roll| eligible_of(definition, roll.fold())) {
        *eligible.entry(code).or_default() += voters;
    }
    // POLL-23: first that all can hide, then that all can be served.
    let small: Vec<_> = eligible
        .iter()
        .filter(|(_, voters)| (1..MIN_CROWD).contains(*voters))
        .map(|(code, voters)| format!("{code} with {voters}"))
        .collect();
    if !small.is_empty() {
        let what = format!("districts in which nobody can hide: {}", small.join(", "));
        return Err(refuse(what, Breach::CrowdTooSmall));
    }
    let issuers = definition.issuance.iter().flat_map(|issuance| &issuance.issuers).enumerate();
    let mut missing = Vec::new();
    for (place, issuer) in issuers {
        let lacking = |(code, voters): (&String, &u64)| {
            let is_lacking = *voters > 0 && fold.issuer_keys().get(code, place).is_none();
            is_lacking.then(|| code.clone())
        };
        let codes: Vec<_> = eligible.iter().filter_map(lacking).collect();
        if !codes.is_empty() {
            missing.push(format!("{} for {}", issuer.label, codes.join(", ")));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let what = format!("keys are missing: {}", missing.join("; "));
    Err(refuse(what, Breach::IssuerKeyMissing))
}

#[cfg(test)]
mod tests {
    use veche_protocol::entry::{Kind, Payload, SignedEntry};
    use veche_protocol::poll::definition::Revote;
    use veche_protocol::poll::issuing::IssuerKeys;

    use crate::acts::poll;
    use crate::error::ClientError;
    use crate::roll_copy::RollCopy;
    use crate::test_city::{OFFICERS, POLL, ROLL, TestCity, anonymous, definition, key, poll_path};

    /// What stands in the way of pinning the roll of this city for a poll defined so.
    fn refusal(
        city: &TestCity,
        definition: veche_protocol::poll::definition::Definition,
    ) -> ClientError {
        city.act(poll::announce(&city.read(), POLL, definition).unwrap(), OFFICERS);
        city.announce_log(&poll_path());
        pin(city).unwrap_err()
    }

    fn pin(city: &TestCity) -> Result<crate::acts::Act, ClientError> {
        let read = city.read();
        let rolls = [RollCopy::read(city, &read, ROLL, &mut |_, _| {}).unwrap()];
        let copy = city.poll(&read);
        let is_anonymous = copy.fold().definition().unwrap().is_anonymous();
        let act = if is_anonymous { poll::begin } else { poll::open };
        act(&read, &copy, &rolls)
    }

    #[test]
    fn a_roll_that_does_not_span_the_poll_is_named() {
        let mut other = definition(Revote::First);
        other.schedule.closes_at = 200_000;
        // POLL-12: found before anybody signs.
        let error = refusal(&TestCity::with_roll(), other);
        assert_eq!(error.code(), "roll-life");
        assert!(error.to_string().contains("roll/city"), "{error}");
    }

    #[test]
    fn a_district_that_no_roll_has_is_named() {
        let mut other = definition(Revote::First);
        other.districts = vec!["west".to_owned()];
        // POLL-13: found before anybody signs.
        let error = refusal(&TestCity::with_roll(), other);
        assert_eq!(error.code(), "roll-district");
        assert!(error.to_string().contains("west"), "{error}");
    }

    #[test]
    fn a_crowd_too_small_is_named() {
        // POLL-23: two voters in two districts.
        let error = refusal(&TestCity::with_roll(), anonymous::definition());
        assert_eq!(error.code(), "crowd-too-small");
        assert!(error.to_string().contains("n with 1, s with 1"), "{error}");
    }

    #[test]
    fn an_issuer_without_a_key_is_named() {
        let city = TestCity::with_roll_of(50);
        // POLL-23: nobody could be served.
        let error = refusal(&city, anonymous::definition());
        assert_eq!(error.code(), "issuer-key-missing");
        assert!(error.to_string().contains("Bar for n; University for n"), "{error}");
        let read = city.read();
        let copy = city.poll(&read);
        let keys = vec![("n".to_owned(), anonymous::secret(0).public().modulus().to_vec())];
        let payload = Payload::IssuerKeys(IssuerKeys { keys });
        let binding = copy.fold().binding(Kind::IssuerKeys);
        let given = SignedEntry::sign(&payload, &binding, &[&key(anonymous::ISSUERS[0])]);
        city.push(&poll_path(), given.bytes());
        let error = pin(&city).unwrap_err().to_string();
        let labels = anonymous::definition().issuance.unwrap().issuers;
        let other = &labels.iter().find(|i| i.key != key(anonymous::ISSUERS[0]).key()).unwrap();
        assert!(error.contains(&format!("missing: {} for n", other.label)), "{error}");
    }
}
