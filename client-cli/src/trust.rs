//! What a person believes about one city, fixed once and held against everything it shows later.
//!
//! ```toml
//! url = "https://vote.example.org"
//! instance = "<instance id: leaf hash of genesis, hex>"
//! register = "<verifier key of the register>"
//! policy = "<witnesses, C2SP tlog-policy>"            optional
//! [heads."vote.example.org/register"]                 the last head seen of each log
//! size = 12
//! root = "<hex>"
//! ```
//!
//! The first use believes what the server says; whoever knows the instance id from elsewhere (a
//! newspaper, a poster, an observer) compares it. Not here: reading the logs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use veche_keys::private_file::{self, Existing};
use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::hash::Hash;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::note::{Note, PublicKey, VerifierKey};
use veche_protocol::log::policy::Policy;
use veche_protocol::log::tile::{EntriesPath, split_bundle, width_at};
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::acts::Head;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::signature::Key;

use crate::api::Source;
use crate::error::ClientError;
use crate::log_copy::{LogCopy, read_bundle, read_head};

/// What identifies a city: everything else is checked by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pins {
    /// The instance id: leaf hash of genesis.
    pub instance: Hash,
    /// The key that signs the heads of the register.
    pub register: VerifierKey,
}

impl Pins {
    /// Takes the pins from the server itself: on first use, when there is nothing to hold them
    /// against. What is read agrees with itself: genesis is valid and its log key signs the head.
    pub fn on_first_use(source: &impl Source) -> Result<Self, ClientError> {
        let note = Note::parse(&source.checkpoint(&LogPath::Register)?);
        let checkpoint = note.and_then(|note| Checkpoint::parse(note.text()));
        let size = checkpoint.map_err(ClientError::distrust("the head of the register"))?.size;
        let fold = read_genesis(source, size)?;
        read_head(source, &LogPath::Register, fold.verifier())?;
        Ok(Self { instance: fold.instance(), register: fold.verifier().clone() })
    }

    /// Takes the register's key from a policy, and the instance id from the register that this key
    /// signs.
    pub fn by_policy(source: &impl Source, policy: &Policy) -> Result<Self, ClientError> {
        let is_register = |name: &str| name.ends_with("/register");
        let mut registers = policy.logs().iter().filter(|log| is_register(log.key.name()));
        let (Some(log), None) = (registers.next(), registers.next()) else {
            return Err(ClientError::usage("the policy must name exactly one register as a log"));
        };
        let head = read_head(source, &LogPath::Register, &log.key)?;
        let fold = read_genesis(source, head.checkpoint().size)?;
        if *fold.verifier() != log.key {
            let breach = Breach::InstanceMismatch;
            return Err(ClientError::distrust("the register's genesis")(breach));
        }
        Ok(Self { instance: fold.instance(), register: log.key.clone() })
    }

    /// The domain of the city, with which every origin begins.
    pub fn domain(&self) -> &str {
        self.register.name().strip_suffix("/register").unwrap_or_default()
    }

    /// The origin of one of the city's logs.
    pub fn origin(&self, path: &LogPath) -> String {
        path.origin(self.domain())
    }

    /// The key that signs the heads of one of the city's logs.
    pub fn verifier(&self, path: &LogPath) -> VerifierKey {
        VerifierKey::ed25519(&self.origin(path), self.log_key())
            .expect("a path adds only characters that a key name may have")
    }

    fn log_key(&self) -> Key {
        match self.register.public_key() {
            PublicKey::Ed25519(key) => *key,
            _ => unreachable!("pins are only made from keys of type Ed25519"),
        }
    }

    /// Reads the pins from their texts.
    pub fn parse(instance: &str, register: &str) -> Option<Self> {
        let register = VerifierKey::parse(register).ok()?;
        let is_register = register.name().ends_with("/register");
        let is_ed25519 = matches!(register.public_key(), PublicKey::Ed25519(_));
        let instance = parse_hash(instance)?;
        (is_register && is_ed25519).then_some(Self { instance, register })
    }
}

/// A hash in hex.
pub fn parse_hash(text: &str) -> Option<Hash> {
    Hash::from_slice(&hex::decode(text).ok()?)
}

fn read_genesis(source: &impl Source, size: u64) -> Result<RegisterFold, ClientError> {
    let distrust = || ClientError::distrust("the first entry of the register");
    let width = width_at(size, 0, 0).ok_or_else(|| distrust()(Breach::GenesisMissing))?;
    let bundle = read_bundle(source, &LogPath::Register, EntriesPath { index: 0, width })?;
    split_bundle(&bundle, width)
        .and_then(|entries| SignedEntry::decode(LogType::Register, entries[0].to_vec()))
        .and_then(|entry| RegisterFold::begin(&entry))
        .map_err(distrust())
}

/// The pins with the address and with the heads seen so far: the content of a trust file.
#[derive(Clone, Debug)]
pub struct Trust {
    /// Address of the server.
    pub url: String,
    /// What identifies the city.
    pub pins: Pins,
    /// Which witnesses are believed, as the text of a policy.
    pub policy: Option<String>,
    heads: BTreeMap<String, Head>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    url: String,
    instance: String,
    register: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(default)]
    heads: BTreeMap<String, HeadLine>,
}

#[derive(Serialize, Deserialize)]
struct HeadLine {
    size: u64,
    root: String,
}

impl Trust {
    /// Trust in a city of which nothing was seen yet.
    pub fn new(url: &str, pins: Pins, policy: Option<String>) -> Self {
        Self { url: url.to_owned(), pins, policy, heads: BTreeMap::new() }
    }

    /// Where the trust file stands if nobody says otherwise: in the user's configuration.
    pub fn default_path() -> PathBuf {
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
        config.unwrap_or_default().join("veche/trust.toml")
    }

    /// Reads a trust file; `None` if there is none.
    pub fn load(path: &Path) -> Result<Option<Self>, ClientError> {
        let Some(text) = private_file::read_text_if_there(path)? else { return Ok(None) };
        Self::parse(&text).map(Some).map_err(|reason| ClientError::content(path, reason))
    }

    /// Reads the text of a trust file; or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: TrustFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let malformed = || "instance id, key or head is malformed".to_owned();
        let pins = Pins::parse(&file.instance, &file.register).ok_or_else(malformed)?;
        let head = |(origin, line): (String, HeadLine)| {
            Some((origin, Head { size: line.size, root: parse_hash(&line.root)? }))
        };
        let heads = file.heads.into_iter().map(head).collect::<Option<_>>();
        let heads = heads.ok_or_else(malformed)?;
        Ok(Self { url: file.url, pins, policy: file.policy, heads })
    }

    /// The text of the trust file.
    pub fn to_text(&self) -> String {
        let line = |head: &Head| HeadLine { size: head.size, root: head.root.to_string() };
        let file = TrustFile {
            url: self.url.clone(),
            instance: self.pins.instance.to_string(),
            register: self.pins.register.to_string(),
            policy: self.policy.clone(),
            heads: self.heads.iter().map(|(origin, head)| (origin.clone(), line(head))).collect(),
        };
        toml::to_string(&file).expect("texts and numbers are always written")
    }

    /// Writes the trust file in one step.
    pub fn save(&self, path: &Path) -> Result<(), ClientError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| ClientError::file(folder, error))?;
        }
        Ok(private_file::write(path, self.to_text().as_bytes(), Existing::Replace)?)
    }

    /// The policy, read.
    pub fn read_policy(&self) -> Result<Option<Policy>, ClientError> {
        let policy = self.policy.as_ref().map(|text| Policy::parse(text.as_bytes()));
        policy.transpose().map_err(|error| ClientError::Usage(format!("the policy: {error}")))
    }

    /// The logs of which a head was seen, each with its size.
    pub fn seen(&self) -> impl Iterator<Item = (LogPath, u64)> + '_ {
        let domain = self.pins.domain();
        let heads = self.heads.iter();
        heads.filter_map(move |(origin, head)| {
            Some((LogPath::of_origin(origin, domain)?, head.size))
        })
    }

    /// That a log extends what was seen of it before; remembers its head.
    pub fn check_and_note(&mut self, log: &LogCopy) -> Result<(), ClientError> {
        if let Some(known) = self.heads.get(log.origin()) {
            if log.size() < known.size {
                let what = format!("the log {}, of which more was seen before", log.path());
                return Err(ClientError::distrust(what)(Breach::EntryMissing));
            }
            log.check_contains(known.size, &known.root)?;
        }
        self.heads.insert(log.origin().to_owned(), log.head());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
