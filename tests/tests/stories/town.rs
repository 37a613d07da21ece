//! A town whose people sit at command lines: each has a folder of their own, with keys and a trust
//! file, and nothing but files and the server's address goes from one to another.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use veche_client::time;
use veche_tests::programs::{Programs, Server};

pub(crate) const DOMAIN: &str = "vote.example.org";
/// Officers by their names, with what they may do.
const OFFICERS: [(&str, &str); 4] = [
    ("registrar", "registrar"),
    ("inspector", "inspector"),
    ("officer-1", "poll-officer"),
    ("officer-2", "poll-officer"),
];
/// Anchors come often, so that a story need not wait for them.
const ANCHORS: &str = "engine.anchor_seconds=1";
/// Longest wait for what a server does by itself.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(50);

/// A program that has ended: its exit code, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// What it printed, if it is content.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// What it complained of.
    #[track_caller]
    pub(crate) fn refused(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.err
    }
}

pub(crate) struct Town {
    folder: TempDir,
    programs: Programs,
    server: Option<Server>,
    /// What the city has published out of band.
    pub(crate) instance: String,
    pub(crate) register: String,
}

impl Town {
    /// A town without a city yet.
    pub(crate) fn new() -> Self {
        let programs = Programs::beside_this().unwrap();
        let folder = tempfile::Builder::new().prefix("veche-story-").tempdir().unwrap();
        let nothing = String::new();
        Self { folder, programs, server: None, instance: nothing.clone(), register: nothing }
    }

    /// A city that is founded and served, and has a roll with these voters.
    pub(crate) fn with_roll(voters: &[&str]) -> Self {
        let mut town = Self::new();
        town.make_keys();
        town.found_at_one_desk();
        town.serve(&[]);
        town.everybody_trusts(&["registrar", "officer-1", "officer-2"]);
        town.begin_roll();
        town.make_voters(voters);
        town.write_census(voters);
        town.veche("registrar", &["roll", "enrol", "--name", "city", "--census", "census.csv"])
            .key("key.pem")
            .key("../inspector/key.pem")
            .yes()
            .ok();
        town
    }

    /// The folder of one person.
    pub(crate) fn home(&self, who: &str) -> PathBuf {
        let home = self.folder.path().join(who);
        fs::create_dir_all(&home).unwrap();
        home
    }

    /// Address of the server.
    pub(crate) fn url(&self) -> String {
        self.server.as_ref().unwrap().url().to_owned()
    }

    /// A command line of `veche`, typed by someone.
    pub(crate) fn veche<'a>(&'a self, who: &'a str, arguments: &[&str]) -> Typed<'a> {
        self.type_in("veche", who, arguments)
    }

    /// A command line of any program, typed by someone.
    pub(crate) fn type_in<'a>(
        &'a self,
        program: &'static str,
        who: &'a str,
        arguments: &[&str],
    ) -> Typed<'a> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Typed { town: self, program, who, arguments, environment: Vec::new() }
    }

    /// A file's text.
    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The permissions of a file.
    pub(crate) fn mode(&self, file: &str) -> u32 {
        let metadata = fs::metadata(self.folder.path().join(file)).unwrap();
        metadata.permissions().mode() & 0o777
    }

    pub(crate) fn set_mode(&self, file: &str, mode: u32) {
        let path = self.folder.path().join(file);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Keys of the commission and of the officers; the public keys by name are in `<name>/public`.
    pub(crate) fn make_keys(&self) {
        for member in ["member-1", "member-2", "member-3"] {
            let key =
                self.veche(member, &["commission", "key", "--plain", "--out", "key.pem"]).ok();
            self.write(&format!("{member}/public"), key.trim());
        }
        for (officer, _) in OFFICERS {
            let key = self.veche(officer, &["officer", "key", "--plain", "--out", "key.pem"]).ok();
            self.write(&format!("{officer}/public"), key.trim());
        }
    }

    /// The arguments of `veched init` for commission and officers.
    pub(crate) fn genesis_arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> =
            ["--data", "data", "--domain", DOMAIN, "--city", "Story Town", "--threshold", "2"]
                .map(str::to_owned)
                .into();
        for member in ["member-1", "member-2", "member-3"] {
            let key = self.read(&format!("{member}/public"));
            arguments.extend(["--commission".to_owned(), key]);
        }
        for (officer, role) in OFFICERS {
            let key = self.read(&format!("{officer}/public"));
            arguments.extend(["--officer".to_owned(), format!("{key}:{officer}:{role}")]);
        }
        arguments
    }

    /// The whole commission sits beside the operator.
    pub(crate) fn found_at_one_desk(&mut self) {
        let mut init = self.type_in("veched", "operator", &["init", "--unencrypted"]);
        init.arguments.extend(self.genesis_arguments());
        for member in ["member-1", "member-2", "member-3"] {
            let file = format!("../{member}/key.pem");
            init.arguments.extend(["--commission-key-file".to_owned(), file]);
        }
        let printed = init.ok();
        self.note_city(&printed);
    }

    /// What `veched` prints when a city is founded goes into the newspapers.
    pub(crate) fn note_city(&mut self, printed: &str) {
        let value = |name: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.unwrap_or_else(|| panic!("there is no {name} in {printed}")).to_owned()
        };
        (self.instance, self.register) = (value("instance"), value("register"));
    }

    /// Starts the server, with further settings.
    pub(crate) fn serve(&mut self, settings: &[&str]) {
        let home = self.home("operator");
        let settings = [&[ANCHORS], settings].concat();
        let server = Server::start(&self.programs, &home.join("data"), &home, &settings);
        self.server = Some(server.unwrap());
    }

    /// Ends the server in good order.
    pub(crate) fn stop(&mut self) {
        let status = self.server.take().unwrap().terminate().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Pins the city at each of these people.
    pub(crate) fn everybody_trusts(&self, people: &[&str]) {
        for who in people {
            self.veche(who, &["trust", &self.url(), "--instance", &self.instance]).ok();
        }
    }

    /// A registrar and an inspector at one desk begin the roll.
    pub(crate) fn begin_roll(&self) {
        let now = time::now();
        let (since, until) = (time::format(now - 86_400), time::format(now + 86_400));
        self.veche("registrar", &["roll", "new", "--name", "city", "--title", "All voters"])
            .with(&["--districts", "north=North,south=South bank"])
            .with(&["--since", &since, "--until", &until])
            .key("key.pem")
            .key("../inspector/key.pem")
            .yes()
            .ok();
    }

    /// Voters make their keys; the lines for the registrar are in `<name>/line`.
    pub(crate) fn make_voters(&self, voters: &[&str]) {
        for voter in voters {
            self.everybody_trusts(&[voter]);
            let line = self
                .veche(voter, &["voter", "key", "--roll", "city", "--out", "me.toml", "--plain"])
                .ok();
            self.write(&format!("{voter}/line"), line.trim());
        }
    }

    /// The registrar writes down who has come to the desk.
    pub(crate) fn write_census(&self, voters: &[&str]) {
        let mut text = "enrolment,district,name,born\n".to_owned();
        for (number, voter) in voters.iter().enumerate() {
            let district = ["north", "south"][number % 2];
            let line = self.read(&format!("{voter}/line"));
            text.extend([&line, ",", district, ",", voter, ",1980-01-02\n"]);
        }
        self.write("registrar/census.csv", &text);
    }

    /// A definition that may be opened, and closed, at any moment from now on.
    pub(crate) fn write_definition(&self, revote: &str) {
        let now = time::now();
        let (opens, closes) = (time::format(now - 7_200), time::format(now - 3_600));
        let text = format!(
            "title = \"The park\"\n\
             rolls = [\"city\"]\n\
             opens_at = \"{opens}\"\n\
             closes_at = \"{closes}\"\n\
             tolerance = 60\n\
             {revote}\n\
             [[questions]]\n\
             title = \"What to plant?\"\n\
             rule = \"single-choice\"\n\
             [[questions.options]]\n\
             label = \"Oaks\"\n\
             [[questions.options]]\n\
             label = \"Limes\"\n"
        );
        self.write("officer-1/definition.toml", &text);
    }

    /// A poll officer's act, signed at one desk by both.
    pub(crate) fn at_one_desk(&self, arguments: &[&str]) -> String {
        self.veche("officer-1", arguments).key("key.pem").key("../officer-2/key.pem").yes().ok()
    }

    pub(crate) fn vote(&self, who: &str, choice: &str) -> Ended {
        self.veche(who, &["vote", "--poll", "park", "--voter", "me.toml", "--choose", choice])
            .yes()
            .run()
    }

    /// The last lines of the server's own words.
    pub(crate) fn server_log(&self) -> String {
        self.read("operator/veched.log")
    }
}

/// A program at work; dropping it ends it.
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended by itself is as well.
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A command line before the return key.
pub(crate) struct Typed<'a> {
    town: &'a Town,
    program: &'static str,
    who: &'a str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Typed<'_> {
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }

    pub(crate) fn key(self, file: &str) -> Self {
        self.with(&["--key", file])
    }

    pub(crate) fn yes(self) -> Self {
        self.with(&["--yes"])
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The process, in the folder of whoever has typed it.
    fn command(self) -> Command {
        let home = self.town.home(self.who);
        let mut command = self.town.programs.command(self.program);
        command
            .args(&self.arguments)
            .env("VECHE_TRUST", home.join("trust.toml"))
            .env_remove("VECHE_PASSPHRASE")
            .envs(self.environment)
            .current_dir(&home);
        command
    }

    /// Starts it, and lets it work until it is dropped; what it says goes into `said`.
    pub(crate) fn start(self) -> Running {
        let said = fs::File::create(self.town.home(self.who).join("said")).unwrap();
        let mut command = self.command();
        command.stdout(said.try_clone().unwrap()).stderr(said);
        Running(command.spawn().unwrap())
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Ended {
        let Output { status, stdout, stderr } = self.command().output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = status.code().expect("no signal ends it");
        Ended { code, out: text(stdout), err: text(stderr) }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> String {
        self.run().ok()
    }
}

/// Tries until it succeeds.
pub(crate) fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(Instant::now() < end, "it has not happened within {PATIENCE:?}");
        sleep(PAUSE);
    }
}

/// Whether a folder holds a file whose name ends so.
pub(crate) fn holds(folder: &Path, end: &str) -> bool {
    let files = fs::read_dir(folder).unwrap();
    files.into_iter().any(|file| file.unwrap().file_name().to_string_lossy().ends_with(end))
}
