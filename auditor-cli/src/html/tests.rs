//! The page of a recount of nothing: what must hold of every page.

use veche_protocol::audit;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use crate::source::SourceError;
use crate::{Options, recount};

/// A source whose every checkpoint is this, and which has nothing else.
struct Heads(Option<&'static [u8]>);

impl audit::Source for Heads {
    type Error = SourceError;

    fn fetch(&self, _: &LogPath, files: &[Resource]) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        let is_head = |file: &&Resource| **file == Resource::Checkpoint;
        let file = |file| self.0.filter(|_| is_head(&file)).map(<[u8]>::to_vec);
        Ok(files.iter().map(file).collect())
    }
}

#[test]
fn a_page_stands_alone_and_says_what_it_is() {
    let options = Options::new(LogPath::parse("poll/park").unwrap());
    let recount = recount(&Heads(Some(b"no head")), &options, &|_, _, _| ()).unwrap();
    let page = super::page(&recount);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(page.contains("Not sound"));
    assert!(page.contains("genesis-missing"));
    for loaded in ["src=", "<script", "<link", "url("] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}

#[test]
fn without_a_head_there_is_nothing_to_recount() {
    // AUDIT-4: of the register or the poll.
    let options = Options::new(LogPath::parse("poll/park").unwrap());
    let recount = recount(&Heads(None), &options, &|_, _, _| ());
    assert!(matches!(recount, Err(SourceError::NoHead(log)) if log == "register"));
}
