//! An outside witness: C2SP tlog-witness from its document, with the crates `signed_note` and
//! `tlog_tiles` for notes and proofs and `ed25519_dalek` for the signature, and no code of
//! `veche-protocol`. It remembers in memory, which is enough for a test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, Verifier as _, VerifyingKey};
use signed_note::{Note, Signature, StandardVerifier, Verifier, VerifierList, key_id};
use tlog_tiles::{Checkpoint, Hash, check_tree};
use veche_tests::web_server::{Request, WebServer, answer, ok, status};

/// Type of a timestamped Ed25519 cosignature.
const COSIGNATURE: u8 = 4;

/// What the witness has cosigned: all heads of each log in order.
type Seen = BTreeMap<String, Vec<(u64, Hash)>>;

/// A witness on a port of its own.
pub(crate) struct OutsideWitness {
    name: String,
    public: VerifyingKey,
    seen: Arc<Mutex<Seen>>,
    server: WebServer,
}

impl OutsideWitness {
    /// Starts a witness of the logs with these verifier keys.
    pub(crate) fn start(name: &str, logs: &[String]) -> Self {
        let secret = SigningKey::from_bytes(&[42; 32]);
        let public = secret.verifying_key();
        let seen = Arc::new(Mutex::new(Seen::new()));
        let (owned, kept, logs) = (name.to_owned(), Arc::clone(&seen), logs.to_vec());
        let server = WebServer::answering(move |request| {
            let mut seen = kept.lock().unwrap();
            match judge(request, &logs, &mut seen) {
                Ok(text) => ok(&cosign(&owned, &secret, &text)),
                Err(refusal) => refusal,
            }
        });
        Self { name: name.to_owned(), public, seen, server }
    }

    /// Its verifier key.
    pub(crate) fn verifier_key(&self) -> String {
        let key = typed(&self.public);
        format!("{}+{:08x}+{}", self.name, key_id(&self.name, &key), STANDARD.encode(key))
    }

    /// Its line in a policy.
    pub(crate) fn line(&self) -> String {
        format!("witness {} {} {}\n", self.name, self.verifier_key(), self.server.url())
    }

    /// The heads that it has cosigned.
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// What verifies its cosignatures.
    pub(crate) fn verifier(&self) -> CosignatureVerifier {
        CosignatureVerifier { name: self.name.clone(), public: self.public }
    }
}

/// The type byte and the public key.
fn typed(public: &VerifyingKey) -> Vec<u8> {
    [&[COSIGNATURE][..], public.as_bytes()].concat()
}

/// What is signed: the time, and the whole text.
fn message(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// Judges a request, and remembers what is accepted; gives the text to be cosigned.
fn judge(request: &Request, logs: &[String], seen: &mut Seen) -> Result<Vec<u8>, Vec<u8>> {
    let bad = || status("400 Bad Request");
    if request.method != "POST" || request.path != "add-checkpoint" {
        return Err(status("404 Not Found"));
    }
    let split = request.body.windows(2).position(|two| two == b"\n\n").ok_or_else(bad)?;
    let head = std::str::from_utf8(&request.body[..split]).map_err(|_| bad())?;
    let mut lines = head.lines();
    let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or_else(bad)?;
    let old: u64 = old.parse().map_err(|_| bad())?;
    let proof = lines.map(Hash::parse_hash).collect::<Result<Vec<_>, _>>().map_err(|_| bad())?;
    let note = Note::from_bytes(&request.body[split + 2..]).map_err(|_| bad())?;
    let asked = Checkpoint::from_bytes(note.text()).map_err(|_| bad())?;
    let known = logs.iter().find(|key| key.split('+').next() == Some(asked.origin()));
    let known = known.ok_or_else(|| status("404 Not Found"))?;
    let verifier: Box<dyn Verifier> = Box::new(StandardVerifier::new(known).unwrap());
    let (signed, _) =
        note.verify(&VerifierList::new(vec![verifier])).map_err(|_| status("403 Forbidden"))?;
    assert!(!signed.is_empty());
    if old > asked.size() {
        return Err(bad());
    }
    let heads = seen.entry(asked.origin().to_owned()).or_default();
    let latest = heads.last().copied();
    let size = latest.map_or(0, |(size, _)| size);
    if old != size {
        return Err(answer("409 Conflict", format!("{size}\n").as_bytes()));
    }
    let extends = match latest {
        None | Some((0, _)) => proof.is_empty(),
        Some((size, root)) if size == asked.size() => proof.is_empty() && root == *asked.hash(),
        Some((size, root)) => check_tree(&proof, asked.size(), *asked.hash(), size, root).is_ok(),
    };
    if !extends {
        return Err(status("422 Unprocessable Entity"));
    }
    heads.push((asked.size(), *asked.hash()));
    Ok(note.text().to_vec())
}

/// The signature line of a text, with the time of now.
fn cosign(name: &str, secret: &SigningKey, text: &[u8]) -> Vec<u8> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let signature = secret.sign(&message(time, text)).to_bytes();
    let blob = [&time.to_be_bytes()[..], &signature].concat();
    let id = key_id(name, &typed(&secret.verifying_key()));
    Signature::new(name.to_owned(), id, blob).unwrap().to_bytes()
}

/// Verifies cosignatures as `signed_note` asks for it.
#[derive(Clone)]
pub(crate) struct CosignatureVerifier {
    name: String,
    public: VerifyingKey,
}

impl Verifier for CosignatureVerifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.name, &typed(&self.public))
    }

    fn verify(&self, text: &[u8], blob: &[u8]) -> bool {
        let Some((time, signature)) = blob.split_first_chunk::<8>() else { return false };
        let message = message(u64::from_be_bytes(*time), text);
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.public.verify(&message, &signature).is_ok())
    }
}
