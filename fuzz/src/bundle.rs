//! Bundles of entries: what splits joins to the same bytes, and one width fits.

use veche_protocol::{
    breach::Breach,
    log::tile::{TILE_WIDTH, encode_bundle, split_bundle},
};

use crate::input::Input;

/// Two bytes choose the width, the rest is the bundle.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    let width = input.below(u64::from(TILE_WIDTH) + 1);
    let width = u16::try_from(width).expect("a width is below 257");
    let bundle = input.rest();
    match split_bundle(bundle, width) {
        Err(breach) => assert_eq!(breach, Breach::TileMalformed),
        Ok(entries) => {
            assert_eq!(entries.len(), usize::from(width));
            assert_eq!(encode_bundle(&entries).as_deref(), Ok(bundle));
            for other in (0..=TILE_WIDTH).filter(|&other| other != width) {
                assert_eq!(split_bundle(bundle, other), Err(Breach::TileMalformed));
            }
        }
    }
}
