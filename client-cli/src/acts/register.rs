//! Acts of the commission: officers and the commission itself (spec/register.md).

use veche_protocol::entry::Payload;
use veche_protocol::name::LogPath;
use veche_protocol::register::{CommissionKeys, OfficerList};

use crate::acts::Act;
use crate::city::City;

/// The officers from here on, all of them; ascending by key.
pub fn officers(city: &City, mut officers: OfficerList) -> Act {
    officers.0.sort_by_key(|officer| officer.key);
    let binding = city.register().governance_binding();
    Act::new(LogPath::Register, &binding, Payload::Officers(officers))
}

/// The commission from here on; the keys ascending.
pub fn commission(city: &City, mut commission: CommissionKeys) -> Act {
    commission.keys.sort_unstable();
    let binding = city.register().governance_binding();
    Act::new(LogPath::Register, &binding, Payload::Commission(commission))
}
