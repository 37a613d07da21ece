//! `veche commission officers`: appoint the officers.

use clap::Args;
use veche_protocol::breach::Breach;
use veche_protocol::name::LogPath;
use veche_protocol::register::{Officer, OfficerList, Role};
use veche_protocol::signature::Key;

use crate::acts::check::Target;
use crate::acts::register;
use crate::commands::Global;
use crate::commands::session::Session;
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Appoint the officers: the list replaces the one in force.
///
/// Roles: registrar, inspector, poll-officer, moderator. The label names a function, never a
/// person.
#[derive(Debug, Args)]
pub(super) struct OfficersCommand {
    /// One officer, as `KEY:LABEL:ROLE[,ROLE]...`; repeat for each.
    #[arg(long, required = true, value_name = "KEY:LABEL:ROLES", value_parser = officer)]
    officer: Vec<Officer>,
    #[command(flatten)]
    signing: SigningArgs,
}

impl OfficersCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let city = session.city()?;
        let act = register::officers(&city, OfficerList(self.officer));
        let mut target = Target::read(&session.api, &city, &LogPath::Register, &mut |_, _| {})?;
        self.signing.finish(&session, &city, &mut target, vec![act])
    }
}

/// Reads `KEY:LABEL:ROLE[,ROLE]...`; the label may hold colons.
fn officer(text: &str) -> Result<Officer, String> {
    let (key, rest) = text.split_once(':').ok_or("expected KEY:LABEL:ROLES")?;
    let (label, roles) = rest.rsplit_once(':').ok_or("expected KEY:LABEL:ROLES")?;
    let key = hex::decode(key).map_err(|_| "the key is not hex")?;
    let key = Key::parse(&key).map_err(|breach: Breach| breach.meaning())?;
    let role = |name| Role::from_name(name).ok_or_else(|| format!("there is no role {name:?}"));
    let mut roles = roles.split(',').map(role).collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    if label.is_empty() {
        return Err("the label is empty".to_owned());
    }
    Ok(Officer { key, label: label.to_owned(), roles })
}

#[cfg(test)]
mod tests {
    use veche_protocol::signature::SigningKey;

    use super::*;

    #[test]
    fn an_officer_is_key_label_and_roles() {
        let key = SigningKey::from_seed(&[1; 32]).key();
        let read = officer(&format!("{key}:poll officer: north:poll-officer,registrar")).unwrap();
        assert_eq!(read.label, "poll officer: north");
        assert_eq!(read.roles, [Role::Registrar, Role::PollOfficer]);
        for bad in
            [format!("{key}"), format!("{key}:a:king"), format!("{}:a:registrar", "0".repeat(64))]
        {
            assert!(officer(&bad).is_err(), "{bad}");
        }
    }
}
