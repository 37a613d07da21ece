//! An archive: a plain tar file (POSIX ustar) of public files.
//!
//! In scope: reading one, strictly, from a file or from memory. Not here: writing one
//! ([`crate::export`]), and whether what it holds is true, which the recount says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use tar::EntryType;
use veche_protocol::audit::{MAX_FILE_LENGTH, Source};
use veche_protocol::log::tile::Resource;
use veche_protocol::name::LogPath;

use super::SourceError;

/// Where a member's bytes stand in the archive.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    length: u64,
}

/// An archive and where its members stand.
#[derive(Debug)]
pub struct ArchiveSource<R> {
    path: String,
    members: BTreeMap<(LogPath, Resource), Place>,
    reader: Mutex<R>,
}

impl ArchiveSource<File> {
    /// Opens an archive file.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let name = path.display().to_string();
        let file =
            File::open(path).map_err(|error| SourceError::File { path: name.clone(), error })?;
        Self::new(&name, file)
    }
}

impl<R: Read + Seek> ArchiveSource<R> {
    /// Reads the headers of an archive; `path` is what errors call it.
    pub fn new(path: &str, mut reader: R) -> Result<Self, SourceError> {
        let members = members(&mut reader).map_err(|defect| match defect {
            Defect::Reading(error) => SourceError::File { path: path.to_owned(), error },
            Defect::Form(reason) => SourceError::Archive { path: path.to_owned(), reason },
        })?;
        Ok(Self { path: path.to_owned(), members, reader: Mutex::new(reader) })
    }

    /// The logs of which the archive holds anything.
    pub fn logs(&self) -> Vec<LogPath> {
        let mut logs: Vec<_> = self.members.keys().map(|(log, _)| log.clone()).collect();
        logs.dedup();
        logs
    }

    fn read(&self, place: Place) -> Result<Vec<u8>, SourceError> {
        let mut reader = self.reader.lock().expect("nothing panics while it reads");
        let mut bytes = Vec::new();
        reader
            .seek(SeekFrom::Start(place.offset))
            .and_then(|_| {
                let length = place.length.min(MAX_FILE_LENGTH as u64 + 1);
                reader.by_ref().take(length).read_to_end(&mut bytes)
            })
            .map_err(|error| SourceError::File { path: self.path.clone(), error })?;
        Ok(bytes)
    }
}

impl<R: Read + Seek + Send> Source for ArchiveSource<R> {
    type Error = SourceError;

    fn fetch(
        &self,
        log: &LogPath,
        files: &[Resource],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError> {
        let place = |file: &Resource| self.members.get(&(log.clone(), *file)).copied();
        files.iter().map(|file| place(file).map(|place| self.read(place)).transpose()).collect()
    }
}

/// What is wrong with an archive.
enum Defect {
    Reading(std::io::Error),
    Form(String),
}

impl From<std::io::Error> for Defect {
    fn from(error: std::io::Error) -> Self {
        // The crate says by these kinds that the bytes are no tar file.
        match error.kind() {
            std::io::ErrorKind::Other
            | std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::UnexpectedEof => Self::Form(format!("not a tar file ({error})")),
            _ => Self::Reading(error),
        }
    }
}

fn members<R: Read + Seek>(reader: &mut R) -> Result<BTreeMap<(LogPath, Resource), Place>, Defect> {
    let mut members = BTreeMap::new();
    let whole = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let mut archive = tar::Archive::new(reader);
    // Raw, so that extensions are seen as the members that they are, and refused.
    for member in archive.entries_with_seek()?.raw(true) {
        let member = member?;
        let bytes = member.path_bytes();
        let name = String::from_utf8_lossy(&bytes).into_owned();
        // LOG-16: regular files of exactly the public names, each once.
        if member.header().as_ustar().is_none()
            || member.header().entry_type() != EntryType::Regular
        {
            return Err(Defect::Form(format!("{name:?} is not a regular file of a POSIX ustar")));
        }
        // A size in binary is an extension that other readers take for something else.
        if member.header().as_old().size[0] & 0x80 != 0 {
            return Err(Defect::Form(format!("the size of {name:?} is not written as in a ustar")));
        }
        let Some(file) = public_file(&name) else {
            return Err(Defect::Form(format!("{name:?} is not the name of a public file")));
        };
        let place = Place { offset: member.raw_file_position(), length: member.size() };
        // What was cut off on its way here says nothing about a poll.
        if place.offset.checked_add(place.length).is_none_or(|end| end > whole) {
            return Err(Defect::Form(format!("it ends within {name:?}")));
        }
        if members.insert(file, place).is_some() {
            return Err(Defect::Form(format!("{name:?} comes twice")));
        }
    }
    Ok(members)
}

/// The log and the file that a path below the base names.
fn public_file(name: &str) -> Option<(LogPath, Resource)> {
    let (log, rest) = match name.split_once('/')? {
        ("register", rest) => ("register", rest),
        (kind, rest) => {
            let (id, rest) = rest.split_once('/')?;
            (&name[..kind.len() + 1 + id.len()], rest)
        }
    };
    Some((LogPath::parse(log)?, Resource::parse(rest).ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn archive(
        members: &[(&str, EntryType)],
    ) -> Result<ArchiveSource<Cursor<Vec<u8>>>, SourceError> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, kind) in members {
            let mut header = tar::Header::new_ustar();
            // Not by `set_path`, which mends names.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(4);
            header.set_cksum();
            builder.append(&header, &b"body"[..]).unwrap();
        }
        ArchiveSource::new("test", Cursor::new(builder.into_inner().unwrap()))
    }

    #[test]
    fn members_are_found_by_log_and_file() {
        // LOG-16: whatever their order.
        let regular = EntryType::Regular;
        let source = archive(&[
            ("roll/a/tile/entries/x001/234.p/7", regular),
            ("register/checkpoint", regular),
        ])
        .unwrap();
        let roll = LogPath::parse("roll/a").unwrap();
        let wanted = [
            Resource::parse("tile/entries/x001/234.p/7").unwrap(),
            Resource::parse("tile/entries/x001/234.p/8").unwrap(),
        ];
        let fetched = source.fetch(&roll, &wanted).unwrap();
        assert_eq!(fetched, [Some(b"body".to_vec()), None]);
        assert_eq!(source.logs(), [LogPath::Register, roll]);
    }

    #[test]
    fn what_is_no_public_file_is_refused() {
        // LOG-16: other kinds, other names, and names that come twice.
        let regular = EntryType::Regular;
        for members in [
            &[("register/checkpoint", EntryType::Symlink)][..],
            &[("register/checkpoint", EntryType::Directory)],
            &[("register/checkpoint", EntryType::XHeader)],
            &[("register/tile/0/0", regular)],
            &[("register/tile/0/000.p/256", regular)],
            &[("README", regular)],
            &[("city/roll/a/checkpoint", regular)],
            &[("./register/checkpoint", regular)],
            &[("register/checkpoint", regular), ("register/checkpoint", regular)],
        ] {
            let refused = archive(members);
            assert!(matches!(refused, Err(SourceError::Archive { .. })), "{members:?}");
        }
        let noise = ArchiveSource::new("test", Cursor::new(vec![7; 1024]));
        assert!(matches!(noise, Err(SourceError::Archive { .. })));
    }
}
