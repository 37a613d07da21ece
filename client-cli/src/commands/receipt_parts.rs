//! What each part of a grown receipt proves, and what it does not, in words.
//!
//! Not here: reading and checking it (the protocol), and the standing of a ballot in its poll.

use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::grown_receipt::{Anchored, Grown};
use veche_protocol::log::policy::Policy;
use veche_protocol::name::LogPath;

use crate::error::ClientError;
use crate::witnesses::{Sight, policy_for};

/// Says what a grown receipt proves that was checked with the log's key.
pub(super) fn say(
    path: &LogPath,
    grown: &Grown,
    policy: Option<&Policy>,
) -> Result<(), ClientError> {
    let size = grown.later.checkpoint().size;
    println!("grown: the log at {size} entries extends that head, and holds the same bytes there");
    say_witnesses("witnessed", path, &grown.later, policy)?;
    if let Some(anchored) = &grown.anchored {
        return say_anchor(anchored, policy);
    }
    println!("anchored: not by this receipt; `veche receipt upgrade` looks for an anchor");
    Ok(())
}

fn say_anchor(anchored: &Anchored, policy: Option<&Policy>) -> Result<(), ClientError> {
    let Anchored { index, head, register } = anchored;
    let size = head.size;
    println!(
        "anchored: entry {index} of the register names a head of {size} entries that holds it"
    );
    say_witnesses("the register witnessed", &LogPath::Register, register, policy)
}

/// Who has cosigned a head, and what that says.
fn say_witnesses(
    title: &str,
    path: &LogPath,
    head: &SignedCheckpoint,
    policy: Option<&Policy>,
) -> Result<(), ClientError> {
    let Some(policy) = policy_for(policy, path) else {
        match path {
            LogPath::Roll(_) => {
                println!("{title}: rolls are not cosigned; the register's anchor speaks for them");
            }
            _ => println!("{title}: no policy names any; the head is the operator's word alone"),
        }
        return Ok(());
    };
    let distrust = ClientError::distrust(format!("the head of {path} in the receipt"));
    let sight = Sight::of(policy, head.note()).map_err(distrust)?;
    if sight.is_enough() {
        println!("{title}: {sight} have cosigned it, as your policy asks: others see this log too");
    } else {
        println!("{title}: {sight} have cosigned it, and your policy asks for more");
    }
    Ok(())
}
