//! Feeds `veche_fuzz::tile_path` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::tile_path::holds(data));
