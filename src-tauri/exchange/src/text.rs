//! The encoding of a text file, from its bytes.

use crate::Refusal;
use std::borrow::Cow;

/// How bytes were read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, least byte first.
    Utf16Le,
    /// UTF-16, greatest byte first.
    Utf16Be,
    /// Windows-1252, which holds Latin-1.
    Windows1252,
}

impl Encoding {
    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

/// Beginnings of files that are no table, whatever their names say.
const OTHERS: &[&[u8]] = &[
    b"%PDF-",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"7z\xbc\xaf",
    b"Rar!",
    b"SQLite format 3\x00",
    b"{\\rtf",
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"PK",
];

/// Whether the content is of another kind: a container, a page, an object.
pub(crate) fn is_other(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    OTHERS.iter().any(|other| bytes.starts_with(other))
        || start.starts_with(b"{")
        || start.starts_with(b"<!")
        || start.starts_with(b"<?xml")
}

/// The text of a file and how it was read: by its byte order mark, else UTF-8 where it is valid, else UTF-16 where every
/// other byte is zero, else Windows-1252.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), Refusal> {
    let (text, encoding) = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(Refusal::Encoding { what: "text in UTF-32" }),
        [0xff, 0xfe, rest @ ..] => (utf16(rest, encoding_rs::UTF_16LE)?, Encoding::Utf16Le),
        [0xfe, 0xff, rest @ ..] => (utf16(rest, encoding_rs::UTF_16BE)?, Encoding::Utf16Be),
        _ => unmarked(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?,
    };
    if text.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    if text.contains('\0') {
        return Err(Refusal::Encoding { what: "no text but binary data" });
    }
    Ok((text, encoding))
}

fn unmarked(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), Refusal> {
    if let Some((encoding, name)) = zeros(bytes) {
        return Ok((utf16(bytes, encoding)?, name));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.into(), Encoding::Utf8)),
        // Valid up to a character that is cut.
        Err(error) if error.error_len().is_none() && bytes[..error.valid_up_to()].iter().any(|byte| *byte > 0x7f) => {
            Err(Refusal::Cut { row: 1 + bytes.iter().filter(|byte| **byte == b'\n').count() })
        }
        Err(_) => {
            // The five bytes that Windows-1252 leaves free, and control characters, stand in no table.
            let foreign =
                |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d) || *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
            if bytes.iter().any(foreign) {
                return Err(Refusal::Encoding { what: "neither in UTF-8 nor in Windows-1252" });
            }
            Ok((encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0, Encoding::Windows1252))
        }
    }
}

/// UTF-16 without a mark: in text of European languages nearly every other byte is zero.
fn zeros(bytes: &[u8]) -> Option<(&'static encoding_rs::Encoding, Encoding)> {
    let head = &bytes[..bytes.len().min(4096) & !1];
    let count = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 4 > head.len() / 2 * 3;
    if head.len() < 4 {
        return None;
    }
    match (count(0), count(1)) {
        (false, true) => Some((encoding_rs::UTF_16LE, Encoding::Utf16Le)),
        (true, false) => Some((encoding_rs::UTF_16BE, Encoding::Utf16Be)),
        _ => None,
    }
}

fn utf16(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Result<Cow<'static, str>, Refusal> {
    let whole = bytes.len() & !1;
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[..whole])
        .ok_or(Refusal::Encoding { what: "damaged UTF-16 text" })?
        .into_owned();
    if whole < bytes.len() {
        return Err(Refusal::Cut { row: 1 + text.matches('\n').count() });
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_is_found_and_read() {
        let text = "Nom;Catégorie\nÉté «ça» œuvre;€ 5\n";
        let utf16 = |big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        let cases = [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked(b"\xef\xbb\xbf", text.as_bytes().to_vec()), Encoding::Utf8),
            (marked(b"\xff\xfe", utf16(false)), Encoding::Utf16Le),
            (marked(b"\xfe\xff", utf16(true)), Encoding::Utf16Be),
            (utf16(false), Encoding::Utf16Le),
            (utf16(true), Encoding::Utf16Be),
            (encoding_rs::WINDOWS_1252.encode(text).0.into_owned(), Encoding::Windows1252),
        ];
        for (bytes, encoding) in cases {
            assert_eq!(decode(&bytes).expect("it is text"), (text.into(), encoding));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let whole = "Nom;é\nÉté;ç".as_bytes();
        assert_eq!(decode(&whole[..whole.len() - 1]), Err(Refusal::Cut { row: 2 }), "a character is cut");
        assert_eq!(decode(b""), Err(Refusal::Empty));
        assert_eq!(decode(b" \n\t"), Err(Refusal::Empty));
        assert_eq!(decode(b"\xef\xbb\xbf"), Err(Refusal::Empty));
        for bytes in [&b"\xff\xfe\x00\x00a\0\0\0"[..], b"a,b\0c", b"\xe9\x81,b", b"\xff\xfe\x00\xd8a\0", b"\xe9\x01,\x02"] {
            assert!(matches!(decode(bytes), Err(Refusal::Encoding { .. })), "{bytes:?}");
        }
    }
}
