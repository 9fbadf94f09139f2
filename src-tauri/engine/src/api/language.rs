//! The language that a caller prefers, and its sentences on their way out.

use crate::error::Error;
pub(crate) use crate::french::Language;
use crate::french::in_french;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use serde_json::Value;

impl Language {
    /// The preferred one by `Accept-Language` (RFC 9110, 12.5.4): the higher weight, the earlier one of two that weigh the
    /// same, and English where neither is wanted.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let (mut english, mut french, mut other) = (None, None, None);
        let ranges =
            headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        for (place, range) in ranges.enumerate() {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let Some(weight) = parts.next().map_or(Some(1_000), weight) else { continue };
            let wanted = (weight, std::cmp::Reverse(place));
            let slot = match tag.split('-').next().unwrap_or_default() {
                primary if primary.eq_ignore_ascii_case("fr") => &mut french,
                primary if primary.eq_ignore_ascii_case("en") => &mut english,
                "*" => &mut other,
                _ => continue,
            };
            *slot = (*slot).max(Some(wanted));
        }
        let (english, french) = (english.or(other), french.or(other));
        if french > english && french.is_some_and(|(weight, _)| weight > 0) { Self::French } else { Self::English }
    }

    /// Renders the texts of these members of an object; tells whether any was.
    fn render(self, value: &mut Value, members: &[&str]) -> bool {
        let mut any = false;
        for member in members {
            if let Some(Value::String(text)) = value.get_mut(member)
                && let Some(french) = in_french(text)
            {
                *text = french;
                any = true;
            }
        }
        any
    }

    /// Renders the sentences of an error's body; tells whether any was.
    pub(super) fn render_error(self, body: &mut Value) -> bool {
        if self == Self::English {
            return false;
        }
        let mut any = self.render(&mut body["error"], &["message"]);
        for detail in body["error"].get_mut("details").and_then(Value::as_array_mut).into_iter().flatten() {
            any |= self.render(detail, &["message"]);
        }
        any
    }

    /// Renders the sentences that an answer carries beside its data: why an import was refused, a row cannot be taken, a
    /// risk among many did not change, a delivery did not arrive, the port or the workspace is not there.
    pub(super) async fn render_answer(self, path: &str, response: Response) -> Response {
        let Some(member) = (if self == Self::French { sentence_of(path) } else { None }) else { return response };
        if response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        // The router's JSON is in memory already.
        let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
            return Error::internal("an answer broke off").into_response();
        };
        let mut rendered = None;
        if let Ok(mut value) = serde_json::from_slice::<Value>(&body) {
            let mut any = self.render(&mut value, &[member]);
            for list in ["data", "tries"] {
                for row in value.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                    any |= self.render(row, &[member]);
                    for problem in row.get_mut("problems").and_then(Value::as_array_mut).into_iter().flatten() {
                        any |= self.render(problem, &[member]);
                    }
                }
            }
            rendered = any.then(|| value.to_string());
        }
        let Some(text) = rendered else { return Response::from_parts(parts, Body::from(body)) };
        parts.headers.remove(header::CONTENT_LENGTH);
        say_french(&mut parts.headers);
        Response::from_parts(parts, Body::from(text))
    }
}

/// A weight in thousandths: `q=` and 0 to 1 with up to three decimals.
fn weight(text: &str) -> Option<u16> {
    let (name, number) = text.split_once('=')?;
    let (whole, decimals) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    if !name.trim().eq_ignore_ascii_case("q") || decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1_000),
        _ => None,
    }
}

/// The member that holds a sentence, in the answers below a path that have one.
fn sentence_of(path: &str) -> Option<&'static str> {
    let below = path.strip_prefix("/v1/")?;
    if below == "risks/bulk" {
        return Some("message");
    }
    let mut parts = below.split('/');
    match (parts.next(), parts.nth(1)) {
        (Some("workspace" | "api" | "imports"), _) => Some("message"),
        (Some("webhooks"), Some("deliveries")) => Some("error"),
        _ => None,
    }
}

/// Says that what follows is French, and by what it was chosen.
pub(super) fn say_french(headers: &mut HeaderMap) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("fr"));
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_the_one_of_the_higher_weight() {
        for (accepted, french) in [
            ("fr", true),
            ("FR-ca", true),
            ("fr-CA, fr;q=0.9, en;q=0.8", true),
            ("en;q=0.8, fr;q=0.9", true),
            ("en-GB,en;q=0.9,fr;q=0.8", false),
            ("fr;q=0.8,en;q=0.9", false),
            ("fr, en", true),
            ("en, fr", false),
            ("en;q=0.5, fr;q=0.5", false),
            ("de, fr;q=0.1", true),
            ("de", false),
            ("", false),
            ("*", false),
            ("fr;q=0", false),
            ("fr;q=0.000, *", false),
            ("en;q=0, *", true),
            ("*;q=0.5, fr;q=0.6", true),
            ("*;q=0.5, fr;q=0.4", false),
            ("fr ; q=1.000, en;q=0.999", true),
            ("fr;q=1.1, en;q=0.1", false),
            ("fr;q=0.1234", false),
            ("fr;q=", false),
            ("fr;q=x", false),
            ("frr", false),
            (",,;,fr", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accepted).expect("printable"));
            assert_eq!(Language::of(&headers) == Language::French, french, "{accepted:?}");
        }
        assert_eq!(Language::of(&HeaderMap::new()), Language::English, "nothing said");
    }

    #[test]
    fn the_lines_of_a_header_count_as_one() {
        let mut headers = HeaderMap::new();
        for line in ["en;q=0.3", "fr;q=0.4"] {
            headers.append(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line));
        }
        assert_eq!(Language::of(&headers), Language::French);
    }
}
