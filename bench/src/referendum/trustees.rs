//! Three trustees who hold a ceremony on the poll's log, and lay two shares open after the close.
//!
//! Not here: trustees who are silent, wrong or guilty.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::ceremony::{Dealer, KeyShare, TransportSecret, TrusteeIndex};
use veche_protocol::entry::Payload;
use veche_protocol::poll::ceremony_fold::CeremonyFold;
use veche_protocol::poll::trusteeship::{Deal, Join, Ready, Share};

use crate::founding::{THRESHOLD, trustees};
use crate::town::Town;

/// The first ceremony, which nobody disturbs.
const CEREMONY: u64 = 1;

/// What the trustees keep: each its share.
#[derive(Debug)]
pub struct Trustees(Vec<(TrusteeIndex, KeyShare)>);

/// A trustee in the ceremony.
struct Member {
    name: &'static str,
    index: TrusteeIndex,
    secret: TransportSecret,
    dealer: Dealer,
}

impl Trustees {
    /// The trustees make the election key of the poll that is announced.
    pub fn hold_ceremony(town: &Town) -> Result<Self> {
        let mut rng = StdRng::from_seed([3; 32]);
        let mut members = Vec::new();
        for (place, name) in (1..).zip(trustees()) {
            let index = TrusteeIndex::new(place).context("there are three trustees")?;
            let secret = TransportSecret::generate(&mut rng);
            let dealer = Dealer::generate(index, THRESHOLD, &mut rng)?;
            members.push(Member { name, index, secret, dealer });
        }
        let context = ceremony(town)?.context();
        for member in &members {
            let commitment_hash = member.dealer.dealing().commitment_hash(&context, member.index);
            let transport_key = *member.secret.key().as_bytes();
            let join = Join { ceremony: CEREMONY, transport_key, commitment_hash };
            town.act(&town.poll, &Payload::Join(join), &[member.name])?;
        }
        let keys = ceremony(town)?.transport_keys();
        for member in &members {
            let shares = member.dealer.deal(context, &member.secret, &keys).into_iter().collect();
            let dealing = member.dealer.dealing().clone();
            let deal = Deal { ceremony: CEREMONY, dealing, shares };
            town.act(&town.poll, &Payload::Deal(deal), &[member.name])?;
        }
        let dealt = ceremony(town)?;
        let mut keepers = Vec::new();
        for member in &members {
            keepers.push((member.index, member.share(&dealt)?));
            let (transcript, key) = dealt.outcome().context("every trustee has dealt")?;
            let election_key = *key.as_bytes();
            let ready = Ready { ceremony: CEREMONY, transcript, election_key };
            town.act(&town.poll, &Payload::Ready(ready), &[member.name])?;
        }
        Ok(Self(keepers))
    }

    /// As many of them as it takes lay their shares open.
    pub fn open(&self, town: &Town) -> Result<()> {
        let names = trustees();
        for (index, share) in self.0.iter().take(usize::from(THRESHOLD)) {
            let head = town.engine.log(&town.poll).context("the poll has a log")?.head.head();
            let share = Share { head, key_share: *share.to_bytes() };
            let name = names[usize::from(index.get()) - 1];
            town.act(&town.poll, &Payload::Share(share), &[name])?;
        }
        Ok(())
    }
}

impl Member {
    /// The sum of what was dealt to this trustee.
    fn share(&self, ceremony: &CeremonyFold) -> Result<KeyShare> {
        let mut shares = BTreeMap::from([(self.index, self.dealer.own_share())]);
        for (other, _) in ceremony.participants().filter(|(other, _)| *other != self.index) {
            let dealt = ceremony.dealt(other, self.index).zip(ceremony.channel(other, self.index));
            let ((dealing, share), channel) = dealt.context("every trustee has dealt")?;
            shares.insert(other, channel.receive(&self.secret, share, dealing)?);
        }
        Ok(KeyShare::sum(&shares))
    }
}

fn ceremony(town: &Town) -> Result<Arc<CeremonyFold>> {
    let poll = town.engine.poll(&town.poll).context("the poll is announced")?;
    poll.ceremony.context("a sealed poll has a ceremony")
}
