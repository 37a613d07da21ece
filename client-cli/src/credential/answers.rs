//! The issuers' answers on a poll's log, by the request that they answer.
//!
//! Read once for as many credentials as one likes. Not here: whether they hold, which the poll's
//! fold has judged.

use std::collections::HashMap;

use veche_protocol::entry::Payload;

use crate::poll_copy::PollCopy;

/// For requests by their index in the log, the blind signature of each issuer who has answered.
#[derive(Clone, Debug, Default)]
pub struct Answers(HashMap<u64, Vec<Option<Vec<u8>>>>);

impl Answers {
    /// The answers that stand on this log.
    pub fn of(poll: &PollCopy) -> Self {
        Self::gather(poll, |_| true)
    }

    /// The answers to one request.
    pub fn to_one(poll: &PollCopy, index: u64) -> Self {
        Self::gather(poll, |request| request == index)
    }

    fn gather(poll: &PollCopy, is_wanted: impl Fn(u64) -> bool) -> Self {
        let mut answers: HashMap<u64, Vec<Option<Vec<u8>>>> = HashMap::new();
        let Some(begun) = poll.fold().begun() else { return Self::default() };
        let issuance = begun.issuance();
        for (index, entry) in poll.log().decoded_from(0) {
            let Ok(entry) = entry else { continue };
            let Payload::Issued(issued) = entry.payload() else { continue };
            // ENTRY-13: an entry that is refused answers nothing.
            let stands = poll.rejected().binary_search_by_key(&index, |&(index, _)| index).is_err();
            let place = entry.signers().next().and_then(|key| issuance.find(key));
            let Some(place) = place.filter(|_| stands) else { continue };
            for (request, signature) in &issued.signatures {
                if is_wanted(*request) {
                    let given = answers.entry(*request);
                    let given = given.or_insert_with(|| vec![None; issuance.issuers.len()]);
                    given[place] = Some(signature.clone());
                }
            }
        }
        Self(answers)
    }

    /// What each issuer has answered to the request at this index; nothing if none has.
    pub fn to(&self, index: u64) -> &[Option<Vec<u8>>] {
        self.0.get(&index).map_or(&[], Vec::as_slice)
    }
}
