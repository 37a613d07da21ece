//! Parameters that are one choice out of a few, each with the number that a definition holds.
//!
//! Not here: any such choice; each stands with its rule.

/// An enum whose variants have numbers from 0 on without a gap, in their order.
macro_rules! coded_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$case_doc])* $case,)* }

        impl $name {
            /// Every choice, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$case,)*];

            /// The number that stands for the choice in a definition.
            pub const fn code(self) -> u64 {
                self as u64
            }

            /// Reads the choice from a definition; a number that stands for none is a wrong field.
            pub(in crate::count) fn decode(
                decoder: &mut $crate::encoding::Decoder<'_>,
            ) -> Result<Self, $crate::breach::Breach> {
                let code = decoder.uint()?;
                let choice = Self::ALL.iter().copied().find(|choice| choice.code() == code);
                choice.ok_or_else(|| decoder.mismatch())
            }
        }
    };
}

pub(super) use coded_enum;
