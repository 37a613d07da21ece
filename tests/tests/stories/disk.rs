//! A disk that is nearly full: the floor of free space, with the real store.
//!
//! Not here: disks that fail (the engine's tests), and stores of other versions (the store's).

use veche_client::api::{Api, Source as _};
use veche_tests::live::poll_path;

use crate::town::Town;

#[test]
fn below_the_floor_nothing_is_written_and_everything_is_read() {
    let mut town = Town::with_roll(&["anna", "boris"]);
    town.write_definition("");
    town.at_one_desk(&["poll", "announce", "--poll", "park", "--definition", "definition.toml"]);
    town.at_one_desk(&["poll", "open", "park"]);
    town.vote("anna", "1").ok();
    town.stop();
    // No disk has as much free space as this.
    town.serve(&["store.free_space_floor=9000000000000000000"]);
    let url = town.url();
    let vote = ["--url", &url, "vote", "--poll", "park", "--voter", "me.toml", "--choose", "1"];
    let refused = town.veche("boris", &vote).yes().run();
    assert!(refused.code == 1 && refused.err.contains("storage-full"), "{}", refused.err);
    let check = ["receipt", "check", "me.park.0.tlog-proof", "--voter", "me.toml"];
    town.veche("anna", &check).with(&["--against", &url]).ok();
    let api = Api::new(&url).unwrap();
    assert!(api.checkpoint(&poll_path()).is_ok());
    town.stop();
    town.serve(&[]);
    let url = town.url();
    let vote = ["--url", &url, "vote", "--poll", "park", "--voter", "me.toml", "--choose", "1"];
    let said = town.veche("boris", &vote).yes().ok();
    assert!(said.contains("sending it again"), "{said}");
}
