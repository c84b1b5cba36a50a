//! Connections that read. A read runs where it is asked for and waits there for its answers, so the runtime is told that this thread is
//! taken for a while.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use super::connect::Address;
use super::session::{Broken, Session};
use crate::store::error::{Refusal, StoreError};
use crate::store::tx::Tx;

/// How many reads there are at a time, and so connections.
const AT_ONCE: usize = 16;
/// How often a read is tried whose connection is lost.
const TRIES: u32 = 3;

/// One view of the database for all of a read's questions.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

#[derive(Debug, Clone)]
pub struct Readers {
    address: Address,
    idle: Arc<Mutex<Vec<Session>>>,
    room: Arc<Semaphore>,
}

impl Readers {
    pub fn new(address: Address) -> Readers {
        Readers { address, idle: Arc::default(), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub async fn read<T, E>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E> + Clone) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let _room = self.room.acquire().await.map_err(|_| StoreError::Closed)?;
        let read = || self.tried(read);
        match Handle::try_current().map(|handle| handle.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(read),
            _ => read(),
        }
    }

    fn tried<T, E: From<StoreError>>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E> + Clone) -> Result<T, E> {
        for _ in 1..TRIES {
            if let Ok(answer) = self.once(read.clone()) {
                return answer;
            }
            // the others may be as old: cut by the same restart, or with statements that were planned before the same migration
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
        self.once(read).unwrap_or_else(|broken| Err(StoreError::from(Refusal::from(broken)).into()))
    }

    /// One that is idle, with the server that takes writes: what another one still shows may be of the past.
    fn session(&self) -> Result<Session, StoreError> {
        while let Some(idle) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            if idle.server == self.address.current() {
                return Ok(idle);
            }
        }
        match self.address.failed_lately() {
            Some(why) => Err(StoreError::Unreachable(why)),
            None => self.address.session(),
        }
    }

    /// `Err` when the connection was lost, whatever the closure made of that.
    fn once<T, E: From<StoreError>>(&self, read: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<Result<T, E>, Broken> {
        let session = match self.session() {
            Ok(session) => session,
            Err(error) => return Ok(Err(error.into())),
        };
        session.command(BEGIN);
        let answer = read(&Tx::postgres(&session));
        session.command("COMMIT");
        session.forget();
        match session.broken() {
            Some(broken) => Err(broken),
            None => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
                Ok(answer)
            }
        }
    }
}
