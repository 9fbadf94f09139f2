//! Slugs of frameworks: 1 to 80 of `a-z`, `0-9`, `.` and `-`.

use super::refusal::Refusal;

const MOST: usize = 80;

/// Accepts a slug that a person chose.
pub(super) fn check(slug: &str) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if slug.is_empty() || slug.len() > MOST || !slug.chars().all(allowed) {
        return Err(Refusal::Slug);
    }
    Ok(())
}

/// A slug from a title: lower case, words joined by hyphens, cut at a word's end. Empty when nothing is left.
pub(super) fn kebab(title: &str) -> String {
    let mut slug = String::with_capacity(title.len().min(2 * MOST));
    for c in title.chars().flat_map(char::to_lowercase) {
        match plain(c) {
            Some(plain) => slug.push_str(plain),
            None if c.is_ascii_alphanumeric() => slug.push(c),
            None if c == '.' && slug.ends_with(|last: char| last.is_ascii_digit()) => slug.push(c),
            None if c == '\'' || c == '\u{2019}' => {}
            None if !slug.is_empty() && !slug.ends_with('-') => {
                while slug.ends_with('.') {
                    slug.pop();
                }
                slug.push('-');
            }
            None => {}
        }
        if slug.len() > 2 * MOST {
            break;
        }
    }
    cut(&slug)
}

/// At most 80 characters, ending with a whole word where there is one.
fn cut(slug: &str) -> String {
    let kept = match slug.get(..MOST) {
        // Too long: give up the word that the limit falls into.
        Some(head) if slug.len() > MOST => {
            let whole = slug[MOST..].starts_with('-');
            if whole { head } else { head.rfind('-').map_or(head, |end| &head[..end]) }
        }
        Some(_) | None => slug,
    };
    kept.trim_matches(['-', '.']).to_owned()
}

/// The usual ASCII spelling of the Latin letters of European titles.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' | 'ē' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ī' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' => "o",
        'ö' | 'œ' => "oe",
        'ř' => "r",
        'š' | 'ś' => "s",
        'ß' => "ss",
        'ť' => "t",
        'ù' | 'ú' | 'û' | 'ů' | 'ű' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ž' | 'ź' | 'ż' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_slugs() {
        let long = "NIST Special Publication 800-53 Revision 5: Security and Privacy Controls for Federal \
                    Information Systems and Organizations";
        let rows = [
            ("NIST CSF 2.0", "nist-csf-2.0"),
            (long, "nist-special-publication-800-53-revision-5-security-and-privacy-controls-for"),
            ("  -- ISO/IEC 27001:2022 --  ", "iso-iec-27001-2022"),
            ("Guide d'hygiène informatique", "guide-dhygiene-informatique"),
            ("Rev. 5.1.1.", "rev-5.1.1"),
            ("日本", ""),
        ];
        for (title, slug) in rows {
            assert_eq!(kebab(title), slug, "{title}");
            assert!(slug.is_empty() || check(slug).is_ok(), "{slug}");
        }
        assert_eq!(kebab(&"x".repeat(300)).len(), MOST);
    }

    #[test]
    fn chosen_slugs_are_checked() {
        for good in ["a", "iso-27001", "nist-csf-2.0", &"x".repeat(80)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "a b", "a_b", "é", "a/b", &"x".repeat(81)] {
            assert_eq!(check(bad), Err(Refusal::Slug), "{bad}");
        }
    }
}
