//! What an operator can learn of a sealed ballot before the close, who has everything but two
//! trustees: the data directory, the logs of all programs, the files of both issuers and of one
//! trustee. Whatever is tried before the close is tried again after it, when it must work, so that
//! the attempts are known to be real.

use std::fs;
use std::path::{Path, PathBuf};

use chacha20poly1305::{AeadInOut as _, ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use hkdf::Hkdf;
use sha2::Sha256;
use veche_client::credential::{Answers, Credential};
use veche_client::poll_copy::PollCopy;
use veche_protocol::ceremony::TrusteeIndex;
use veche_protocol::encoding::Encoder;
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::hash::Hash;
use veche_protocol::poll::ballot::{Content, selections_bytes};
use veche_protocol::poll::ceremony_fold::Stage;
use veche_protocol::poll::definition::Revote;
use veche_protocol::sealing::SealedBallot;
use veche_protocol::signature::Key;
use veche_tests::city::{Voter, approval_definition};
use veche_tests::live::{LiveCity, POLL, poll_path};
use veche_tests::services::{Authorities, Place, Services};

/// The least that can hold an anonymous poll (POLL-23).
const VOTERS: usize = 50;
/// How many of them ask and vote.
const VOTING: usize = 4;
/// Options of the question: enough for selections that no file holds by chance.
const OPTIONS: usize = 48;

/// What the voters choose: every option but a few, other ones for each.
fn choices(voter: usize) -> Vec<u64> {
    (0..OPTIONS as u64).filter(|option| option % 5 != voter as u64).collect()
}

/// A ballot of the log.
struct Cast {
    key: Key,
    sealed: SealedBallot,
}

/// A poll in which some have voted, not closed yet.
struct Referendum {
    city: LiveCity,
    services: Services,
    open: Hash,
    election_key: [u8; 32],
    casts: Vec<Cast>,
}

impl Referendum {
    fn hold() -> Self {
        let city = LiveCity::found().unwrap();
        let names: Vec<_> = (0..VOTERS).map(|voter| format!("voter {voter}")).collect();
        let voters: Vec<_> = names.iter().map(|name| Voter::named(name, 0)).collect();
        city.enrol(&voters).unwrap();
        let labels: Vec<_> = (0..OPTIONS).map(|option| format!("option {option}")).collect();
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        let mut definition = approval_definition(&labels, 1, OPTIONS as u64, Revote::First);
        let authorities = Authorities::generate().unwrap();
        authorities.appoint(&mut definition);
        city.announce(definition).unwrap();
        let (programs, folder, url) = (city.programs(), city.folder(), city.url());
        let place = Place { programs, folder, url, pins: city.pins(), poll: POLL, policy: None };
        let services = authorities.start(&place).unwrap();
        city.poll_when(|fold| {
            let complete = fold.ceremony().is_some_and(|c| c.stage() == Stage::Complete);
            complete && (0..2).all(|issuer| fold.issuer_keys().get("all", issuer).is_some())
        })
        .unwrap();
        city.begin().unwrap();
        let credentials = ask(&city, &voters[..VOTING]);
        let paper = city.open_announced().unwrap();
        for (voter, credential) in credentials.iter().enumerate() {
            let ballot = paper.sign_with(0, vec![choices(voter)], credential).unwrap();
            city.api().unwrap().submit(&poll_path(), ballot.bytes()).unwrap();
        }
        let copy = city.poll().unwrap();
        let open = copy.fold().open_poll().unwrap();
        let (open, election_key) = (open.leaf(), *open.election_key().unwrap().as_bytes());
        let casts = casts(&copy);
        assert_eq!(casts.len(), VOTING);
        Self { city, services, open, election_key, casts }
    }

    /// The message of a ballot as whoever knows `secret` reads it (SEAL-3).
    fn try_secret(&self, cast: &Cast, secret: &Scalar) -> Option<Vec<u8>> {
        let point = CompressedRistretto(cast.sealed.point).decompress().unwrap();
        self.try_point(cast, &(point * secret))
    }

    fn try_point(&self, cast: &Cast, shared: &RistrettoPoint) -> Option<Vec<u8>> {
        let mut info = Encoder::new();
        info.array(5).text("veche/sealed/v1").bytes(self.open.as_bytes());
        info.bytes(&self.election_key).bytes(&cast.sealed.point).bytes(cast.key.as_bytes());
        let info = info.finish();
        let mut key = [0; 32];
        let shared = shared.compress().to_bytes();
        Hkdf::<Sha256>::new(None, &shared).expand(&info, &mut key).unwrap();
        let (message, tag) = cast.sealed.ciphertext.split_last_chunk::<16>().unwrap();
        let (mut message, tag) = (message.to_vec(), Tag::from(*tag));
        let cipher = ChaCha20Poly1305::new(&key.into());
        let text = message.as_mut_slice().into();
        cipher.decrypt_inout_detached(&Nonce::default(), &info, text, &tag).ok()?;
        Some(message)
    }

    /// Whether any of the secrets opens any ballot.
    fn opens_any(&self, secrets: &[Scalar]) -> bool {
        let mut tries = secrets.iter().flat_map(|s| self.casts.iter().map(move |c| (s, c)));
        tries.any(|(secret, cast)| self.try_secret(cast, secret).is_some())
    }
}

fn ask(city: &LiveCity, voters: &[Voter]) -> Vec<Credential> {
    let copy = city.poll().unwrap();
    let begun = copy.fold().begun().unwrap();
    let made = voters.iter().map(|v| Credential::make(begun, &v.key, &mut rand::rng()).unwrap());
    let mut credentials: Vec<_> = made.collect();
    for credential in &credentials {
        city.api().unwrap().submit(&poll_path(), credential.request().bytes()).unwrap();
    }
    let all = voters.len() as u64;
    let copy = city.poll_when(|fold| fold.requests().served()[0].issued == all).unwrap();
    let answers = Answers::of(&copy);
    for credential in &mut credentials {
        assert!(credential.collect(&copy, &answers).unwrap().is_empty());
    }
    credentials
}

fn casts(copy: &PollCopy) -> Vec<Cast> {
    let entries = copy.log().decoded_from(0).filter_map(|(_, entry)| entry.ok());
    let cast = |entry: SignedEntry| match entry.payload() {
        Payload::Ballot(ballot) => match &ballot.content {
            Content::Sealed(sealed) => {
                let (key, sealed) = (*entry.signers().next().unwrap(), sealed.clone());
                Some(Cast { key, sealed })
            }
            Content::Open(_) => panic!("the poll is sealed"),
        },
        _ => None,
    };
    entries.filter_map(cast).collect()
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// The files in which these bytes stand.
fn holding(files: &[PathBuf], bytes: &[u8]) -> Vec<PathBuf> {
    let holds = |file: &&PathBuf| {
        fs::read(file).unwrap().windows(bytes.len()).any(|window| window == bytes)
    };
    files.iter().filter(holds).cloned().collect()
}

/// Every scalar that 32 bytes of these files could be: what a thief would try for a secret.
fn scalars(files: &[PathBuf]) -> Vec<Scalar> {
    let mut scalars = Vec::new();
    for file in files {
        let bytes = fs::read(file).unwrap();
        let windows = bytes.windows(32).map(|window| window.try_into().unwrap());
        scalars.extend(
            windows.filter_map(|window| Scalar::from_canonical_bytes(window).into_option()),
        );
    }
    scalars
}

#[test]
fn all_but_two_trustees_together_read_no_ballot_before_the_close() {
    let mut poll = Referendum::hold();
    let folder = poll.city.folder().to_owned();
    // The operator has the data directory, every program's log, both issuers and one trustee.
    let others = [folder.join("trustee-2"), folder.join("trustee-3")];
    let own = |file: &PathBuf| !others.iter().any(|other| file.starts_with(other));
    let held: Vec<_> = files(&folder).into_iter().filter(own).collect();
    assert!(!holding(&held, &poll.casts[0].sealed.ciphertext).is_empty(), "the ballots are there");
    for (voter, cast) in poll.casts.iter().enumerate() {
        // No file says what a ballot says, in clear.
        let message = selections_bytes(&vec![choices(voter)]);
        assert_eq!(holding(&held, &message), Vec::<PathBuf>::new());
        assert_eq!(cast.sealed.ciphertext.len(), poll.casts[0].sealed.ciphertext.len());
    }
    // No secret of the one trustee opens a ballot: neither as it is, nor as its share would be used
    // if it were one of two.
    let one = folder.join("trustee-1").join("state");
    let secrets = scalars(&[one]);
    assert!(!secrets.is_empty());
    assert!(!poll.opens_any(&secrets), "one trustee reads alone");
    let halves = [2_u8, 3].map(|other| lambda(1, other));
    let weighed: Vec<_> =
        secrets.iter().flat_map(|secret| halves.map(|half| secret * half)).collect();
    assert!(!poll.opens_any(&weighed), "one share is enough");
    // The server tells nothing either, and an observer counts nothing.
    let recount = |city: &LiveCity| {
        let mut command = city.programs().command("veche-audit");
        let output =
            command.args(["recount", city.url(), "--poll", POLL, "--json"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(recount(&poll.city).contains("\"result\":null"));

    // The control: after the close two shares stand on the log, and all of this works.
    poll.city.close().unwrap();
    let copy = poll.city.poll_when(|fold| fold.ceremony().unwrap().can_open()).unwrap();
    let secret = [decryption_key(&copy)];
    assert!(poll.opens_any(&secret), "the attempts above were real ones");
    for cast in &poll.casts {
        let message = poll.try_secret(cast, &secret[0]).unwrap();
        let says = (0..VOTING).map(|voter| selections_bytes(&vec![choices(voter)]));
        assert_eq!(says.filter(|says| message.starts_with(says)).count(), 1);
    }
    assert!(recount(&poll.city).contains("\"effective\":4"));
    assert!(poll.services.have_ended().unwrap());
}

/// By what the share of `own` is weighed beside that of `other` (CEREMONY-13).
fn lambda(own: u8, other: u8) -> Scalar {
    let (own, other) = (Scalar::from(own), Scalar::from(other));
    other * (other - own).invert()
}

/// The key that two shares on the log give.
fn decryption_key(copy: &PollCopy) -> Scalar {
    let trustees = &copy.fold().definition().unwrap().trustees;
    let entries = copy.log().decoded_from(0).filter_map(|(_, entry)| entry.ok());
    let share = |entry: SignedEntry| match entry.payload() {
        Payload::Share(share) => {
            let index = trustees.find(entry.signers().next().unwrap()).map(TrusteeIndex::get);
            let secret = Scalar::from_canonical_bytes(share.key_share).unwrap();
            Some((index.unwrap(), secret))
        }
        _ => None,
    };
    let shares: Vec<_> = entries.filter_map(share).take(2).collect();
    let [(one, first), (two, second)] = shares[..] else { panic!("two shares stand") };
    first * lambda(one, two) + second * lambda(two, one)
}
