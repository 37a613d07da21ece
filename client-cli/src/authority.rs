//! What issuers and trustees have in common: each watches one poll, acts on its log under a key of
//! its own, and trusts the server in nothing.
//!
//! Not here: what either does ([`crate::issuer`], [`crate::trustee`]), and the loop that lets it
//! run (the commands).

pub mod desk;
pub mod pace;
pub mod step;
#[cfg(test)]
pub(crate) mod test_desk;
pub mod watch;
