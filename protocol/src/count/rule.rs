//! The counting rules a poll can name, with every parameter that can change an outcome.
//!
//! The law is `spec/count.md`. Not here: the counting itself ([`crate::count`]) and the bytes in
//! which a definition holds a rule (the poll's encoding; the codes it writes are given here).

use crate::breach::Breach;

/// Most options of one question: more would hardly fit the one entry that announces the poll, at
/// 65,535 bytes and 64 for an option. A selection names an option by 16 bits.
pub const MAX_OPTIONS: usize = 1_024;

/// Most that a budget, or the costs of all options together, may come to, in currency units.
///
/// 2^53 - 1 is the largest integer that every JSON reader holds exactly, and the intervals of
/// `count/equal_shares/amount.rs` are sized by it: a voter's money stays below 2^54 units.
pub const MAX_MONEY: u64 = (1 << 53) - 1;

/// Most ballots of one count: lists of supporters name a voter by 32 bits, and every sum over
/// voters of `count/equal_shares/amount.rs` then stays below 2^(32 + 62) < 2^128.
pub const MAX_BALLOTS: u64 = (1 << 32) - 1;

/// What decides between options that a rule cannot tell apart; criteria apply in sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TieBreak {
    /// The option listed first in the definition goes first. Decides every tie.
    ListedOrder = 0,
    /// The option of the lowest cost goes first.
    LowestCost = 1,
    /// The option on the most ballots goes first.
    MostVotes = 2,
}

impl TieBreak {
    /// Every criterion, in the order of the codes.
    pub const ALL: &'static [Self] = &[Self::ListedOrder, Self::LowestCost, Self::MostVotes];

    /// The number that stands for the criterion in a definition.
    pub const fn code(self) -> u64 {
        self as u64
    }

    /// The criterion with this number.
    pub fn from_code(code: u64) -> Option<Self> {
        Self::ALL.iter().copied().find(|criterion| criterion.code() == code)
    }
}

/// Whether a single-choice ballot may name no option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Blank {
    /// Each ballot names exactly one option.
    Refused = 0,
    /// A ballot names one option or none.
    Allowed = 1,
}

impl Blank {
    /// The number that stands for the choice in a definition.
    pub const fn code(self) -> u64 {
        self as u64
    }

    /// The choice with this number.
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Refused),
            1 => Some(Self::Allowed),
            _ => None,
        }
    }
}

/// What is done with the money that Equal Shares leaves unspent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Completion {
    /// Nothing: one run with the true budget.
    None = 0,
    /// Runs with one more currency unit for each voter, as long as the outcome fits the budget.
    Add1 = 1,
    /// [`Completion::Add1`], then the rest of the budget in the order of votes.
    Add1u = 2,
}

impl Completion {
    /// The number that stands for the completion in a definition.
    pub const fn code(self) -> u64 {
        self as u64
    }

    /// The completion with this number.
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::None),
            1 => Some(Self::Add1),
            2 => Some(Self::Add1u),
            _ => None,
        }
    }
}

/// Whether the runs of `add1` end at the first outcome to which nothing can be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exhaustion {
    /// Go on until the next outcome would exceed the budget.
    Run = 0,
    /// End as soon as no further option fits what is left of the budget.
    Stop = 1,
}

impl Exhaustion {
    /// The number that stands for the choice in a definition.
    pub const fn code(self) -> u64 {
        self as u64
    }

    /// The choice with this number.
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Run),
            1 => Some(Self::Stop),
            _ => None,
        }
    }
}

/// A counting rule with all its parameters, as a poll's definition freezes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// One winner: the option on the most ballots. Rule id 0.
    SingleChoice {
        /// Whether a ballot may be blank.
        blank: Blank,
        /// Criteria for ties, in sequence.
        ties: Vec<TieBreak>,
    },
    /// The `winners` options on the most ballots. Rule id 1.
    Approval {
        /// Fewest options on a ballot.
        min: u64,
        /// Most options on a ballot.
        max: u64,
        /// Most options that win.
        winners: u64,
        /// Criteria for ties, in sequence.
        ties: Vec<TieBreak>,
    },
    /// The Method of Equal Shares with cost utilities. Rule id 2.
    EqualShares {
        /// Fewest options on a ballot.
        min: u64,
        /// Most options on a ballot.
        max: u64,
        /// What may be spent, in currency units.
        budget: u64,
        /// What is done with money left unspent.
        completion: Completion,
        /// Whether `add1` ends at an exhaustive outcome.
        exhaustion: Exhaustion,
        /// Criteria for ties, in sequence.
        ties: Vec<TieBreak>,
    },
}

impl Rule {
    // COUNT-1: the ids and, above, the codes of the parameters
    /// Rule id of [`Rule::SingleChoice`] in a definition.
    pub const SINGLE_CHOICE: u64 = 0;
    /// Rule id of [`Rule::Approval`] in a definition.
    pub const APPROVAL: u64 = 1;
    /// Rule id of [`Rule::EqualShares`] in a definition.
    pub const EQUAL_SHARES: u64 = 2;

    /// The number that stands for the rule in a definition.
    pub const fn id(&self) -> u64 {
        match self {
            Self::SingleChoice { .. } => Self::SINGLE_CHOICE,
            Self::Approval { .. } => Self::APPROVAL,
            Self::EqualShares { .. } => Self::EQUAL_SHARES,
        }
    }

    /// The criteria for ties as the definition lists them.
    pub fn ties(&self) -> &[TieBreak] {
        match self {
            Self::SingleChoice { ties, .. }
            | Self::Approval { ties, .. }
            | Self::EqualShares { ties, .. } => ties,
        }
    }

    /// Fewest and most options on one ballot.
    pub const fn selection_bounds(&self) -> (u64, u64) {
        match self {
            // COUNT-12: exactly one option, or none where the poll allows it
            Self::SingleChoice { blank: Blank::Refused, .. } => (1, 1),
            Self::SingleChoice { blank: Blank::Allowed, .. } => (0, 1),
            Self::Approval { min, max, .. } | Self::EqualShares { min, max, .. } => (*min, *max),
        }
    }

    /// Whether the parameters are within the law for options of these costs, in listed order.
    ///
    /// The options of a poll without money cost 0 each. The only breach is
    /// [`Breach::DefinitionInvalid`].
    pub fn check(&self, costs: &[u64]) -> Result<(), Breach> {
        let options = costs.len() as u64;
        let total = costs.iter().try_fold(0_u64, |sum, &cost| sum.checked_add(cost));
        let (min, max) = self.selection_bounds();
        // COUNT-2: options and money within the bounds that exact arithmetic is sized for
        let bounded = !costs.is_empty()
            && costs.len() <= MAX_OPTIONS
            && total.is_some_and(|total| total <= MAX_MONEY);
        // COUNT-3: 1 <= max, min <= max <= options
        let selectable = max >= 1 && min <= max && max <= options;
        if bounded && selectable && ties_are_lawful(self.ties()) && self.own_bounds_hold(costs) {
            Ok(())
        } else {
            Err(Breach::DefinitionInvalid)
        }
    }

    /// Whether a ballot with these options may be counted by this rule.
    ///
    /// `selection` holds indices into the listed options, ascending and distinct.
    pub fn check_selection(&self, options: usize, selection: &[u16]) -> Result<(), Breach> {
        // COUNT-5: indices in range, ascending, distinct, and as many as the rule asks for
        for (place, &choice) in selection.iter().enumerate() {
            let before = &selection[..place];
            if usize::from(choice) >= options {
                return Err(Breach::ChoiceOutOfRange);
            }
            if before.last().is_some_and(|&last| choice <= last) {
                let repeated = before.contains(&choice);
                return Err(if repeated {
                    Breach::ChoiceDuplicated
                } else {
                    Breach::ChoiceDisordered
                });
            }
        }
        let (min, max) = self.selection_bounds();
        let chosen = selection.len() as u64;
        if chosen < min {
            return Err(Breach::ChoicesTooFew);
        }
        if chosen > max {
            return Err(Breach::ChoicesTooMany);
        }
        Ok(())
    }

    fn own_bounds_hold(&self, costs: &[u64]) -> bool {
        match self {
            Self::SingleChoice { .. } => true,
            // COUNT-13: at least one winner, at most as many as there are options
            Self::Approval { winners, .. } => *winners >= 1 && *winners <= costs.len() as u64,
            // COUNT-15: money is positive, and a stop needs runs that it can stop
            Self::EqualShares { budget, completion, exhaustion, .. } => {
                *budget >= 1
                    && *budget <= MAX_MONEY
                    && costs.iter().all(|&cost| cost >= 1)
                    && (*completion != Completion::None || *exhaustion == Exhaustion::Run)
            }
        }
    }
}

/// COUNT-4: distinct, and listed order only as the last, since nothing after it could decide.
fn ties_are_lawful(ties: &[TieBreak]) -> bool {
    ties.iter().enumerate().all(|(place, criterion)| {
        let last = place + 1 == ties.len();
        !ties[..place].contains(criterion) && (*criterion != TieBreak::ListedOrder || last)
    })
}

#[cfg(test)]
mod tests;
