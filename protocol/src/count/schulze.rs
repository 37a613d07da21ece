//! Schulze: the option that no other beats along the strongest path of contests
//! (spec/count/schulze.md).

use super::form::{Form, Sharing, Values};
use super::method::{Asked, Counted, Method, Turnout};
use super::step::Step;
use super::ties::{self, TieBreak, Ties};
use crate::breach::Breach;
use crate::encoding::Decoder;

/// Ranks; the first options of the order by strongest paths are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schulze {
    /// Fewest options on a ballot.
    pub min: u64,
    /// Most options on a ballot.
    pub max: u64,
    /// Whether options may share a rank.
    pub sharing: Sharing,
    /// Most options that are selected.
    pub winners: u64,
    /// Criteria for ties, in sequence.
    pub ties: Vec<TieBreak>,
}

impl Schulze {
    /// Rule id in a definition.
    pub const ID: u64 = 10;

    pub(super) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        Ok(Self {
            min: decoder.uint()?,
            max: decoder.uint()?,
            sharing: Sharing::decode(decoder)?,
            winners: decoder.uint()?,
            ties: ties::decode(decoder)?,
        })
    }
}

impl Method for Schulze {
    fn id(&self) -> u64 {
        Self::ID
    }

    fn parameters(&self) -> Vec<u64> {
        vec![self.min, self.max, self.sharing.code(), self.winners]
    }

    fn ties(&self) -> &[TieBreak] {
        &self.ties
    }

    fn form(&self) -> Form {
        Form { min: self.min, max: self.max, values: Values::Rank { sharing: self.sharing } }
    }

    fn bounds_hold(&self, costs: &[u64]) -> bool {
        // COUNT-54: winners among the options
        (1..=costs.len() as u64).contains(&self.winners)
    }

    fn takes_conditions(&self) -> bool {
        false
    }

    fn count(&self, asked: &Asked<'_>) -> Result<Counted, Breach> {
        let (contests, turnout) = Contests::hold(&self.form(), asked)?;
        let wins = contests.wins();
        let paths = contests.strongest_paths();
        let (selected, ties) =
            select(&paths, &contests.named, self.winners, asked.ties(&self.ties, &wins));
        let options = asked.options();
        let rows = |matrix: &[u64]| matrix.chunks(options).map(<[u64]>::to_vec).collect();
        let mut steps =
            vec![Step::Contests { preferences: rows(&contests.before), paths: rows(&paths) }];
        steps.extend(ties);
        Ok(Counted::by_votes(turnout, wins, (selected, steps)))
    }
}

/// Every option against every other.
struct Contests {
    options: usize,
    /// `before[a * options + b]`: the ballots that put a before b.
    before: Vec<u64>,
    /// By option, the ballots that name it.
    named: Vec<u64>,
}

impl Contests {
    fn hold(form: &Form, asked: &Asked<'_>) -> Result<(Self, Turnout), Breach> {
        let options = asked.options();
        let mut named = vec![0; options];
        // Ballots that name both and do not put a before b.
        let mut not_before = vec![0_u64; options * options];
        let turnout = asked.read(form, |selection| {
            let marks = selection.as_chunks::<2>().0;
            for (place, &[a, rank]) in marks.iter().enumerate() {
                named[usize::from(a)] += 1;
                for &[b, other] in &marks[..place] {
                    let (ab, ba) = (
                        usize::from(a) * options + usize::from(b),
                        usize::from(b) * options + usize::from(a),
                    );
                    not_before[ab] += u64::from(rank >= other);
                    not_before[ba] += u64::from(other >= rank);
                }
            }
        })?;
        // COUNT-55: an option with a rank stands before every one without
        let mut before = not_before;
        for (a, row) in before.chunks_mut(options).enumerate() {
            for (b, cell) in row.iter_mut().enumerate() {
                *cell = if a == b { 0 } else { named[a] - *cell };
            }
        }
        Ok((Self { options, before, named }, turnout))
    }

    fn before(&self, a: usize, b: usize) -> u64 {
        self.before[a * self.options + b]
    }

    /// By option, the contests that it wins.
    fn wins(&self) -> Vec<u64> {
        let options = 0..self.options;
        let wins = |a: usize| {
            options.clone().filter(|&b| self.before(a, b) > self.before(b, a)).count() as u64
        };
        options.clone().map(wins).collect()
    }

    /// COUNT-56: the strength of the strongest path between any two.
    fn strongest_paths(&self) -> Vec<u64> {
        let n = self.options;
        let mut paths = vec![0; n * n];
        for a in 0..n {
            for b in 0..n {
                let votes = self.before(a, b);
                paths[a * n + b] = if votes > self.before(b, a) { votes } else { 0 };
            }
        }
        for by in 0..n {
            let onwards = paths[by * n..(by + 1) * n].to_vec();
            for a in (0..n).filter(|&a| a != by) {
                let there = paths[a * n + by];
                for (b, &rest) in onwards.iter().enumerate().filter(|(b, _)| *b != a) {
                    let through = there.min(rest);
                    let path = &mut paths[a * n + b];
                    *path = (*path).max(through);
                }
            }
        }
        paths
    }
}

/// COUNT-57: winner set after winner set, until the places are filled.
fn select(paths: &[u64], named: &[u64], winners: u64, ties: Ties<'_>) -> (Vec<bool>, Option<Step>) {
    let n = named.len();
    let beats = |a: u16, b: u16| {
        let (a, b) = (usize::from(a), usize::from(b));
        paths[a * n + b] > paths[b * n + a]
    };
    let mut selected = vec![false; n];
    // COUNT-8: an option that no ballot names is never selected
    let mut rest: Vec<u16> =
        (0..).zip(named).filter(|(_, named)| **named > 0).map(|(option, _)| option).collect();
    let mut places = usize::try_from(winners).unwrap_or(usize::MAX);
    while places > 0 && !rest.is_empty() {
        let is_beaten = |option: &u16| rest.iter().any(|&other| beats(other, *option));
        let (beaten, mut set): (Vec<u16>, Vec<u16>) = rest.iter().copied().partition(is_beaten);
        ties.sort(&mut set);
        let taken = places.min(set.len());
        for &option in &set[..taken] {
            selected[usize::from(option)] = true;
        }
        if taken < set.len() {
            let by = ties.order(set[taken - 1], set[taken]).1;
            let chosen = set[..taken].to_vec();
            return (selected, Some(Step::Tie { among: set, chosen, by }));
        }
        (rest, places) = (beaten, places - taken);
    }
    (selected, None)
}

#[cfg(test)]
mod tests;
