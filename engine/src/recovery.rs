//! Reading the whole state from the store: at start, and after every failure of the store.
//!
//! There is one way in. Every log is folded again from its entries, by the rules by which they were
//! let in; whatever does not fit (an entry that the law refuses, a log that the register does not
//! announce, a head that was signed and is no longer there) stops the engine with the place and the
//! reason. Not here: the folding itself ([`crate::replay`]).

use std::collections::{BTreeMap, HashMap};
use std::hash::RandomState;
use std::sync::{Arc, RwLock};

use rand::rngs::StdRng;
use veche_protocol::hash::leaf_hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::Head as PollHead;
use veche_protocol::register::fold::RegisterFold;
use veche_protocol::roll::fold::RollJury;
use veche_protocol::signature::SigningKey;

use crate::city::{City, FoldedRoll, LogCell, PollCell, PublishedHead, RegisterCell, RollCell};
use crate::drafts::Drafts;
use crate::error::EngineError;
use crate::heads::{Currency, check_stored_note, note_record, sign_head};
use crate::leaves::LeafIndex;
use crate::publication::{PublicHeads, load as load_public};
use crate::replay::{PollSource, Replay};
use crate::settings::HeadObserver;
use crate::store::{Batch, LogId, MetaWrite, Remedy, Store};
use crate::tree::TreeEdge;
use crate::tree::reader::TreeReader;
use crate::voting::Extent;

/// Everything that the engine holds in memory.
pub(crate) struct Loaded {
    pub(crate) city: City,
    pub(crate) edges: HashMap<LogId, TreeEdge>,
    /// What was public when the engine stopped, where that is not the last signed heads.
    pub(crate) public: PublicHeads,
    pub(crate) drafts: Drafts,
}

/// What loading reads from and by.
pub(crate) struct Sources<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) reader: &'a TreeReader,
    pub(crate) key: &'a SigningKey,
    pub(crate) hasher: &'a RandomState,
    pub(crate) threads: usize,
    /// Is told every head that is signed.
    pub(crate) on_head: Option<&'a HeadObserver>,
}

/// Whether this is the origin of a register: a domain, which has no slash, and the path. A roll may
/// be named `register` too.
fn is_register(origin: &str) -> bool {
    origin.strip_suffix("/register").is_some_and(|domain| !domain.contains('/'))
}

/// Loads everything. A crash here means nothing but that it is done again: the only thing written
/// is the notes of the heads, which are functions of what is stored.
pub(crate) fn load(sources: &Sources<'_>, rng: &mut StdRng) -> Result<Loaded, EngineError> {
    let mut loader = Loader {
        sources,
        replay: Replay::new(sources.store, sources.reader, sources.hasher, sources.threads, rng),
        edges: HashMap::new(),
        notes: Vec::new(),
    };
    let stored = loader.stored_logs()?;
    let register = loader.register(&stored)?;
    let fold = register.fold();
    let rolls = loader.rolls(&stored, &fold)?;
    let polls = loader.polls(&stored, &register, &rolls)?;
    let city = City { register, rolls, polls };
    check_announced(&stored, &fold)?;
    store_notes(sources.store, loader.notes)?;
    let mut public = PublicHeads::new();
    for log in city.logs() {
        let head = load_public(sources.store, sources.reader, log)?;
        public.extend(head.map(|head| (log.path.clone(), Arc::new(head))));
    }
    let drafts = Drafts::load(sources.store)?;
    Ok(Loaded { city, edges: loader.edges, public, drafts })
}

/// The logs that hold entries, by origin. A log without entries is one whose first entry never
/// became durable: nobody was told of it, and it is as if it were not there.
type Stored = BTreeMap<String, LogId>;

struct Loader<'a> {
    sources: &'a Sources<'a>,
    replay: Replay<'a>,
    edges: HashMap<LogId, TreeEdge>,
    notes: Vec<MetaWrite>,
}

impl Loader<'_> {
    fn stored_logs(&self) -> Result<Stored, EngineError> {
        let mut stored = Stored::new();
        for (log, origin) in self.sources.store.logs()? {
            if self.sources.store.head(log)?.size > 0 {
                stored.insert(origin, log);
            }
        }
        Ok(stored)
    }

    fn register(&mut self, stored: &Stored) -> Result<Arc<RegisterCell>, EngineError> {
        let mut registers = stored.iter().filter(|(origin, _)| is_register(origin));
        let (_, &log) = registers.next().ok_or(EngineError::NotFounded)?;
        if registers.next().is_some() {
            return Err(EngineError::AlreadyFounded);
        }
        let edge = TreeEdge::load(self.sources.store, log)?;
        let mut leaves = LeafIndex::new(self.sources.hasher.clone());
        let fold = self.replay.register(log, edge.size(), |leaf| leaves.push(leaf))?;
        if fold.genesis().log_key != self.sources.key.key() {
            return Err(EngineError::WrongLogKey);
        }
        let cell = self.cell(log, LogPath::Register, edge, &fold, leaves)?;
        Ok(Arc::new(RegisterCell::new(cell, fold)))
    }

    fn rolls(
        &mut self,
        stored: &Stored,
        register: &RegisterFold,
    ) -> Result<BTreeMap<LogPath, Arc<RollCell>>, EngineError> {
        let mut rolls = BTreeMap::new();
        let is_roll = |path: &LogPath| matches!(path, LogPath::Roll(_));
        for (path, log) in announced(self.sources.store, stored, register, is_roll)? {
            let edge = TreeEdge::load(self.sources.store, log)?;
            let head = PollHead { size: edge.size(), root: edge.root() };
            let mut leaves = LeafIndex::new(self.sources.hasher.clone());
            // ROLL-9: the whole register held. Entries were let in before less of it, and whoever
            // held a role then has held it by now.
            let jury = RollJury { register, size: u64::MAX };
            let replayed =
                self.replay.roll(log, &path, head.size, &jury, |leaf| leaves.push(leaf))?;
            let cell = self.cell(log, path.clone(), edge, register, leaves)?;
            let folded = RwLock::new(FoldedRoll { fold: replayed.fold, head });
            let roll = RollCell { log: cell, headed: replayed.headed, folded };
            rolls.insert(path, Arc::new(roll));
        }
        Ok(rolls)
    }

    fn polls(
        &mut self,
        stored: &Stored,
        register: &RegisterCell,
        rolls: &BTreeMap<LogPath, Arc<RollCell>>,
    ) -> Result<BTreeMap<LogPath, Arc<PollCell>>, EngineError> {
        let fold = register.fold();
        let register_extent = Extent { log: Some(register.log.id), size: register.log.head().size };
        let mut polls = BTreeMap::new();
        let is_poll = |path: &LogPath| matches!(path, LogPath::Poll(_));
        for (path, log) in announced(self.sources.store, stored, &fold, is_poll)? {
            let edge = TreeEdge::load(self.sources.store, log)?;
            let mut leaves = LeafIndex::new(self.sources.hasher.clone());
            let source = PollSource {
                log,
                path: &path,
                size: edge.size(),
                register: &fold,
                register_extent,
                rolls,
            };
            let poll = self.replay.poll(&source, |leaf| leaves.push(leaf))?;
            let cell = self.cell(log, path.clone(), edge, &fold, leaves)?;
            polls.insert(path, Arc::new(PollCell::new(cell, poll)));
        }
        Ok(polls)
    }

    /// The cell of a log, once its signed and its anchored heads are found to fit.
    fn cell(
        &mut self,
        log: LogId,
        path: LogPath,
        edge: TreeEdge,
        register: &RegisterFold,
        leaves: LeafIndex,
    ) -> Result<Arc<LogCell>, EngineError> {
        let Sources { store, reader, key, .. } = *self.sources;
        let verifier = register.verifier_of(&path);
        let currency = check_stored_note(store, reader, log, &path, &verifier)?;
        if let Some(anchor) = register.anchors_of(verifier.name()).last() {
            let fits =
                anchor.size <= edge.size() && reader.root_at(log, anchor.size)? == anchor.root;
            if !fits {
                let reason = format!("the register anchors another head of size {}", anchor.size);
                return Err(EngineError::HeadLost { path: path.to_string(), reason });
            }
        }
        let head: PublishedHead = sign_head(key, verifier.name(), edge.head());
        if let Some(observer) = self.sources.on_head {
            observer(&path, &head);
        }
        if currency == Currency::Behind {
            self.notes.push(note_record(verifier.name(), &head));
        }
        self.edges.insert(log, edge);
        Ok(Arc::new(LogCell::new(log, path, register, head, leaves)))
    }
}

/// The announced logs of one kind with their ids in the store.
fn announced(
    store: &dyn Store,
    stored: &Stored,
    register: &RegisterFold,
    wanted: impl Fn(&LogPath) -> bool,
) -> Result<Vec<(LogPath, LogId)>, EngineError> {
    let mut found = Vec::new();
    for (origin, announcement) in register.logs() {
        let path = LogPath::of_origin(origin, &register.genesis().domain)
            .expect("the register announces well-formed origins only");
        if !wanted(&path) {
            continue;
        }
        // REG-11: announcement and first entry are one batch, so one without the other is a loss.
        let &log = stored.get(origin).ok_or_else(|| EngineError::HeadLost {
            path: path.to_string(),
            reason: "the register announces it, and nothing of it is stored".to_owned(),
        })?;
        if leaf_hash(&store.entry(log, 0)?) != announcement.first {
            return Err(EngineError::NotAnnounced(origin.clone()));
        }
        found.push((path, log));
    }
    Ok(found)
}

/// No log stands beside the register.
fn check_announced(stored: &Stored, register: &RegisterFold) -> Result<(), EngineError> {
    let own = register.verifier().name();
    let stranger = stored
        .keys()
        .find(|origin| origin.as_str() != own && !register.logs().contains_key(*origin));
    stranger.map_or(Ok(()), |origin| Err(EngineError::NotAnnounced(origin.clone())))
}

/// Keeps the heads that are about to be published. On a full disk the engine starts all the same,
/// for reading: the stored sizes and roots determine the heads.
fn store_notes(store: &dyn Store, notes: Vec<MetaWrite>) -> Result<(), EngineError> {
    match store.commit(&Batch { meta: notes, ..Batch::default() }) {
        Err(error) if error.remedy() == Remedy::MakeRoom => {
            tracing::warn!(%error, "the last signed heads are not stored");
            Ok(())
        }
        outcome => Ok(outcome?),
    }
}
