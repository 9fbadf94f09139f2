//! The engine's sentences in French. English is the contract and the key: whoever makes a sentence writes English, and on
//! the way out the catalogue finds the pair that it was made from and renders it anew.
//!
//! The catalogue (`french/*.txt`) holds pairs of lines, English and French, with the same holes. What fills `{name}` is
//! carried over as it is; `{name!}` is rendered in French too and must be known; `{name?}` is rendered in French where it is
//! known; `{name:the}` asks for the French of "the …", so that an article agrees with its noun.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A language of the engine's sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// As they are made.
    English,
    /// By the catalogue.
    French,
}

const CATALOGUE: [&str; 10] = [
    include_str!("french/errors.txt"),
    include_str!("french/fields.txt"),
    include_str!("french/formats.txt"),
    include_str!("french/imports.txt"),
    include_str!("french/nouns.txt"),
    include_str!("french/registers.txt"),
    include_str!("french/risks.txt"),
    include_str!("french/pictures.txt"),
    include_str!("french/workshops.txt"),
    include_str!("french/workspace.txt"),
];
/// How deep one sentence may stand within another.
const DEPTH: usize = 6;

static FRENCH: LazyLock<French> = LazyLock::new(|| French::read(pairs()));

/// Every pair of the catalogue, English first.
pub fn pairs() -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUE.iter().flat_map(|file| {
        let mut lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
    })
}

/// A sentence of the engine in French, or `None` where the catalogue has no pair for it.
#[must_use]
pub fn in_french(english: &str) -> Option<String> {
    FRENCH.render(english, 0)
}

/// What becomes of the text that fills a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filling {
    /// Somebody's text: carried over.
    Plain,
    /// Words of the engine, which must be known.
    Known,
    /// Perhaps words of the engine.
    Perhaps,
    /// A noun, with the word that stands before it.
    After(&'static str),
}

#[derive(Clone, Copy, Debug)]
struct Hole {
    name: &'static str,
    filling: Filling,
}

/// `literals` has one member more than `holes`, which stand between them.
#[derive(Debug)]
struct Template {
    literals: Vec<&'static str>,
    holes: Vec<Hole>,
}

impl Template {
    fn read(text: &'static str) -> Self {
        let (mut literals, mut holes, mut rest) = (Vec::new(), Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((inside, after)) = after.split_once('}') else { break };
            literals.push(before);
            let (name, filling) = match (inside.strip_suffix('!'), inside.strip_suffix('?'), inside.split_once(':')) {
                (Some(name), ..) => (name, Filling::Known),
                (_, Some(name), _) => (name, Filling::Perhaps),
                (.., Some((name, word))) => (name, Filling::After(word)),
                _ => (inside, Filling::Plain),
            };
            holes.push(Hole { name, filling });
            rest = after;
        }
        literals.push(rest);
        Self { literals, holes }
    }

    /// How much of a sentence it says itself.
    fn weight(&self) -> usize {
        self.literals.iter().map(|literal| literal.len()).sum()
    }

    /// What fills the holes if the text was made from this: each literal is taken where it first stands.
    fn fillings<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, rest) = self.literals.split_first()?;
        let (last, between) = rest.split_last()?;
        let mut text = text.strip_prefix(first)?.strip_suffix(last)?;
        let mut found = Vec::with_capacity(self.holes.len());
        for literal in between {
            let (filling, after) = text.split_once(literal)?;
            found.push(filling);
            text = after;
        }
        found.push(text);
        Some(found)
    }
}

struct French {
    /// Sentences without a hole.
    whole: HashMap<&'static str, &'static str>,
    /// The others, those that say the most themselves first.
    templates: Vec<(Template, Template)>,
}

impl French {
    fn read(pairs: impl Iterator<Item = (&'static str, &'static str)>) -> Self {
        let (mut whole, mut templates) = (HashMap::new(), Vec::new());
        for (english, french) in pairs {
            let template = Template::read(english);
            if template.holes.is_empty() {
                whole.insert(english, french);
            } else {
                templates.push((template, Template::read(french)));
            }
        }
        templates.sort_by_key(|(english, _)| std::cmp::Reverse(english.weight()));
        Self { whole, templates }
    }

    fn render(&self, english: &str, depth: usize) -> Option<String> {
        if let Some(french) = self.whole.get(english) {
            return Some((*french).to_owned());
        }
        if depth == DEPTH {
            return None;
        }
        self.templates.iter().find_map(|(template, french)| {
            let fillings = template.fillings(english)?;
            let filled = |hole: &Hole| {
                let at = template.holes.iter().position(|have| have.name == hole.name)?;
                let text = *fillings.get(at)?;
                match hole.filling {
                    Filling::Plain => Some(text.to_owned()),
                    Filling::Known => self.render(text, depth + 1),
                    Filling::Perhaps => Some(self.render(text, depth + 1).unwrap_or_else(|| text.to_owned())),
                    Filling::After(word) => self.render(&format!("{word} {text}"), depth + 1),
                }
            };
            let mut rendered = String::new();
            for (literal, hole) in french.literals.iter().zip(&french.holes) {
                rendered.push_str(literal);
                rendered.push_str(&filled(hole)?);
            }
            rendered.push_str(french.literals.last()?);
            Some(rendered)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_pair_has_the_same_holes_and_stands_once() {
        let mut seen = HashSet::new();
        for (english, french) in pairs() {
            let holes = |text| {
                let mut holes: Vec<String> =
                    Template::read(text).holes.iter().map(|hole| format!("{} {:?}", hole.name, hole.filling)).collect();
                holes.sort();
                holes.dedup();
                holes
            };
            assert_eq!(holes(english), holes(french), "{english}");
            let literals = Template::read(english).literals;
            assert!(!literals.iter().skip(1).rev().skip(1).any(|literal| literal.is_empty()), "{english}: two holes touch");
            assert!(seen.insert(literals), "{english} stands twice");
        }
        assert!(seen.len() > 300, "the catalogue was read");
    }

    #[test]
    fn every_pair_has_its_french_typography() {
        for (english, french) in pairs() {
            for (at, mark) in french.char_indices().filter(|(_, mark)| matches!(mark, ':' | ';' | '?' | '!' | '»' | '\'')) {
                let after = &french[at + mark.len_utf8()..];
                let in_hole = french[..at].rfind('{') > french[..at].rfind('}');
                if in_hole || after.starts_with("//") || (mark == ':' && french[..at].ends_with("Authorization")) {
                    continue;
                }
                let space = french[..at].chars().next_back();
                let right = match mark {
                    ':' | '»' => space == Some('\u{a0}'),
                    '\'' => false,
                    _ => space == Some('\u{202f}'),
                };
                assert!(right, "{english}: {french}: the space before {mark}");
            }
        }
    }

    #[test]
    fn a_sentence_is_rendered_with_what_fills_it() {
        for (english, french) in [
            ("There is nothing to undo.", "Il n’y a rien à annuler."),
            ("The field `impact` must be 1 to 5.", "Le champ `impact` doit être compris entre 1 et 5."),
            ("No vulnerability with this identifier.", "Aucune vulnérabilité ne porte cet identifiant."),
            ("The API key is no longer there.", "La clé d’API n’existe plus."),
            ("names an asset that does not exist: a: b", "désigne un actif qui n’existe pas\u{a0}: a: b"),
            ("must be somebody other than the owner, is required", "doit désigner une autre personne que le responsable, is required"),
            (
                "The field `port` is in use by another program; choose another.",
                "Le champ `port` est utilisé par un autre programme\u{202f}; choisissez-en un autre.",
            ),
            (
                "This is a CISO Assistant library of a risk matrix and threats, without a framework; frameworks come as OSCAL JSON or CISO Assistant YAML; nothing was imported: choose another file.",
                "Ce fichier est une bibliothèque CISO Assistant sans référentiel\u{202f}; elle contient\u{a0}: une matrice de risques et des menaces\u{202f}; les référentiels se lisent en JSON OSCAL ou en YAML CISO Assistant\u{202f}; rien n’a été importé\u{a0}: choisissez un autre fichier.",
            ),
        ] {
            assert_eq!(in_french(english).as_deref(), Some(french));
        }
    }

    #[test]
    fn every_kind_of_record_has_its_noun() {
        use crate::store::history::Kind;
        use amtia_domain::words::Word as _;
        let kinds = Kind::ALL.iter().map(|kind| kind.word().replace('_', " "));
        for kind in kinds.chain(["API key", "control", "delivery", "import", "result"].map(str::to_owned)) {
            for sentence in [
                format!("No {kind} with this identifier."),
                format!("The {kind} is no longer there."),
                format!("The {kind} was changed since you read it. Nothing was saved; both values are in the details."),
            ] {
                assert!(in_french(&sentence).is_some(), "{sentence}");
            }
        }
    }

    #[test]
    fn what_is_not_known_whole_stays_english() {
        for english in
            ["", "Nobody says this.", "The field `impact` is odd.", "No such thing and no other.", "No dragon with this identifier."]
        {
            assert_eq!(in_french(english), None, "{english}");
        }
        let nested = "The target ".repeat(2_000);
        assert_eq!(in_french(&nested), None, "however often one stands within another");
    }
}
