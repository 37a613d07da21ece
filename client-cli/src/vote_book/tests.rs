//! Tests of a voter's book: what is kept, and that a crash at any step costs nothing.

use super::*;
use crate::growth::{Look, Promise, look_in};
use crate::test_city::{POLL, TestCity, VOTERS, key, poll_path};

struct Bench {
    city: TestCity,
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let city = TestCity::with_sealed_poll();
        city.begin();
        let folder = tempfile::tempdir().unwrap();
        let path = VoteBook::path_of(&folder.path().join("anna.toml"), None, POLL);
        Self { city, _folder: folder, path }
    }

    fn of(&self) -> BookOf {
        let (url, pins) = ("http://127.0.0.1:8080".to_owned(), self.city.pins.clone());
        BookOf { url, pins, poll: POLL.to_owned() }
    }

    fn create(&self) -> Result<VoteBook, ClientError> {
        VoteBook::create(&self.path, Some("horse"), self.of(), Some(self.city.credential(0)))
    }

    /// The book as a program finds it that begins after a crash.
    fn open(&self) -> VoteBook {
        VoteBook::open(&self.path, || Ok(Zeroizing::new("horse".to_owned()))).unwrap()
    }

    fn poll(&self) -> PollCopy {
        self.city.poll(&self.city.read())
    }

    fn paper(&self) -> BallotPaper {
        BallotPaper::of(&self.city.read(), &self.poll()).unwrap()
    }

    /// The request stands and is answered, and the poll is open.
    fn serve(&self, request: &[u8]) {
        self.city.push(&poll_path(), request);
        self.city.issue(0);
        self.city.issue(1);
        self.city.hold_ceremony();
        self.city.open();
    }
}

const REVOTE: Revote = Revote::Last { max_turn: 2 };

#[test]
fn a_crash_at_each_step_loses_nothing_and_asks_for_nothing_twice() {
    let bench = Bench::new();
    // CRED-10: the book is on the disk before the request is sent; what is sent comes from it.
    let request = bench.create().unwrap().credential().unwrap().request().bytes().to_vec();
    let book = bench.open();
    assert_eq!(book.credential().unwrap().request().bytes(), request);
    assert_eq!(book.of(), &bench.of());
    drop(book);
    // A second book in its place is refused, and the first stays as it was.
    assert!(bench.create().is_err());
    bench.serve(&request);
    let mut book = bench.open();
    let poll = bench.poll();
    assert!(book.collect(&poll, &Answers::of(&poll)).unwrap().is_empty());
    drop(book);
    let mut book = bench.open();
    assert!(book.credential().unwrap().is_ready());
    let chosen = vec![vec![2]];
    assert!(book.pending(&chosen, REVOTE).unwrap().is_none());
    let ballot = book.sign(&bench.paper(), 0, chosen.clone(), None).unwrap();
    drop(book);
    // Signed and not sent, or sent and not answered: the same bytes are sent again.
    let mut book = bench.open();
    assert_eq!(book.pending(&chosen, REVOTE).unwrap().unwrap(), ballot);
    let index = bench.city.push(&poll_path(), ballot.bytes());
    let receipt = bench.city.receipt(&poll_path(), index);
    book.keep_receipt(&ballot, &receipt).unwrap();
    drop(book);
    let book = bench.open();
    assert!(book.pending(&chosen, REVOTE).unwrap().is_none());
    assert_eq!(book.next_turn(None, REVOTE).unwrap(), 1);
    assert_eq!(book.votes()[0].selections, chosen);
    assert_eq!(book.votes()[0].receipt.as_ref().unwrap().index(), index);
    assert_eq!(bench.poll().rejected(), []);
}

#[test]
fn a_receipt_grows_in_the_book_and_the_first_stays() {
    let bench = Bench::new();
    let mut book = bench.create().unwrap();
    bench.serve(book.credential().unwrap().request().bytes());
    let poll = bench.poll();
    book.collect(&poll, &Answers::of(&poll)).unwrap();
    let ballot = book.sign(&bench.paper(), 0, vec![vec![2]], None).unwrap();
    let index = bench.city.push(&poll_path(), ballot.bytes());
    let receipt = bench.city.receipt(&poll_path(), index);
    book.keep_receipt(&ballot, &receipt).unwrap();
    bench.city.push(&poll_path(), b"more");
    let verifier = bench.city.pins.verifier(&poll_path());
    let (path, entry) = (poll_path(), ballot.bytes());
    let promise = Promise { path: &path, verifier: &verifier, entry, receipt: &receipt };
    let Look::Grown(grown, _) = look_in(bench.poll().log(), &promise, None).unwrap() else {
        panic!("the log has grown");
    };
    book.keep_grown(&ballot, (*grown).clone()).unwrap();
    drop(book);
    let book = bench.open();
    // RECEIPT-12: what was promised first is kept beside what came later.
    assert_eq!(book.votes()[0].receipt, Some(receipt.with_extra(entry.to_vec())));
    assert_eq!(book.votes()[0].grown, Some(*grown));
}

#[test]
fn a_book_of_the_first_version_is_read() {
    let bench = Bench::new();
    let mut book = bench.create().unwrap();
    bench.serve(book.credential().unwrap().request().bytes());
    let poll = bench.poll();
    book.collect(&poll, &Answers::of(&poll)).unwrap();
    book.sign(&bench.paper(), 0, vec![vec![2]], None).unwrap();
    let VoteBook { of, credential, votes, .. } = &book;
    let content = encode(of, None, credential.as_ref(), votes, false);
    // The name of the format, and the vote without what grows; only the claim stands after it.
    let find =
        |sought: &[u8]| content.windows(sought.len()).position(|bytes| bytes == sought).unwrap();
    let mut vote = Encoder::new();
    vote.array(4).bytes(&selections_bytes(&votes[0].selections)).bytes(votes[0].ballot.bytes());
    let mut old = content.to_vec();
    old[find(FORMAT.as_bytes()) + FORMAT.len() - 1] = b'1';
    old[find(&vote.finish())] = 0x83;
    let null = old.len() - 2;
    assert_eq!(old.remove(null), 0xf6, "no grown receipt");
    let other = bench.path.with_extension("old");
    drop(EncryptedFile::create(&other, KIND, None, &old).unwrap());
    let read = VoteBook::open(&other, || Ok(Zeroizing::default())).unwrap();
    assert_eq!(read.votes()[0].ballot, votes[0].ballot);
    assert_eq!(read.votes()[0].grown, None);
}

#[test]
fn nothing_of_the_book_can_be_read_without_its_passphrase() {
    let bench = Bench::new();
    let book = bench.create().unwrap();
    let credential = book.credential().unwrap();
    let stored = std::fs::read(&bench.path).unwrap();
    for secret in [&credential.key().0[..], &credential.request().bytes()[..32], POLL.as_bytes()] {
        assert!(!stored.windows(secret.len()).any(|window| window == secret));
    }
    drop(book);
    let wrong = VoteBook::open(&bench.path, || Ok(Zeroizing::default()));
    assert_eq!(wrong.unwrap_err().code(), "passphrase-wrong");
}

#[test]
fn turns_are_not_used_twice() {
    let bench = Bench::new();
    let mut book = bench.create().unwrap();
    bench.serve(book.credential().unwrap().request().bytes());
    let poll = bench.poll();
    book.collect(&poll, &Answers::of(&poll)).unwrap();
    let paper = bench.paper();
    book.sign(&paper, 0, vec![vec![0]], None).unwrap();
    // Another choice while the first has no receipt: a new turn, or nothing where the first counts.
    assert!(book.pending(&vec![vec![1]], REVOTE).unwrap().is_none());
    assert_eq!(book.pending(&vec![vec![1]], Revote::First).unwrap_err().code(), "usage");
    assert_eq!(book.next_turn(Some(0), REVOTE).unwrap_err().code(), "stale-turn");
    assert_eq!(book.next_turn(None, Revote::First).unwrap_err().code(), "already-voted");
    assert_eq!(book.next_turn(Some(2), REVOTE).unwrap(), 2);
    let refused = book.sign(&paper, 3, vec![vec![0]], None).unwrap_err();
    // BALLOT-7: what would be spoiled is not signed, and not kept.
    assert_eq!((refused.code(), book.votes().len()), ("turn-out-of-range", 1));
}

#[test]
fn who_claims_does_not_vote_and_who_votes_does_not_claim() {
    let bench = Bench::new();
    let mut book = bench.create().unwrap();
    bench.serve(book.credential().unwrap().request().bytes());
    let poll = bench.poll();
    book.collect(&poll, &Answers::of(&poll)).unwrap();
    let (paper, voter) = (bench.paper(), key(VOTERS));
    // CRED-11: after a claim no ballot is signed, in a later run neither.
    book.claim(&poll, &voter).unwrap();
    drop(book);
    let mut book = bench.open();
    assert_eq!(book.sign(&paper, 0, vec![vec![0]], None).unwrap_err().code(), "usage");
    drop(book);
    std::fs::remove_file(&bench.path).unwrap();
    let credential = bench.city.credential(0);
    let mut other = VoteBook::create(&bench.path, None, bench.of(), Some(credential)).unwrap();
    // A request that is not the one on the log gives no claim, however it was made.
    assert_eq!(other.claim(&poll, &voter).unwrap_err().code(), "request-repeated");
}

#[test]
fn a_log_that_was_rewritten_is_noticed() {
    let bench = Bench::new();
    let [one, other] = [1, 2].map(|voter| bench.city.credential(voter));
    bench.city.push(&poll_path(), one.request().bytes());
    let mut book = bench.create().unwrap();
    book.check_and_note(bench.poll().log()).unwrap();
    drop(book);
    // After the last anchor, so that nothing but what this voter saw tells the difference.
    bench.city.logs.borrow_mut().get_mut(&poll_path()).unwrap().pop();
    bench.city.push(&poll_path(), other.request().bytes());
    let refused = bench.open().check_and_note(bench.poll().log()).unwrap_err();
    assert_eq!(refused.code(), "head-forked");
}
