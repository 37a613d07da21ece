//! Archives that were cut off or crafted: refused with a word, never followed, never believed.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use veche_auditor::source::SourceError;
use veche_auditor::source::archive::ArchiveSource;
use veche_auditor::{Options, recount};
use veche_protocol::audit::Verdict;

use crate::program::{Ran, audit, text};
use crate::town::{SOUND, folder_of, poll};

/// Length of a block of a tar file.
const BLOCK: usize = 512;
const REGULAR: u8 = b'0';

/// A header of a ustar file, with whatever in its fields.
fn header(name: &[u8], kind: u8, size: &[u8]) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    header[..name.len()].copy_from_slice(name);
    header[100..108].copy_from_slice(b"0000644\0");
    header[108..116].copy_from_slice(b"0000000\0");
    header[116..124].copy_from_slice(b"0000000\0");
    header[124..124 + size.len()].copy_from_slice(size);
    header[136..148].copy_from_slice(b"00000000000\0");
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    signed(header)
}

/// The header with its sum.
fn signed(mut header: [u8; BLOCK]) -> [u8; BLOCK] {
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A member with its header, padded to whole blocks.
fn member(name: &str, kind: u8, body: &[u8]) -> Vec<u8> {
    let size = format!("{:011o}\0", body.len());
    let mut bytes = header(name.as_bytes(), kind, size.as_bytes()).to_vec();
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 2 * BLOCK]].concat()
}

/// The members of the sound town.
fn members() -> Vec<Vec<u8>> {
    SOUND.files().iter().map(|(name, body)| member(name, REGULAR, body)).collect()
}

fn recount_of(archive: &[u8]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("park.tar");
    fs::write(&file, archive).unwrap();
    let ran = audit(&["recount", text(&file), "--poll", "park", "--json"]);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "an archive is read and never unpacked: {names:?}");
    ran
}

#[test]
fn order_mode_owner_and_time_of_members_do_not_matter() {
    // LOG-16
    let usual = recount_of(&archive(&members()));
    assert_eq!(usual.code, 0, "{usual:?}");
    let mut strange = members();
    strange.reverse();
    for member in &mut strange {
        member[100..107].copy_from_slice(b"0000777");
        member[108..115].copy_from_slice(b"0001750");
        member[136..147].copy_from_slice(b"14717777777");
        let header = signed(member[..BLOCK].try_into().unwrap());
        member[..BLOCK].copy_from_slice(&header);
    }
    assert_eq!(recount_of(&archive(&strange)).out, usual.out);
    // The name of a member may be divided at a slash between prefix and name.
    for member in &mut strange {
        let end = member.iter().position(|&byte| byte == 0).unwrap();
        let name = member[..end].to_vec();
        let slash = name.iter().position(|&byte| byte == b'/').unwrap();
        member[..100].fill(0);
        member[..end - slash - 1].copy_from_slice(&name[slash + 1..]);
        member[345..345 + slash].copy_from_slice(&name[..slash]);
        let header = signed(member[..BLOCK].try_into().unwrap());
        member[..BLOCK].copy_from_slice(&header);
    }
    assert_eq!(recount_of(&archive(&strange)).out, usual.out);
}

#[test]
fn crafted_members_are_refused() {
    let extra = |crafted: Vec<u8>| archive(&[members(), vec![crafted]].concat());
    let named = |name: &str| extra(member(name, REGULAR, b"body"));
    let mut cases: Vec<(String, Vec<u8>)> = [
        "../register/checkpoint",
        "/register/checkpoint",
        "/etc/passwd",
        "register/../register/checkpoint",
        "register//checkpoint",
        "register/./checkpoint",
        "register/checkpoint/",
        "poll/../../../../tmp/checkpoint",
        "poll/PARK/checkpoint",
        "poll/park/tile/9/000",
        "poll/park\\checkpoint",
        "C:/register/checkpoint",
        "README",
        "",
    ]
    .map(|name| (format!("{name:?} is not the name"), named(name)))
    .into();
    // Links, folders, devices, extensions of other formats: none of them is a public file.
    for kind in *b"123456789xgLKSMDV" {
        let crafted = extra(member("poll/other/checkpoint", kind, b"body"));
        cases.push(("is not a regular file of a POSIX ustar".to_owned(), crafted));
    }
    let twice = extra(member("register/checkpoint", REGULAR, b"another"));
    cases.push(("\"register/checkpoint\" comes twice".to_owned(), twice));
    let mut gnu: [u8; BLOCK] = header(b"poll/other/checkpoint", REGULAR, b"00000000000\0");
    gnu[257..265].copy_from_slice(b"ustar  \0");
    cases.push(("is not a regular file of a POSIX ustar".to_owned(), extra(signed(gnu).to_vec())));
    let mut sum = header(b"poll/other/checkpoint", REGULAR, b"00000000000\0");
    sum[0] ^= 1;
    cases.push(("not a tar file".to_owned(), extra(sum.to_vec())));
    for (message, archive) in cases {
        let ran = recount_of(&archive);
        // AUDIT-11: nothing was found about the poll, sound as it is.
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{message}: {ran:?}");
        assert!(ran.errors.contains(&message), "{message}: {}", ran.errors);
    }
}

#[test]
fn sizes_that_are_not_true_are_refused() {
    for (size, message) in [
        (&b"77777777777\0"[..], "it ends within \"poll/other/checkpoint\""),
        (b"00000002001\0", "it ends within \"poll/other/checkpoint\""),
        (b"\x80\0\0\0\0\0\0\0\0\0\0\x04", "is not written as in a ustar"),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "park.tar: "),
        (b"no number!!\0", "not a tar file"),
        (b"-0000000001\0", "not a tar file"),
    ] {
        let crafted = header(b"poll/other/checkpoint", REGULAR, size).to_vec();
        let ran = recount_of(&archive(&[members(), vec![crafted]].concat()));
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{size:?}: {ran:?}");
        assert!(ran.errors.contains(message), "{size:?}: {}", ran.errors);
    }
}

#[test]
fn an_archive_that_was_cut_off_is_never_sound() {
    let whole = archive(&members());
    let mut boundaries = vec![0];
    for member in members() {
        boundaries.push(boundaries.last().unwrap() + member.len());
    }
    // Without the padding of the last member, which holds nothing.
    let end = whole.iter().rposition(|&byte| byte != 0).unwrap();
    let cuts = (1..end).step_by(end / 97).chain(boundaries.iter().flat_map(|&at| [at, at + 100]));
    for cut in cuts.filter(|&cut| cut < end) {
        let source = ArchiveSource::new("cut.tar", Cursor::new(&whole[..cut]));
        let is_whole_member = boundaries.contains(&cut);
        let source = match source {
            Ok(source) => source,
            Err(error) => {
                assert!(!is_whole_member, "{cut}: {error}");
                assert!(matches!(error, SourceError::Archive { .. }), "{cut}: {error}");
                continue;
            }
        };
        // Cut within the padding or between two members, all that is there is whole.
        match recount(&source, &Options::new(poll()), &|_, _, _| ()) {
            Ok(recount) => assert_ne!(recount.verdict(), Verdict::Sound, "{cut}"),
            Err(error) => assert!(matches!(error, SourceError::NoHead(_)), "{cut}: {error}"),
        }
    }
}

#[test]
fn what_is_no_tar_file_is_refused() {
    let whole = archive(&members());
    let mut shifted = vec![0x1f, 0x8b, 8, 0];
    shifted.extend_from_slice(&whole);
    let noise: Vec<u8> = (0..4_096_u32).map(|n| (n * n % 251) as u8).collect();
    for bytes in [&shifted[..], &noise, b"PK\x03\x04", b"x"] {
        let ran = recount_of(bytes);
        assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
        assert!(ran.errors.contains("not a tar file"), "{}", ran.errors);
    }
    // Nothing at all is an archive without any log.
    assert_eq!(recount_of(b"").code, 3);
}

#[test]
fn a_member_of_8_gigabytes_takes_no_memory() {
    // A bundle of 8 GiB, which is the most that a ustar can say, in a file with a hole; and an
    // eighth of that to work in.
    let folder = folder_of(&SOUND);
    let file = folder.path().join("park.tar");
    let mut all = Vec::new();
    for (name, body) in SOUND.files() {
        if name != "poll/park/tile/entries/000" {
            all.extend(member(&name, REGULAR, &body));
        }
    }
    let size = 0o77_777_777_777_u64;
    all.extend(header(b"poll/park/tile/entries/000", REGULAR, b"77777777777\0"));
    fs::write(&file, &all).unwrap();
    let length = (all.len() as u64 + size).next_multiple_of(BLOCK as u64) + 1_024;
    fs::File::options().write(true).open(&file).unwrap().set_len(length).unwrap();
    let ran = bounded(&file);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("tile-malformed"), "{}", ran.out);
}

/// A recount with 1 GiB of address space.
fn bounded(source: &Path) -> Ran {
    crate::program::audit_in("ulimit -v 1048576", &["recount", text(source), "--poll", "park"])
}
