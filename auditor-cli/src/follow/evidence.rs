//! The folders in which a monitor keeps what is wrong, one for each discovery.
//!
//! Each has a README that says what was found, when, and how somebody else checks it with what lies
//! beside. Not here: what is found.

use std::path::{Path, PathBuf};

use crate::replica::ReplicaError;
use crate::replica::discovery::{Discovery, Weight};
use crate::replica::files::Files;
use crate::words::date::utc;
use crate::words::visible;

/// Where evidence is kept.
#[derive(Debug)]
pub(super) struct Evidence {
    folder: PathBuf,
}

impl Evidence {
    /// Below the monitor's folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("evidence") }
    }

    /// Keeps what a discovery has to show; where, if it is more than good to know.
    pub(super) fn keep(
        &self,
        files: &Files,
        discovery: &Discovery,
        id: &str,
        now: u64,
    ) -> Result<Option<PathBuf>, ReplicaError> {
        if discovery.weight == Weight::Notice {
            return Ok(None);
        }
        let name = format!("{}-{id}", discovery.code);
        let mut kept: Vec<_> = discovery
            .exhibits
            .iter()
            .map(|exhibit| (format!("evidence/{name}/{}", exhibit.name), exhibit.bytes.as_slice()))
            .collect();
        // MONITOR-5: a line on how a stranger checks it; last, so that it speaks of what is there.
        let readme = readme(discovery, now);
        kept.push((format!("evidence/{name}/README"), readme.as_bytes()));
        files.write_all(&kept)?;
        Ok(Some(self.folder.join(name)))
    }
}

fn readme(discovery: &Discovery, now: u64) -> String {
    let check = match (discovery.check.as_str(), discovery.weight) {
        ("", Weight::Proof) => "What lies beside this proves it by itself.",
        ("", _) => "Nothing that lies here proves it: look for yourself, while it lasts.",
        (check, _) => check,
    };
    let files: Vec<_> = discovery.exhibits.iter().map(|file| file.name.as_str()).collect();
    let files = if files.is_empty() { "none".to_owned() } else { files.join(", ") };
    format!(
        "{} ({})\n{}\nfound {} ({now})\nfiles: {files}\nto check: {check}\n",
        discovery.code,
        discovery.weight.name(),
        visible(&discovery.words),
        utc(now),
    )
}
