//! The same state read from a server, a directory and an archive is the same report.

use std::fs;

use veche_tests::web_server::WebServer;

use crate::program::{audit, text};
use crate::town::{SOUND, UNSOUND, folder_of};

#[test]
fn server_directory_and_archive_agree_line_for_line() {
    for (city, code) in [(&SOUND, 0), (&UNSOUND, 1)] {
        let folder = folder_of(city);
        let server = WebServer::of_files(city.files());
        let archive = folder.path().join("park.tar");
        let exported = audit(&["export", &server.url(), "--poll", "park", "--out", text(&archive)]);
        assert_eq!(exported.code, 0, "{exported:?}");
        let report = |source: &str| {
            let ran = audit(&["recount", source, "--poll", "park", "--json"]);
            assert_eq!((ran.code, ran.errors.as_str()), (code, ""), "{source}");
            ran.out
        };
        // AUDIT-12: nothing in the lines names the source.
        let online = report(&server.url());
        assert_eq!(report(&format!("{}/", server.url())), online, "with a slash at the end");
        assert_eq!(report(text(folder.path())), online);
        assert_eq!(report(text(&archive)), online);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = folder_of(&UNSOUND);
    let report = |workers: &str| {
        let base = ["recount", text(folder.path()), "--poll", "park", "--json", "--workers"];
        audit(&[&base[..], &[workers]].concat()).out
    };
    let alone = report("1");
    assert_eq!(alone.lines().count(), 18);
    for workers in ["0", "2", "7"] {
        assert_eq!(report(workers), alone, "{workers}");
    }
}

#[test]
fn one_state_is_one_archive_whatever_it_was_read_from() {
    let folder = folder_of(&SOUND);
    let server = WebServer::of_files(SOUND.files());
    let file = |name: &str| folder.path().join(name);
    let export = |source: &str, name: &str, more: &[&str]| {
        let out = file(name);
        let base = ["export", source, "--out", text(&out)];
        let ran = audit(&[&base[..], more].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        fs::read(out).unwrap()
    };
    let first = export(&server.url(), "1.tar", &["--poll", "park"]);
    assert_eq!(export(text(folder.path()), "2.tar", &["--poll", "park"]), first);
    assert_eq!(export(text(&file("1.tar")), "3.tar", &["--poll", "park"]), first);
    // Without a choice, all polls that the register announces.
    assert_eq!(export(&server.url(), "4.tar", &[]), first);
    assert!(!file("1.tar.partial").exists());
}

#[test]
fn what_does_not_hash_to_its_head_is_not_exported() {
    let mut files = SOUND.files();
    files.get_mut("poll/park/tile/entries/000").unwrap()[40] ^= 1;
    let server = WebServer::of_files(files);
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("park.tar");
    let ran = audit(&["export", &server.url(), "--out", text(&archive)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("no archive: the files of poll/park are broken"), "{ran:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}
