//! Pabulib's `.pb` files: ballots of participatory budgets (<https://pabulib.org/format>,
//! arXiv:2012.06539).
//!
//! ```text
//! META            PROJECTS                 VOTES
//! key;value       project_id;cost;...      voter_id;vote;...
//! budget;2500     1;600;...                1;1,2,4;...
//! ```
//!
//! In scope: the three sections in this order, all types of votes, and every key and column, known
//! or not, so that what was read can be written again. Strict: a file that contradicts itself is
//! refused, with the line and the reason. Not in scope: points below zero or in fractions, and
//! whether the column `selected` follows from the votes.

mod money;
mod profile;
mod read;
mod write;

use core::fmt;

use thiserror::Error;

use super::fault::{Fault, MAX_BYTES};
use super::{FieldError, NotInteger};

pub use profile::Frame;
pub use read::parse;

/// Most projects: an index has 16 bits.
pub const MAX_PROJECTS: usize = 1 << 16;

/// A file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pabulib {
    /// The META section.
    pub meta: Meta,
    /// What may be spent, from META, in the file's smallest unit of money.
    pub budget: u64,
    /// How many decimals that unit is away from the unit of the currency: 0 in most files, where
    /// all amounts are whole; 2 where the smallest is a hundredth.
    pub decimals: u8,
    /// What a vote is.
    pub vote_type: VoteType,
    /// The columns of PROJECTS, in their order.
    pub project_columns: Vec<String>,
    /// The projects in the order of the file.
    pub projects: Vec<Project>,
    /// The columns of VOTES, in their order.
    pub ballot_columns: Vec<String>,
    /// The ballots in the order of the file.
    pub ballots: Vec<Ballot>,
}

/// The keys and values of META, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta(pub Vec<(String, String)>);

impl Meta {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// What a vote is, by META's `vote_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteType {
    /// A set of projects.
    Approval,
    /// One project, or none.
    ChooseOne,
    /// Projects in the order of preference.
    Ordinal,
    /// Projects with points, of which a voter has so many.
    Cumulative,
    /// Projects with scores, each for itself.
    Scoring,
}

impl VoteType {
    /// Every type.
    pub const ALL: [Self; 5] =
        [Self::Approval, Self::ChooseOne, Self::Ordinal, Self::Cumulative, Self::Scoring];

    /// The word for it in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::ChooseOne => "choose-1",
            Self::Ordinal => "ordinal",
            Self::Cumulative => "cumulative",
            Self::Scoring => "scoring",
        }
    }

    /// Whether a vote gives a number to each of its projects.
    pub const fn has_points(self) -> bool {
        matches!(self, Self::Cumulative | Self::Scoring)
    }
}

impl fmt::Display for VoteType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of PROJECTS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    /// `project_id`, unique in the file.
    pub id: String,
    /// `name`, if the file has that column.
    pub name: Option<String>,
    /// `cost`, in the file's smallest unit of money.
    pub cost: u64,
    /// `votes`, if the file has that column and a number there: what the publisher counted.
    pub votes: Option<u64>,
    /// `score`, likewise: the sum of points.
    pub score: Option<u64>,
    /// `selected`, likewise: 0 no, 1 yes, others as the file's comment says.
    pub selected: Option<u64>,
    /// What stands in all other columns, in their order.
    pub further: Vec<String>,
}

/// One line of VOTES.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ballot {
    /// `voter_id`, unique in the file.
    pub voter: String,
    /// Indices into [`Pabulib::projects`], distinct, in the order of the ballot.
    pub choices: Vec<u16>,
    /// The points of each of them, where votes have points; else empty.
    pub points: Vec<u16>,
    /// What stands in all other columns, in their order.
    pub further: Vec<String>,
}

impl Ballot {
    /// The choices in ascending order, as an approval count takes them.
    pub fn approvals(&self) -> Vec<u16> {
        let mut approvals = self.choices.clone();
        approvals.sort_unstable();
        approvals
    }
}

/// Columns of PROJECTS that are read; the others are kept as they are.
const PROJECT_COLUMNS: [&str; 6] = ["project_id", "cost", "votes", "score", "name", "selected"];

/// Whether a column of VOTES is read, in a file with votes of this type.
fn is_ballot_column(vote_type: VoteType, column: &str) -> bool {
    matches!(column, "voter_id" | "vote") || (column == "points" && vote_type.has_points())
}

/// Why a file was refused, and on which line.
pub type PabulibError = Fault<Reason>;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// The file is longer than [`MAX_BYTES`].
    #[error("the file is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The line's quoting is broken.
    #[error(transparent)]
    Fields(#[from] FieldError),
    /// A section is missing, stands twice, or stands out of order.
    #[error("expected the section {0}")]
    SectionExpected(&'static str),
    /// The section's line of column names is missing a column.
    #[error("the section has no column {0}")]
    ColumnMissing(&'static str),
    /// A column name stands twice.
    #[error("the column {0} stands twice")]
    ColumnRepeated(String),
    /// The line has another number of fields than the section has columns.
    #[error("the line has {found} fields, the section has {expected} columns")]
    FieldCount {
        /// Columns of the section.
        expected: usize,
        /// Fields of the line.
        found: usize,
    },
    /// META lacks a key.
    #[error("META has no key {0}")]
    KeyMissing(&'static str),
    /// A key of META, a project or a voter stands twice.
    #[error("{0} stands twice")]
    Repeated(String),
    /// A number is not a decimal integer below 2^64.
    #[error(transparent)]
    Number(#[from] NotInteger),
    /// An amount is not a decimal number, or too large.
    #[error("{0:?} is not an amount of money")]
    NotAmount(String),
    /// There are more than [`MAX_PROJECTS`] projects.
    #[error("there are more than {MAX_PROJECTS} projects")]
    TooManyProjects,
    /// A ballot names a project that the file does not list.
    #[error("the project {0:?} is not listed")]
    ProjectUnknown(String),
    /// A ballot of type choose-1 names more than one project.
    #[error("a vote of type choose-1 names {0} projects")]
    MoreThanOne(usize),
    /// A ballot has another number of points than of projects.
    #[error("the vote names {projects} projects and gives points to {points}")]
    PointCount {
        /// Projects that the ballot names.
        projects: usize,
        /// Numbers in its column `points`.
        points: usize,
    },
    /// A number of points is above 65,535.
    #[error("{0} points are more than 65535")]
    TooManyPoints(u64),
    /// There are no votes of this type.
    #[error("there are no votes of type {0:?}")]
    VoteType(String),
    /// META announces another number of projects or votes than the file has.
    #[error("META says {key} is {said}, the file has {found}")]
    Announced {
        /// The key of META.
        key: &'static str,
        /// Its value.
        said: u64,
        /// What the file has.
        found: usize,
    },
}

#[cfg(test)]
mod tests;
