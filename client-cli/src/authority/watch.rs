//! A poll watched from genesis on: read, verified, and read on.
//!
//! Not here: what is done about what is seen.

use veche_protocol::breach::Breach;
use veche_protocol::entry::SignedEntry;
use veche_protocol::log::policy::Policy;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::LogPath;

use crate::api::Source;
use crate::city::City;
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::poll_copy::PollCopy;
use crate::receipts;
use crate::trust::Trust;

/// One poll, its register and its rolls, as far as they were read.
#[derive(Debug)]
pub struct PollWatch {
    trust: Trust,
    policy: Option<Policy>,
    path: LogPath,
    city: City,
    /// Once it is announced.
    poll: Option<PollCopy>,
}

impl PollWatch {
    /// Reads the city and, if it is announced, the poll, from genesis; holds both against the heads
    /// that `trust` remembers.
    pub fn read(
        source: &impl Source,
        trust: Trust,
        id: &str,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ClientError> {
        let policy = trust.read_policy()?.filter(Policy::asks_for_witnesses);
        let city = City::read(source, &trust.pins)?;
        let path = LogPath::Poll(id.to_owned());
        let mut watch = Self { trust, policy, path, city, poll: None };
        watch.begin(source, progress)?;
        watch.note()?;
        Ok(watch)
    }

    /// Reads on to the present heads.
    pub fn read_on(&mut self, source: &impl Source) -> Result<(), ClientError> {
        if let Some(poll) = &mut self.poll {
            poll.read_on(source, &mut self.city)?;
        } else {
            self.city.read_on(source)?;
            self.begin(source, &mut |_, _| {})?;
        }
        self.note()
    }

    fn begin(
        &mut self,
        source: &impl Source,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        if self.city.has_log(&self.path) {
            let log = self.city.read_log(source, &self.path, progress)?;
            // The register then holds whatever the officers had seen who signed what was read.
            self.city.read_on(source)?;
            self.poll = Some(PollCopy::of_log(source, &self.city, log)?);
        }
        Ok(())
    }

    /// CRED-9, CEREMONY-14: what was verified once is held against whatever is shown later.
    fn note(&mut self) -> Result<(), ClientError> {
        self.trust.check_and_note(self.city.log())?;
        let log = self.poll.as_ref().map(PollCopy::log);
        log.map_or(Ok(()), |log| self.trust.check_and_note(log))
    }

    /// Whether the policy accepts the heads up to which register and poll were read.
    pub fn is_accepted(&self) -> Result<bool, ClientError> {
        let Some(policy) = &self.policy else { return Ok(true) };
        let is_accepted = |log: &LogCopy| {
            // LOG-15: as many witnesses as the quorum says.
            match policy.check_quorum(log.signed_head().note()) {
                Ok(_) => Ok(true),
                Err(Breach::QuorumMissing) => Ok(false),
                Err(breach) => {
                    Err(ClientError::distrust(format!("the head of {}", log.path()))(breach))
                }
            }
        };
        let poll = self.poll.as_ref().map_or(Ok(true), |poll| is_accepted(poll.log()))?;
        Ok(poll && is_accepted(self.city.log())?)
    }

    /// Checks the receipt for an entry of this poll; returns its index.
    pub fn check_receipt(
        &self,
        receipt: &Receipt,
        entry: &SignedEntry,
    ) -> Result<u64, ClientError> {
        let verifier = self.trust.pins.verifier(&self.path);
        receipts::verify(receipt, entry.bytes(), &verifier)?;
        Ok(receipt.index())
    }

    /// The poll, once it is announced.
    pub const fn poll(&self) -> Option<&PollCopy> {
        self.poll.as_ref()
    }

    /// The city.
    pub const fn city(&self) -> &City {
        &self.city
    }

    /// The log of the poll.
    pub const fn path(&self) -> &LogPath {
        &self.path
    }

    /// What is believed, with the heads up to which was read.
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::log::tile::{EntriesPath, TilePath};

    use super::*;
    use crate::test_city::{POLL, TestCity, poll_path};

    /// A city in which something happens whenever the register is looked at.
    struct Busy<'a>(&'a TestCity);

    impl Source for Busy<'_> {
        fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
            if *log == LogPath::Register {
                self.0.push(&poll_path(), b"noise");
                self.0.anchor();
            }
            self.0.checkpoint(log)
        }

        fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
            self.0.bundle(log, path)
        }

        fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
            self.0.tile(log, path)
        }
    }

    #[test]
    fn an_anchor_of_what_is_not_read_yet_is_no_evidence_and_a_fork_is() {
        let city = TestCity::with_sealed_poll();
        let trust = Trust::new("http://127.0.0.1:1", city.pins.clone(), None);
        let mut watch = PollWatch::read(&Busy(&city), trust, POLL, &mut |_, _| {}).unwrap();
        let mut size = watch.poll().unwrap().log().size();
        for _ in 0..3 {
            watch.read_on(&Busy(&city)).unwrap();
            assert!(watch.poll().unwrap().log().size() > size, "it reads on");
            size = watch.poll().unwrap().log().size();
        }
        // What the register has anchored meanwhile is exchanged before it is read.
        let mut log = city.logs.borrow_mut().remove(&poll_path()).unwrap();
        *log.last_mut().unwrap() = b"other".to_vec();
        city.logs.borrow_mut().insert(poll_path(), log);
        assert_eq!(watch.read_on(&city).unwrap_err().code(), Breach::AnchorFork.code());
    }
}
