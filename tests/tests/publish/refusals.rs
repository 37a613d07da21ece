//! What is never published, and never written over.

use veche_api::publish::PublishError;
use veche_protocol::breach::Breach;
use veche_protocol::name::LogPath;

use crate::kept::{Kept, assert_complete};
use crate::shown_city::{Files, ShownCity, poll};

/// A city of which 300 entries of a poll were published, and what holds them.
fn published() -> (ShownCity, Kept) {
    let town = ShownCity::with_entries(300);
    let kept = Kept::with(&Files::new());
    town.publish(&kept).unwrap();
    (town, kept)
}

/// That nothing is written while the city shows this; gives the error.
fn refused(town: &ShownCity, kept: &Kept) -> PublishError {
    let before = kept.files();
    let error = town.publish(kept).unwrap_err();
    let after = kept.files();
    for (name, bytes) in &before {
        assert_eq!(after.get(name), Some(bytes), "{name}: {error}");
    }
    let heads = |files: &Files| files.keys().filter(|name| name.ends_with("checkpoint")).count();
    assert_eq!(heads(&before), heads(&after), "{error}");
    error
}

#[test]
fn a_smaller_head_is_not_published() {
    let (mut town, kept) = published();
    let entries = &mut town.city.logs.get_mut(&poll()).unwrap().entries;
    entries.truncate(290);
    town.show();
    // PUBLISH-22: it may be an old answer of a cache, and is refused as long as it is shown.
    let error = refused(&town, &kept);
    assert!(error.is_passing(), "{error}");
    assert!(matches!(error, PublishError::Smaller { there: 300, shown: 290, .. }), "{error}");
}

#[test]
fn another_past_is_not_published() {
    for growth in [0, 1, 300] {
        let (mut town, kept) = published();
        town.city.logs.get_mut(&poll()).unwrap().entries[7] = b"another".to_vec();
        town.append(&poll(), growth);
        town.show();
        // PUBLISH-22, PUBLISH-27: somebody has to look at this.
        let error = refused(&town, &kept);
        assert!(!error.is_passing(), "{error}");
        assert!(matches!(error, PublishError::Forked { size: 300, .. }), "{error}");
    }
}

#[test]
fn another_register_is_not_published() {
    let (mut town, kept) = published();
    let register = town.city.logs.get_mut(&LogPath::Register).unwrap();
    register.entries.remove(1);
    let (announced, anchors) = (town.city.announce_log(&poll()), town.city.anchor());
    assert!(announced < anchors);
    town.show();
    let error = refused(&town, &kept);
    assert!(!error.is_passing(), "{error}");
}

#[test]
fn files_that_are_not_the_heads_are_not_published() {
    let (mut town, kept) = published();
    town.append(&poll(), 400);
    let files = town.city.files();
    let altered = |name: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut files = files.clone();
        change(files.get_mut(name).unwrap());
        town.show_files(files);
        refused(&town, &kept)
    };
    let flip = |bytes: &mut Vec<u8>| bytes[40] ^= 1;
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    for (name, change, breach) in [
        // PUBLISH-22: the edge gives the root.
        ("poll/park/tile/0/002.p/188", &flip as &dyn Fn(&mut Vec<u8>), Breach::RootMismatch),
        ("poll/park/tile/1/000.p/2", &flip, Breach::RootMismatch),
        ("poll/park/tile/1/000.p/2", &cut, Breach::TileMalformed),
        // A full tile hangs below the one above it, and a bundle below its tile.
        ("poll/park/tile/0/001", &flip, Breach::TileMismatch),
        ("poll/park/tile/0/001", &cut, Breach::TileMalformed),
        ("poll/park/tile/entries/001", &flip, Breach::TileMismatch),
        ("poll/park/tile/entries/002.p/188", &cut, Breach::TileMalformed),
        ("poll/park/checkpoint", &flip, Breach::CheckpointMalformed),
    ] {
        let error = altered(name, change);
        let PublishError::Untrue { breach: found, .. } = error else { panic!("{name}: {error}") };
        let signature = [Breach::NoteSignatureInvalid, Breach::NoteMalformed];
        assert!(found == breach || signature.contains(&found), "{name}: {found}");
    }
    // The same city, true again.
    town.show();
    town.publish(&kept).unwrap();
    assert_complete(&kept.files(), &town.city);
}

#[test]
fn a_log_that_begins_otherwise_than_announced_is_not_published() {
    let mut town = ShownCity::with_entries(3);
    town.city.logs.get_mut(&poll()).unwrap().entries[0] = b"another".to_vec();
    town.show();
    // PUBLISH-20
    let error = refused(&town, &Kept::with(&Files::new()));
    let announced = matches!(error, PublishError::Untrue { breach: Breach::LogNotAnnounced, .. });
    assert!(announced, "{error}");
}

#[test]
fn a_head_by_another_key_is_not_published() {
    let (mut town, kept) = published();
    town.append(&poll(), 1);
    let mut files = town.city.files();
    let other = veche_tests::city::key("somebody else");
    let note = town.city.at(&poll()).checkpoint(&other);
    files.insert("poll/park/checkpoint".to_owned(), note);
    town.show_files(files);
    // PUBLISH-20: the key is that of the register's genesis.
    let error = refused(&town, &kept);
    let unsigned = matches!(error, PublishError::Untrue { breach: Breach::NoteUnsigned, .. });
    assert!(unsigned, "{error}");
}

#[test]
fn other_bytes_at_the_destination_are_not_written_over() {
    for name in ["poll/park/tile/0/001", "poll/park/tile/entries/002.p/188", "register/checkpoint"]
    {
        let (mut town, kept) = published();
        town.append(&poll(), 400);
        town.show();
        let mut files = kept.files();
        files.insert(name.to_owned(), b"something else".to_vec());
        let kept = Kept::with(&files);
        // PUBLISH-23: it ends with an error that names the file, and nothing is written over it.
        let error = refused(&town, &kept);
        let named = matches!(&error, PublishError::OtherBytes { path, .. } if path == name);
        assert!(named && !error.is_passing(), "{error}");
    }
}

#[test]
fn a_head_that_somebody_else_has_replaced_is_not_written_over() {
    let (mut town, kept) = published();
    let mut slow = town.publisher(&kept);
    town.round(&mut slow).unwrap();
    town.append(&poll(), 1);
    town.show();
    let early = town.city.files();
    town.append(&poll(), 1);
    town.show();
    town.publish(&kept).unwrap();
    let published = kept.files();
    // PUBLISH-23: the slower one knows the head of before, and is shown an old one by a cache.
    town.show_files(early);
    let error = town.round(&mut slow).unwrap_err();
    assert!(error.is_passing(), "{error}");
    assert_eq!(kept.files()["poll/park/checkpoint"], published["poll/park/checkpoint"]);
    // It has to look again now, and sees.
    let error = town.round(&mut slow).unwrap_err();
    assert!(matches!(error, PublishError::Smaller { there: 302, shown: 301, .. }), "{error}");
}

#[test]
fn a_register_that_grows_all_the_time_is_not_published() {
    let town = ShownCity::with_entries(3);
    let mut city = town.city.clone();
    let (url, kept) = (town.url(), Kept::with(&Files::new()));
    drop(url);
    let heads: Vec<_> = (0..40)
        .map(|_| {
            city.anchor();
            city.files()
        })
        .collect();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = veche_tests::web_server::WebServer::answering(move |request| {
        let order = std::sync::atomic::Ordering::SeqCst;
        let grows = usize::from(request.path == "register/checkpoint");
        let now = (count.fetch_add(grows, order) + grows).min(heads.len() - 1);
        heads[now].get(&request.path).map_or_else(veche_tests::web_server::not_found, |file| {
            veche_tests::web_server::ok(file)
        })
    });
    let error = town.publish_from(&server.url(), &kept).unwrap_err();
    // PUBLISH-21: heads that may not fit each other are not published.
    assert!(matches!(error, PublishError::Unsettled(_)), "{error}");
    assert!(error.is_passing() && kept.files().is_empty());
}
