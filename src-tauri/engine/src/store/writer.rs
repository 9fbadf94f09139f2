//! The one writer: a thread that takes whatever waits, commits it together, and acknowledges after the commit.

use super::history::{self, Action, Kind, Who};
use super::mirror::Mirror;
use super::readers::Readers;
use super::{Changes, Clock};
use crate::error::Error;
use amtia_domain::words::Word;
use jiff::Timestamp;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params, params_from_iter};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use tokio::sync::{broadcast, oneshot};

/// Jobs committed together at the most.
const BATCH: usize = 64;
/// Rows of full text that a transaction gathers before it writes them.
const TEXTS: usize = 20_000;

/// Tells a caller how its job ended, once the commit has.
type Acknowledge = Box<dyn FnOnce(Result<(), Error>) + Send>;

struct Done {
    kept: bool,
    kinds: Vec<&'static str>,
    acknowledge: Acknowledge,
}

type Job = Box<dyn FnOnce(&Connection, Timestamp) -> Done + Send>;

/// What the writer shares with the store.
pub(super) struct Shared {
    pub(super) version: Arc<AtomicU64>,
    pub(super) matrix_version: Arc<AtomicU64>,
    pub(super) readers: Arc<Readers>,
    pub(super) mirror: Arc<Mirror>,
    pub(super) changes: broadcast::Sender<Changes>,
}

pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: std::thread::JoinHandle<()>,
}

impl Writer {
    pub(super) fn start(connection: Connection, shared: Shared, clock: Clock) -> Self {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("amtia-writer".into())
            .spawn(move || {
                while let Ok(first) = waiting.recv() {
                    let mut batch = vec![first];
                    batch.extend(waiting.try_iter().take(BATCH - 1));
                    run(&connection, batch, &shared, &clock);
                }
                history::checkpoint(&connection, clock());
                let _ = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
            })
            .expect("a process that cannot start one thread cannot run");
        Self { jobs, thread }
    }

    pub(super) fn submit<T: Send + 'static>(
        &self,
        who: Who,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, Error>> {
        let (answer, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection, now| {
            let tx = Tx::new(connection, now, &who);
            let whole = || work(&tx).and_then(|done| tx.write_texts().map(|()| done));
            let result =
                catch_unwind(AssertUnwindSafe(whole)).unwrap_or_else(|_| Err(Error::internal("a write panicked and was rolled back")));
            let kept = result.is_ok();
            let kinds = tx.kinds.into_inner();
            Done { kept, kinds, acknowledge: Box::new(move |committed| drop(answer.send(committed.and(result)))) }
        });
        // A writer that has ended drops the job, and with it the sender: the receiver then reports it.
        let _ = self.jobs.send(job);
        receiver
    }

    pub(super) fn stop(self) {
        drop(self.jobs);
        let _ = self.thread.join();
    }
}

fn run(connection: &Connection, batch: Vec<Job>, shared: &Shared, clock: &Clock) {
    shared.readers.rest();
    let now = Timestamp::from_millisecond(clock().as_millisecond()).unwrap_or(Timestamp::UNIX_EPOCH);
    let single = batch.len() == 1;
    shared.mirror.begin();
    let mut failure = connection.execute_batch("BEGIN IMMEDIATE").err();
    let mut done: Vec<Done> = Vec::with_capacity(batch.len());
    for job in batch {
        if !single && failure.is_none() {
            failure = connection.execute_batch("SAVEPOINT job").err();
        }
        let result = job(connection, now);
        if !single && failure.is_none() {
            let end = if result.kept { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
            failure = connection.execute_batch(end).err();
        }
        done.push(result);
    }
    let any = done.iter().any(|result| result.kept);
    let committing = failure.is_none() && any;
    if committing {
        shared.mirror.commit();
        failure = connection.execute_batch("COMMIT").err();
    }
    if failure.is_some() || !any {
        let _ = connection.execute_batch("ROLLBACK");
    }
    if failure.is_none() && any {
        shared.mirror.follow(connection);
        let mut kinds: Vec<&'static str> =
            done.iter().filter(|result| result.kept).flat_map(|result| result.kinds.iter().copied()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.contains(&Kind::Matrix.word()) {
            shared.matrix_version.fetch_add(1, Ordering::AcqRel);
        }
        let change = shared.version.fetch_add(1, Ordering::AcqRel) + 1;
        shared.readers.rest();
        if !kinds.is_empty() {
            let _ = shared.changes.send(Changes { change, kinds });
        }
    }
    if committing {
        shared.mirror.told();
    }
    shared.mirror.end();
    for result in done {
        (result.acknowledge)(failure.as_ref().map_or(Ok(()), |cause| Err(Error::database(cause))));
    }
}

/// A transaction in which one call does all its writing.
pub struct Tx<'c> {
    /// The writer's connection.
    pub connection: &'c Connection,
    /// When it happens, to the millisecond.
    pub now: Timestamp,
    /// Who acts, through which door.
    pub who: &'c Who,
    actor: Cell<Option<i64>>,
    step: Cell<Step>,
    kinds: RefCell<Vec<&'static str>>,
    /// Rows of full text to write: a statement, and what is bound to it.
    texts: RefCell<Vec<(&'static str, Vec<Sql>)>>,
}

#[derive(Clone, Copy)]
enum Step {
    /// The first undoable change opens a step.
    Fresh,
    /// Changes join this step.
    Open(i64),
    /// Changes belong to no step: undo itself, and what cannot be undone.
    None,
}

/// One change of one record, told once: from it come history, trail, event, step and notification.
pub struct Change<'a> {
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub id: &'a str,
    /// What people call it: `R-0142`, a slug.
    pub label: &'a str,
    /// Its name or title.
    pub name: &'a str,
    /// Its revision after the change.
    pub rev: i64,
    /// What was done.
    pub action: Action,
    /// Changed fields before, or the whole record when it goes.
    pub before: Option<&'a Value>,
    /// Changed fields after, or the whole record when it comes.
    pub after: Option<&'a Value>,
    /// Why, in the person's words.
    pub reason: Option<&'a str>,
    /// Events for the outbox.
    pub events: &'a [&'a str],
}

impl<'c> Tx<'c> {
    fn new(connection: &'c Connection, now: Timestamp, who: &'c Who) -> Self {
        Self {
            connection,
            now,
            who,
            actor: Cell::new(None),
            step: Cell::new(Step::Fresh),
            kinds: RefCell::default(),
            texts: RefCell::default(),
        }
    }

    /// From here on changes open no undo step.
    pub fn outside_undo(&self) {
        self.step.set(Step::None);
    }

    /// The actor's number.
    ///
    /// # Errors
    /// The database's.
    pub fn actor(&self) -> Result<i64, Error> {
        if let Some(actor) = self.actor.get() {
            return Ok(actor);
        }
        let actor = history::actor_id(self.connection, &self.who.actor)?;
        self.actor.set(Some(actor));
        Ok(actor)
    }

    /// Tells watchers that records of this kind changed.
    pub fn touch(&self, kind: &'static str) {
        let mut kinds = self.kinds.borrow_mut();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }

    /// Writes a row of full text, at the latest when all else is written: FTS5 puts together what it is given in a row, and
    /// puts it into the file as soon as another statement writes.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn write_text(&self, statement: &'static str, values: Vec<Sql>) -> Result<(), Error> {
        self.texts.borrow_mut().push((statement, values));
        if self.texts.borrow().len() < TEXTS { Ok(()) } else { self.write_texts() }
    }

    fn write_texts(&self) -> Result<(), Error> {
        for (statement, values) in self.texts.take() {
            self.connection
                .prepare_cached(statement)
                .and_then(|mut statement| statement.execute(params_from_iter(values)))
                .map_err(|cause| Error::database(&cause))?;
        }
        Ok(())
    }

    /// The undo step that changes join; the first one opens it under this change's name. 0 outside undo.
    ///
    /// # Errors
    /// The database's.
    pub fn open_step(&self, change: &Change<'_>) -> Result<i64, Error> {
        match self.step.get() {
            Step::Open(step) => Ok(step),
            Step::None => Ok(0),
            Step::Fresh => {
                let step = super::undo::open_step(self.connection, self.actor()?, change)?;
                self.step.set(Step::Open(step));
                Ok(step)
            }
        }
    }

    /// Writes history, trail, event and undo step of one change.
    ///
    /// # Errors
    /// The database's.
    pub fn record(&self, change: &Change<'_>) -> Result<i64, Error> {
        let step = self.open_step(change)?;
        self.write_change(step, change)
    }

    /// As [`Tx::record`], outside what undo takes back: something that was said, which stays said.
    ///
    /// # Errors
    /// The database's.
    pub fn record_beside(&self, change: &Change<'_>) -> Result<i64, Error> {
        self.write_change(0, change)
    }

    fn write_change(&self, step: i64, change: &Change<'_>) -> Result<i64, Error> {
        let actor = self.actor()?;
        let seq = history::append(self.connection, self.now, self.who.door, actor, step, change)?;
        for event in change.events {
            self.connection
                .prepare_cached("INSERT INTO events (at, type, kind, object_id, history) VALUES (?1, ?2, ?3, ?4, ?5)")
                .and_then(|mut statement| {
                    statement.execute(params![amtia_domain::time::rfc3339(self.now), event, change.kind.word(), change.id, seq])
                })
                .map_err(|cause| Error::database(&cause))?;
            super::deliveries::enqueue(self, event, change)?;
        }
        self.touch(change.kind.word());
        Ok(seq)
    }
}
