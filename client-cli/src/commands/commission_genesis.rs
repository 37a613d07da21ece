//! `veche commission genesis`: sign the first entry of a city.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::{Deserialize, Serialize};
use veche_keys::private_file::{self, Existing};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};

use crate::acts::Act;
use crate::commands::signing::open_key;
use crate::error::ClientError;
use crate::terminal::{PassphraseSource, confirm};
use crate::words;

/// Sign the genesis of a city, as a member of its commission.
///
/// The operator's `veched init` writes a draft; each member of the commission signs it, and `veched
/// found` joins the files. Read what it says: the domain, the officers and the threshold are the
/// root of everything that follows.
#[derive(Debug, Args)]
pub(super) struct GenesisCommand {
    /// The draft of the operator.
    draft: PathBuf,
    /// Your key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// The signed draft, to give back to the operator.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize, Deserialize)]
struct GenesisDraft {
    path: String,
    entry: String,
}

impl GenesisCommand {
    pub(super) fn run(self) -> Result<(), ClientError> {
        let text = private_file::read_text(&self.draft)?;
        let draft: GenesisDraft = serde_json::from_str(&text)
            .map_err(|error| ClientError::content(&self.draft, error))?;
        let bytes = STANDARD
            .decode(&draft.entry)
            .map_err(|_| ClientError::content(&self.draft, "the entry is not base64"))?;
        let unlawful = |breach| ClientError::unlawful("the genesis")(breach);
        let entry = SignedEntry::decode(LogType::Register, bytes).map_err(unlawful)?;
        let Payload::Genesis(genesis) = entry.payload() else {
            return Err(unlawful(Breach::GenesisMissing));
        };
        let origin = LogPath::Register.origin(&genesis.domain);
        // ENTRY-12: genesis stands under nothing, and its own leaf hash becomes the instance id.
        let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
        let mut act = Act::of_entry(LogPath::Register, &binding, &entry).map_err(unlawful)?;
        let key = open_key(&self.key, &self.passphrase)?;
        if !genesis.commission.keys.contains(&key.key()) {
            return Err(ClientError::usage(
                "your key is not one of the commission in this genesis",
            ));
        }
        for line in words::describe(&LogPath::Register, entry.payload()) {
            println!("{line}");
        }
        if !self.yes {
            confirm("Sign this as the beginning of the city?")?;
        }
        act.sign(&key);
        let signed = GenesisDraft { entry: STANDARD.encode(act.entry().bytes()), ..draft };
        let mut text = serde_json::to_string(&signed).expect("texts are always written");
        text.push('\n');
        private_file::write(&self.out, text.as_bytes(), Existing::Keep)?;
        println!("signed; give {} back to the operator", self.out.display());
        Ok(())
    }
}
