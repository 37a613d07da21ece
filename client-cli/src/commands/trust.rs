//! `veche trust`: pin a city.

use std::path::PathBuf;

use clap::Args;
use veche_keys::private_file;
use veche_protocol::log::policy::Policy;

use crate::city::City;
use crate::commands::Global;
use crate::error::ClientError;
use crate::trust::{Pins, Trust};

/// Pin a city, so that everything it shows later is held against it.
///
/// Without a policy the first answer is believed, and a warning says so: compare the instance id
/// with the one that the city has made public elsewhere. With --instance it is compared here. With
/// a policy (C2SP tlog-policy) the register's key and the witnesses come from that file.
#[derive(Debug, Args)]
pub(super) struct TrustCommand {
    /// Address of the city's server.
    address: String,
    /// The instance id that you were told elsewhere, in hex.
    #[arg(long, value_name = "HEX")]
    instance: Option<String>,
    /// A policy file: the register's key, the witnesses, and how many must agree.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl TrustCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let path = global.trust_path();
        let api = global.server(&self.address)?;
        let policy = self.policy.as_ref().map(|file| private_file::read_text(file)).transpose()?;
        let pins = match &policy {
            None => Pins::on_first_use(&api)?,
            Some(text) => {
                let policy = Policy::parse(text.as_bytes());
                Pins::by_policy(&api, &policy.map_err(|e| ClientError::usage(e.to_string()))?)?
            }
        };
        if let Some(told) = &self.instance
            && *told != pins.instance.to_string()
        {
            let text = format!("this server's instance id is {}, not {told}", pins.instance);
            return Err(ClientError::Usage(text));
        }
        if let Some(old) = Trust::load(&path)?
            && old.pins != pins
        {
            let file = path.display();
            return Err(ClientError::Usage(format!(
                "{file} pins another city ({}); remove the file if you mean to, or use --trust",
                old.pins.domain()
            )));
        }
        let city = City::read(&api, &pins)?;
        let mut trust = Trust::new(api.base(), pins, policy);
        trust.check_and_note(city.log())?;
        trust.save(&path)?;
        println!("city {}", city.register().genesis().city);
        println!("domain {}", trust.pins.domain());
        println!("instance {}", trust.pins.instance);
        println!("register {}", trust.pins.register);
        if self.instance.is_none() && self.policy.is_none() {
            eprintln!("WARNING: believed on first use. Compare the instance id above with the one");
            eprintln!("the city has published elsewhere before you rely on it.");
        }
        Ok(())
    }
}
