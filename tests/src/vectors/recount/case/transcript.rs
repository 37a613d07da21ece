//! The transcript of a case (spec/audit.md, AUDIT-10), put together from the entries and from what
//! the case expects. Not here: the report.

use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::empty_root;
use veche_protocol::name::LogType;
use veche_protocol::poll::acts::{Head, Open, seen_by};

use super::{Case, Found, place};

/// Codes of step A4 that judge an entry which stands: they refuse nothing.
const JUDGED_LATER: [&str; 4] = ["opened-early", "closed-early", "held-open", "anchor-missing"];

impl Case {
    /// The transcript, from the entries and from what the case expects .
    pub(super) fn transcript(&self) -> Vec<u8> {
        let log = self.city.logs.get(&self.poll);
        let ends = [Kind::Certify.number(), Kind::Cancel.number()];
        let last = self.standing.last().copied();
        let all = || self.readable.unwrap_or_else(|| log.map_or(0, |log| log.entries.len()));
        let size = match last {
            Some((kind, index)) if ends.contains(&kind) => place(index) + 1,
            _ => all(),
        };
        let nothing = Head { size: 0, root: empty_root() };
        let own = log.map_or(nothing, |log| log.head_at(size));
        let register = last.map_or(nothing, |(_, index)| {
            seen_by(&self.payload(index)).expect("a phase entry").register
        });
        let mut encoder = Encoder::new();
        encoder.array(9).text("veche/transcript/v1").bytes(&self.city.instance.0);
        encoder.text(&self.poll.origin(&self.city.domain));
        for head in [own, register] {
            encoder.array(2).uint(head.size).bytes(&head.root.0);
        }
        let pins = self.pinning().map_or_else(Vec::new, |pinning| pinning.pins);
        encoder.list(&pins, |encoder, pin| {
            encoder.array(3).text(&pin.origin).uint(pin.head.size).bytes(&pin.head.root.0);
        });
        encoder.list(&self.standing, |encoder, (kind, index)| {
            encoder.array(2).uint(*kind).uint(*index);
        });
        encoder.list(&self.refused_entries(size as u64), |encoder, (index, code)| {
            encoder.array(2).uint(*index).text(code);
        });
        match &self.result {
            Some(result) => result.encode(&mut encoder),
            None => drop(encoder.null()),
        }
        encoder.finish()
    }

    pub(super) fn payload(&self, index: u64) -> Payload {
        let bytes = self.city.at(&self.poll).entries[place(index)].clone();
        SignedEntry::decode(LogType::Poll, bytes).expect("a standing entry").payload().clone()
    }

    /// What the standing pinning entry says: the Begin or, where there is none, the Open.
    fn pinning(&self) -> Option<Open> {
        let pinning = [Kind::Begin.number(), Kind::Open.number()];
        let (_, index) = self.standing.iter().find(|(kind, _)| pinning.contains(kind))?;
        match self.payload(*index) {
            Payload::Begin(pinning) | Payload::Open(pinning) => Some(pinning),
            _ => None,
        }
    }

    fn refused_entries(&self, size: u64) -> Vec<(u64, &'static str)> {
        let poll = self.poll.to_string();
        let mut refused: Vec<_> = self
            .findings
            .iter()
            .filter(|Found(step, code, log, ..)| {
                *log == poll
                    && ["A1", "A4", "A6", "A7", "A8", "A9", "A10"].contains(step)
                    && !JUDGED_LATER.contains(code)
            })
            .filter_map(|Found(_, code, _, index, _)| Some((index.filter(|i| *i < size)?, *code)))
            .collect();
        refused.sort_unstable();
        refused
    }
}
