//! What a workbook inflates to and what its reader would make of it, found out before anything of it is kept: a few kilobytes
//! can unpack to many gigabytes, and one long name can be copied for each of a million formats.
//!
//! Every part that can be read is taken apart once, by the same parser as `calamine` uses, so that no part is two things to
//! the two of them.

use crate::Refusal;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufRead, BufReader, Cursor, Read};
use zip::ZipArchive;

/// Bytes that all parts may have together, unpacked.
const MOST: u64 = 400 << 20;
/// Bytes that a part may have which is neither a sheet nor the list of texts.
const MOST_OTHER: u64 = 16 << 20;
/// Bytes of one tag, or of one text between two: the parser keeps it whole. A cell holds 32,767 characters.
const MOST_PIECE: u64 = 4 << 20;
/// Bytes of a tag that names another part: its name is kept for each sheet.
const MOST_LINK: usize = 32 << 10;
/// Parts of a workbook.
const MOST_PARTS: usize = 10_000;
/// Tags within tags.
const MOST_DEPTH: usize = 256;
/// Texts in the workbook's list of texts.
const MOST_STRINGS: usize = 4_000_000;
/// Sheets of a workbook.
const MOST_SHEETS: usize = 1_000;
/// Cells that are merged.
const MOST_MERGED: usize = 1_000_000;
/// Formats, fonts, fills and borders. A program offers 65,490 formats.
const MOST_STYLES: usize = 500_000;
/// Bytes that the names in all formats may take, each kept for every format anew.
const MOST_NAMES: usize = 256 << 20;

/// Takes every part apart once, keeping nothing, and refuses what is larger than it is read. The sizes that the file claims are
/// not believed.
pub(crate) fn measure(bytes: &[u8], going: &mut dyn FnMut() -> bool) -> Result<(), Refusal> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Refusal::Damaged)?;
    if archive.len() > MOST_PARTS {
        return Err(Refusal::Bomb);
    }
    let (mut total, mut seen) = (0, Seen::default());
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| Refusal::Damaged)?;
        let name = part.name().map_err(|_| Refusal::Damaged)?.to_ascii_lowercase().replace('\\', "/");
        if is_read(&name) {
            let inner = BufReader::with_capacity(64 << 10, part);
            let metered = Metered { inner, size: 0, most: Kind::of(&name).most(), total: &mut total, piece: 0, going, refusal: None };
            seen.part(Kind::of(&name), metered)?;
        }
    }
    Ok(())
}

/// Whether a part is ever read as a part of a workbook, by its name in lower case. Pictures and the like are not, nor is what
/// other programs keep beside the sheets.
fn is_read(name: &str) -> bool {
    (name.ends_with(".xml") || name.ends_with(".rels")) && !name.starts_with(BESIDE)
}

/// Where other programs keep what is theirs.
const BESIDE: &str = "customxml/";

/// What a part is by its name.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A sheet, or the list of texts.
    Large,
    Styles,
    Links,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name {
            _ if name.ends_with(".rels") => Self::Links,
            _ if name.ends_with("styles.xml") => Self::Styles,
            _ if name.ends_with("theme1.xml") => Self::Other,
            _ if name.ends_with("sharedstrings.xml") || name.contains("worksheets/") => Self::Large,
            _ => Self::Other,
        }
    }

    fn most(self) -> u64 {
        if self == Self::Large { MOST } else { MOST_OTHER }
    }
}

/// A part while it is unpacked.
struct Metered<'a, R> {
    inner: BufReader<R>,
    size: u64,
    most: u64,
    /// Bytes of all parts so far.
    total: &'a mut u64,
    /// Bytes since the last piece.
    piece: u64,
    going: &'a mut dyn FnMut() -> bool,
    /// Why it goes no further.
    refusal: Option<Refusal>,
}

impl<R: Read> Metered<'_, R> {
    fn check(&self) -> Option<Refusal> {
        let large = self.size > self.most || *self.total > MOST || self.piece > MOST_PIECE;
        large.then_some(Refusal::Bomb)
    }
}

impl<R: Read> BufRead for Metered<'_, R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.inner.buffer().is_empty() {
            let more = self.inner.fill_buf()?.len() as u64;
            self.size += more;
            *self.total += more;
            self.refusal = self.check().or_else(|| (!(self.going)()).then_some(Refusal::Cancelled));
            if self.refusal.is_some() {
                return Err(std::io::ErrorKind::Other.into());
            }
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, read: usize) {
        self.piece += read as u64;
        self.inner.consume(read);
    }
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// What was come across so far, in all parts.
#[derive(Default)]
struct Seen {
    strings: usize,
    sheets: usize,
    merged: usize,
    styles: usize,
    formats: usize,
    /// The longest tag of a part with formats.
    longest: usize,
}

impl Seen {
    fn part<R: Read>(&mut self, kind: Kind, metered: Metered<'_, R>) -> Result<(), Refusal> {
        let mut reader = Reader::from_reader(metered);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.expand_empty_elements = true;
        let (mut buffer, mut depth) = (Vec::new(), 0usize);
        loop {
            buffer.clear();
            reader.get_mut().piece = 0;
            match reader.read_event_into(&mut buffer) {
                Ok(Event::Start(tag)) => {
                    depth += 1;
                    if depth > MOST_DEPTH {
                        return Err(Refusal::Bomb);
                    }
                    if self.tag(kind, &tag)? {
                        reader.get_mut().most = MOST_OTHER;
                    }
                }
                Ok(Event::End(_)) => depth = depth.saturating_sub(1),
                Ok(Event::Eof) => return Ok(()),
                Ok(_) => {}
                Err(quick_xml::Error::Io(_)) => return Err(reader.get_mut().refusal.take().unwrap_or(Refusal::Damaged)),
                // No reader goes beyond what is no XML.
                Err(_) => return Ok(()),
            }
        }
    }

    /// Counts a tag; whether it shows that the part is the list of sheets, whatever its name.
    fn tag(&mut self, kind: Kind, tag: &BytesStart<'_>) -> Result<bool, Refusal> {
        let (name, length) = (tag.local_name(), tag.attributes_raw().len());
        let fits = |count: &mut usize, most: usize| {
            *count += 1;
            if *count > most { Err(Refusal::Bomb) } else { Ok(()) }
        };
        match name.as_ref() {
            "si" => fits(&mut self.strings, MOST_STRINGS)?,
            // Room is made for as many texts as the list says that it has.
            "sst" if claims_too_many(tag.attributes_raw()) => return Err(Refusal::Bomb),
            "sheet" => fits(&mut self.sheets, MOST_SHEETS)?,
            "mergeCell" => fits(&mut self.merged, MOST_MERGED)?,
            "xf" | "font" | "fill" | "border" | "numFmt" if kind == Kind::Styles => fits(&mut self.styles, MOST_STYLES)?,
            "Relationship" if kind == Kind::Links => {
                if length > MOST_LINK {
                    return Err(Refusal::Bomb);
                }
                if !names_what_is_read(tag) {
                    return Err(Refusal::Damaged);
                }
            }
            _ => {}
        }
        if kind == Kind::Styles {
            self.formats += usize::from(name.as_ref() == "xf");
            self.longest = self.longest.max(length);
            if self.formats.saturating_mul(self.longest) > MOST_NAMES {
                return Err(Refusal::Bomb);
            }
        }
        Ok(matches!(name.as_ref(), "sheet" | "definedName"))
    }
}

/// Whether the part that a tag names is one of those taken apart here, where it would be read as the workbook or as a sheet.
fn names_what_is_read(tag: &BytesStart<'_>) -> bool {
    let (mut opened, mut sound) = (false, true);
    for attribute in tag.attributes().with_checks(false) {
        let Ok(attribute) = attribute else { return false };
        match attribute.key.as_ref() {
            "Type" => opened |= attribute.value.ends_with("worksheet") || attribute.value.ends_with("officeDocument"),
            "Target" => {
                let target = attribute.value.to_ascii_lowercase();
                sound &= target.ends_with(".xml") && !target.contains(BESIDE) && !target.contains('&');
            }
            _ => {}
        }
    }
    sound || !opened
}

fn claims_too_many(attributes: &str) -> bool {
    attributes.match_indices("uniqueCount").any(|(at, word)| {
        let claim = attributes[at + word.len()..].trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits = claim.bytes().take_while(u8::is_ascii_digit).take(20);
        digits.fold(0u128, |sum, digit| sum * 10 + u128::from(digit - b'0')) > MOST_STRINGS as u128
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_read_whatever_its_spelling() {
        for (text, too_many) in [
            (" uniqueCount=\"12\"", false),
            (" count='9' uniqueCount = '99999999999'", true),
            (" uniqueCount\n=\t\"0000123456789012345678901234567890\"", true),
            (" uniqueCount=\"\"", false),
        ] {
            assert_eq!(claims_too_many(text), too_many, "{text}");
        }
    }
}
