//! OSCAL's prose (a small Markdown with parameter insertions) as plain text.

/// The most bytes of one text that are rendered: far beyond what a description may hold, so that a longer one is
/// reported as too long, and small enough that no file can make the work grow.
pub(super) const MOST: usize = 128 * 1024;

/// How far the end of an insertion or of a link's target is looked for.
const LONGEST_ID: usize = 256;
const LONGEST_TARGET: usize = 2048;

/// Writes `prose` as plain text to `out`. `insert` writes the text of a parameter, given its id.
///
/// Links keep their text, emphasis its words, backslash escapes their character.
pub(super) fn plain(prose: &str, out: &mut String, insert: &mut dyn FnMut(&str, &mut String)) {
    let mut writer = Writer { out: String::new(), brackets: Vec::new(), stars: Vec::new(), gone: Vec::new() };
    let mut rest = prose;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if out.len() + writer.out.len() > MOST {
            break;
        }
        let ordinary = rest.bytes().position(|byte| b"{\\[]*".contains(&byte));
        let ordinary = ordinary.unwrap_or(rest.len());
        if ordinary > 0 {
            let (text, markup) = rest.split_at(ordinary);
            writer.out.push_str(text);
            before = text.chars().next_back().unwrap_or(' ');
            rest = markup;
            continue;
        }
        let step = match c {
            '{' => writer.insertion(rest, insert),
            '\\' => rest[1..].chars().next().filter(char::is_ascii_punctuation).map(|escaped| {
                writer.out.push(escaped);
                1 + escaped.len_utf8()
            }),
            '[' => {
                writer.brackets.push(writer.out.len());
                None
            }
            ']' => writer.link(rest),
            '*' => Some(writer.emphasis(rest, before)),
            _ => None,
        };
        let step = step.unwrap_or_else(|| {
            writer.out.push(c);
            c.len_utf8()
        });
        before = c;
        rest = &rest[step..];
    }
    writer.finish(out);
}

struct Writer {
    out: String,
    /// Where `[` was written, innermost last.
    brackets: Vec<usize>,
    /// Where `*` or `**` was written and may open emphasis.
    stars: Vec<(usize, usize)>,
    /// Bytes of `out` that turned out to be markup.
    gone: Vec<(usize, usize)>,
}

impl Writer {
    /// `{{ insert: param, id }}` and OSCAL 1.0.0's `{{ id }}`.
    fn insertion(&mut self, rest: &str, insert: &mut dyn FnMut(&str, &mut String)) -> Option<usize> {
        let inner = rest.strip_prefix("{{")?;
        let end = inner.bytes().take(LONGEST_ID).position(|byte| byte == b'}')?;
        if !inner[end..].starts_with("}}") {
            return None;
        }
        let id = inner[..end].rsplit([',', ':']).next().map(str::trim).filter(|id| !id.is_empty())?;
        insert(id, &mut self.out);
        Some(end + 4)
    }

    /// The end of `[text](target)`: the brackets and the target go.
    fn link(&mut self, rest: &str) -> Option<usize> {
        let open = self.brackets.pop()?;
        let target = rest.strip_prefix("](")?;
        let end = target.bytes().take(LONGEST_TARGET).position(|byte| matches!(byte, b')' | b' ' | b'\n'))?;
        if !target[end..].starts_with(')') {
            return None;
        }
        self.gone.push((open, open + 1));
        Some(end + 3)
    }

    /// A run of one or two stars: closes the same run, opens one, or stands for itself.
    fn emphasis(&mut self, rest: &str, before: char) -> usize {
        let run = if rest.starts_with("**") { 2 } else { 1 };
        let after = rest[run..].chars().next().unwrap_or(' ');
        let at = self.out.len();
        self.out.push_str(&rest[..run]);
        let open = self.stars.last().filter(|(start, width)| *width == run && start + run < at).copied();
        match open {
            Some((start, _)) if !before.is_whitespace() => {
                self.stars.pop();
                self.gone.extend([(start, start + run), (at, at + run)]);
            }
            Some(_) | None if !after.is_whitespace() => self.stars.push((at, run)),
            Some(_) | None => {}
        }
        run
    }

    fn finish(mut self, out: &mut String) {
        self.gone.sort_unstable();
        let mut from = 0;
        for (start, end) in self.gone {
            out.push_str(self.out.get(from..start).unwrap_or_default());
            from = end;
        }
        out.push_str(self.out.get(from..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_becomes_plain() {
        let rows = [
            ("plain", "plain"),
            ("see [AU-2](#au-2) and [AU-6](#au-6).", "see AU-2 and AU-6."),
            (
                "organization-defined [Selection (one or more): a; b] methods",
                "organization-defined [Selection (one or more): a; b] methods",
            ),
            (" **Conceal, via the lock, information**.", " Conceal, via the lock, information."),
            ("Catalog *for Demonstration* and Testing", "Catalog for Demonstration and Testing"),
            ("2 * 3 * 4, a*b, \\*kept\\*", "2 * 3 * 4, a*b, *kept*"),
            ("*open, never closed", "*open, never closed"),
            ("[(choppy)](#s1.2)", "(choppy)"),
            ("[**bold** link](#a)(s)", "bold link(s)"),
            ("within {{ insert: param, p1 }}(s)", "within <p1>(s)"),
            ("{{p1}} {{ }} {{ never", "<p1> {{ }} {{ never"),
            ("[a](b c) \\", "[a](b c) \\"),
            ("**", "**"),
        ];
        for (prose, expected) in rows {
            let mut out = String::new();
            plain(prose, &mut out, &mut |id, out| {
                out.push('<');
                out.push_str(id);
                out.push('>');
            });
            assert_eq!(out, expected, "{prose}");
        }
    }
}
