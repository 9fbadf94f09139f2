//! Reading the sample's data files: lines of fields between ` | `, with `#` before a remark.

/// The lines of a data file that carry content.
pub(super) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The fields of a line.
pub(super) fn fields(line: &'static str) -> Vec<&'static str> {
    line.split('|').map(str::trim).collect()
}

/// A field that may be left empty.
pub(super) fn optional(field: &str) -> Option<String> {
    (!field.is_empty()).then(|| field.to_owned())
}

/// Two digits from 1 to 5, likelihood before impact.
pub(super) fn cell(digits: &str) -> Option<(u8, u8)> {
    let mut steps = digits.chars().map(|digit| digit.to_digit(10).and_then(|step| u8::try_from(step).ok()));
    let (likelihood, impact) = (steps.next()??, steps.next()??);
    let fits = |step: u8| (1..=5).contains(&step);
    (steps.next().is_none() && fits(likelihood) && fits(impact)).then_some((likelihood, impact))
}

/// The framework slug and the reference of a control written as `A.8.2`, `DORA Art. 28` or `NIS2 Art. 20(1)`.
pub(super) fn control(text: &str) -> (&'static str, String) {
    let text = text.trim();
    for (prefix, slug) in [("DORA ", "dora"), ("NIS2 ", "nis2")] {
        if let Some(reference) = text.strip_prefix(prefix) {
            return (slug, reference.to_owned());
        }
    }
    ("iso-27001", text.to_owned())
}

/// A list of controls between commas.
pub(super) fn controls(list: &str) -> Vec<(&'static str, String)> {
    list.split(',').filter(|text| !text.trim().is_empty()).map(control).collect()
}

#[cfg(test)]
mod tests {
    use super::{cell, control, controls};

    #[test]
    fn a_cell_is_two_steps_from_one_to_five() {
        assert_eq!(cell("45"), Some((4, 5)));
        for wrong in ["", "4", "456", "06", "61", "4x"] {
            assert_eq!(cell(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_control_names_its_framework() {
        assert_eq!(control(" A.8.2 "), ("iso-27001", "A.8.2".to_owned()));
        assert_eq!(controls("DORA Art. 28, NIS2 Art. 20(1)"), vec![("dora", "Art. 28".to_owned()), ("nis2", "Art. 20(1)".to_owned())]);
        assert!(controls("").is_empty());
    }
}
