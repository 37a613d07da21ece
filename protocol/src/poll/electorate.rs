//! Who may vote in one poll: the active voters of its pinned rolls (spec/roll.md, "Electorate").

use std::collections::BTreeMap;
use std::hash::RandomState;

use crate::breach::Breach;
use crate::key_table::KeyTable;
use crate::poll::definition::Definition;
use crate::roll::fold::RollFold;
use crate::signature::Key;

/// The voters of a poll, by places that stay the same for the whole poll.
#[derive(Clone, Debug)]
pub struct Electorate {
    keys: KeyTable<32>,
    /// Place of each voter's district in `eligible`.
    districts: Vec<u16>,
    /// Voters by district code, ascending.
    eligible: Vec<(String, u64)>,
}

impl Electorate {
    /// Gathers the voters whom `definition` admits from its rolls, each at its pinned size.
    pub fn gather(
        definition: &Definition,
        rolls: &[&RollFold],
        hasher: &RandomState,
    ) -> Result<Self, Breach> {
        let mut codes = BTreeMap::new();
        for roll in rolls {
            codes.extend(admitted(definition, roll).map(|code| (code.to_owned(), 0_u64)));
        }
        // POLL-13: a district that no roll knows would silently have no voters.
        if !definition.districts.iter().all(|code| codes.contains_key(code)) {
            return Err(Breach::RollDistrict);
        }
        check_ids(definition, rolls, hasher)?;
        let mut electorate = Self {
            keys: KeyTable::new(hasher.clone()),
            districts: Vec::new(),
            eligible: codes.into_iter().collect(),
        };
        for roll in rolls {
            electorate.add(definition, roll)?;
        }
        Ok(electorate)
    }

    fn add(&mut self, definition: &Definition, roll: &RollFold) -> Result<(), Breach> {
        let places: Vec<Option<u16>> = roll
            .header()
            .map_or(&[][..], |header| &header.districts)
            .iter()
            .map(|district| {
                let place =
                    self.eligible.binary_search_by(|(code, _)| code.as_str().cmp(&district.code));
                let admitted = definition.admits(&district.code);
                place.ok().filter(|_| admitted).and_then(|place| u16::try_from(place).ok())
            })
            .collect();
        for (_, key, district) in roll.active() {
            // ROLL-11: enrolled, not revoked, of a district that votes.
            let Some(place) = places[district] else { continue };
            // POLL-14: one key, one vote, whatever rolls it stands on.
            self.keys.insert(&key.0).ok_or(Breach::VoterKeyTaken)?;
            self.districts.push(place);
            self.eligible[usize::from(place)].1 += 1;
        }
        Ok(())
    }

    /// The place of the voter with this key.
    pub fn find(&self, key: &Key) -> Option<usize> {
        self.keys.find(&key.0)
    }

    /// The key of the voter at `place`.
    pub fn key(&self, place: usize) -> Key {
        Key(self.keys.keys()[place])
    }

    /// Place in [`Electorate::eligible`] of the district of the voter at `place`.
    pub fn district(&self, place: usize) -> usize {
        usize::from(self.districts[place])
    }

    /// Number of voters.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether nobody may vote.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Voters by district code, ascending.
    pub fn eligible(&self) -> &[(String, u64)] {
        &self.eligible
    }
}

/// The eligible of one roll by code, ascending: what a pin of this roll must say.
pub fn eligible_of(definition: &Definition, roll: &RollFold) -> Vec<(String, u64)> {
    let counts = roll.eligible();
    let districts = roll.header().map_or(&[][..], |header| &header.districts);
    let mut eligible: Vec<_> = districts
        .iter()
        .zip(counts)
        .filter(|(district, _)| definition.admits(&district.code))
        .map(|(district, count)| (district.code.clone(), count))
        .collect();
    eligible.sort_unstable();
    eligible
}

fn admitted<'a>(
    definition: &'a Definition,
    roll: &'a RollFold,
) -> impl Iterator<Item = &'a str> + 'a {
    let districts = roll.header().map_or(&[][..], |header| &header.districts);
    districts.iter().map(|district| district.code.as_str()).filter(|code| definition.admits(code))
}

/// Ids are distinct within a roll by its own fold, so only several rolls can collide.
fn check_ids(
    definition: &Definition,
    rolls: &[&RollFold],
    hasher: &RandomState,
) -> Result<(), Breach> {
    if rolls.len() < 2 {
        return Ok(());
    }
    let mut ids = KeyTable::new(hasher.clone());
    for roll in rolls {
        let districts = &roll.header().ok_or(Breach::RollPinMismatch)?.districts;
        for (voter, _, district) in roll.active() {
            if definition.admits(&districts[district].code) {
                // POLL-14: one id, one vote.
                ids.insert(&voter.0).ok_or(Breach::VoterIdTaken)?;
            }
        }
    }
    Ok(())
}
