//! The counting rules a poll can name, with every parameter that can change an outcome.
//!
//! The law is spec/count.md; each rule has its own document beside it and its own file beside
//! this. Not here: the counting itself ([`crate::count`]).

use super::method::Method;
use super::ties::{self, TieBreak};
use super::{
    Approval, Borda, EqualShares, Form, InstantRunoff, Points, Quadratic, Schulze, Score,
    SingleChoice, TransferableVote, YesNo,
};
use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};

/// Most options of one question: more would hardly fit the one entry that announces the poll, at
/// 65,535 bytes and 64 for an option. A selection names an option by 16 bits.
pub const MAX_OPTIONS: usize = 1_024;

/// Most that a budget, or the costs of all options together, may come to, in currency units.
///
/// 2^53 - 1 is the largest integer that every JSON reader holds exactly, and the intervals of
/// `count/equal_shares/amount.rs` are sized by it: a voter's money stays below 2^54 units.
pub const MAX_MONEY: u64 = (1 << 53) - 1;

/// Most ballots of one count: lists of supporters name a voter by 32 bits, and every sum over
/// voters of `count/equal_shares/amount.rs` then stays below 2^(32 + 62) < 2^128. No sum of values
/// on ballots reaches 2^(32 + 16).
pub const MAX_BALLOTS: u64 = (1 << 32) - 1;

// COUNT-1: the ids and the number of items of each rule.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident, $items:literal;)*) => {
        /// A counting rule with its parameters.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Rule { $($(#[$doc])* $name($name),)* }

        impl Rule {
            /// The rule behind the name.
            pub(super) fn method(&self) -> &dyn Method {
                match self { $(Self::$name(rule) => rule,)* }
            }

            /// Reads a rule as a definition holds it.
            pub fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
                let length = decoder.array()?;
                // ENTRY-8: the rule's number is known before that of its parameters is judged.
                if length == 0 {
                    return Err(decoder.mismatch());
                }
                match (decoder.uint()?, length) {
                    $(($name::ID, $items) => $name::decode(decoder).map(Self::$name),)*
                    _ => Err(decoder.mismatch()),
                }
            }
        }

        $(impl From<$name> for Rule {
            fn from(rule: $name) -> Self {
                Self::$name(rule)
            }
        })*
    };
}

rules! {
    /// One option; the most votes win.
    SingleChoice, 3;
    /// Several options; the most votes win.
    Approval, 5;
    /// The Method of Equal Shares over a budget.
    EqualShares, 7;
    /// One proposal, adopted by a share of the votes.
    YesNo, 7;
    /// Scores; the highest sums or means win.
    Score, 7;
    /// Points to spread; the most points win.
    Points, 7;
    /// Credits that buy votes, each more dearly than the one before; the most votes win.
    Quadratic, 6;
    /// Ranks that give points; the most points win.
    Borda, 7;
    /// Ranks; the weakest leaves until one has a majority.
    InstantRunoff, 5;
    /// Ranks; several seats are filled in proportion.
    TransferableVote, 7;
    /// Ranks; the strongest paths of contests win.
    Schulze, 6;
}

impl Rule {
    /// Writes the rule as a definition holds it.
    pub fn encode(&self, encoder: &mut Encoder) {
        let method = self.method();
        let parameters = method.parameters();
        encoder.array(parameters.len() + 2).uint(method.id());
        for parameter in parameters {
            encoder.uint(parameter);
        }
        encoder.list(method.ties(), |encoder, &tie| {
            encoder.uint(tie.code());
        });
    }

    /// The number that stands for the rule in a definition.
    pub fn id(&self) -> u64 {
        self.method().id()
    }

    /// The criteria for ties as the definition lists them.
    pub fn ties(&self) -> &[TieBreak] {
        self.method().ties()
    }

    /// The selections that the rule admits.
    pub fn form(&self) -> Form {
        self.method().form()
    }

    /// Fewest and most options on one ballot.
    pub fn selection_bounds(&self) -> (u64, u64) {
        let Form { min, max, .. } = self.form();
        (min, max)
    }

    /// Whether a lot may decide a tie.
    pub fn draws(&self) -> bool {
        self.ties().contains(&TieBreak::Lot)
    }

    /// Whether options have costs under this rule.
    pub fn has_costs(&self) -> bool {
        self.method().has_costs()
    }

    /// Whether a question under this rule may have conditions.
    pub fn takes_conditions(&self) -> bool {
        self.method().takes_conditions()
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
        let lawful = ties::are_lawful(self.ties()) && self.method().bounds_hold(costs);
        if bounded && selectable && lawful { Ok(()) } else { Err(Breach::DefinitionInvalid) }
    }
}

#[cfg(test)]
mod tests;
