//! What an operator may set, one struct per concern; each value with the reason for its default.
//!
//! ```text
//! defaults < file (TOML) < environment (VECHED_<SECTION>_<KEY>) < flags
//! ```
//!
//! Not here: where the values come from ([`layers`]), the file that shows them, and limits of the
//! law, which nobody sets.

mod explained;
pub mod layers;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use veche_engine::settings::{ACT_QUEUE, ANCHOR_INTERVAL, BALLOT_QUEUE, DESKS, DRAFT_AGE, DRAFTS};
use veche_engine::store::rocks::FREE_SPACE_FLOOR;
use veche_engine::{Publication, Settings};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where it listens and where its files are.
    pub server: ServerConfig,
    /// What one client, and all of them together, may ask for.
    pub limits: LimitsConfig,
    /// How fast one address may hand in.
    pub rate: RateConfig,
    /// The engine's queues and threads.
    pub engine: EngineConfig,
    /// The disk.
    pub store: StoreConfig,
    /// Who else has to have seen a head before it is public.
    pub witness: WitnessConfig,
    /// What is written to standard error.
    pub trace: TraceConfig,
}

/// Where the server listens and where its files are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port; port 0 takes a free one. Beyond this machine a proxy that speaks TLS
    /// belongs in front.
    pub listen: SocketAddr,
    /// The directory with the log key and the store.
    pub data: PathBuf,
    /// A file to write the port into, once it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_file: Option<PathBuf>,
    /// A file whose first line opens the log key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// Address under which people reach this server, shown on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Threads that speak HTTP; 0 for one per core.
    pub threads: usize,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8_080)),
            data: PathBuf::from("veche-data"),
            port_file: None,
            passphrase_file: None,
            public_url: None,
            threads: 0,
        }
    }
}

/// What one client, and all of them together, may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Connections at a time. At rest one takes some 20 KiB, so all of them take 160 MiB.
    pub connections: usize,
    /// Connections at a time from one address (IPv6: one /64), loopback excepted: a whole office
    /// behind one address gets through, and 16 addresses are needed to take every place.
    pub connections_per_address: u32,
    /// Requests being answered at a time. One that waits holds an entry of at most 128 KiB, so all
    /// of them hold at most 512 MiB, and with ballots of 200 bytes next to nothing.
    pub requests: usize,
    /// Seconds for a request's head to arrive, and for an idle connection to be used again.
    pub header_seconds: u64,
    /// Seconds for the whole of a request: body, judgement, answer.
    pub request_seconds: u64,
    /// Seconds that a client may take nothing of its answer.
    pub stall_seconds: u64,
    /// Seconds that requests in flight get when the server shuts down.
    pub grace_seconds: u64,
    /// Reads of the store at a time. The longest takes 16 MiB, a bundle of the largest entries.
    pub reads: usize,
    /// Mebibytes of public files on their way to clients at a time.
    pub files_mebibytes: u32,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            connections: 8_192,
            connections_per_address: 512,
            requests: 4_096,
            header_seconds: 15,
            request_seconds: 20,
            stall_seconds: 30,
            grace_seconds: 20,
            reads: 16,
            files_mebibytes: 256,
        }
    }
}

/// How fast one address may hand in entries, loopback excepted. Addresses are not kept: a counter
/// is found by a keyed hash, and the key dies with the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// Requests that write, for each minute; 0 for no bound.
    pub writes_per_minute: u32,
    /// Requests that may come at once.
    pub burst: u32,
}

impl Default for RateConfig {
    /// A polling station with a hundred voters behind one address stays far below.
    fn default() -> Self {
        Self { writes_per_minute: 6_000, burst: 1_000 }
    }
}

/// The engine's queues and threads; see [`Settings`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineConfig {
    /// Threads that verify ballots; 0 for one per core.
    pub verifiers: usize,
    /// Threads that check entries of staff.
    pub desks: usize,
    /// Ballots that may wait.
    pub ballot_queue: usize,
    /// Entries of staff that may wait.
    pub act_queue: usize,
    /// Seconds between two anchors of logs that move.
    pub anchor_seconds: u64,
    /// Drafts that may wait for signatures.
    pub drafts: usize,
    /// Seconds after which a draft is dropped.
    pub draft_seconds: u64,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            verifiers: 0,
            desks: DESKS,
            ballot_queue: BALLOT_QUEUE,
            act_queue: ACT_QUEUE,
            anchor_seconds: ANCHOR_INTERVAL.as_secs(),
            drafts: DRAFTS,
            draft_seconds: DRAFT_AGE,
        }
    }
}

impl Config {
    /// The engine's own settings; heads become public in rounds where something is to be added to
    /// them.
    pub fn settings(&self, second_key: SecondSignature) -> Settings {
        // PUBLISH-1: with witnesses, nothing is public before its round is over.
        let in_rounds = self.witness.policy.is_some() || second_key == SecondSignature::Added;
        let publication = if in_rounds { Publication::InRounds } else { Publication::AtOnce };
        Settings { publication, ..self.engine.settings() }
    }
}

/// Whether public heads have a second signature of the log (LOG-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondSignature {
    /// There is a second key.
    Added,
    /// There is none.
    None,
}

impl EngineConfig {
    fn settings(&self) -> Settings {
        let default = Settings::default();
        Settings {
            verifiers: if self.verifiers == 0 { default.verifiers } else { self.verifiers },
            desks: self.desks.max(1),
            ballot_queue: self.ballot_queue,
            act_queue: self.act_queue,
            anchor_interval: Duration::from_secs(self.anchor_seconds),
            drafts: self.drafts,
            draft_age: self.draft_seconds,
            ..default
        }
    }
}

/// The disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Bytes that stay free: below this nothing is taken in.
    pub free_space_floor: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { free_space_floor: FREE_SPACE_FLOOR }
    }
}

/// Who else has to have seen a head before it is public (spec/publication.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WitnessConfig {
    /// A policy (C2SP tlog-policy) with the witnesses, their addresses and the quorum. Without one
    /// heads are public as soon as they are signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PathBuf>,
    /// What becomes of heads that too few witnesses have cosigned in time.
    pub without_quorum: WithoutQuorum,
    /// Milliseconds between two rounds; a poll that announces a shorter interval has it.
    pub interval_milliseconds: u64,
    /// Seconds for a witness to answer.
    pub timeout_seconds: u64,
    /// Seconds after which a head that has not moved is cosigned anew, so that its time says that
    /// it is still the largest.
    pub refresh_seconds: u64,
}

impl Default for WitnessConfig {
    fn default() -> Self {
        Self {
            policy: None,
            without_quorum: WithoutQuorum::HoldBack,
            interval_milliseconds: 1_000,
            timeout_seconds: 5,
            refresh_seconds: 60,
        }
    }
}

/// What becomes of heads without a quorum: the operator's choice, and everyone is told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutQuorum {
    /// They wait: what is public stays what a quorum has seen.
    HoldBack,
    /// They become public with the lines that there are.
    Publish,
}

/// What is written to standard error. Never addresses of clients, nor what they hand in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TraceConfig {
    /// `error`, `warn`, `info`, `debug`, or a list such as `info,veche_api=debug`.
    pub filter: String,
    /// How a line is written.
    pub format: TraceFormat,
}

impl Default for TraceConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: TraceFormat::Text }
    }
}

/// How a line of the trace is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TraceFormat {
    /// For people.
    Text,
    /// For machines: one JSON object per line.
    Json,
}
