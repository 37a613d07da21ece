//! The contract of the store, as tests that every store must pass; run on both stores.
//!
//! Not here: what only one of them can do wrong (that stands beside its code).
#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

mod appends;
mod faults;
mod model;
mod records;
mod support;

/// Runs each function, which takes `&dyn Store`, on a new store of each kind.
macro_rules! on_both_stores {
    ($($group:ident :: $test:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $test() {
                crate::$group::$test(&veche_engine::store::memory::MemoryStore::new());
            })*
        }
        mod rocks {
            $(#[test] fn $test() {
                let (_folder, store) = crate::support::rocks();
                crate::$group::$test(&store);
            })*
        }
    };
}

on_both_stores! {
    appends::a_new_store_is_empty,
    appends::logs_keep_their_numbers,
    appends::malformed_origins_are_refused,
    appends::what_is_committed_is_read_back,
    appends::appends_of_every_size_across_bundles,
    appends::entries_of_extreme_lengths,
    appends::a_stale_append_refuses_the_whole_batch,
    appends::logs_grow_apart_in_one_batch,
    appends::past_the_size_there_is_nothing,
    appends::a_tile_is_never_wider_than_its_log,
    appends::unknown_logs_are_named,
    appends::malformed_appends_are_refused,
    appends::an_append_may_be_grown_before_the_last_is_durable,
    records::unique_records_are_of_their_log,
    records::a_guard_without_entries,
    records::meta_records_come_and_go,
    records::scans_are_ordered_bounded_and_can_be_left,
    records::malformed_keys_are_refused,
    records::records_survive_reopening,
}
