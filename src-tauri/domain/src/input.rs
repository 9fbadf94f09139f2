//! Reading a JSON object from outside so that *every* offending field is reported at once.

use crate::words::Word;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Longest name or title, in characters (DOMAIN: 1–200).
pub const NAME_MAX: usize = 200;
/// Longest free text, in characters (DOMAIN: 20,000).
pub const TEXT_MAX: usize = 20_000;
/// Most members of a list such as tags or links.
pub const LIST_MAX: usize = 200;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// The field's wire name.
    pub field: String,
    /// A sentence fragment that completes "the field …", such as `must be 1 to 5`.
    pub message: String,
}

/// Everything that is wrong with an input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<FieldProblem>);

impl Problems {
    /// One problem.
    #[must_use]
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(field, message);
        problems
    }

    /// Adds a problem.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.to_owned(), message: message.into() });
    }

    /// `Ok` when nothing is wrong.
    ///
    /// # Errors
    /// The problems, when there are any.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// A JSON object being read. Each getter takes its field; [`Input::finish`] reports what nobody asked for.
#[derive(Debug)]
pub struct Input {
    fields: Map<String, Value>,
    prefix: String,
    /// What is wrong so far.
    pub problems: Problems,
}

/// A field of a partial update: absent, or set to a value or to nothing.
pub type Patch<T> = Option<Option<T>>;

/// Sets a field where a partial update brings a value.
pub(crate) fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

impl Input {
    /// Starts reading.
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Self {
        Self { fields, prefix: String::new(), problems: Problems::default() }
    }

    fn problem(&mut self, field: &str, message: impl Into<String>) {
        let field = format!("{}{field}", self.prefix);
        self.problems.add(&field, message);
    }

    /// Whether the field is present.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// A string that may not be cleared: absent gives `None`, `null` or blank is a problem.
    pub fn name(&mut self, field: &str) -> Option<String> {
        match self.text_up_to(field, NAME_MAX) {
            Some(Some(text)) => Some(text),
            Some(None) => {
                self.problem(field, "must not be empty");
                None
            }
            None => None,
        }
    }

    /// As [`Input::name`], but absence is a problem too.
    pub fn required_name(&mut self, field: &str) -> String {
        if !self.has(field) {
            self.problem(field, "is required");
        }
        self.name(field).unwrap_or_default()
    }

    /// Free text; blank counts as cleared.
    pub fn text(&mut self, field: &str) -> Patch<String> {
        self.text_up_to(field, TEXT_MAX)
    }

    /// A short text such as an owner's name; blank counts as cleared.
    pub fn short(&mut self, field: &str) -> Patch<String> {
        self.text_up_to(field, NAME_MAX)
    }

    fn text_up_to(&mut self, field: &str, max: usize) -> Patch<String> {
        match self.fields.remove(field)? {
            Value::Null => Some(None),
            Value::String(text) => {
                let text = text.trim();
                if text.chars().count() > max {
                    self.problem(field, format!("must have at most {max} characters"));
                    None
                } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')) {
                    self.problem(field, "must not hold control characters");
                    None
                } else if text.is_empty() {
                    Some(None)
                } else {
                    Some(Some(text.to_owned()))
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, "must be text");
                None
            }
        }
    }

    /// One of a closed list; may be cleared.
    pub fn choice<W: Word>(&mut self, field: &str) -> Patch<W> {
        match self.fields.remove(field)? {
            Value::Null => Some(None),
            Value::String(text) => match W::from_word(&text) {
                Some(value) => Some(Some(value)),
                None => {
                    self.problem(field, format!("must be one of: {}", W::list()));
                    None
                }
            },
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, format!("must be one of: {}", W::list()));
                None
            }
        }
    }

    /// One of a closed list that may not be cleared.
    pub fn fixed_choice<W: Word>(&mut self, field: &str) -> Option<W> {
        match self.choice(field) {
            Some(None) => {
                self.problem(field, format!("must be one of: {}", W::list()));
                None
            }
            Some(value) => value,
            None => None,
        }
    }

    /// A whole step of a scale from 1 to `max`.
    pub fn step(&mut self, field: &str, max: u8) -> Patch<u8> {
        self.whole(field, 1, max)
    }

    /// A whole number within limits.
    pub fn whole(&mut self, field: &str, min: u8, max: u8) -> Patch<u8> {
        let value = self.fields.remove(field)?;
        if value.is_null() {
            return Some(None);
        }
        let number = value.as_u64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0 && *n < 256.0).map(|n| n as u64));
        match number.and_then(|n| u8::try_from(n).ok()).filter(|n| (min..=max).contains(n)) {
            Some(n) => Some(Some(n)),
            None => {
                self.problem(field, format!("must be {min} to {max}"));
                None
            }
        }
    }

    /// Whole steps up or down, at most `most` of them.
    pub fn offset(&mut self, field: &str, most: u8) -> Option<i8> {
        let most = i64::from(most);
        let value = self.fields.remove(field)?;
        let steps = value.as_i64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 256.0).map(|n| n as i64));
        let steps = steps.filter(|steps| (-most..=most).contains(steps));
        if steps.is_none() {
            self.problem(field, format!("must be {} to {most}", -most));
        }
        steps.and_then(|steps| i8::try_from(steps).ok())
    }

    /// A number within limits, which may have decimals.
    pub fn decimal(&mut self, field: &str, min: f64, max: f64) -> Patch<f64> {
        let value = self.fields.remove(field)?;
        if value.is_null() {
            return Some(None);
        }
        match value.as_f64().filter(|n| (min..=max).contains(n)) {
            Some(n) => Some(Some(n)),
            None => {
                self.problem(field, format!("must be a number from {min} to {max}"));
                None
            }
        }
    }

    /// The bare value, for a field with a shape of its own.
    pub fn bare(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field)
    }

    /// A calendar date, `YYYY-MM-DD`.
    pub fn date(&mut self, field: &str) -> Patch<Date> {
        match self.fields.remove(field)? {
            Value::Null => Some(None),
            Value::String(text) if text.len() == 10 => match text.parse() {
                Ok(date) => Some(Some(date)),
                Err(_) => {
                    self.problem(field, "must be a date, YYYY-MM-DD");
                    None
                }
            },
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, "must be a date, YYYY-MM-DD");
                None
            }
        }
    }

    /// An RFC 3339 time, kept to the millisecond.
    pub fn instant(&mut self, field: &str) -> Patch<Timestamp> {
        match self.fields.remove(field)? {
            Value::Null => Some(None),
            Value::String(text) => {
                match text.parse::<Timestamp>().ok().and_then(|at| Timestamp::from_millisecond(at.as_millisecond()).ok()) {
                    Some(at) => Some(Some(at)),
                    None => {
                        self.problem(field, "must be a time, RFC 3339 with a zone");
                        None
                    }
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.problem(field, "must be a time, RFC 3339 with a zone");
                None
            }
        }
    }

    /// A list of short texts, without doubles, in the order given; `null` empties it.
    pub fn list(&mut self, field: &str) -> Option<Vec<String>> {
        let items = match self.fields.remove(field)? {
            Value::Null => return Some(Vec::new()),
            Value::Array(items) => items,
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.problem(field, "must be a list of texts");
                return None;
            }
        };
        if items.len() > LIST_MAX {
            self.problem(field, format!("must have at most {LIST_MAX} members"));
            return None;
        }
        let mut list: Vec<String> = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str().map(str::trim) {
                Some(text) if !text.is_empty() && text.chars().count() <= NAME_MAX && !text.chars().any(char::is_control) => {
                    if !list.iter().any(|have| have == text) {
                        list.push(text.to_owned());
                    }
                }
                _ => {
                    self.problem(field, format!("must be a list of texts of 1 to {NAME_MAX} characters"));
                    return None;
                }
            }
        }
        Some(list)
    }

    /// A true or false.
    pub fn flag(&mut self, field: &str) -> Option<bool> {
        match self.fields.remove(field)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.problem(field, "must be true or false");
                None
            }
        }
    }

    /// A nested object, read by `read`; `null` clears it.
    pub fn nested<T>(&mut self, field: &str, read: impl FnOnce(&mut Input) -> T) -> Patch<T> {
        match self.fields.remove(field)? {
            Value::Null => Some(None),
            Value::Object(fields) => {
                let mut inner = Input { fields, prefix: format!("{}{field}.", self.prefix), problems: Problems::default() };
                let value = read(&mut inner);
                let problems = inner.unknown(&["level", "score"]);
                if problems.0.is_empty() {
                    Some(Some(value))
                } else {
                    self.problems.0.extend(problems.0);
                    None
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                self.problem(field, "must be an object or null");
                None
            }
        }
    }

    /// A list of objects, each read by `read`; what is wrong with one is told under its place, such as `items.2.minutes`. `null`
    /// empties it.
    pub fn objects<T>(&mut self, field: &str, max: usize, read_only: &[&str], mut read: impl FnMut(&mut Input) -> T) -> Option<Vec<T>> {
        let members = match self.fields.remove(field)? {
            Value::Null => return Some(Vec::new()),
            Value::Array(members) if members.len() <= max => members,
            Value::Array(_) => {
                self.problem(field, format!("must have at most {max} members"));
                return None;
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.problem(field, "must be a list of objects");
                return None;
            }
        };
        let (mut list, before) = (Vec::with_capacity(members.len()), self.problems.0.len());
        for (place, member) in members.into_iter().enumerate() {
            let Value::Object(fields) = member else {
                self.problem(field, "must be a list of objects");
                return None;
            };
            let mut inner = Input { fields, prefix: format!("{}{field}.{place}.", self.prefix), problems: Problems::default() };
            list.push(read(&mut inner));
            self.problems.0.extend(inner.unknown(read_only).0);
        }
        (self.problems.0.len() == before).then_some(list)
    }

    fn unknown(mut self, read_only: &[&str]) -> Problems {
        let left: Vec<String> = self.fields.keys().filter(|key| !read_only.contains(&key.as_str())).cloned().collect();
        for field in left {
            let shown: String = field.chars().take(80).collect();
            self.problem(&shown, "is not a field of this record");
        }
        self.problems
    }

    /// Ends reading: fields that nobody took are problems, unless they are read-only ones, which are ignored.
    ///
    /// # Errors
    /// Every problem found.
    pub fn finish(self, read_only: &[&str]) -> Result<(), Problems> {
        self.unknown(read_only).check()
    }
}
