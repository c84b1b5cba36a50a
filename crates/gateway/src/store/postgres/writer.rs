//! Group commit on PostgreSQL: one thread takes whatever writes are waiting, runs them in one transaction, and answers after the commit.
//! When one has failed after it changed something, they are run again, each under a savepoint; when the group cannot stand that way either,
//! each in a transaction of its own.
//!
//! All nodes' writes exclude each other by a lock that a transaction takes first ([`BEGIN`]): a closure sees what it would see if there were
//! one node, and what is right on SQLite is right here.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::node::Node;
use super::session::{Broken, Session};
use crate::store::error::{Refusal, StoreError};
use crate::store::group::Group;
use crate::store::health::Health;
use crate::store::job::{Boxed, Ran, Unkept};
use crate::store::tx::Tx;
use crate::telemetry::metrics::METRICS;

/// The most writes that share a commit.
const GROUP: usize = 256;
/// How often a write is tried that conflicts with others.
const TRIES: u32 = 6;
/// How long writes wait for a database that has just gone away: one that is started again is back by then. Later ones are refused after a
/// single try to connect.
const STARTED_AGAIN: Duration = Duration::from_secs(5);

/// `SELECT` gives a row, which a command drops. The number is any that nobody else uses in this database. The level is named, whatever the
/// database's own is: with one view for all of a transaction, that view would be from before the lock was waited for.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(7010893401)";
const SAVEPOINT: &str = "SAVEPOINT one";
const RELEASE: &str = "RELEASE one";
const UNREACHABLE: &str = "the database cannot be reached";
const UNDO: &str = "ROLLBACK TO one; RELEASE one";

pub fn start(node: Node, session: Session, health: Health) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    let mut line = Line { node, session: Some(session), down_since: None, health };
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        while let Ok(first) = jobs.recv() {
            let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok()));
            line.commit(group.take(GROUP).collect());
            if line.down_since.is_some() {
                // whoever waited meanwhile does not wait for a try of his own
                line.refuse(jobs.try_iter().collect(), UNREACHABLE);
            }
        }
    })?;
    Ok(queue)
}

/// The writer's connection, made anew when it is lost.
struct Line {
    node: Node,
    session: Option<Session>,
    /// Since when there is no connection.
    down_since: Option<Instant>,
    health: Health,
}

/// What can be undone without losing the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undoable {
    /// All of a group.
    Whole,
    /// Each of its writes.
    Each,
}

fn answer(group: Vec<Boxed>, end: &Result<(), Unkept>) {
    for job in group {
        job.answer(end.clone());
    }
}

/// Why a group or a write did not stand.
enum Failed {
    /// Nothing of it was kept; it may be run again.
    Again(StoreError),
    /// It must not be run again: it may have been kept.
    Unclear(StoreError),
    /// There is no connection to be had.
    Down(StoreError),
}

impl Line {
    fn commit(&mut self, mut group: Vec<Boxed>) {
        for undoable in [Undoable::Whole, Undoable::Each] {
            if group.len() == 1 && undoable == Undoable::Each {
                break;
            }
            let began = Instant::now();
            let together = self.together(&mut group, undoable);
            let end = match &together {
                Ok(()) => "committed",
                Err(Failed::Unclear(_) | Failed::Down(_)) => "failed",
                Err(Failed::Again(_)) => "rerun",
            };
            METRICS.group_ended(end, group.len(), began.elapsed());
            match together {
                Ok(()) => return answer(group, &Ok(())),
                Err(Failed::Unclear(why)) => {
                    self.health.refused(&why.to_string(), group.len());
                    return answer(group, &Err(Unkept::Unclear(why.to_string())));
                }
                Err(Failed::Down(why)) => return self.refuse(group, &why.to_string()),
                Err(Failed::Again(why)) => {
                    tracing::debug!(%why, writes = group.len(), "A group of writes is run again")
                }
            }
        }
        let mut group = group.into_iter();
        while let Some(mut job) = group.next() {
            let began = Instant::now();
            let end = self.alone(&mut job);
            METRICS.group_ended(if end.is_ok() { "committed" } else { "failed" }, 1, began.elapsed());
            match &end {
                Ok(()) => {}
                Err(Unkept::No(why) | Unkept::Unclear(why)) => self.health.refused(why, 1),
            }
            job.answer(end);
            if self.down_since.is_some() {
                return self.refuse(group.collect(), UNREACHABLE);
            }
        }
    }

    fn refuse(&mut self, group: Vec<Boxed>, why: &str) {
        if !group.is_empty() {
            self.health.refused(why, group.len());
        }
        answer(group, &Err(Unkept::No(why.to_owned())));
    }

    fn together(&mut self, jobs: &mut [Boxed], undoable: Undoable) -> Result<(), Failed> {
        let session = self.session()?;
        let group = Group::default();
        session.send_ahead(true);
        session.command(BEGIN);
        for job in jobs.iter_mut() {
            group.begin();
            if undoable == Undoable::Each {
                session.command(SAVEPOINT);
            }
            let ran = job.run(&Tx::postgres(session).among(&group), false);
            match (ran, undoable) {
                (Ran::Keep, Undoable::Each) => session.command(RELEASE),
                (Ran::Undo, Undoable::Each) => {
                    session.command(UNDO);
                    group.undo();
                }
                (Ran::Undo, Undoable::Whole) if group.has_changed() => {
                    return Err(self.give_up(StoreError::Inconsistent("a write has failed halfway".into())));
                }
                (_, Undoable::Whole) => {}
            }
            if let Some(broken) = session.broken() {
                return Err(self.give_up(Refusal::from(broken).into()));
            }
        }
        self.seal(&group)
    }

    /// Runs one write, again when it conflicts.
    fn alone(&mut self, job: &mut Boxed) -> Result<(), Unkept> {
        for again in 0..TRIES {
            if again > 0 {
                std::thread::sleep(Duration::from_millis(10 << again));
            }
            match self.once(job) {
                Ok(()) => return Ok(()),
                Err(Failed::Unclear(why)) => return Err(Unkept::Unclear(why.to_string())),
                Err(Failed::Down(why)) => return Err(Unkept::No(why.to_string())),
                Err(Failed::Again(why)) if again + 1 == TRIES => return Err(Unkept::No(why.to_string())),
                Err(Failed::Again(why)) => tracing::debug!(%why, "A write is run again"),
            }
        }
        Err(Unkept::No("it was tried too often".into()))
    }

    fn once(&mut self, job: &mut Boxed) -> Result<(), Failed> {
        let session = self.session()?;
        session.send_ahead(false);
        session.command(BEGIN);
        let group = Group::default();
        group.begin();
        let ran = job.run(&Tx::postgres(session).among(&group), false);
        match (session.broken(), ran) {
            (Some(broken), _) => Err(self.give_up(Refusal::from(broken).into())),
            (None, Ran::Undo) => {
                // what it answers stands without a commit; a connection that dies now takes nothing with it
                if !session.roll_back() {
                    self.session = None;
                }
                Ok(())
            }
            (None, Ran::Keep) => self.seal(&group),
        }
    }

    /// Commits, and finds out whether that came to pass.
    fn seal(&mut self, group: &Group) -> Result<(), Failed> {
        let Some(session) = &self.session else { return Err(Failed::Again(StoreError::Closed)) };
        let counted = group.write(&Tx::postgres(session));
        let mark = counted.and_then(|()| self.node.mark(session)).and_then(|mark| session.settle().map(|()| mark));
        session.send_ahead(false);
        let mark = match mark {
            Ok(mark) => mark,
            Err(error) => return Err(self.give_up(error)),
        };
        let Err(error) = session.run("COMMIT") else {
            self.health.kept();
            return Ok(());
        };
        if session.broken() == Some(Broken::Connection) {
            self.session = None;
            self.down_since.get_or_insert_with(Instant::now);
            tracing::warn!(%error, "The connection was lost during a commit; the database is asked whether it was kept");
            return match self.node.was_kept(mark) {
                Ok((is_kept, session)) => {
                    (self.session, self.down_since) = (Some(session), None);
                    if is_kept { Ok(()) } else { Err(Failed::Again(error)) }
                }
                Err(unknown) => Err(Failed::Unclear(unknown)),
            };
        }
        Err(self.give_up(error))
    }

    fn give_up(&mut self, why: StoreError) -> Failed {
        if self.session.as_ref().is_some_and(|session| !session.roll_back()) {
            self.session = None;
        }
        Failed::Again(why)
    }

    fn session(&mut self) -> Result<&Session, Failed> {
        let is_good = |session: &Session| session.broken() != Some(Broken::Connection) && self.node.is_current(session);
        if !self.session.as_ref().is_some_and(is_good) {
            self.session = None;
            self.session = Some(self.connect().map_err(Failed::Down)?);
        }
        self.session.as_ref().ok_or(Failed::Down(StoreError::Closed))
    }

    fn connect(&mut self) -> Result<Session, StoreError> {
        let since = *self.down_since.get_or_insert_with(Instant::now);
        loop {
            match self.node.session() {
                Ok(session) => {
                    self.down_since = None;
                    return Ok(session);
                }
                Err(error) if since.elapsed() >= STARTED_AGAIN => return Err(error),
                Err(error) => tracing::debug!(%error, "The database cannot be connected to yet"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
