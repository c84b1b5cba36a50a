//! Group commit on PostgreSQL: one thread takes whatever writes are waiting, runs them in one transaction, and answers after the commit.
//! When one has failed after it changed something, they are run again, each under a savepoint; when the group cannot stand that way either,
//! each in a transaction of its own.
//!
//! All nodes' writes exclude each other by a lock that a transaction takes first ([`LOCK`]): a closure sees what it would see if there were
//! one node, and what is right on SQLite is right here.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::node::Node;
use super::session::{Broken, Session};
use crate::store::error::{Refusal, StoreError};
use crate::store::group::Group;
use crate::store::job::{Boxed, Ran, Unkept};
use crate::store::tx::Tx;
use crate::telemetry::metrics::METRICS;

/// The most writes that share a commit.
const GROUP: usize = 256;
/// How often a write is tried that conflicts with others.
const TRIES: u32 = 6;

/// `SELECT` gives a row, which a command drops. The number is any that nobody else uses in this database.
const BEGIN: &str = "BEGIN; SELECT pg_advisory_xact_lock(7010893401)";
const SAVEPOINT: &str = "SAVEPOINT one";
const RELEASE: &str = "RELEASE one";
const UNDO: &str = "ROLLBACK TO one; RELEASE one";

pub fn start(node: Node, session: Session) -> std::io::Result<mpsc::SyncSender<Boxed>> {
    let (queue, jobs) = mpsc::sync_channel::<Boxed>(4 * GROUP);
    let mut line = Line { node, session: Some(session) };
    std::thread::Builder::new().name("store-writer".into()).spawn(move || {
        while let Ok(first) = jobs.recv() {
            let group = std::iter::once(first).chain(std::iter::from_fn(|| jobs.try_recv().ok()));
            line.commit(group.take(GROUP).collect());
        }
    })?;
    Ok(queue)
}

/// The writer's connection, made anew when it is lost.
struct Line {
    node: Node,
    session: Option<Session>,
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
                Err(Failed::Unclear(_)) => "failed",
                Err(Failed::Again(_)) => "rerun",
            };
            METRICS.group_ended(end, group.len(), began.elapsed());
            match together {
                Ok(()) => return answer(group, &Ok(())),
                Err(Failed::Unclear(why)) => return answer(group, &Err(Unkept::Unclear(why.to_string()))),
                Err(Failed::Again(why)) => {
                    tracing::debug!(%why, writes = group.len(), "A group of writes is run again")
                }
            }
        }
        let mut is_down = false;
        for mut job in group {
            let began = Instant::now();
            let end = match is_down {
                true => Err(Unkept::No("the database cannot be reached".into())),
                false => self.alone(&mut job),
            };
            METRICS.group_ended(if end.is_ok() { "committed" } else { "failed" }, 1, began.elapsed());
            is_down |= end.is_err() && self.session.is_none();
            if let Err(why) = &end {
                tracing::error!(?why, "A write was not committed");
            }
            job.answer(end);
        }
    }

    fn together(&mut self, jobs: &mut [Boxed], undoable: Undoable) -> Result<(), Failed> {
        let session = self.session().map_err(Failed::Again)?;
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
                Err(Failed::Again(why)) if again + 1 == TRIES => return Err(Unkept::No(why.to_string())),
                Err(Failed::Again(why)) => tracing::debug!(%why, "A write is run again"),
            }
        }
        Err(Unkept::No("it was tried too often".into()))
    }

    fn once(&mut self, job: &mut Boxed) -> Result<(), Failed> {
        let session = self.session().map_err(Failed::Again)?;
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
        let Err(error) = session.run("COMMIT") else { return Ok(()) };
        if session.broken() == Some(Broken::Connection) {
            self.session = None;
            tracing::warn!(%error, "The connection was lost during a commit; the database is asked whether it was kept");
            return match self.node.was_kept(mark) {
                Ok((true, session)) => {
                    self.session = Some(session);
                    Ok(())
                }
                Ok((false, session)) => {
                    self.session = Some(session);
                    Err(Failed::Again(error))
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

    fn session(&mut self) -> Result<&Session, StoreError> {
        if self.session.as_ref().is_none_or(|session| session.broken() == Some(Broken::Connection)) {
            self.session = None;
            self.session = Some(self.node.session()?);
        }
        self.session.as_ref().ok_or(StoreError::Closed)
    }
}
