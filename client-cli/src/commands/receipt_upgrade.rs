//! `veche receipt upgrade`: brings what came later: a head that witnesses have cosigned, and the
//! register's anchor.
//!
//! Not here: what a grown receipt proves, in words ([`super::receipt_parts`]), and the receipts of
//! a book ([`super::receipt_book`]).

use std::path::{Path, PathBuf};

use clap::Args;
use veche_protocol::log::checkpoint::Checkpoint;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use crate::api::Source;
use crate::city::City;
use crate::commands::Global;
use crate::commands::following::{Followed, WaitArgs};
use crate::commands::receipt_file::FileArgs;
use crate::error::ClientError;
use crate::growth::{Promise, anchor};
use crate::patience::{INTERVAL, Witnessing, look_until};
use crate::receipts::{ReceiptFile, fork_beside, grown_beside, save_grown};
use crate::terminal::PassphraseSource;
use crate::trust::Pins;
use crate::witnesses::{Sight, policy_for};

/// Bring a receipt up to date: a later head that witnesses have cosigned, the register's anchor.
///
/// The receipt that you have stays as it is, and is the first part of what is written (a file that
/// ends in .grown). The second is the same entry below the log's public head, cosigned as the
/// policy of your trust file asks, with the proof that this head extends the first. The third, once
/// there is one, is an entry of the register that names a head of this log which holds your entry,
/// below a head of the register that witnesses have cosigned too.
///
/// If too few witnesses have cosigned, it waits for some seconds, says who is missing and writes
/// nothing: run it again later. If the public head contradicts your receipt, the proof is written
/// beside the receipt.
#[derive(Debug, Args)]
pub(super) struct UpgradeCommand {
    #[command(flatten)]
    file: FileArgs,
    /// Your book of the poll, whose receipts are brought up to date in it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "voter", "ballot", "out"])]
    pub(super) book: Option<PathBuf>,
    /// The server, or a mirror of its public files; by default the one that you have pinned.
    #[arg(long, value_name = "URL")]
    pub(super) against: Option<String>,
    /// Where the grown receipt is written; by default beside the receipt.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) wait: WaitArgs,
    #[command(flatten)]
    pub(super) passphrase: PassphraseSource,
}

impl UpgradeCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        if let Some(book) = &self.book {
            return self.upgrade_book(book, global);
        }
        let mut loaded = self.file.load(global)?;
        let file = self.file.path();
        let address = self.against.as_ref().or(global.url.as_ref()).unwrap_or(&loaded.url);
        let api = global.server(address)?;
        let grown = self.grow(
            &api,
            &loaded.pins,
            &loaded.promise(),
            loaded.policy.as_ref(),
            &fork_beside(file),
        )?;
        let out = self.out.clone().unwrap_or_else(|| grown_beside(file));
        save_grown(&out, &grown)?;
        loaded.file = ReceiptFile::Grown(Box::new(grown));
        loaded.say()?;
        println!("the grown receipt is in {}", out.display());
        Ok(())
    }

    fn grow(
        &self,
        source: &impl Source,
        pins: &Pins,
        promise: &Promise<'_>,
        policy: Option<&Policy>,
        fork: &Path,
    ) -> Result<GrownReceipt, ClientError> {
        let followed = self.wait.follow(source, promise, policy, INTERVAL, fork)?;
        let grown = match followed {
            Followed::Grown(grown, _) => *grown,
            Followed::Provisional(why) => {
                return Err(ClientError::NotYet(format!("your receipt stays as it is: {why}")));
            }
        };
        let city = self.register(source, pins, policy)?;
        let distrust = || ClientError::distrust("the receipt");
        let later = Checkpoint::parse(grown.later().note().text()).map_err(distrust())?;
        match anchor(source, &city, promise, &later)? {
            Some(anchor) => grown.with_anchor(anchor).map_err(distrust()),
            None => Ok(grown),
        }
    }

    /// The register, below a head that the policy accepts if one comes in time.
    pub(super) fn register(
        &self,
        source: &impl Source,
        pins: &Pins,
        policy: Option<&Policy>,
    ) -> Result<City, ClientError> {
        let mut city = City::read(source, pins)?;
        let Some(policy) = policy_for(policy, &LogPath::Register) else { return Ok(city) };
        let mut look = || {
            let note = city.log().signed_head().note();
            let sight = Sight::of(policy, note);
            let sight = sight.map_err(ClientError::distrust("the head of the register"))?;
            if !sight.is_enough() {
                city.read_on(source)?;
            }
            Ok(sight.is_enough())
        };
        look_until(self.wait.limit(INTERVAL, Witnessing::Asked), &mut look, |is_done| *is_done)?;
        Ok(city)
    }
}
