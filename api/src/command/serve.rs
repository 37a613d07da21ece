//! `veched serve`: open the city's store and answer until told to stop.

use std::future::Future;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use rand::SeedableRng as _;
use rand::TryRng as _;
use rand::rngs::{StdRng, SysRng};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;
use veche_api::SecondKey;
use veche_api::config::layers::Layers;
use veche_api::config::{Config, SecondSignature, TraceConfig, TraceFormat};
use veche_api::data_directory::{DataDirectory, read_secret, replace};
use veche_engine::Engine;
use veche_engine::clock::SystemClock;
use veche_engine::store::rocks::RocksConfig;
use veche_keys::second_key_file;
use zeroize::Zeroizing;

use super::{open_store, read_key, read_passphrase};

/// File descriptors beside those of connections: the store keeps up to 1,000 files open.
const OTHER_FILES: u64 = 2_048;

/// Serve the city that was founded in a directory.
///
/// What can be set stands in the file of --config, in variables named `VECHED_<SECTION>_<KEY>`, and
/// after --set; each goes over the one before. --print-config shows what comes out, with a line on
/// every setting: its output is a file that --config takes.
///
/// SIGTERM and SIGINT end the server in good order: what is in flight is answered, and everything
/// that was answered is stored.
#[derive(Debug, Args)]
pub(super) struct ServeCommand {
    /// A file of settings (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The directory with the log key and the store; `veche-data` if nothing else is set.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Address and port to listen on, 127.0.0.1:8080 if nothing else is set; port 0 takes a free
    /// one.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// A file to write the port into, once it is open.
    #[arg(long, value_name = "FILE")]
    port_file: Option<String>,
    /// What opens the log key, if it is encrypted.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<String>,
    /// Any other setting; repeat for each.
    #[arg(long, value_name = "SECTION.KEY=VALUE")]
    set: Vec<String>,
    /// Print the settings and do nothing.
    #[arg(long)]
    print_config: bool,
}

impl ServeCommand {
    pub(super) fn run(self) -> Result<()> {
        let print = self.print_config;
        let config = self.layered()?;
        if print {
            io::stdout().write_all(config.to_toml().as_bytes())?;
            return Ok(());
        }
        trace(&config.trace)?;
        let (engine, second_key) = open(&config)?;
        raise_file_limit(&config);
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        if config.server.threads > 0 {
            runtime.worker_threads(config.server.threads);
        }
        runtime
            .enable_all()
            .thread_name("veched-http")
            .build()?
            .block_on(listen(config, engine, second_key))
    }

    fn layered(self) -> Result<Config> {
        let mut layers = Layers::default();
        if let Some(file) = &self.config {
            layers = layers.file(file)?;
        }
        layers = layers.environment(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }))?;
        for setting in &self.set {
            layers = layers.flag(setting)?;
        }
        let config = layers
            .value("server", "data", self.data)
            .value("server", "listen", self.listen)
            .value("server", "port_file", self.port_file)
            .value("server", "passphrase_file", self.passphrase_file)
            .finish()?;
        Ok(config)
    }
}

pub(super) fn trace(config: &TraceConfig) -> Result<()> {
    let filter = EnvFilter::try_new(&config.filter).context("trace.filter")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match config.format {
        // Colours are for eyes, and would be rubbish in a file.
        TraceFormat::Text => {
            lines.with_ansi(io::stderr().is_terminal()).with_target(false).init();
        }
        TraceFormat::Json => lines.json().init(),
    }
    Ok(())
}

fn open(config: &Config) -> Result<(Engine, Option<SecondKey>)> {
    let data = DataDirectory::open_founded(&config.server.data)?;
    let passphrase = read_passphrase(config.server.passphrase_file.as_ref())?;
    let key = read_key(&data.log_key(), passphrase.as_ref().map(|text| text.as_str()))?;
    let store_config = RocksConfig { free_space_floor: config.store.free_space_floor };
    let store = open_store(&data, store_config)?;
    let mut seed = Zeroizing::new([0; 32]);
    SysRng.try_fill_bytes(seed.as_mut_slice()).context("the system gives no random bytes")?;
    let mut rng = StdRng::from_seed(*seed);
    let second_key = read_second_key(&data, passphrase.as_ref().map(|text| text.as_str()))?;
    let signature =
        if second_key.is_some() { SecondSignature::Added } else { SecondSignature::None };
    let settings = config.settings(signature);
    let start = Instant::now();
    let engine = Engine::open(store, key, settings, Arc::new(SystemClock::new()), &mut rng)
        .context("the city cannot be opened")?;
    let logs = engine.logs();
    let entries: u64 = logs.iter().map(|log| log.head.size).sum();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        instance = %engine.instance(),
        logs = logs.len(),
        entries,
        milliseconds = start.elapsed().as_millis(),
        "the city is open"
    );
    Ok((engine, second_key))
}

fn read_second_key(data: &DataDirectory, passphrase: Option<&str>) -> Result<Option<SecondKey>> {
    let file = data.second_key();
    if !file.exists() {
        return Ok(None);
    }
    let key = second_key_file::read(&read_secret(&file)?, passphrase);
    Ok(Some(SecondKey::new(key.with_context(|| file.display().to_string())?)))
}

/// Lets the process have as many files as its connections need, as far as the system allows.
fn raise_file_limit(config: &Config) {
    let wanted = OTHER_FILES.saturating_add(config.limits.connections as u64);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    if raised.is_err() || allowed < wanted {
        tracing::warn!(wanted, allowed, "fewer files may be open than connections need");
    }
}

async fn listen(config: Config, engine: Engine, second_key: Option<SecondKey>) -> Result<()> {
    let address = config.server.listen;
    let listener = TcpListener::bind(address).await.with_context(|| address.to_string())?;
    let address = listener.local_addr()?;
    let stop = stop_signal()?;
    if let Some(file) = &config.server.port_file {
        replace(file, &format!("{}\n", address.port()))?;
    }
    if !address.ip().is_loopback() {
        tracing::warn!("listening beyond this machine, without TLS: a proxy belongs in front");
    }
    announce(address)?;
    veche_api::serve(&config, engine, second_key, listener, stop).await?;
    tracing::info!("stopped; everything that was answered is stored");
    Ok(())
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening on http://{address}")?;
    out.flush()
}

/// Done when the process is told to stop. Listens from now on, so no signal is lost.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what is in flight is answered first");
    })
}
