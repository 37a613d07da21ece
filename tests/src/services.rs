//! The issuers and trustees of a referendum: each a process of its own, with its own key, its own
//! files and its own reading of the logs, started as its organisation would start it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::ensure;
use veche_client::trust::Pins;
use veche_keys::key_file::{generate, write_plain};
use veche_keys::private_file::{self, Existing};
use veche_protocol::blind_rsa::ModulusBits;
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, Trustees};
use veche_protocol::poll::definition::{Definition, Identity, Secrecy};
use veche_protocol::signature::SigningKey;

use crate::programs::Programs;

/// The issuers: two, since one alone could cast in place of who asks and does not vote.
const ISSUERS: [&str; 2] = ["Chamber of Notaries", "University of Wieliczka"];
/// The trustees.
const TRUSTEES: [&str; 3] = ["Court of Auditors", "Bar Association", "League of Voters"];
/// How many trustees are needed: any two of the three.
const THRESHOLD: u8 = 2;
/// Their modulus. A blind signature of 2048 bits takes 0.4 ms of a core and one of 3072, the
/// default, 1.1 ms: the demo's 13,172 of them are 5 or 14 s.
/// What is hidden here is over in a minute.
const BITS: ModulusBits = ModulusBits::Rsa2048;
/// Milliseconds between the poll's public heads: the least there is, since a voter waits for one.
const INTERVAL: u64 = 100;
/// Milliseconds between two looks of a program at the log.
const LOOKS: &str = "500";
/// Longest wait for a service to end by itself.
const END: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(50);

/// Who issues, and who holds the key.
#[derive(Debug)]
pub struct Authorities {
    issuers: Vec<(Authority, SigningKey)>,
    trustees: Vec<(Authority, SigningKey)>,
}

impl Authorities {
    /// Two issuers and three trustees with fresh keys.
    pub fn generate() -> anyhow::Result<Self> {
        let named = |labels: &[&str]| {
            let named = labels.iter().map(|&label| {
                let key = generate()?;
                Ok((Authority { key: key.key(), label: label.to_owned() }, key))
            });
            let mut named = named.collect::<anyhow::Result<Vec<_>>>()?;
            // ENTRY-6: ascending by key, and so is their place in the definition.
            named.sort_by_key(|(authority, _)| authority.key);
            anyhow::Ok(named)
        };
        Ok(Self { issuers: named(&ISSUERS)?, trustees: named(&TRUSTEES)? })
    }

    /// Makes a definition that of a referendum: anonymous and sealed.
    pub fn appoint(&self, definition: &mut Definition) {
        let all = |named: &[(Authority, SigningKey)]| {
            named.iter().map(|(authority, _)| authority.clone()).collect()
        };
        definition.identity = Identity::Anonymous;
        definition.secrecy = Secrecy::Sealed;
        let (bits, issuing) = (BITS, Issuing::UntilOpen);
        definition.issuance = Some(Issuance { bits, issuing, issuers: all(&self.issuers) });
        definition.trustees = Trustees { threshold: THRESHOLD, members: all(&self.trustees) };
        definition.interval = INTERVAL;
    }

    /// Starts every issuer and trustee.
    pub fn start(&self, place: &Place<'_>) -> anyhow::Result<Services> {
        let start = |named: &[(Authority, SigningKey)], role: &str, action: &str| {
            let services = named.iter().enumerate().map(|(number, (authority, key))| {
                place.start(
                    &format!("{role}-{}", number + 1),
                    &authority.label,
                    key,
                    [role, action],
                )
            });
            services.collect::<anyhow::Result<Vec<_>>>()
        };
        Ok(Services {
            issuers: start(&self.issuers, "issuer", "serve")?,
            trustees: start(&self.trustees, "trustee", "run")?,
        })
    }
}

/// Where the organisations work, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The programs of this workspace.
    pub programs: &'a Programs,
    /// In which each gets a folder of its own: `issuer-1`, `trustee-1` and so on.
    pub folder: &'a Path,
    /// The city's server.
    pub url: &'a str,
    /// What identifies the city.
    pub pins: &'a Pins,
    /// Id of the poll.
    pub poll: &'a str,
    /// Which witnesses all of them believe, if they ask for any: a policy.
    pub policy: Option<&'a Path>,
}

impl Place<'_> {
    /// A folder of its own, with the key and what the organisation believes of the city.
    fn start(
        &self,
        name: &str,
        label: &str,
        key: &SigningKey,
        action: [&str; 2],
    ) -> anyhow::Result<Service> {
        let folder = self.folder.join(name);
        fs::create_dir(&folder)?;
        let key_file = folder.join("key.pem");
        private_file::write(&key_file, write_plain(key).as_bytes(), Existing::Keep)?;
        let veche = |arguments: &[&str]| {
            let mut command = self.programs.command("veche");
            command.current_dir(&folder).env("VECHE_TRUST", folder.join("trust.toml"));
            command.args(arguments);
            command
        };
        let instance = self.pins.instance.to_string();
        let mut pin = veche(&["trust", self.url, "--instance", &instance]);
        pin.args(self.policy.map(|_| "--policy")).args(self.policy);
        let pinned = pin.output()?;
        ensure!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
        let log = folder.join("log");
        let mut command = veche(&action);
        command.args([self.poll, "--key", "key.pem", "--state", "state", "--plain"]);
        command.args(["--poll-interval", LOOKS]);
        Service::spawn(label, command, log)
    }
}

/// The processes of a referendum.
#[derive(Debug)]
pub struct Services {
    issuers: Vec<Service>,
    trustees: Vec<Service>,
}

impl Services {
    /// Kills a trustee on the spot, by its number from 1 on; gives its name.
    pub fn kill_trustee(&mut self, number: usize) -> anyhow::Result<String> {
        ensure!((1..=self.trustees.len()).contains(&number), "there is no trustee {number}");
        let mut trustee = self.trustees.remove(number - 1);
        trustee.child.kill()?;
        trustee.child.wait()?;
        Ok(trustee.label.clone())
    }

    /// Whether all that are left have ended well by themselves.
    pub fn have_ended(&mut self) -> anyhow::Result<bool> {
        let mut all = true;
        for service in self.issuers.iter_mut().chain(&mut self.trustees) {
            all &= service.ends_well()?;
        }
        Ok(all)
    }

    /// That none has given up.
    pub fn check(&mut self) -> anyhow::Result<()> {
        for service in self.issuers.iter_mut().chain(&mut self.trustees) {
            let ended = service.child.try_wait()?.filter(|status| !status.success());
            let said = fs::read_to_string(&service.log).unwrap_or_default();
            ensure!(ended.is_none(), "{} has given up:\n{said}", service.label);
        }
        Ok(())
    }
}

/// One organisation's program. It is ended when this is dropped.
#[derive(Debug)]
struct Service {
    label: String,
    child: Child,
    log: PathBuf,
}

impl Service {
    fn spawn(label: &str, mut command: Command, log: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&log)?;
        let child = command.stdout(file.try_clone()?).stderr(file).spawn()?;
        Ok(Self { label: label.to_owned(), child, log })
    }

    fn ends_well(&mut self) -> anyhow::Result<bool> {
        let end = Instant::now() + END;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            if Instant::now() > end {
                return Ok(false);
            }
            sleep(PAUSE);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _gone = self.child.kill();
            let _status = self.child.wait();
        }
    }
}
