//! What the writes of one commit have in common: counters, kept in memory until the commit and then written once each, and whether a write
//! has changed anything yet.
//!
//! All writes exclude each other until their commit (one writer and the database's lock), so nobody else counts meanwhile.

use std::cell::{Cell, RefCell};

use super::tx::{StoreError, Tx, statements, values};

statements! {
    SET_NUMBER = "INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    COUNT_INVOICES = "INSERT INTO invoice_days (merchant_id, day, state, invoices) VALUES ($1, $2, $3, $4)
             ON CONFLICT (merchant_id, day, state) DO UPDATE SET invoices = invoice_days.invoices + excluded.invoices";
}

#[derive(Debug, Default)]
pub struct Group {
    numbers: RefCell<Vec<Number>>,
    days: RefCell<Vec<Day>>,
    /// What the write under way has counted, to be taken back should it be undone.
    done: RefCell<Vec<Counted>>,
    changed: Cell<bool>,
}

/// A counter of `counters`, and the last number it gave.
#[derive(Debug)]
struct Number {
    name: String,
    last: i64,
    is_new: bool,
}

/// By how much a counter of `invoice_days` changes.
#[derive(Debug)]
struct Day {
    merchant: String,
    day: i64,
    state: &'static str,
    change: i64,
}

#[derive(Debug)]
enum Counted {
    Number(usize),
    Day(usize, i64),
}

impl Group {
    /// Another write begins.
    pub(super) fn begin(&self) {
        self.done.borrow_mut().clear();
        self.changed.set(false);
    }

    /// The write under way has changed, or will have changed, rows.
    pub(super) fn note_change(&self) {
        self.changed.set(true);
    }

    pub(super) fn has_changed(&self) -> bool {
        self.changed.get() || !self.done.borrow().is_empty()
    }

    /// The write under way is undone: what it has counted is taken back.
    pub(super) fn undo(&self) {
        for counted in self.done.take() {
            match counted {
                Counted::Number(at) => self.numbers.borrow_mut()[at].last -= 1,
                Counted::Day(at, change) => self.days.borrow_mut()[at].change -= change,
            }
        }
    }

    /// The next number of a counter; `last` reads the last one from the database.
    pub(super) fn next_number(
        &self,
        name: &str,
        last: impl FnOnce() -> Result<i64, StoreError>,
    ) -> Result<i64, StoreError> {
        let known = self.numbers.borrow().iter().position(|number| number.name == name);
        let at = match known {
            Some(at) => at,
            None => {
                let last = last()?;
                self.numbers.borrow_mut().push(Number { name: name.to_owned(), last, is_new: false });
                self.numbers.borrow().len() - 1
            }
        };
        let mut numbers = self.numbers.borrow_mut();
        numbers[at].last += 1;
        numbers[at].is_new = true;
        self.done.borrow_mut().push(Counted::Number(at));
        Ok(numbers[at].last)
    }

    /// The last number given, if one was in this commit.
    pub(super) fn last_number(&self, name: &str) -> Option<i64> {
        self.numbers.borrow().iter().find(|number| number.name == name).map(|number| number.last)
    }

    pub(super) fn count_invoices(&self, merchant: &str, day: i64, state: &'static str, change: i64) {
        let mut days = self.days.borrow_mut();
        let known =
            days.iter().position(|known| (known.day, known.state) == (day, state) && known.merchant == merchant);
        let at = known.unwrap_or_else(|| {
            days.push(Day { merchant: merchant.to_owned(), day, state, change: 0 });
            days.len() - 1
        });
        days[at].change += change;
        self.done.borrow_mut().push(Counted::Day(at, change));
    }

    /// Writes what was counted: the last thing before the commit.
    pub(super) fn write(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        for number in self.numbers.borrow().iter().filter(|number| number.is_new) {
            tx.execute_one(SET_NUMBER, values![&number.name, number.last])?;
        }
        for day in self.days.borrow().iter().filter(|day| day.change != 0) {
            tx.execute_one(COUNT_INVOICES, values![&day.merchant, day.day, day.state, day.change])?;
        }
        Ok(())
    }
}
