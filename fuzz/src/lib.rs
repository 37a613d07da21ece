//! What must hold for every input, one function per parser and one for the store against a model.
//!
//! Each property takes any bytes and panics when it does not hold. The fuzzer calls them through
//! `fuzz_targets/`, the workspace's tests with every file in `seeds/`. Not here: the test vectors,
//! which say what one input must give.

pub mod archive;
pub mod blt;
pub mod bundle;
pub mod ceremony;
pub mod checkpoint;
pub mod claim;
pub mod cosignature;
pub mod csv;
pub mod entry;
pub mod fork;
pub mod grown_receipt;
pub mod input;
pub mod issuer_key;
pub mod merkle;
pub mod name;
pub mod note;
pub mod pabulib;
pub mod policy;
pub mod preflib;
pub mod proof;
pub mod sealed;
pub mod selections;
pub mod store_model;
pub mod tile_path;
pub mod witness;

/// A property: panics when it does not hold for these bytes.
pub type Property = fn(&[u8]);

/// Every property by the name of its fuzz target and its folder of seeds.
pub const PROPERTIES: [(&str, Property); 24] = [
    ("archive", archive::holds),
    ("blt", blt::holds),
    ("bundle", bundle::holds),
    ("ceremony", ceremony::holds),
    ("checkpoint", checkpoint::holds),
    ("claim", claim::holds),
    ("cosignature", cosignature::holds),
    ("csv", csv::holds),
    ("entry", entry::holds),
    ("fork", fork::holds),
    ("grown_receipt", grown_receipt::holds),
    ("issuer_key", issuer_key::holds),
    ("merkle", merkle::holds),
    ("name", name::holds),
    ("note", note::holds),
    ("pabulib", pabulib::holds),
    ("policy", policy::holds),
    ("preflib", preflib::holds),
    ("proof", proof::holds),
    ("sealed", sealed::holds),
    ("selections", selections::holds),
    ("store_model", store_model::holds),
    ("tile_path", tile_path::holds),
    ("witness", witness::holds),
];
