//! What may stand in one cell: text, a word, a step of a scale, a day. Each answers the value or a clause that completes
//! "the cell …".

use super::word::Spoken;
use crate::french::Language;
use amtia_exchange::Cell;
use jiff::civil::Date;

amtia_domain::words! {
    /// The order of day and month in a date such as 03/04/2026.
    DateOrder {
        /// 3 April.
        DayFirst = "day_first",
        /// March 4.
        MonthFirst = "month_first",
    }
}

/// A clause that completes "the cell …".
pub type Clause = String;

/// A value as a person would quote it, shortened.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).take(60).collect();
    if text.chars().count() > 60 {
        shown.push('…');
    }
    format!("“{shown}”")
}

/// The cell as text; `None` where it is blank.
pub fn text(cell: &Cell) -> Result<Option<String>, Clause> {
    let text = match cell {
        Cell::Empty => return Ok(None),
        Cell::Text(text) => text.trim().to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Fault(fault) => return Err(format!("holds {fault}, an error of the spreadsheet: correct it there")),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// One of a closed list.
pub fn word<W: Spoken>(cell: &Cell) -> Result<Option<W>, Clause> {
    let Some(text) = text(cell)? else { return Ok(None) };
    W::of_name(&text).map(Some).ok_or_else(|| {
        let names = W::ALL.iter().map(|value| value.name(Language::English)).collect::<Vec<_>>().join(", ");
        format!("holds {}, which is none of: {names}", quoted(&text))
    })
}

/// A step of a scale from 1 to `max`: a number, alone or before what the step is called.
pub fn step(cell: &Cell, max: u8) -> Result<Option<u8>, Clause> {
    let Some(text) = text(cell)? else { return Ok(None) };
    let digits = text.find(|c: char| !c.is_ascii_digit()).map_or(&text[..], |end| &text[..end]);
    let rest = &text[digits.len()..];
    let alone = rest.is_empty() || rest.starts_with([' ', '-', '–', ':', '(']);
    let number = digits.parse::<u8>().ok().filter(|number| alone && (1..=max).contains(number));
    number.map(Some).ok_or_else(|| format!("holds {}, which is no step of the scale: write a whole number from 1 to {max}", quoted(&text)))
}

/// A day. A number is one in a workbook alone, whose calendar is known.
pub fn day(cell: &Cell, order: Option<DateOrder>, workbook: bool) -> Result<Option<Date>, Clause> {
    if let Cell::Day(day) = cell {
        return Ok(Some(*day));
    }
    let Some(text) = text(cell)? else { return Ok(None) };
    let unreadable = || format!("holds {}, which is no date: write it as YYYY-MM-DD", quoted(&text));
    if let Ok(serial) = text.parse::<f64>() {
        let serial_day = serial_day(serial);
        return match serial_day {
            Some(day) if workbook => Ok(Some(day)),
            Some(_) => {
                Err(format!("holds {text}, a number that can be a date of either calendar of Excel (1900 or 1904): write it as YYYY-MM-DD"))
            }
            None => Err(unreadable()),
        };
    }
    let date = text.split(['T', ' ']).next().unwrap_or("");
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let numbers: Vec<i16> =
        parts.iter().filter_map(|part| part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()))).collect();
    let ([a, b, c], [first, second, last]) = (&numbers[..], &parts[..]) else { return Err(unreadable()) };
    let made = |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    if first.len() == 4 && second.len() <= 2 && last.len() <= 2 {
        return made(*a, *b, *c).map(Some).ok_or_else(unreadable);
    }
    if first.len() > 2 || second.len() > 2 {
        return Err(unreadable());
    }
    if last.len() == 2 {
        return Err(format!("holds {}, whose year can be of any century: write it as YYYY-MM-DD", quoted(&text)));
    }
    if last.len() != 4 {
        return Err(unreadable());
    }
    // Dots stand in dates that begin with the day, wherever they are used.
    let order = if date.contains('.') { Some(DateOrder::DayFirst) } else { order };
    let (day_first, month_first) = (made(*c, *b, *a), made(*c, *a, *b));
    match (day_first, month_first, order) {
        (None, None, _) => Err(unreadable()),
        (Some(day), None, _) if order != Some(DateOrder::MonthFirst) => Ok(Some(day)),
        (None, Some(day), _) if order != Some(DateOrder::DayFirst) => Ok(Some(day)),
        (Some(one), Some(other), _) if one == other => Ok(Some(one)),
        (Some(day), Some(_), Some(DateOrder::DayFirst)) | (Some(_), Some(day), Some(DateOrder::MonthFirst)) => Ok(Some(day)),
        (Some(one), Some(other), None) => {
            Err(format!("holds {}, which can be {one} or {other}: choose the order of its dates, or write YYYY-MM-DD", quoted(&text)))
        }
        _ => Err(unreadable()),
    }
}

/// The day of a number in the 1900 calendar, which has a 29 February 1900 that never was; within 1970 to 2199.
fn serial_day(serial: f64) -> Option<Date> {
    let days = serial.trunc();
    if !(25_569.0..109_575.0).contains(&days) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 109,575")]
    let days = jiff::Span::new().days(days as i64);
    jiff::civil::date(1899, 12, 30).checked_add(days).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use amtia_domain::risk::{RiskStatus, Treatment};
    use jiff::civil::date;

    fn of(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn a_date_is_read_where_it_can_only_be_one() {
        let sure = [
            ("2026-11-24", date(2026, 11, 24)),
            ("2026/11/24", date(2026, 11, 24)),
            ("2026-11-24T09:00:00Z", date(2026, 11, 24)),
            ("24/11/2026", date(2026, 11, 24)),
            ("24-11-2026", date(2026, 11, 24)),
            ("24.11.2026", date(2026, 11, 24)),
            ("03.04.2026", date(2026, 4, 3)),
            ("3/3/2026", date(2026, 3, 3)),
            ("11/24/2026", date(2026, 11, 24)),
            (" 24/11/2026 ", date(2026, 11, 24)),
        ];
        for (text, expected) in sure {
            assert_eq!(day(&of(text), None, false), Ok(Some(expected)), "{text:?}");
        }
        let ambiguous = day(&of("03/04/2026"), None, false).expect_err("two dates");
        assert!(ambiguous.contains("2026-04-03 or 2026-03-04"), "both are named: {ambiguous}");
        assert_eq!(day(&of("03/04/2026"), Some(DateOrder::DayFirst), false), Ok(Some(date(2026, 4, 3))));
        assert_eq!(day(&of("03/04/2026"), Some(DateOrder::MonthFirst), false), Ok(Some(date(2026, 3, 4))));
        assert!(day(&of("24/11/2026"), Some(DateOrder::MonthFirst), false).is_err(), "not against the order that was chosen");
        for text in ["soon", "31/02/2026", "2026-02-30", "24/11/26", "1/2", "2026-11", "24 November", "0/0/2026", "12", "-5/1/2026"] {
            assert!(day(&of(text), None, true).is_err(), "{text:?}");
        }
        assert_eq!(day(&of("  "), None, false), Ok(None));
        assert_eq!(day(&Cell::Day(date(2026, 1, 2)), None, false), Ok(Some(date(2026, 1, 2))));
        assert_eq!(day(&Cell::Number(46_350.0), None, true), Ok(Some(date(2026, 11, 24))), "a serial of a workbook");
        assert!(day(&of("46350"), None, false).expect_err("of a CSV").contains("1904"));
    }

    #[test]
    fn words_are_known_in_both_languages_and_on_the_wire() {
        for text in ["in_treatment", "In treatment", "IN TREATMENT", "En traitement", "en  traitement "] {
            assert_eq!(word::<RiskStatus>(&of(text)), Ok(Some(RiskStatus::InTreatment)), "{text:?}");
        }
        for text in ["À décider", "a decider", "Open"] {
            assert_eq!(word::<Treatment>(&of(text)), Ok(Some(Treatment::Open)), "{text:?}");
        }
        assert!(word::<Treatment>(&of("reduce")).expect_err("no such word").contains("Mitigate"));
        assert_eq!(word::<Treatment>(&Cell::Empty), Ok(None));
        assert!(word::<Treatment>(&Cell::Fault("#REF!")).expect_err("an error").contains("#REF!"));
    }

    #[test]
    fn a_step_is_a_whole_number_of_the_scale() {
        for (cell, expected) in [(Cell::Number(3.0), 3), (of("3"), 3), (of("3 - Possible"), 3), (of("5 (critique)"), 5), (of(" 1 "), 1)] {
            assert_eq!(step(&cell, 5), Ok(Some(expected)), "{cell:?}");
        }
        for cell in [Cell::Number(2.5), Cell::Number(0.0), Cell::Number(6.0), of("high"), of("3x"), of("300"), of("-1"), Cell::Flag(true)] {
            assert!(step(&cell, 5).is_err(), "{cell:?}");
        }
        assert_eq!(step(&Cell::Empty, 5), Ok(None));
    }
}
