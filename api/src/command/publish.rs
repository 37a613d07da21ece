//! `veched publish`: the public files of a city, kept up to date in a directory or a bucket.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};
use veche_api::Config;
use veche_api::config::layers::Layers;
use veche_api::publish::{CitySource, Destination, PublishError, Publisher};

use super::serve::trace;

/// Longest pause after a round that failed, unless rounds are further apart than that anyway.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// Threads for what blocks: requests to the city and to a bucket, at most 16 files of each at a
/// time, and calls of the file system.
const BLOCKING_THREADS: usize = 64;

/// Copy the public files of all logs to a directory or a bucket, for a CDN to serve.
///
/// What is copied is what anyone can read: checkpoints, tiles and bundles of entries, under the
/// paths that they have on the server. Every file is held against a signed head before it is
/// written, and every head against the one that is there, so that nothing but a longer history is
/// ever published. Tiles and bundles come first, then the heads, the register's last. A tile or
/// bundle that is there is never written over; partial ones are removed a round after the full one
/// has come. Only what is new is copied. An end anywhere, by a signal or a crash, leaves every head
/// complete, and the next run goes on from what is there.
///
/// A directory is locked while it is published to. A web server in front of it, and a bucket's own
/// settings, have to add `Access-Control-Allow-Origin: *`; a web server also has to give
/// checkpoints the type `text/plain; charset=utf-8` and `Cache-Control: no-cache`, and all else
/// `application/octet-stream` and `public, max-age=31536000, immutable`. In buckets files have
/// these labels.
///
/// Keys and endpoints of buckets come from the environment. For s3:// they are
/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and `AWS_ENDPOINT`, for gs://
/// `GOOGLE_SERVICE_ACCOUNT`, for az:// `AZURE_STORAGE_ACCOUNT_NAME` and
/// `AZURE_STORAGE_ACCOUNT_KEY`. `AWS_ALLOW_HTTP=true` allows an endpoint without TLS.
/// `AWS_CONDITIONAL_PUT=disabled` is for stores that cannot compare before they write; then there
/// must be one publisher only.
///
/// Exit codes: 0 done, or told to stop; 1 failed; 2 usage. With --every, a round that fails is
/// tried again, after pauses of up to a minute; only what has to be looked at by somebody ends the
/// program, as a city whose log has another past than the one that is published.
#[derive(Debug, Args)]
pub(super) struct PublishCommand {
    /// Where to: a directory, `file:///DIRECTORY`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX` or
    /// `az://CONTAINER/PREFIX`.
    #[arg(long, value_name = "DESTINATION")]
    to: String,
    /// The address below which the city's public files stand; that of `server.listen` if nothing is
    /// given.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Go on, with a round every so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    #[arg(conflicts_with = "once")]
    every: Option<u32>,
    /// Do one round, as is done if --every is not given.
    #[arg(long)]
    once: bool,
    /// The server's file of settings (TOML), for its address and the trace.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl PublishCommand {
    pub(super) fn run(self) -> Result<()> {
        let config = self.settings()?;
        trace(&config.trace)?;
        let from = match &self.from {
            Some(url) => url.clone(),
            None => server_address(&config)?,
        };
        ensure!(
            from.starts_with("http://") || from.starts_with("https://"),
            "{from}: an address begins with http:// or https://"
        );
        let publisher = Publisher::new(CitySource::new(&from), Destination::open(&self.to)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(BLOCKING_THREADS)
            .enable_all()
            .thread_name("veched-publish")
            .build()?;
        let every = self.every.map(|seconds| Duration::from_secs(seconds.into()));
        let done = runtime.block_on(async {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! {
                done = publish(publisher, every) => done,
                // PUBLISH-24: an end anywhere is an end in good order.
                _ = terminate.recv() => Ok(()),
                _ = interrupt.recv() => Ok(()),
            }
        });
        runtime.shutdown_background();
        done
    }

    fn settings(&self) -> Result<Config> {
        let mut layers = Layers::default();
        if let Some(file) = &self.config {
            layers = layers.file(file)?;
        }
        let variables = std::env::vars_os();
        let variables = variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Ok(layers.environment(variables)?.finish()?)
    }
}

/// Where the server of these settings listens, seen from this machine.
fn server_address(config: &Config) -> Result<String> {
    let mut address: SocketAddr = config.server.listen;
    if address.port() == 0 {
        let file = config.server.port_file.as_ref();
        let file = file.context("the server takes a free port: say --from, or server.port_file")?;
        let port = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        address.set_port(port.trim().parse().with_context(|| file.display().to_string())?);
    }
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(format!("http://{address}"))
}

async fn publish(mut publisher: Publisher, every: Option<Duration>) -> Result<()> {
    let Some(every) = every else { return Ok(round(&mut publisher).await?) };
    let mut pause = every;
    loop {
        let start = Instant::now();
        match round(&mut publisher).await {
            Ok(()) => pause = every,
            Err(error) if error.is_passing() => {
                tracing::error!(%error, "nothing was published in this round");
                // PUBLISH-27: longer and longer, up to a bound.
                pause = (pause * 2).min(LONGEST_PAUSE).max(every);
            }
            Err(error) => return Err(error.into()),
        }
        tokio::time::sleep(pause.saturating_sub(start.elapsed())).await;
    }
}

/// One round, shown on a terminal while it goes on, and in the trace when it is over.
async fn round(publisher: &mut Publisher) -> Result<(), PublishError> {
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} files, {per_sec}, {eta}");
    bar.set_style(style.expect("the template is well formed"));
    let start = Instant::now();
    let done = publisher
        .round(&|files, planned| {
            bar.set_length(planned);
            bar.set_position(files);
        })
        .await;
    bar.finish_and_clear();
    let done = done?;
    tracing::info!(
        logs = done.logs,
        heads = done.heads,
        files = done.files,
        bytes = done.bytes,
        there = done.there,
        removed = done.removed,
        milliseconds = start.elapsed().as_millis(),
        "published"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_settings_say_where_it_is() {
        let address = |listen: &str, port_file: Option<PathBuf>| {
            let mut config = Config::default();
            config.server.listen = listen.parse().unwrap();
            config.server.port_file = port_file;
            server_address(&config)
        };
        assert_eq!(address("127.0.0.1:8080", None).unwrap(), "http://127.0.0.1:8080");
        assert_eq!(address("0.0.0.0:80", None).unwrap(), "http://127.0.0.1:80");
        assert_eq!(address("[::]:80", None).unwrap(), "http://[::1]:80");
        let error = address("127.0.0.1:0", None).unwrap_err().to_string();
        assert!(error.contains("--from"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("port");
        std::fs::write(&file, "4711\n").unwrap();
        assert_eq!(address("127.0.0.1:0", Some(file)).unwrap(), "http://127.0.0.1:4711");
    }
}
