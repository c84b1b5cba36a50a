//! Work for the processor, beside the requests: so many pieces at a time, so many in line. A piece that is begun is ended, and keeps its
//! place until then, also if whoever asked for it has gone.

use tokio::sync::Semaphore;

/// One kind of such work.
#[derive(Debug)]
pub struct Aside {
    at_once: Semaphore,
    /// With those that are worked on. More are sent away.
    in_line: Semaphore,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    #[error("too much of it is waiting")]
    Busy,
    #[error("the work panicked")]
    Panicked,
}

impl Aside {
    pub const fn new(at_once: usize, in_line: usize) -> Aside {
        Aside { at_once: Semaphore::const_new(at_once), in_line: Semaphore::const_new(in_line) }
    }

    /// # Errors
    /// `Busy` at once when the line is full.
    pub async fn run<T: Send + 'static>(
        &'static self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotDone> {
        let place = self.in_line.try_acquire().map_err(|_| NotDone::Busy)?;
        let turn = self.at_once.acquire().await.map_err(|_| NotDone::Busy)?;
        let work = move || {
            // the threads of this work cannot be stopped: they, and not who waits for them, hold place and turn
            let _held = (place, turn);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| NotDone::Panicked)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Work that says when it has begun, and ends when it is told.
    fn piece(begun: &Sender<()>) -> (Sender<()>, impl FnOnce() + Send + 'static) {
        let (begun, (end, ends)): (_, (_, Receiver<()>)) = (begun.clone(), channel());
        let work = move || {
            begun.send(()).unwrap();
            let _ = ends.recv();
        };
        (end, work)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_goes_away_frees_nothing_that_is_still_worked_on() {
        static WORK: Aside = Aside::new(1, 2);
        let (begun, begins) = channel();
        let (end, first) = piece(&begun);
        let asked = tokio::spawn(WORK.run(first));
        let begins = tokio::task::spawn_blocking(move || begins.recv().map(|()| begins)).await.unwrap().unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        // it goes on, so the next waits in line, and a third is sent away
        let (second_end, second) = piece(&begun);
        let mut waits = Box::pin(WORK.run(second));
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert!(begins.try_recv().is_err(), "one at a time");
        assert_eq!(WORK.run(|| ()).await, Err(NotDone::Busy));
        // one that only waits gives its place back
        drop(waits);
        let (third_end, third) = piece(&begun);
        let waits = tokio::spawn(WORK.run(third));
        drop((end, second_end, third_end));
        assert_eq!(waits.await.unwrap(), Ok(()));
        assert_eq!(begins.try_iter().count(), 1, "only the last began");
        assert_eq!(WORK.run(|| panic!("as the test wants it")).await, Err::<(), _>(NotDone::Panicked));
        assert_eq!(WORK.run(|| 7).await, Ok(7));
    }
}
