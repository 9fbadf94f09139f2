//! Several texts in one cell: separated by semicolons, in double quotes where a text holds one itself.

/// The texts as one cell.
#[must_use]
pub fn join<T: AsRef<str>>(items: &[T]) -> String {
    let quoted = |item: &str| {
        let bare = !item.contains([';', '\n']) && !item.starts_with('"');
        if bare { item.to_owned() } else { format!("\"{}\"", item.replace('"', "\"\"")) }
    };
    items.iter().map(|item| quoted(item.as_ref())).collect::<Vec<_>>().join("; ")
}

/// The texts of a cell, in order; a line break separates as well. A quote that nothing closes is part of its text.
#[must_use]
pub fn split(cell: &str) -> Vec<String> {
    let (mut items, mut rest) = (Vec::new(), cell);
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r']);
        let quoted = rest.strip_prefix('"').and_then(closed);
        let (item, after) = match quoted {
            Some((item, after)) => (item, after.find([';', '\n']).map(|at| &after[at + 1..])),
            None => {
                let (item, after) = rest.find([';', '\n']).map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
                (item.trim().to_owned(), after)
            }
        };
        if !item.is_empty() {
            items.push(item);
        }
        match after {
            Some(after) => rest = after,
            None => return items,
        }
    }
}

/// The text up to the quote that closes it, and what follows, where that begins the next text or nothing.
fn closed(text: &str) -> Option<(String, &str)> {
    let mut item = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        item.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                item.push('"');
                rest = after;
            }
            None => break,
        }
    }
    rest.trim_start_matches([' ', '\t', '\r']).chars().next().is_none_or(|next| matches!(next, ';' | '\n')).then_some((item, rest))
}
