//! Secrets at rest, the same for every program that holds one: the city's log key, the keys of
//! staff and voters, the keys of witnesses.
//!
//! Not here: what the keys sign (the protocol), the options of command lines that name files and
//! passphrases (the programs), and the refusal of files that others may read, which a server makes
//! before it looks at a key (the api).

pub mod encrypted_file;
pub mod key_file;
pub mod passphrase;
pub mod private_file;
pub mod second_key_file;
