//! A desk of the city in memory, for this crate's tests: it judges as a server does, and loses what
//! the tests tell it to lose.

use std::cell::Cell;

use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::cosignature;
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::log::tile::{EntriesPath, TilePath};
use veche_protocol::name::LogPath;
use veche_protocol::signature::SigningKey;

use crate::api::Source;
use crate::api::problem::Problem;
use crate::authority::desk::Desk;
use crate::error::ClientError;
use crate::test_city::{TestCity, key};

/// What gets lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    Nothing,
    Entry,
    Answer,
}

pub(crate) struct TestDesk<'a> {
    pub(crate) city: &'a TestCity,
    pub(crate) loss: Cell<Loss>,
    /// Entries handed in, refused and lost ones among them.
    pub(crate) seen: Cell<usize>,
}

impl<'a> TestDesk<'a> {
    pub(crate) fn new(city: &'a TestCity) -> Self {
        Self { city, loss: Cell::new(Loss::Nothing), seen: Cell::new(0) }
    }
}

impl Desk for TestDesk<'_> {
    fn submit(&self, log: &LogPath, entry: &[u8]) -> Result<Receipt, ClientError> {
        self.seen.set(self.seen.get() + 1);
        if self.loss.get() == Loss::Entry {
            return Err(ClientError::TimeOut { url: String::new() });
        }
        // RECEIPT-5: the same bytes are one entry.
        let stands = self.city.logs.borrow()[log].iter().position(|bytes| bytes == entry);
        let index = if let Some(index) = stands {
            index as u64
        } else {
            let index = self.city.push(log, entry);
            // It knows of itself what is not public yet.
            let poll = self.city.inside(|| self.city.poll(&self.city.read()));
            if let Some((_, breach)) = poll.rejected().iter().find(|(at, _)| *at == index) {
                self.city.logs.borrow_mut().get_mut(log).unwrap().pop();
                let (code, title) = (breach.code().to_owned(), String::new());
                let problem = Problem { status: 409, code, title, detail: String::new() };
                return Err(ClientError::Refused(problem));
            }
            index
        };
        if self.loss.get() == Loss::Answer {
            return Err(ClientError::TimeOut { url: String::new() });
        }
        Ok(self.city.receipt(log, index))
    }
}

/// The city's files with the cosignatures of a witness who has seen only some of its logs.
pub(crate) struct Witnessed<'a> {
    pub(crate) city: &'a TestCity,
    pub(crate) logs: Vec<LogPath>,
}

impl Witnessed<'_> {
    const NAME: &'static str = "witness.example.org";

    fn key() -> SigningKey {
        key(60)
    }

    /// The policy that asks for this witness.
    pub(crate) fn policy() -> String {
        let witness = VerifierKey::cosignature(Self::NAME, Self::key().key()).unwrap();
        format!("witness w {witness}\nquorum w\n")
    }
}

impl Source for Witnessed<'_> {
    fn checkpoint(&self, log: &LogPath) -> Result<Vec<u8>, ClientError> {
        let bytes = self.city.checkpoint(log)?;
        if !self.logs.contains(log) {
            return Ok(bytes);
        }
        let head = SignedCheckpoint::parse(&bytes, &self.city.pins.verifier(log)).unwrap();
        let mut note = head.into_note();
        let line = cosignature::sign(note.text(), 2_500, &Self::key(), Self::NAME).unwrap();
        note.add_signature(line).unwrap();
        Ok(note.to_string().into_bytes())
    }

    fn bundle(&self, log: &LogPath, path: EntriesPath) -> Result<Option<Vec<u8>>, ClientError> {
        self.city.bundle(log, path)
    }

    fn tile(&self, log: &LogPath, path: TilePath) -> Result<Option<Vec<u8>>, ClientError> {
        self.city.tile(log, path)
    }
}
