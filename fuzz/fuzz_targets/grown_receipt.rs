//! Feeds `veche_fuzz::grown_receipt` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::grown_receipt::holds(data));
