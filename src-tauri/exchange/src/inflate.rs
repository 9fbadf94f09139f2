//! What a workbook inflates to, counted before anything of it is kept: a few kilobytes can unpack to many gigabytes.

use crate::Refusal;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Bytes that the sheets and their texts may have together, unpacked.
const MOST: u64 = 400 << 20;
/// Bytes that any other part may have.
const MOST_OTHER: u64 = 16 << 20;
/// Parts of a workbook.
const MOST_PARTS: usize = 10_000;
/// Texts in the workbook's list of texts.
const MOST_STRINGS: usize = 4_000_000;

/// Unpacks every part once, keeping nothing, and refuses what is larger than it is read. The sizes that the file claims are
/// not believed.
pub(crate) fn measure(bytes: &[u8], going: &mut dyn FnMut() -> bool) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(Refusal::Bomb);
    }
    let (mut main, mut buffer) = (0, vec![0; 256 * 1024]);
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).map_err(|_| Refusal::Damaged)?;
        let name = part.name().map_err(|_| Refusal::Damaged)?.to_lowercase().replace('\\', "/");
        let strings = name.ends_with("sharedstrings.xml");
        let sheet = strings || name.contains("worksheets/");
        if !name.ends_with(".xml") && !name.ends_with(".rels") {
            // Pictures and the like are never unpacked.
            continue;
        }
        let (mut size, mut texts, mut kept) = (0, 0, 0);
        loop {
            let read = part.read(&mut buffer[kept..]).map_err(|_| Refusal::Damaged)?;
            if read == 0 {
                break;
            }
            // A part in UTF-16, in which no word below would be found.
            if buffer[kept..kept + read].contains(&0) {
                return Err(Refusal::Damaged);
            }
            size += read as u64;
            if sheet {
                main += read as u64;
            }
            if main > MOST || !sheet && size > MOST_OTHER {
                return Err(Refusal::Bomb);
            }
            if strings {
                let seen = &buffer[..kept + read];
                texts += count(seen, b"<si", kept);
                if texts > MOST_STRINGS || claims_too_many(seen) {
                    return Err(Refusal::Bomb);
                }
                // A word may be cut by the buffer's end.
                let tail = seen.len().min(64);
                let from = seen.len() - tail;
                buffer.copy_within(from..from + tail, 0);
                kept = tail;
            }
            if !going() {
                return Err(Refusal::Cancelled);
            }
        }
    }
    Ok(())
}

/// How often a word ends after the first `known` bytes, which were counted before.
fn count(bytes: &[u8], word: &[u8], known: usize) -> usize {
    let from = (known + 1).saturating_sub(word.len());
    bytes[from..].windows(word.len()).filter(|window| *window == word).count()
}

/// Room is made for as many texts as the list says that it has.
fn claims_too_many(bytes: &[u8]) -> bool {
    let word = b"niqueCount";
    bytes.windows(word.len()).enumerate().filter(|(_, window)| *window == word).any(|(at, _)| {
        let digits = bytes[at + word.len()..].iter().skip_while(|byte| matches!(byte, b' ' | b'=' | b'"' | b'\''));
        let number = digits.take_while(|byte| byte.is_ascii_digit()).take(20).fold(0u128, |sum, byte| sum * 10 + u128::from(byte - b'0'));
        number > MOST_STRINGS as u128
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_counted_once_even_where_the_buffer_cuts_it() {
        let text = b"<si><si>x<si";
        for cut in 0..=text.len() {
            let first = count(&text[..cut], b"<si", 0);
            assert_eq!(first + count(text, b"<si", cut), 3, "cut at {cut}");
        }
    }

    #[test]
    fn a_claim_is_read_whatever_its_spelling() {
        for (text, too_many) in [
            (&b"<sst uniqueCount=\"12\">"[..], false),
            (b"<sst count='9' uniqueCount = '99999999999'>", true),
            (b"<sst uniqueCount=\"123456789012345678901234567890\"", true),
            (b"<sst uniqueCount=\"\">", false),
        ] {
            assert_eq!(claims_too_many(text), too_many, "{}", String::from_utf8_lossy(text));
        }
    }
}
