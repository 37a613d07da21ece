//! The page of a recount of nothing: what must hold of every page.

use veche_protocol::audit;
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use crate::source::SourceError;
use crate::{Options, recount};

struct Nothing;

impl audit::Source for Nothing {
    type Error = SourceError;

    fn fetch(&self, _: &LogPath, files: &[Resource]) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        Ok(vec![None; files.len()])
    }
}

#[test]
fn a_page_stands_alone_and_says_what_it_is() {
    let options = Options::new(LogPath::parse("poll/park").unwrap());
    let recount = recount(&Nothing, &options, &|_, _, _| ()).unwrap();
    let page = super::page(&recount);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    assert!(page.contains("Not sound"));
    assert!(page.contains("genesis-missing"));
    for loaded in ["src=", "<script", "<link", "url("] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}
