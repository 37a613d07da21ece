//! What the register adds up to: the officers over time, the logs of the city, their anchors
//! (spec/register.md).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::breach::Breach;
use crate::entry::{Binding, Payload, SignedEntry};
use crate::hash::Hash;
use crate::log::checkpoint::parse_signed;
use crate::log::note::VerifierKey;
use crate::name::LogPath;
use crate::register::anchor_list::{Anchor, AnchorList};
use crate::register::{Anchors, CommissionKeys, Genesis, LogAnnouncement, OfficerList, Role};
use crate::signature::Key;

/// Where the register announces a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncedLog {
    /// Index of the announcement in the register.
    pub index: u64,
    /// Leaf hash of the log's entry 0.
    pub first: Hash,
}

/// The anchors of a log that has none.
static NO_ANCHORS: AnchorList = AnchorList::new();

/// The register up to some size. Entries that are refused leave no trace in it. A copy shares what
/// grows with the years: lists of officers and anchors.
#[derive(Clone, Debug)]
pub struct RegisterFold {
    instance: Hash,
    genesis: Genesis,
    verifier: VerifierKey,
    /// Each list with the index of the entry that brought it, ascending.
    officers: Vec<(u64, Arc<OfficerList>)>,
    commission: CommissionKeys,
    /// Leaf hash of the last entry on officers or commission, under which the next one acts.
    governance: Hash,
    governance_index: u64,
    logs: BTreeMap<String, AnnouncedLog>,
    anchors: BTreeMap<Arc<str>, Arc<AnchorList>>,
    last_anchors: Option<u64>,
}

impl RegisterFold {
    /// Begins with the register's entry 0.
    pub fn begin(entry: &SignedEntry) -> Result<Self, Breach> {
        // REG-1: the first entry is a genesis, signed by the whole commission and the log key.
        let Payload::Genesis(genesis) = entry.payload() else {
            return Err(Breach::GenesisMissing);
        };
        let mut signers: Vec<Key> = genesis.commission.keys.clone();
        signers.push(genesis.log_key);
        signers.sort_unstable();
        if !entry.signers().eq(signers.iter()) {
            return Err(Breach::GenesisMissing);
        }
        let origin = LogPath::Register.origin(&genesis.domain);
        let binding = Binding { instance: Hash::ZERO, origin: &origin, under: Hash::ZERO };
        entry.verify(&binding).map_err(|_| Breach::GenesisMissing)?;
        let verifier = VerifierKey::ed25519(&origin, genesis.log_key)?;
        Ok(Self {
            instance: entry.leaf(),
            verifier,
            officers: vec![(0, Arc::new(genesis.officers.clone()))],
            commission: genesis.commission.clone(),
            governance: entry.leaf(),
            governance_index: 0,
            logs: BTreeMap::new(),
            anchors: BTreeMap::new(),
            last_anchors: None,
            genesis: genesis.clone(),
        })
    }

    /// Judges the entry at `index` (1 or more), and takes it in if the law allows it. `root_at`
    /// gives the register's own root at a size up to `index`.
    pub fn admit(
        &mut self,
        entry: &SignedEntry,
        index: u64,
        root_at: impl FnOnce(u64) -> Option<Hash>,
    ) -> Result<(), Breach> {
        match entry.payload() {
            Payload::Officers(officers) => {
                self.check_governance(entry)?;
                self.officers.push((index, Arc::new(officers.clone())));
                self.govern(entry, index);
            }
            Payload::Commission(commission) => {
                self.check_governance(entry)?;
                self.commission = commission.clone();
                self.govern(entry, index);
            }
            Payload::Log(log) => {
                self.check_operator(entry)?;
                self.check_new_log(log)?;
                let announced = AnnouncedLog { index, first: log.first };
                self.logs.insert(log.origin.clone(), announced);
            }
            Payload::Anchors(anchors) => {
                self.check_operator(entry)?;
                self.check_heads(anchors)?;
                self.check_own_checkpoint(anchors, index, root_at)?;
                for head in &anchors.heads {
                    let anchor = Anchor { index, size: head.size, root: head.root };
                    self.anchor(&head.origin, anchor);
                }
                self.last_anchors = Some(index);
            }
            // REG-2: a second beginning, or an entry of another log.
            _ => return Err(Breach::GenesisMissing),
        }
        Ok(())
    }

    fn anchor(&mut self, origin: &str, anchor: Anchor) {
        if let Some(list) = self.anchors.get_mut(origin) {
            Arc::make_mut(list).push(anchor);
        } else {
            let mut list = AnchorList::new();
            list.push(anchor);
            self.anchors.insert(origin.into(), Arc::new(list));
        }
    }

    /// Judges an entry on officers or commission without taking it in, and without copying
    /// anything: it is what a server asks first about an entry of a stranger.
    pub fn check_governance(&self, entry: &SignedEntry) -> Result<(), Breach> {
        match entry.payload() {
            Payload::Officers(officers) => {
                self.check_commission(entry, &self.commission.keys)?;
                self.check_disjoint(officers)
            }
            Payload::Commission(commission) => self.check_handover(entry, commission),
            // REG-2: a second beginning, or an entry of another log.
            _ => Err(Breach::GenesisMissing),
        }
    }

    fn govern(&mut self, entry: &SignedEntry, index: u64) {
        self.governance = entry.leaf();
        self.governance_index = index;
    }

    /// What an entry of this register is bound to, acting under `under`.
    fn binding(&self, under: Hash) -> Binding<'_> {
        Binding { instance: self.instance, origin: self.verifier.name(), under }
    }

    /// What the next entry on officers or commission is bound to.
    pub fn governance_binding(&self) -> Binding<'_> {
        self.binding(self.governance)
    }

    /// What the operator's entries are bound to.
    pub fn operator_binding(&self) -> Binding<'_> {
        self.binding(self.instance)
    }

    /// Enough members of the commission signed, and nobody but `allowed`.
    fn check_commission(&self, entry: &SignedEntry, allowed: &[Key]) -> Result<(), Breach> {
        // REG-3: members in force, as many as the threshold, and nobody else.
        let members = entry.signers().filter(|key| self.commission.keys.contains(key)).count();
        let strangers = entry.signers().any(|key| !allowed.contains(key));
        if members < usize::from(self.commission.threshold) || strangers {
            return Err(Breach::CommissionQuorum);
        }
        entry.verify(&self.governance_binding())
    }

    fn check_handover(&self, entry: &SignedEntry, next: &CommissionKeys) -> Result<(), Breach> {
        let mut allowed = self.commission.keys.clone();
        allowed.extend_from_slice(&next.keys);
        // REG-4: who is new to the commission shows by a signature to hold the key.
        let newcomers = next.keys.iter().filter(|key| !self.commission.keys.contains(key));
        if newcomers.into_iter().any(|key| !entry.signers().any(|signer| signer == key)) {
            return Err(Breach::CommissionQuorum);
        }
        self.check_commission(entry, &allowed)?;
        // REG-5: the operator is not its own master.
        if next.keys.contains(&self.genesis.log_key) {
            return Err(Breach::EntryFields);
        }
        Ok(())
    }

    fn check_disjoint(&self, officers: &OfficerList) -> Result<(), Breach> {
        // REG-5: nor its own officer.
        match officers.find(&self.genesis.log_key) {
            Some(_) => Err(Breach::EntryFields),
            None => Ok(()),
        }
    }

    fn check_operator(&self, entry: &SignedEntry) -> Result<(), Breach> {
        // REG-6: the operator alone.
        if !entry.signers().eq([&self.genesis.log_key]) {
            return Err(Breach::NotSignedByLog);
        }
        entry.verify(&self.operator_binding())
    }

    fn check_new_log(&self, log: &LogAnnouncement) -> Result<(), Breach> {
        // REG-7: a roll or a poll of this city, announced once.
        match LogPath::of_origin(&log.origin, &self.genesis.domain) {
            Some(LogPath::Roll(_) | LogPath::Poll(_)) => {}
            _ => return Err(Breach::EntryFields),
        }
        if self.logs.contains_key(&log.origin) {
            return Err(Breach::LogAnnouncedTwice);
        }
        Ok(())
    }

    fn check_heads(&self, anchors: &Anchors) -> Result<(), Breach> {
        // REG-8: in order, announced, never backwards, and one root for one size.
        if anchors.heads.windows(2).any(|pair| pair[0].origin >= pair[1].origin) {
            return Err(Breach::AnchorDisordered);
        }
        for head in &anchors.heads {
            let last = self.anchors_of(&head.origin).last();
            let smaller = last.is_some_and(|last| head.size < last.size);
            if !self.logs.contains_key(&head.origin) || head.size == 0 || smaller {
                return Err(Breach::AnchorDisordered);
            }
            if last.is_some_and(|last| head.size == last.size && head.root != last.root) {
                return Err(Breach::AnchorFork);
            }
        }
        Ok(())
    }

    fn check_own_checkpoint(
        &self,
        anchors: &Anchors,
        index: u64,
        root_at: impl FnOnce(u64) -> Option<Hash>,
    ) -> Result<(), Breach> {
        // REG-9: only the first anchor entry may come without a head of the register.
        let Some(note) = &anchors.register_checkpoint else {
            let first = self.last_anchors.is_none();
            return if first { Ok(()) } else { Err(Breach::AnchorRegisterHead) };
        };
        let signed = parse_signed(note, &self.verifier).map_err(|_| Breach::AnchorRegisterHead)?;
        let head = signed.checkpoint();
        let before = (1..=index).contains(&head.size);
        if !before || root_at(head.size) != Some(head.root) {
            return Err(Breach::AnchorRegisterHead);
        }
        Ok(())
    }

    /// The instance id: leaf hash of genesis.
    pub const fn instance(&self) -> Hash {
        self.instance
    }

    /// The genesis.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The key that verifies the heads of this register.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The key that verifies the heads of the log at `path`.
    pub fn verifier_of(&self, path: &LogPath) -> VerifierKey {
        let origin = path.origin(&self.genesis.domain);
        VerifierKey::ed25519(&origin, self.genesis.log_key)
            .expect("domains and paths hold only characters that a key name may have")
    }

    /// The commission in force.
    pub const fn commission(&self) -> &CommissionKeys {
        &self.commission
    }

    /// The officers in force over the entries `[0, size)`; none before genesis.
    // REG-12: a function of the first entries alone.
    pub fn officers_at(&self, size: u64) -> Option<&OfficerList> {
        self.officers.iter().rev().find(|(index, _)| *index < size).map(|(_, list)| &**list)
    }

    /// The officers in force now.
    pub fn officers(&self) -> &OfficerList {
        &self.officers.last().expect("genesis brings the first list").1
    }

    /// Whether `key` held `role` at any size up to `size`; `None` if it never was an officer.
    pub fn ever_held(&self, key: &Key, role: Role, size: u64) -> Option<bool> {
        let lists = self.officers.iter().take_while(|(index, _)| *index < size);
        let known: Vec<_> = lists.filter_map(|(_, list)| list.find(key)).collect();
        let held = known.iter().any(|officer| officer.roles.contains(&role));
        (!known.is_empty()).then_some(held)
    }

    /// The logs announced so far, ascending by origin.
    pub const fn logs(&self) -> &BTreeMap<String, AnnouncedLog> {
        &self.logs
    }

    /// The anchored heads of a log, ascending by index and by size.
    pub fn anchors_of(&self, origin: &str) -> &AnchorList {
        self.anchors.get(origin).map_or(&NO_ANCHORS, |list| list)
    }

    /// The register index up to which officers must still hold their role for an act at
    /// `poll_index` of the log `origin`: that of the last anchor entry that lists the log at a size
    /// up to `poll_index`, else of its announcement.
    pub fn last_trace(&self, origin: &str, poll_index: u64) -> Option<u64> {
        let anchors = self.anchors_of(origin);
        let anchored = anchors.iter().rev().find(|anchor| anchor.size <= poll_index);
        let announced = self.logs.get(origin).map(|log| log.index);
        anchored.map(|anchor| anchor.index).or(announced)
    }

    /// Whether the next anchor entry must list every log: officers or commission changed since the
    /// last one, and nobody may act on as if that had not happened.
    pub fn must_anchor_all(&self) -> bool {
        self.last_anchors.is_none_or(|index| index < self.governance_index)
    }

    /// Whether an anchor entry stands in the register.
    pub const fn has_anchors(&self) -> bool {
        self.last_anchors.is_some()
    }
}
