//! Times as they travel: RFC 3339 in UTC with milliseconds, so that the text sorts as the time does.

use jiff::Timestamp;

/// RFC 3339 in UTC with exactly three digits of a second, such as `2026-11-24T08:14:03.120Z`.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Serialises a [`Timestamp`] by [`rfc3339`].
pub mod instant {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::rfc3339(*at))
    }

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// Text that is no RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// As [`instant`], for a time that may be absent.
pub mod instant_option {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer};

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => to.serialize_str(&super::rfc3339(*at)),
            None => to.serialize_none(),
        }
    }

    /// For `#[serde(with = …)]`.
    ///
    /// # Errors
    /// Text that is no RFC 3339 time.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}
