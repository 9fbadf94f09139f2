//! What the sample's risks are made of: hand-written names, people, controls and sentences.

use super::text::{cell, controls, fields, lines};

/// The most important risks, each with its place in the sequence.
pub(super) const NAMED: &str = include_str!("data/named.txt");
const OWNERS: &str = include_str!("data/owners.txt");
const KEYWORDS: &str = include_str!("data/keywords.txt");
const PLANS: &str = include_str!("data/plans.txt");
const PHRASES: &str = include_str!("data/phrases.txt");

/// Every category's names; the first line of a file is the category.
pub(super) const NAMES: [&str; 14] = [
    include_str!("data/risks/third-parties.txt"),
    include_str!("data/risks/change-and-release.txt"),
    include_str!("data/risks/access.txt"),
    include_str!("data/risks/data-protection.txt"),
    include_str!("data/risks/continuity.txt"),
    include_str!("data/risks/cyber-attack.txt"),
    include_str!("data/risks/payments.txt"),
    include_str!("data/risks/fraud.txt"),
    include_str!("data/risks/people.txt"),
    include_str!("data/risks/physical.txt"),
    include_str!("data/risks/regulatory.txt"),
    include_str!("data/risks/data-quality.txt"),
    include_str!("data/risks/cloud.txt"),
    include_str!("data/risks/models.txt"),
];

/// One hand-written name with a hint of where it belongs on the map.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) category: &'static str,
    /// Likelihood and impact, as a hint: the map's counts decide.
    pub(super) hint: (u8, u8),
    pub(super) name: &'static str,
    pub(super) description: Option<&'static str>,
}

/// Every hand-written name.
pub(super) fn names() -> Vec<Line> {
    NAMES.into_iter().flat_map(names_of).collect()
}

fn names_of(file: &'static str) -> impl Iterator<Item = Line> {
    let category = file.lines().next().unwrap_or_default().trim_start_matches("# ");
    lines(file).filter_map(move |line| {
        let (hint, rest) = line.split_once(' ')?;
        let mut parts = fields(rest).into_iter();
        Some(Line { category, hint: cell(hint)?, name: parts.next()?, description: parts.next() })
    })
}

/// A risk that is written out in full.
pub(super) struct Named {
    /// Its place in the sequence, from 1.
    pub(super) number: usize,
    pub(super) category: &'static str,
    pub(super) owner: &'static str,
    /// Current, inherent, residual and target.
    pub(super) cells: [(u8, u8); 4],
    pub(super) treatment: &'static str,
    pub(super) status: &'static str,
    pub(super) review_in: i32,
    pub(super) controls: Vec<(&'static str, String)>,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) rationale: &'static str,
}

/// Every risk that is written out in full.
pub(super) fn named() -> Vec<Named> {
    lines(NAMED).filter_map(named_of).collect()
}

fn named_of(line: &'static str) -> Option<Named> {
    let parts = fields(line);
    let [number, category, owner, cells, treatment, status, review, linked, name, description, rationale] = parts[..] else {
        return None;
    };
    let mut each = cells.split(' ').map(cell);
    Some(Named {
        number: number.parse().ok()?,
        category,
        owner,
        cells: [each.next()??, each.next()??, each.next()??, each.next()??],
        treatment,
        status,
        review_in: review.parse().ok()?,
        controls: controls(linked),
        name,
        description,
        rationale,
    })
}

/// The rest of the stock, read once for a sample.
pub(super) struct Stock {
    owners: Vec<(&'static str, Vec<&'static str>)>,
    keywords: Vec<Topic>,
    plans: Vec<(&'static str, &'static str)>,
    phrases: Vec<(&'static str, &'static str)>,
}

/// Words that lead to a tag and controls.
struct Topic {
    /// Each key as its words.
    keys: Vec<Vec<&'static str>>,
    tag: &'static str,
    controls: Vec<(&'static str, String)>,
}

impl Topic {
    fn read(line: &'static str) -> Option<Self> {
        let [keys, tag, linked] = fields(line)[..] else { return None };
        Some(Self { keys: keys.split(',').map(parts).collect(), tag, controls: controls(linked) })
    }
}

/// What a name says about its tags and controls.
pub(super) struct Topics {
    pub(super) tags: Vec<String>,
    pub(super) controls: Vec<(&'static str, String)>,
}

impl Stock {
    pub(super) fn read() -> Self {
        let pairs = |text| lines(text).filter_map(|line| line.split_once(" | ")).collect::<Vec<_>>();
        Self {
            owners: pairs(OWNERS).into_iter().map(|(name, list)| (name, list.split(", ").collect())).collect(),
            keywords: lines(KEYWORDS).filter_map(Topic::read).collect(),
            plans: pairs(PLANS),
            phrases: pairs(PHRASES),
        }
    }

    /// The people who own risks of a category, the main one first.
    pub(super) fn owners(&self, category: &str) -> Vec<&'static str> {
        let mut found: Vec<_> = self
            .owners
            .iter()
            .filter_map(|(name, list)| list.iter().position(|listed| *listed == category).map(|at| (at, *name)))
            .collect();
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, name)| name).collect()
    }

    /// Actions that fit a category.
    pub(super) fn plans(&self, category: &str) -> Vec<&'static str> {
        self.plans.iter().filter(|(of, _)| *of == category).map(|(_, text)| *text).collect()
    }

    /// Sentences of a kind.
    pub(super) fn phrases(&self, kind: &str) -> Vec<&'static str> {
        self.phrases.iter().filter(|(of, _)| *of == kind).map(|(_, text)| *text).collect()
    }

    /// The tags and controls of the words that occur in a name, at most three topics, or those of the category.
    pub(super) fn topics(&self, name: &str, category: &str) -> Topics {
        let lower = name.to_lowercase();
        let words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut found: Vec<&Topic> =
            self.keywords.iter().filter(|topic| topic.keys.iter().any(|key| may_say(&lower, key) && says(&words, key))).take(3).collect();
        if found.is_empty() {
            found.extend(self.keywords.iter().filter(|topic| topic.keys.iter().any(|key| is_category(key, category))));
        }
        let mut topics = Topics { tags: Vec::new(), controls: Vec::new() };
        let deepest = found.iter().map(|topic| topic.controls.len()).max().unwrap_or(0);
        topics.tags.extend(found.iter().map(|topic| topic.tag.to_owned()));
        for place in 0..deepest {
            for topic in &found {
                if let Some(control) = topic.controls.get(place).filter(|control| !topics.controls.contains(control)) {
                    topics.controls.push(control.clone());
                }
            }
        }
        topics
    }
}

/// A key's words; the name of a category stays whole.
fn parts(key: &'static str) -> Vec<&'static str> {
    if key.starts_with('@') { vec![key] } else { key.split([' ', '-']).collect() }
}

fn is_category(key: &[&str], category: &str) -> bool {
    key.first().and_then(|word| word.strip_prefix('@')) == Some(category)
}

/// A cheap look before [`says`]: most names hold nothing of most keys.
fn may_say(text: &str, key: &[&str]) -> bool {
    key.first().is_some_and(|word| text.contains(word.trim_end_matches('*')))
}

/// Whether the words hold the key: whole words, their plural, or any ending where the key ends with a star.
fn says(words: &[&str], key: &[&str]) -> bool {
    words.windows(key.len()).any(|window| {
        window.iter().zip(key).all(|(word, part)| match part.strip_suffix('*') {
            Some(stem) => word.starts_with(stem),
            None => word == part || word.strip_suffix('s') == Some(part),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, NAMED, NAMES, OWNERS, PHRASES, PLANS, Stock, named, names, parts, says};
    use crate::sample::text::lines;

    #[test]
    fn every_line_of_the_files_is_read() {
        assert_eq!(names().len(), NAMES.iter().map(|file| lines(file).count()).sum::<usize>());
        assert_eq!(named().len(), lines(NAMED).count());
        let stock = Stock::read();
        assert_eq!(stock.owners.len(), lines(OWNERS).count());
        assert_eq!(stock.keywords.len(), lines(KEYWORDS).count());
        assert_eq!(stock.plans.len(), lines(PLANS).count());
        assert_eq!(stock.phrases.len(), lines(PHRASES).count());
    }

    #[test]
    fn every_category_has_owners_plans_and_a_topic() {
        let stock = Stock::read();
        for file in NAMES {
            let category = file.lines().next().expect("a first line").trim_start_matches("# ");
            assert!(stock.owners(category).len() >= 2, "{category}");
            assert!(stock.plans(category).len() >= 5, "{category}");
            assert!(!stock.topics("", category).controls.is_empty(), "{category}");
        }
    }

    #[test]
    fn words_are_found_whole() {
        let words = ["the", "vault", "brokers", "encrypted", "catalogue"];
        assert!(says(&words, &parts("vault broker")));
        assert!(says(&words, &parts("encrypt*")));
        assert!(!says(&words, &parts("log")));
        assert!(!says(&words, &parts("encrypt")));
    }
}
