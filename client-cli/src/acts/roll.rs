//! Acts of a registrar and an inspector on a roll (spec/roll.md).

use veche_protocol::breach::Breach;
use veche_protocol::entry::Payload;
use veche_protocol::name::LogPath;
use veche_protocol::roll::fold::RollFold;
use veche_protocol::roll::{
    Enrolment, MAX_ENROLMENTS, MAX_REVOCATIONS, MAX_ROLL_LIFE, Revocation, RollHeader,
};

use crate::acts::Act;
use crate::city::City;
use crate::error::ClientError;
use crate::roll_copy;

/// The first entry of a roll.
pub fn header(city: &City, name: &str, header: RollHeader) -> Result<Act, ClientError> {
    let path = LogPath::Roll(name.to_owned());
    let unlawful = |breach| ClientError::unlawful(format!("the header of {path}"))(breach);
    let life = header.until.checked_sub(header.since);
    // ROLL-3: a roll lives for a year at most.
    if !life.is_some_and(|life| (1..=MAX_ROLL_LIFE).contains(&life)) {
        return Err(unlawful(Breach::RollLife));
    }
    let mut codes: Vec<_> = header.districts.iter().map(|district| &district.code).collect();
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) || codes.is_empty() {
        return Err(unlawful(Breach::RollDistrict));
    }
    let fold = roll_copy::empty(city, name);
    let act = Act::new(path, &fold.binding(), Payload::Roll(header));
    act.check_length(2)?;
    Ok(act)
}

/// Enrolments, as many entries as they need.
pub fn enrol(path: &LogPath, roll: &RollFold, enrolments: &[Enrolment]) -> Vec<Act> {
    let batches = enrolments.chunks(MAX_ENROLMENTS);
    batches
        .map(|batch| Act::new(path.clone(), &roll.binding(), Payload::Enrol(batch.to_vec())))
        .collect()
}

/// Revocations, as many entries as they need.
pub fn revoke(path: &LogPath, roll: &RollFold, revocations: &[Revocation]) -> Vec<Act> {
    let batches = revocations.chunks(MAX_REVOCATIONS);
    batches
        .map(|batch| Act::new(path.clone(), &roll.binding(), Payload::Revoke(batch.to_vec())))
        .collect()
}
