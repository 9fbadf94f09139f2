//! The risks' places and facets in memory, one array for each column: what any filter of the heatmap counts without reading
//! the file. The file stays the truth: the mirror is filled from it when it is first of use, follows every commit before the
//! commit is acknowledged, and is dropped where it cannot follow; whoever asks then counts in SQL.

use super::lists::Condition;
use super::{outlook, risk_lists};
use amtia_domain::matrix::View;
use rusqlite::hooks::Action;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More changed rows than this in one commit: filling anew is quicker than following.
const FOLLOWED: usize = 20_000;
/// A row that is no risk (any more). No cell: steps go up to 7.
const GONE: u8 = 0xFF;

/// A mark: it has a treatment plan, or one may begin.
pub(super) const PLANNED: u8 = 1;
/// A mark: an acceptance of it stands.
pub(super) const ACCEPTED: u8 = 2;
/// Risks with a plan beyond which reading the file in its order is quicker than one after the other.
const PLANS: usize = 1_000;

fn row() -> String {
    format!(
        "SELECT seq, category, owner, status, treatment, review_date,
            current_likelihood, current_impact, current_level, inherent_likelihood, inherent_impact, inherent_level,
            residual_likelihood, residual_impact, residual_level, target_likelihood, target_impact, target_level,
            {} * {PLANNED} + {} * {ACCEPTED} FROM risks",
        outlook::PLANNED,
        format_args!("({})", outlook::ACCEPTED)
    )
}

/// A risk's number, its places in every view (likelihood × 16 + impact, 0 for none), and its marks.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub(super) seq: u32,
    pub(super) cells: [u8; 4],
    pub(super) marks: u8,
}

/// Where a view's column stands.
fn place(view: View) -> usize {
    match view {
        View::Current => 0,
        View::Inherent => 1,
        View::Residual => 2,
        View::Target => 3,
    }
}

/// What one condition asks of a row.
enum Test {
    Category(String),
    Owner(String),
    Status(String),
    Treatment(String),
    ReviewBefore(u32),
    Likelihood(View, u8),
    Impact(View, u8),
    Cell(View, u8),
    Level(View, u8),
    Assessed(View, bool),
}

/// Counts by likelihood and impact, (0, 0) for not assessed.
pub type Counts = Vec<(u8, u8, u64)>;

/// One row as the mirror keeps it.
struct Values<'r> {
    seq: usize,
    words: [&'r str; 4],
    review: u32,
    cells: [u8; 4],
    levels: [u8; 4],
    marks: u8,
}

impl<'r> Values<'r> {
    fn read(row: &'r Row<'_>) -> rusqlite::Result<Self> {
        let word = |at: usize| -> rusqlite::Result<&'r str> { Ok(row.get_ref(at)?.as_str()?) };
        let (mut cells, mut levels) = ([0; 4], [0; 4]);
        for view in 0..4 {
            let (likelihood, impact): (u8, u8) = (row.get(6 + 3 * view)?, row.get(7 + 3 * view)?);
            cells[view] = likelihood << 4 | impact;
            levels[view] = row.get(8 + 3 * view)?;
        }
        let words = [word(1)?, word(2)?, word(3)?, word(4)?];
        Ok(Self { seq: row.get::<_, u32>(0)? as usize, words, review: day_number(word(5)?), cells, levels, marks: row.get(18)? })
    }
}

/// 20261128 for `2026-11-28`; 0 for no date.
fn day_number(date: &str) -> u32 {
    date.bytes().filter(u8::is_ascii_digit).fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// The columns, each by a risk's number.
#[derive(Default)]
struct Columns {
    /// Likelihood × 16 + impact for each view.
    cells: [Vec<u8>; 4],
    levels: [Vec<u8>; 4],
    /// Category, owner, status, treatment, as numbers of words.
    words: [Vec<u32>; 4],
    review: Vec<u32>,
    marks: Vec<u8>,
    numbers: HashMap<String, u32>,
    /// How many risks each cell of each view holds.
    totals: [HashMap<u8, u64>; 4],
}

impl Columns {
    /// The number of a word, a new one where it has none.
    fn number(&mut self, word: &str) -> u32 {
        let next = self.numbers.len() as u32;
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        self.numbers.insert(word.to_owned(), next);
        next
    }

    fn reach(&mut self, seq: usize) {
        if self.review.len() <= seq {
            let length = (seq + 1).next_multiple_of(1024);
            self.review.resize(length, 0);
            self.marks.resize(length, 0);
            self.cells.iter_mut().for_each(|column| column.resize(length, GONE));
            self.levels.iter_mut().for_each(|column| column.resize(length, 0));
            self.words.iter_mut().for_each(|column| column.resize(length, 0));
        }
    }

    fn set(&mut self, values: &Values<'_>) {
        self.reach(values.seq);
        self.forget(values.seq);
        for at in 0..4 {
            self.words[at][values.seq] = self.number(values.words[at]);
            self.cells[at][values.seq] = values.cells[at];
            self.levels[at][values.seq] = values.levels[at];
            *self.totals[at].entry(values.cells[at]).or_default() += 1;
        }
        self.review[values.seq] = values.review;
        self.marks[values.seq] = values.marks;
    }

    fn forget(&mut self, seq: usize) {
        for at in 0..4 {
            let Some(cell) = self.cells[at].get_mut(seq) else { return };
            if let Some(total) = self.totals[at].get_mut(cell) {
                *total -= 1;
            }
            *cell = GONE;
        }
    }

    /// Reads these rows again, or all of them.
    fn read(&mut self, connection: &Connection, seqs: Option<&[i64]>) -> rusqlite::Result<()> {
        let Some(seqs) = seqs else {
            let mut statement = connection.prepare(&row())?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                self.set(&Values::read(row)?);
            }
            return Ok(());
        };
        let mut statement = connection.prepare_cached(&format!("{} WHERE seq = ?1", row()))?;
        for seq in seqs {
            let found = statement.query_row([seq], |row| Values::read(row).map(|values| self.set(&values))).optional()?;
            if found.is_none() {
                self.forget(usize::try_from(*seq).unwrap_or(usize::MAX));
            }
        }
        Ok(())
    }

    /// Which rows meet every test: a one for each.
    fn mask(&self, tests: &[Test]) -> Vec<u8> {
        let mut mask: Vec<u8> = self.cells[0].iter().map(|cell| u8::from(*cell != GONE)).collect();
        for test in tests {
            match test {
                Test::Category(word) => self.keep_word(&mut mask, 0, word),
                Test::Owner(word) => self.keep_word(&mut mask, 1, word),
                Test::Status(word) => self.keep_word(&mut mask, 2, word),
                Test::Treatment(word) => self.keep_word(&mut mask, 3, word),
                Test::ReviewBefore(day) => keep(&mut mask, &self.review, |have| (1..*day).contains(have)),
                Test::Likelihood(view, step) => keep(&mut mask, &self.cells[place(*view)], |cell| cell >> 4 == *step),
                Test::Impact(view, step) => keep(&mut mask, &self.cells[place(*view)], |cell| cell & 15 == *step),
                Test::Cell(view, cell) => keep(&mut mask, &self.cells[place(*view)], |have| have == cell),
                Test::Level(view, level) => keep(&mut mask, &self.levels[place(*view)], |have| have == level),
                Test::Assessed(view, wanted) => keep(&mut mask, &self.cells[place(*view)], |cell| (*cell != 0) == *wanted),
            }
        }
        mask
    }

    fn keep_word(&self, mask: &mut [u8], at: usize, word: &str) {
        match self.numbers.get(word) {
            Some(number) => keep(mask, &self.words[at], |have| have == number),
            None => mask.fill(0),
        }
    }
}

fn keep<T>(mask: &mut [u8], column: &[T], test: impl Fn(&T) -> bool) {
    for (kept, value) in mask.iter_mut().zip(column) {
        *kept &= u8::from(test(value));
    }
}

/// How many rows of a mask stand in each cell.
fn tally(mask: &[u8], cells: &[u8]) -> Counts {
    let mut counts = [0_u64; 256];
    let (mut masks, mut columns) = (mask.chunks_exact(8), cells.chunks_exact(8));
    for (some, cells) in masks.by_ref().zip(columns.by_ref()) {
        if some != [0; 8] {
            some.iter().zip(cells).for_each(|(one, cell)| counts[usize::from(*cell)] += u64::from(*one));
        }
    }
    masks.remainder().iter().zip(columns.remainder()).for_each(|(one, cell)| counts[usize::from(*cell)] += u64::from(*one));
    (0..GONE).zip(counts).filter(|(_, count)| *count > 0).map(|(cell, count)| (cell >> 4, cell & 15, count)).collect()
}

enum State {
    /// Not asked for yet, or given up.
    Absent,
    /// Being filled; rows that were changed meanwhile.
    Filling(Vec<i64>),
    Ready(Box<Columns>),
}

/// The mirror of one open workspace.
pub(super) struct Mirror {
    state: Mutex<State>,
    /// Whether changed rows are of interest.
    watching: AtomicBool,
    /// Rows that the transaction under way touched.
    touched: Mutex<Vec<i64>>,
    /// Odd while the writer is in a transaction.
    writes: AtomicU64,
    /// Odd from before a commit until the mirror, the change counter and the readers have followed it.
    commits: AtomicU64,
    closing: AtomicBool,
    filler: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Mirror {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State::Absent),
            watching: AtomicBool::new(false),
            touched: Mutex::default(),
            writes: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            filler: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_touched(&self) -> Vec<i64> {
        std::mem::take(&mut *self.touched.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes which risks the writer's connection touches, whichever statement does.
    pub(super) fn watch(self: &Arc<Self>, writer: &Connection) -> rusqlite::Result<()> {
        let mirror = Arc::clone(self);
        writer.update_hook(Some(move |_: Action, _: &str, table: &str, seq: i64| {
            if table == "risks" && mirror.watching.load(Ordering::Acquire) {
                mirror.touched.lock().unwrap_or_else(PoisonError::into_inner).push(seq);
            }
        }))
    }

    /// A transaction begins.
    pub(super) fn begin(&self) {
        self.writes.fetch_add(1, Ordering::AcqRel);
    }

    /// Its commit begins.
    pub(super) fn commit(&self) {
        self.commits.fetch_add(1, Ordering::AcqRel);
    }

    /// The commit was made, and the change counter is about to tell it: the mirror follows.
    pub(super) fn follow(&self, writer: &Connection) {
        let mut touched = self.take_touched();
        if touched.is_empty() {
            return;
        }
        touched.sort_unstable();
        touched.dedup();
        let mut state = self.state();
        match &mut *state {
            State::Absent => {}
            State::Filling(waiting) => waiting.append(&mut touched),
            State::Ready(columns) => {
                let followed = touched.len() <= FOLLOWED && columns.read(writer, Some(&touched)).is_ok();
                if !followed {
                    self.give_up(&mut state);
                }
            }
        }
    }

    /// The commit was told, or failed.
    pub(super) fn told(&self) {
        self.commits.fetch_add(1, Ordering::AcqRel);
    }

    /// The transaction is over; what one without a commit touched is as it was.
    pub(super) fn end(&self) {
        self.take_touched();
        self.writes.fetch_add(1, Ordering::AcqRel);
    }

    /// Begins to fill the mirror, on a thread of its own, unless that was done.
    pub(super) fn want(self: &Arc<Self>, open: impl FnOnce() -> Option<Connection> + Send + 'static) {
        {
            let mut state = self.state();
            if !matches!(*state, State::Absent) || self.closing.load(Ordering::Acquire) {
                return;
            }
            *state = State::Filling(Vec::new());
            self.watching.store(true, Ordering::Release);
        }
        let mirror = Arc::clone(self);
        let started = std::thread::Builder::new().name("amtia-mirror".into()).spawn(move || {
            let filled = open().and_then(|connection| mirror.fill(&connection));
            if filled.is_none() {
                mirror.give_up(&mut mirror.state());
            }
        });
        match started {
            Ok(thread) => *self.filler.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
            Err(_) => self.give_up(&mut self.state()),
        }
    }

    /// Within the state's lock, so that whoever wants it next watches before it fills.
    fn give_up(&self, state: &mut State) {
        *state = State::Absent;
        self.watching.store(false, Ordering::Release);
    }

    fn fill(&self, connection: &Connection) -> Option<()> {
        // A transaction that is under way may have touched risks before anybody watched: its commit is waited for.
        let under_way = self.writes.load(Ordering::Acquire);
        while under_way % 2 == 1 && self.writes.load(Ordering::Acquire) == under_way && !self.closing.load(Ordering::Acquire) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let mut columns = Box::<Columns>::default();
        columns.read(connection, None).ok()?;
        loop {
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            let mut state = self.state();
            let State::Filling(waiting) = &mut *state else { return None };
            if waiting.is_empty() {
                *state = State::Ready(columns);
                return Some(());
            }
            let waiting = std::mem::take(waiting);
            drop(state);
            columns.read(connection, Some(&waiting)).ok()?;
        }
    }

    /// Waits for the thread that fills it, which gives up.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        let filler = self.filler.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = filler {
            let _ = thread.join();
        }
    }

    /// The number of commits, while none is under way.
    pub(super) fn settled(&self) -> Option<u64> {
        Some(self.commits.load(Ordering::Acquire)).filter(|commits| commits.is_multiple_of(2))
    }

    fn columns<T>(&self, read: impl FnOnce(&Columns) -> T) -> Option<T> {
        match &*self.state() {
            State::Ready(columns) => Some(read(columns)),
            State::Absent | State::Filling(_) => None,
        }
    }

    /// Counts by cell where every condition is one of the mirror's columns and it is filled.
    pub(super) fn counts(&self, view: View, conditions: &[Condition]) -> Option<Counts> {
        let tests: Vec<Test> = conditions.iter().map(test_of).collect::<Option<_>>()?;
        self.columns(|columns| {
            if tests.is_empty() {
                let totals = columns.totals[place(view)].iter();
                return totals.filter(|(_, count)| **count > 0).map(|(cell, count)| (cell >> 4, cell & 15, *count)).collect();
            }
            tally(&columns.mask(&tests), &columns.cells[place(view)])
        })
    }

    /// Every risk's places and marks; `None` where it is not filled, or where so many have a plan that the file is to be read.
    pub(super) fn placed(&self) -> Option<Vec<Placed>> {
        self.columns(|columns| {
            let planned = columns.marks.iter().filter(|marks| **marks & PLANNED > 0).count();
            let rows = (0..columns.review.len()).filter(|seq| columns.cells[0][*seq] != GONE);
            let placed = |seq: usize| Placed {
                seq: u32::try_from(seq).unwrap_or(u32::MAX),
                cells: [0, 1, 2, 3].map(|view| columns.cells[view][seq]),
                marks: columns.marks[seq],
            };
            (planned <= PLANS).then(|| rows.map(placed).collect())
        })?
    }

    /// As [`Mirror::counts`], for conditions of which `rest` is none of the mirror's: `seqs` reads the risks that meet those.
    /// `None` where something was committed meanwhile, so that both would not speak of the same moment.
    pub(super) fn counts_among<E>(
        &self,
        view: View,
        conditions: &[Condition],
        seqs: impl FnOnce() -> Result<Vec<u32>, E>,
    ) -> Result<Option<Counts>, E> {
        let Some(tests) = conditions.iter().map(test_of).collect::<Option<Vec<_>>>() else { return Ok(None) };
        let Some(before) = self.settled() else { return Ok(None) };
        if !matches!(*self.state(), State::Ready(_)) {
            return Ok(None);
        }
        let seqs = seqs()?;
        let counts = self.columns(|columns| {
            let cells = &columns.cells[place(view)];
            let mut mask = vec![0; cells.len()];
            for seq in seqs {
                if let Some(one) = mask.get_mut(seq as usize) {
                    *one = 1;
                }
            }
            let met = columns.mask(&tests);
            mask.iter_mut().zip(met).for_each(|(one, met)| *one &= met);
            tally(&mask, cells)
        });
        Ok(counts.filter(|_| self.settled() == Some(before)))
    }
}

/// Whether the mirror knows the column that a condition is about.
pub(super) fn knows(condition: &Condition) -> bool {
    test_of(condition).is_some()
}

fn test_of(condition: &Condition) -> Option<Test> {
    let word = || match condition.values.as_slice() {
        [Sql::Text(word)] => Some(word.clone()),
        _ => None,
    };
    let step = |at: usize| match condition.values.get(at) {
        Some(Sql::Integer(step)) => u8::try_from(*step).ok(),
        _ => None,
    };
    match condition.sql {
        "t.category = ?" => return word().map(Test::Category),
        "t.owner = ?" => return word().map(Test::Owner),
        "t.status = ?" => return word().map(Test::Status),
        "t.treatment = ?" => return word().map(Test::Treatment),
        "t.review_date > '' AND t.review_date < ?" => return word().map(|date| Test::ReviewBefore(day_number(&date))),
        _ => {}
    }
    let (view, which) = risk_lists::placed_by(condition.sql)?;
    Some(match which {
        risk_lists::Placed::Cell => Test::Cell(view, step(0)? << 4 | step(1)?),
        risk_lists::Placed::Likelihood => Test::Likelihood(view, step(0)?),
        risk_lists::Placed::Impact => Test::Impact(view, step(0)?),
        risk_lists::Placed::Level => Test::Level(view, step(0)?),
        risk_lists::Placed::Assessed(wanted) => Test::Assessed(view, wanted),
    })
}
