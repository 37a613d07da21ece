//! Where the stories play: a city that is served, with an open poll, and people who look at it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use veche_client::api::Api;
use veche_client::ballot_paper::BallotPaper;
use veche_client::receipts;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::{LogPath, LogType};
use veche_protocol::poll::definition::{Revote, Schedule};
use veche_tests::city::{City, Voter, single_choice_definition};
use veche_tests::front::Files;
use veche_tests::live::{LiveCity, POLL, poll_path};
use veche_tests::programs::Programs;
use veche_tests::witnesses::{WithoutQuorum, WitnessProgram};

/// Voters of every stage.
const VOTERS: usize = 12;
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// A city with an open poll.
pub(crate) struct Stage {
    pub(crate) city: LiveCity,
    pub(crate) witnesses: Vec<WitnessProgram>,
    /// The policy of the city, and of everyone who believes the same witnesses.
    pub(crate) policy: Option<PathBuf>,
    pub(crate) voters: Vec<Voter>,
    pub(crate) paper: BallotPaper,
}

/// A ballot that was handed in.
pub(crate) struct Cast {
    pub(crate) ballot: Vec<u8>,
    pub(crate) receipt: Receipt,
}

impl Stage {
    /// A city without witnesses.
    pub(crate) fn bare() -> Self {
        let mut city = LiveCity::found_at_rest().unwrap();
        city.start().unwrap();
        Self::open(city, Vec::new(), None, None)
    }

    /// A city with these witnesses, of whom so many are enough.
    pub(crate) fn witnessed(names: &[&str], quorum: usize, without: WithoutQuorum) -> Self {
        let mut city = LiveCity::found_at_rest().unwrap();
        let start = |name: &&str| WitnessProgram::start(&city, name).unwrap();
        let witnesses: Vec<_> = names.iter().map(start).collect();
        let lines: Vec<_> = witnesses.iter().map(WitnessProgram::line).collect();
        let policy = city.employ(&lines, quorum, without).unwrap();
        city.start().unwrap();
        Self::open(city, witnesses, Some(policy), None)
    }

    /// A city with one witness, and a poll with such times.
    pub(crate) fn scheduled(schedule: Schedule) -> Self {
        let mut city = LiveCity::found_at_rest().unwrap();
        let witness = WitnessProgram::start(&city, "north").unwrap();
        let policy = city.employ(&[witness.line()], 1, WithoutQuorum::HoldBack).unwrap();
        city.start().unwrap();
        Self::open(city, vec![witness], Some(policy), Some(schedule))
    }

    /// Opens the poll of a city that is served.
    pub(crate) fn open(
        city: LiveCity,
        witnesses: Vec<WitnessProgram>,
        policy: Option<PathBuf>,
        schedule: Option<Schedule>,
    ) -> Self {
        let voters: Vec<_> = (0..VOTERS).map(|n| Voter::named(&n.to_string(), 0)).collect();
        city.enrol(&voters).unwrap();
        let definition = single_choice_definition(&["Yes", "No"], Revote::First);
        match schedule {
            None => city.announce(definition).unwrap(),
            Some(schedule) => city.announce_for(definition, schedule).unwrap(),
        }
        let paper = city.open_announced().unwrap();
        Self { city, witnesses, policy, voters, paper }
    }

    pub(crate) fn api(&self) -> Api {
        self.city.api().unwrap()
    }

    /// A voter's ballot, handed in.
    pub(crate) fn cast(&self, voter: usize) -> Cast {
        let ballot = self.paper.sign(0, vec![vec![0]], &self.voters[voter].key).unwrap();
        let receipt = self.api().submit(&poll_path(), ballot.bytes()).unwrap();
        // RECEIPT-3: the voter's own bytes, under the operator's signature.
        receipts::verify(&receipt, ballot.bytes(), self.paper.verifier()).unwrap();
        Cast { ballot: ballot.into_bytes(), receipt }
    }

    /// The same, and how long it takes until its place is public.
    pub(crate) fn cast_until_public(&self, voter: usize) -> Duration {
        let cast = self.cast(voter);
        let begun = Instant::now();
        self.shown(|size| size > cast.receipt.index());
        begun.elapsed()
    }

    /// The head of the poll that is public, once its size is what is waited for.
    pub(crate) fn shown(&self, is_so: impl Fn(u64) -> bool) -> SignedCheckpoint {
        until("the public head", || {
            let head = self.city.public_head(&poll_path()).unwrap()?;
            is_so(head.checkpoint().size).then_some(head)
        })
    }

    /// The size of the poll's public head.
    pub(crate) fn size(&self) -> u64 {
        self.shown(|_| true).checkpoint().size
    }

    /// The same as a number of entries in memory.
    pub(crate) fn paper_size(&self) -> usize {
        usize::try_from(self.size()).unwrap()
    }

    /// A receipt as the file that a voter keeps.
    pub(crate) fn keep(&self, cast: &Cast) -> PathBuf {
        let file = self.file(&format!("ballot-{}.tlog-proof", cast.receipt.index()));
        receipts::save(&file, &cast.receipt, &cast.ballot).unwrap();
        file
    }

    /// A file of the test's own.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.city.folder().join(name)
    }

    /// What the server says of itself: the status, and the words.
    pub(crate) fn health(&self) -> (u16, String) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut answer = agent.get(format!("{}/health", self.city.url())).call().unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    }

    /// All public files as they are now, with whatever stands below the heads.
    pub(crate) fn snapshot(&self) -> Files {
        until("a moment without anchors", || {
            let taken = self.taken_over();
            let mut files = taken.files();
            for (path, log) in &taken.logs {
                let head = self.city.public_head(path).unwrap().unwrap();
                if head.checkpoint().size != log.entries.len() as u64 {
                    return None;
                }
                files.insert(format!("{path}/checkpoint"), head.note().to_string().into_bytes());
            }
            Some(files)
        })
    }

    /// What the operator holds, for a forger to change.
    pub(crate) fn taken_over(&self) -> City {
        City::taken_over(&self.city).unwrap()
    }

    /// Repeats the poll from a source.
    pub(crate) fn recount(&self, source: &str, arguments: &[&str]) -> Ended {
        let fixed = ["recount", source, "--poll", POLL];
        let instance = self.city.pins().instance.to_string();
        let pin = ["--instance", &instance];
        audit(self.city.programs(), &[&fixed[..], &pin, arguments].concat())
    }

    /// A command line of a voter, who has pinned the true city.
    pub(crate) fn veche(&self, arguments: &[&str]) -> Ended {
        let trust = self.file("trust.toml");
        let run = |arguments: &[&str]| {
            let mut command = self.city.programs().command("veche");
            run(command.args(arguments).env("VECHE_TRUST", &trust))
        };
        if !trust.exists() {
            let instance = self.city.pins().instance.to_string();
            run(&["trust", self.city.url(), "--instance", &instance]).is_content();
        }
        run(arguments)
    }

    /// One round of a monitor that keeps what it knows under a name.
    pub(crate) fn monitor(&self, name: &str, source: &str, arguments: &[&str]) -> Ended {
        let state = text(&self.file(name));
        let instance = self.city.pins().instance.to_string();
        let fixed = ["follow", source, "--once", "--state", &state, "--instance", &instance];
        audit(self.city.programs(), &[&fixed[..], arguments].concat())
    }

    /// The policy as an argument.
    pub(crate) fn policy(&self) -> String {
        text(self.policy.as_ref().unwrap())
    }

    /// The files of this name that a monitor has kept as evidence of something.
    pub(crate) fn evidence(&self, monitor: &str, code: &str, file: &str) -> Vec<PathBuf> {
        let folder = self.file(monitor).join("evidence");
        let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let found = found.filter(|entry| entry.file_name().to_string_lossy().starts_with(code));
        found.map(|entry| entry.path().join(file)).filter(|path| path.exists()).collect()
    }

    /// Makes the proof that two heads contradict each other, with the history of the larger one.
    pub(crate) fn make_proof(&self, one: &str, other: &str, history: &str) -> PathBuf {
        let proof = self.file("made.veche-fork");
        let key = self.city.pins().register.to_string();
        let file = text(&proof);
        let arguments = ["fork", &file, "--key", &key, "--make", one, other, history];
        let made = audit(self.city.programs(), &arguments);
        assert_eq!(made.code, 0, "{made:?}");
        proof
    }

    /// That there are proofs, and that each of them convinces.
    #[track_caller]
    pub(crate) fn all_convict(&self, proofs: &[PathBuf]) {
        assert!(!proofs.is_empty());
        for proof in proofs {
            self.convicts(proof);
        }
    }

    /// That a stranger who knows the city's key is convinced by the file alone.
    #[track_caller]
    pub(crate) fn convicts(&self, proof: &Path) {
        let key = self.city.pins().register.to_string();
        let ended = audit(self.city.programs(), &["fork", &text(proof), "--key", &key]);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.said.contains("The proof holds"), "{}", ended.said);
    }
}

/// Takes back all of the poll past these entries, and all of the register that speaks of more.
pub(crate) fn cut(city: &mut City, size: usize) {
    let park = poll_path();
    city.at_mut(&park).entries.truncate(size);
    let origin = park.origin(&city.domain);
    let speaks_of_more = |bytes: &Vec<u8>| {
        let entry = SignedEntry::decode(LogType::Register, bytes.clone()).unwrap();
        let Payload::Anchors(anchors) = entry.payload() else { return false };
        anchors.heads.iter().any(|head| head.origin == origin && head.size > size as u64)
    };
    let register = city.at_mut(&LogPath::Register);
    if let Some(first) = register.entries.iter().position(speaks_of_more) {
        register.entries.truncate(first);
    }
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    /// What it has printed, and then its complaints.
    pub(crate) said: String,
    pub(crate) took: Duration,
}

impl Ended {
    /// That it has found this, and nothing is sound.
    #[track_caller]
    pub(crate) fn finds(&self, code: &str) -> &Self {
        assert!(self.code == 1 && self.said.contains(code), "{code}: {self:#?}");
        self
    }

    /// That all is well.
    #[track_caller]
    pub(crate) fn is_content(&self) -> &Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }
}

/// Runs `veche-audit` to its end.
pub(crate) fn audit(programs: &Programs, arguments: &[&str]) -> Ended {
    run(programs.command("veche-audit").args(arguments))
}

fn run(command: &mut Command) -> Ended {
    let begun = Instant::now();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let took = begun.elapsed();
    let code = status.code().expect("no signal ends it");
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    Ended { code, said, took }
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Tries until it succeeds.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < end, "{what}: not within {PATIENCE:?}");
        sleep(PAUSE);
    }
}

/// Says how long something has taken, for the table in `spec/threats.md`.
pub(crate) fn measured(what: &str, took: Duration) {
    println!("measured: {what}: {:.2} s", took.as_secs_f64());
}
