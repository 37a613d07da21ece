//! What officers, registrars, commission members and voters hold in their own hands: keys, and the
//! tools that sign with them.
//!
//! Everything that is signed here is built from logs that this program has read and hashed itself;
//! nothing is signed on a server's word. The library works without a terminal: the program `veche`
//! is its commands, and tests and the demo call the same functions. Not here: the law (the
//! protocol) and the full recount with its report (the auditor).

pub mod acts;
pub mod api;
pub mod authority;
pub mod ballot_file;
pub mod ballot_paper;
pub mod casting;
pub mod census;
pub mod choices;
pub mod city;
pub mod commands;
pub mod credential;
pub mod definition_file;
pub mod draft;
pub mod enrolment_line;
pub mod error;
pub mod exit;
pub mod growth;
pub mod issuer;
pub mod log_copy;
pub mod pabulib;
pub mod patience;
pub mod poll_copy;
pub mod receipts;
pub mod roll_copy;
pub mod sample;
pub mod standing;
pub mod terminal;
#[cfg(test)]
mod test_city;
pub mod tiles;
pub mod time;
pub mod trust;
pub mod trustee;
pub mod vote_book;
pub mod vote_files;
pub mod voter_file;
pub mod witnesses;
pub mod words;
