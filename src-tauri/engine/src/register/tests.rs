//! What is written is read back the same, in either language and every format.

use super::*;
use crate::french::Language;
use amtia_domain::acceptance::AcceptanceMark;
use amtia_domain::matrix::Matrix;
use amtia_domain::plan::{self, ActionPatch, ActionStatus, AssessmentSource, PlannedAction, ToldAction};
use amtia_domain::risk::{Judgement, Risk, RiskPatch, RiskStatus, Treatment};
use amtia_domain::words::Word;
use amtia_exchange::{Book, Found, Kind};
use jiff::Timestamp;

/// Numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % most
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| make(self))
    }

    /// A text as a record holds it: trimmed, nothing but line breaks and tabs for control characters.
    fn text(&mut self, long: bool) -> String {
        const PIECES: &[&str] = &[
            "=1+1",
            "+",
            "-",
            "@",
            "'",
            "''=",
            "\"",
            "\"\"",
            ";",
            ",",
            "|",
            "\\",
            "\\n",
            "a",
            "é",
            "œuvre",
            "été",
            "Accept",
            "3",
            "2026-11-24",
            "03/04/2026",
            "_x000D_",
            "_x0041_",
            "<b>",
            "&amp;",
            "\u{1F600}",
            "\u{feff}",
            "TRUE",
            "R-0001",
            "x: y",
            "#",
            "{",
            "[1]",
            "1e9",
            "  ",
            "=HYPERLINK(\"http://x\")",
            "ID",
        ];
        const BREAKS: &[&str] = &["\n", "\r\n", "\r", "\t", "\n\n"];
        loop {
            let mut text = String::new();
            for _ in 0..=self.below(6) {
                text.push_str(self.one(PIECES));
                if long && self.below(4) == 0 {
                    text.push_str(self.one(BREAKS));
                }
                if self.below(2) == 0 {
                    text.push(' ');
                }
            }
            let text = text.trim();
            if !text.is_empty() {
                return text.to_owned();
            }
        }
    }

    fn cell(&mut self) -> Option<Judgement> {
        self.maybe(|dice| Judgement { likelihood: 1 + dice.below(5) as u8, impact: 1 + dice.below(5) as u8 })
    }

    fn names(&mut self, make: impl Fn(&mut Self) -> String) -> Vec<String> {
        let mut names: Vec<String> = (0..self.below(4)).map(|_| make(self)).collect();
        names.sort();
        names.dedup();
        names
    }

    fn linked(&mut self, number: i64) -> Linked {
        let current = self.cell();
        let patch = RiskPatch {
            name: Some(self.text(false)),
            description: Some(self.maybe(|dice| dice.text(true))),
            category: Some(self.maybe(|dice| dice.text(false))),
            owner: Some(self.maybe(|dice| dice.text(false))),
            status: Some(self.one(RiskStatus::ALL)),
            treatment: Some(self.one(Treatment::ALL)),
            likelihood: Some(current.map(|at| at.likelihood)),
            impact: Some(current.map(|at| at.impact)),
            inherent: Some(self.cell()),
            residual: Some(self.cell()),
            target: Some(self.cell()),
            rationale: Some(self.maybe(|dice| dice.text(true))),
            inherent_rationale: Some(self.maybe(|dice| dice.text(true))),
            residual_rationale: Some(self.maybe(|dice| dice.text(true))),
            target_rationale: Some(self.maybe(|dice| dice.text(true))),
            baseline: Some(self.cell()),
            tags: Some(self.names(|dice| dice.text(false))),
            review_date: Some(
                self.maybe(|dice| jiff::civil::date(1890 + dice.below(300) as i16, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8)),
            ),
            ..RiskPatch::default()
        };
        let at = Timestamp::from_millisecond(1_790_000_000_000 + number * 86_400_123).expect("a time");
        let id = format!("0193{:04x}-{:04x}-7000-8000-{number:012x}", self.below(65_536), self.below(65_536));
        let actions = self.actions(at);
        let mut risk = Risk::create_with(patch, actions, id, number, at, &Matrix::standard()).expect("valid");
        if !risk.actions.is_empty() && risk.baseline.is_some() {
            // Some follow their plan, some were judged, whatever the plan gives.
            let from = RiskPatch {
                current_from: Some(self.one(AssessmentSource::ALL)),
                residual_from: Some(self.one(AssessmentSource::ALL)),
                ..RiskPatch::default()
            };
            risk.apply(from, at, &Matrix::standard()).expect("there is a plan");
        }
        let accepted = self.maybe(|dice| Accepted {
            id: format!("0193aaaa-0000-7000-8000-{number:012x}"),
            reference: format!("RA-{number:04}"),
            expires_on: jiff::civil::date(2030, 1, 1 + dice.below(28) as i8),
            void: dice.below(2) == 0,
            decided_by: Some(dice.text(false)),
            decided_at: Some(amtia_domain::time::rfc3339(at)),
            justification: dice.maybe(|dice| dice.text(true)),
        });
        risk.acceptance = accepted.as_ref().map(|one| AcceptanceMark { id: one.id.clone(), expires_on: one.expires_on, void: one.void });
        let action_controls = risk.actions.iter().map(|action| action.control_id.clone()).collect();
        let documents = self.names(|dice| dice.text(false));
        let note = |dice: &mut Self| Note::checked(&amtia_domain::time::rfc3339(at), &dice.text(false), &dice.text(true)).expect("a note");
        let controls = self.names(|dice| format!("iso-27001:{}", dice.text(false)));
        let assets = self.names(|dice| format!("AS-{:04} {}", dice.below(9_999), dice.text(false)));
        let notes = (0..self.below(3)).map(|_| note(self)).collect();
        Linked { risk, controls, assets, action_controls, documents, accepted, notes }
    }

    /// A plan whose controls have their names for ids.
    fn actions(&mut self, at: Timestamp) -> Vec<PlannedAction> {
        let told: Vec<ToldAction> = (0..self.below(4))
            .map(|_| ToldAction {
                id: None,
                patch: ActionPatch {
                    title: Some(self.text(false)),
                    description: Some(self.maybe(|dice| dice.text(true))),
                    owner: Some(self.maybe(|dice| dice.text(false))),
                    due_date: Some(self.maybe(|dice| jiff::civil::date(2027, 1 + dice.below(12) as i8, 1 + dice.below(28) as i8))),
                    status: Some(self.one(ActionStatus::ALL)),
                    progress: Some(self.maybe(|dice| dice.below(101) as u8)),
                    lowers_likelihood: Some(self.maybe(|dice| dice.below(7) as u8)),
                    lowers_impact: Some(self.maybe(|dice| dice.below(7) as u8)),
                    control_id: Some(self.maybe(|dice| format!("iso-27001:{}", dice.text(false)))),
                    ..ActionPatch::default()
                },
                done_at: Some(at),
            })
            .collect();
        let mut fresh = || format!("0193{:04x}-0000-7000-8000-{:012x}", self.below(65_536), self.below(1 << 40));
        plan::told(&[], &told, &mut fresh, at).expect("a plan")
    }
}

/// Reads a register and makes its risks anew, as another workspace would.
fn read_back(format: Format, bytes: &[u8], matrix: &Matrix) -> Vec<Linked> {
    let mut beside = None;
    let table = match format {
        Format::Json => json::read(std::str::from_utf8(bytes).expect("text")).expect("a register"),
        Format::Xlsx | Format::Csv => {
            let kind = amtia_exchange::kind(bytes, "any").expect("a table is known by its content");
            assert_eq!(kind == Kind::Workbook, format == Format::Xlsx);
            let book: Book = amtia_exchange::read(bytes, kind, &mut |_| true).expect("it is read");
            assert!(book.found != Found::Workbook || book.sheets.len() == 3, "plans and notes have sheets of their own");
            let (sheets, best) = Table::sheets(&book);
            let table = Table::of(&book, &sheets[best]).expect("a table");
            beside = Some(book);
            table
        }
    };
    let (noted, wrong) = beside.as_ref().map(notes).unwrap_or_default();
    assert_eq!(wrong, [], "no note is lost");
    let mapping = table.mapping();
    assert!(mapping.iter().all(Option::is_some), "every heading of ours is known: {:?}", table.headings);
    let reading = Reading { table: &table, mapping: &mapping, order: None, matrix };
    let planned = beside.as_ref().map(|book| actions(book, &reading)).unwrap_or_default();
    let made = |row: &amtia_exchange::Row| {
        let names = reading.names(row).expect("names");
        let (said, problems) = reading.said(row, true);
        assert_eq!(problems, [], "row {}", row.number);
        let reference = names.reference.expect("a reference");
        let id = names.id.expect("an id");
        let number = reference.trim_start_matches("R-").parse().expect("a number");
        let own = planned.iter().filter(|action| action.risk.as_ref() == Some(&id)).map(|action| action.told.clone().expect("whole"));
        let told: Vec<Told> = said.actions.into_iter().chain(own).collect();
        let of = |one: &Told| {
            let patch = ActionPatch { control_id: one.control.clone(), ..one.action.patch.clone() };
            ToldAction { patch, ..one.action.clone() }
        };
        let told: Vec<ToldAction> = told.iter().map(of).collect();
        let plan = plan::told(&[], &told, &mut || "none is fresh".into(), Timestamp::UNIX_EPOCH).expect("a plan");
        let risk = Risk::create_with(said.patch, plan, id.clone(), number, Timestamp::UNIX_EPOCH, matrix).expect("valid");
        let action_controls = risk.actions.iter().map(|action| action.control_id.clone()).collect();
        let documents = reading.unread(row, Field::Documents).map(|text| items(&text)).unwrap_or_default();
        // What is told of an acceptance is for people: here it stands for the words of the cell.
        let accepted = reading.unread(row, Field::Acceptance).map(|text| Accepted {
            id: text,
            reference: String::new(),
            expires_on: jiff::civil::Date::ZERO,
            void: false,
            decided_by: None,
            decided_at: None,
            justification: None,
        });
        let notes = if said.notes.is_empty() { noted.get(&id).cloned().unwrap_or_default() } else { said.notes };
        let (controls, assets) = (said.controls.unwrap_or_default(), said.assets.unwrap_or_default());
        Linked { risk, controls, assets, action_controls, documents, accepted, notes }
    };
    table.rows.iter().map(made).collect()
}

#[test]
fn export_and_import_give_the_same_register_in_either_language_and_every_format() {
    let matrix = Matrix::standard();
    let mut dice = Dice(20_261_128);
    let register: Vec<Linked> = (1..=400).map(|number| dice.linked(number)).collect();
    let made = Timestamp::UNIX_EPOCH;
    for format in Format::ALL.iter().copied() {
        for language in [Language::English, Language::French] {
            let write = || write(format, language, &matrix, &mut register.iter().cloned(), made).expect("it fits");
            let bytes = write();
            assert_eq!(bytes, write(), "the same risks give the same bytes");
            let back = read_back(format, &bytes, &matrix);
            assert_eq!(back.len(), register.len());
            for (was, mut is) in register.iter().zip(back) {
                let mut expected = was.clone();
                let told = is.accepted.take().map(|cell| cell.id);
                let accepted = expected.accepted.take();
                assert_eq!(told.is_some(), accepted.is_some());
                assert!(accepted.zip(told).is_none_or(|(accepted, told)| accepted.is_told(&told)), "{format:?} in {language:?}");
                assert_eq!(expected.risk.acceptance.take().is_some(), was.accepted.is_some(), "a decision is not read");
                (expected.risk.created_at, expected.risk.updated_at) = (made, made);
                assert_eq!(is, expected, "{format:?} in {language:?}");
            }
        }
    }
}

#[test]
fn what_no_workbook_holds_is_named_with_its_sheet() {
    let matrix = Matrix::standard();
    let linked = Dice(5).linked(7);
    let note = |text: &str| Note { at: "2026-11-24T10:00:00Z".into(), by: "Mara".into(), text: text.into() };
    let refused = |linked: &Linked, language: Language| {
        let written = write(Format::Xlsx, language, &matrix, &mut [linked.clone()].into_iter(), Timestamp::UNIX_EPOCH);
        written.expect_err("no workbook holds it")
    };
    let long = "\u{1F600}".repeat(amtia_domain::input::TEXT_MAX);
    let noted = Linked { notes: vec![note("short"), note(&long)], ..linked.clone() };
    let told = refused(&noted, Language::English);
    assert!(told.starts_with("R-0007 has more under Note in the sheet History notes than"), "{told}");
    let mut described = linked.clone();
    described.risk.description = Some(long);
    let told = refused(&described, Language::French);
    assert!(told.starts_with("R-0007 has more under Description in the sheet Risques than"), "{told}");
    let many = Linked { notes: vec![note("short"); amtia_exchange::MAX_ROWS], ..linked };
    let told = refused(&many, Language::English);
    assert!(told.starts_with("The sheet History notes would have more than 199999 rows below its heading"), "{told}");
}

#[test]
fn a_heading_is_known_by_its_wire_name_and_in_both_languages() {
    for field in Field::ALL.iter().copied() {
        for heading in [field.word(), field.heading(Language::English), field.heading(Language::French)] {
            for spelled in [heading.to_owned(), heading.to_uppercase(), format!(" {heading} "), heading.replace('_', " ")] {
                assert_eq!(Field::of_heading(&spelled), Some(field), "{spelled:?}");
            }
        }
    }
    for (heading, field) in [
        ("Propriétaire du risque", Field::Owner),
        ("PROBABILITE", Field::Likelihood),
        ("Next review", Field::ReviewDate),
        ("Risk", Field::Name),
    ] {
        assert_eq!(Field::of_heading(heading), Some(field));
    }
    for heading in ["", "Budget", "Comment"] {
        assert_eq!(Field::of_heading(heading), None, "{heading:?}");
    }
}

fn table(csv: &str) -> Table {
    let book = amtia_exchange::read(csv.as_bytes(), Kind::Separated, &mut |_| true).expect("a table");
    Table::of(&book, "").expect("a register")
}

#[test]
fn the_heading_is_found_below_a_title_and_a_foreign_id_is_no_id() {
    let found = table("Registre 2026;;\n;;\nID;Risque;Porteur\n1;Panne;Ann\n2;Vol;Bob\n");
    assert_eq!((found.head, found.rows.len()), (3, 2));
    assert_eq!(found.mapping(), [None, Some(Field::Name), Some(Field::Owner)], "a number is no id of ours");
    let twice = table("Name,Owner,Owner\na,b,c\n");
    assert_eq!(twice.mapping(), [Some(Field::Name), Some(Field::Owner), None], "of two columns for one field the first");
    let unknown = table("Alpha,Beta\na,b\n");
    assert_eq!((unknown.head, unknown.mapping()), (1, vec![None, None]), "a person maps it");
}

#[test]
fn what_is_wrong_with_a_row_names_each_column() {
    let table = table(
        "Name,Status,Likelihood,Impact,Inherent likelihood,Review date,Level\n,new,6,2,3,03/04/2026,High\nx,,,,,,\na,b,c,d,e,f,g,h\n",
    );
    let (mapping, matrix) = (table.mapping(), Matrix::standard());
    let reading = Reading { table: &table, mapping: &mapping, order: None, matrix: &matrix };
    let problems = reading.said(&table.rows[0], true).1;
    let columns: Vec<_> = problems.iter().map(|problem| (problem.column.as_deref().unwrap_or(""), problem.field)).collect();
    let expected = [
        ("A", Some(Field::Name)),
        ("B", Some(Field::Status)),
        ("C", Some(Field::Likelihood)),
        ("E", Some(Field::InherentLikelihood)),
        ("F", Some(Field::ReviewDate)),
    ];
    assert_eq!(columns, expected, "every one at once; a level is not read: {problems:?}");
    let (said, problems) = reading.said(&table.rows[1], true);
    assert_eq!(problems, [], "a name is enough");
    assert_eq!((said.patch.status, said.patch.likelihood), (None, Some(None)), "an empty word changes nothing, an empty score clears");
    let long = reading.said(&table.rows[2], true).1;
    assert!(long[0].message.contains("8 cells") && long[0].column.as_deref() == Some("H"), "{:?}", long[0]);
}

#[test]
fn json_that_would_need_much_more_room_than_it_is_long_is_refused() {
    use amtia_exchange::{MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Refusal};
    let refused = |risks: String| json::read(&format!("{{\"risks\":[{risks}]}}")).err();
    let wide: String = (0..MAX_COLUMNS).map(|field| format!("\"f{field}\":1,")).collect();
    let last = format!(",{{\"f{}\":1}}", MAX_COLUMNS - 1).repeat(MAX_CELLS / (MAX_COLUMNS + 2) + 1);
    let padded = format!("{{{}}}{last}", wide.trim_end_matches(','));
    assert_eq!(refused(padded), Some(json::Refused::Large(Refusal::TooManyCells)), "empty cells before the last of a row");
    let many = "0,".repeat(MAX_ROWS + 1) + "0";
    assert_eq!(refused(many), Some(json::Refused::Large(Refusal::TooManyRows)));
    let long = format!("{{\"name\":\"a\",\"x\":[{}0]}}", "[],".repeat(3 << 20));
    assert_eq!(refused(format!("{{\"name\":\"a\"}},{long}")), Some(json::Refused::LongRisk { row: 2 }));
}

#[test]
fn a_sheet_of_actions_in_which_everything_is_wrong_holds_little() {
    let table = table("Name\na\n");
    let (mapping, matrix) = (table.mapping(), Matrix::standard());
    let reading = Reading { table: &table, mapping: &mapping, order: None, matrix: &matrix };
    let row = |number: usize, cells: &[&str]| amtia_exchange::Row {
        number,
        cells: cells.iter().map(|text| amtia_exchange::Cell::Text((*text).into())).collect(),
    };
    let headings = action::headings(Language::English).iter().map(|(heading, _)| *heading).collect::<Vec<_>>();
    let wrong = vec!["x"; headings.len()];
    let rows: Vec<_> = std::iter::once(row(1, &headings)).chain((2..12_000).map(|number| row(number, &wrong))).collect();
    let sheet = amtia_exchange::Sheet { name: "Actions".into(), rows: rows.into(), merged: Vec::new() };
    let told = actions(&Book { found: Found::Workbook, sheets: vec![sheet] }, &reading);
    let problems = |action: &SheetAction| action.told.as_ref().map_or_else(Vec::len, |_| 0);
    assert!(problems(&told[0]) > 5, "all of them at first");
    assert_eq!((told.len(), problems(&told[told.len() - 1])), (11_998, 1), "the first alone at the end");
    assert!(told.iter().map(problems).sum::<usize>() < TOLD + told.len());
}

#[test]
fn a_table_holds_no_row_a_second_time() {
    let book = amtia_exchange::read(b"a title\nName,Owner\none,\ntwo,me\n", Kind::Separated, &mut |_| true).expect("read");
    let table = Table::of(&book, "").expect("a table");
    assert_eq!(table.rows.len(), 2);
    assert!(std::ptr::eq(&raw const table.rows[0], &raw const book.sheets[0].rows[2]));
    assert!(std::ptr::eq(&raw const table.clone().rows[1], &raw const book.sheets[0].rows[3]));
}

#[test]
fn lists_and_notes_survive_whatever_they_hold() {
    let mut dice = Dice(7);
    for _ in 0..5_000 {
        let items = dice.names(|dice| dice.text(false));
        assert_eq!(list::split(&list::join(&items)), items);
        let notes: Vec<Note> =
            (0..dice.below(4)).filter_map(|_| Note::checked("2026-11-24T10:00:00Z", &dice.text(false), &dice.text(true))).collect();
        assert_eq!(Note::split(&Note::join(&notes)), Some(notes));
    }
    assert_eq!(list::split("a; b ;; \"c; d\"\n e \"f\""), ["a", "b", "c; d", "e \"f\""], "as people write them");
    assert_eq!(list::split("\"open; b"), ["\"open", "b"], "a quote that nothing closes");
    for line in ["text", "soon | me | text", "2026-11-24T10:00:00Z | me", "2026-11-24T10:00:00Z | | text", "2026-11-24T10:00:00Z|a|b|c"] {
        assert_eq!(Note::split(line), None, "{line:?}");
    }
}
