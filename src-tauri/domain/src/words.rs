//! Closed lists of words: one declaration gives the enum, its wire word, its parser and its schema.

/// A closed list of words.
pub trait Word: Copy + Sized + 'static {
    /// Every value, in the field's own order.
    const ALL: &'static [Self];

    /// The wire word.
    fn word(self) -> &'static str;

    /// The value of a wire word, or `None` for an unknown one.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }

    /// All wire words, for a message.
    #[must_use]
    fn list() -> String {
        Self::ALL.iter().map(|value| value.word()).collect::<Vec<_>>().join(", ")
    }
}

/// Declares an enum of wire words.
#[macro_export]
macro_rules! words {
    // The word is a `tt`: as a `literal` it would reach the derive of the API description wrapped, and be ignored there.
    ($(#[$meta:meta])* $name:ident { $($(#[$item_meta:meta])* $item:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$item_meta])* #[serde(rename = $word)] $item),+
        }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$item),+];

            fn word(self) -> &'static str {
                match self { $(Self::$item => $word),+ }
            }
        }
    };
}
