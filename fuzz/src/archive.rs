//! Archives: whatever the bytes, a recount ends, and under the instance id of a city nothing is
//! SOUND but the history that this city has signed.

use std::io::Cursor;
use std::sync::LazyLock;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_auditor::source::archive::ArchiveSource;
use veche_protocol::audit::{self, Alone, Recount, Trust, Verdict};
use veche_protocol::hash::Hash;
use veche_protocol::name::{LogPath, LogType};

/// The archive of a small city with one poll, certified; the other seeds were made from it.
const SOUND: &[u8] = include_bytes!("../seeds/archive/sound");

/// Its instance id, and the transcript of its poll.
static SIGNED: LazyLock<(Hash, Option<Hash>)> = LazyLock::new(|| {
    let recounts = recounts(SOUND, None);
    let [recount] = recounts.as_slice() else { panic!("the seed holds one poll") };
    assert_eq!(recount.verdict(), Verdict::Sound);
    let city = recount.city.as_ref().expect("the seed holds a city");
    (city.instance, recount.transcript_hash())
});

/// The bytes are an archive.
pub fn holds(data: &[u8]) {
    let (instance, transcript) = *SIGNED;
    for recount in recounts(data, Some(instance)) {
        if recount.verdict() == Verdict::Sound {
            assert_eq!(recount.transcript_hash(), transcript);
        }
    }
}

/// Recounts every poll of which the archive holds anything; none if it is no archive.
fn recounts(archive: &[u8], instance: Option<Hash>) -> Vec<Recount> {
    let Ok(source) = ArchiveSource::new("the input", Cursor::new(archive)) else {
        return Vec::new();
    };
    let trust = Trust { instance, ..Trust::default() };
    let crew = Alone::new(StdRng::seed_from_u64(0));
    let polls = source.logs().into_iter().filter(|log| log.log_type() == LogType::Poll);
    let recount = |poll: LogPath| audit::recount(&source, &crew, &poll, &trust, &|_, _, _| ());
    polls.map(|poll| recount(poll).expect("memory can be read")).collect()
}
