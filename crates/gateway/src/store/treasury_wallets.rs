//! The wallets a treasury was, is, or is to become.

use domain::Time;

use super::tx::{StoreError, Tx, statements, values};

statements! {
    INSERT = "INSERT INTO treasury_wallets (chain, seq, address, state, asked_at, effective_at, wait_millis)
              SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6 FROM treasury_wallets WHERE chain = $1";
    OF_CHAIN = "SELECT * FROM treasury_wallets WHERE chain = $1 ORDER BY seq";
    CHAINS = "SELECT DISTINCT chain FROM treasury_wallets ORDER BY chain";
    BECOME = "UPDATE treasury_wallets SET state = $4, ended_at = $5 WHERE chain = $1 AND seq = $2 AND state = $3";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Named by the configuration; becomes the treasury at its time.
    Waiting,
    /// The treasury.
    Active,
    /// It was.
    Former,
    /// It never became the treasury.
    Canceled,
}

impl State {
    const ALL: [(State, &'static str); 4] = [
        (State::Waiting, "waiting"),
        (State::Active, "active"),
        (State::Former, "former"),
        (State::Canceled, "canceled"),
    ];

    fn name(self) -> &'static str {
        State::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    fn from_name(name: &str) -> Option<State> {
        State::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletRow {
    pub chain: String,
    /// Counts a chain's wallets; 0 in one that is to be inserted.
    pub seq: i64,
    /// 0x, checksummed.
    pub address: String,
    pub state: State,
    pub asked_at: Time,
    pub effective_at: Time,
    /// What the configuration said about the wait when it was entered; milliseconds.
    pub wait_millis: i64,
}

pub fn insert(tx: &Tx<'_>, row: &WalletRow) -> Result<(), StoreError> {
    tx.execute_one(
        INSERT,
        values![&row.chain, &row.address, row.state.name(), row.asked_at, row.effective_at, row.wait_millis],
    )
}

/// All there ever were, oldest first.
pub fn of_chain(tx: &Tx<'_>, chain: &str) -> Result<Vec<WalletRow>, StoreError> {
    tx.rows(OF_CHAIN, values![chain], |row| {
        Ok(WalletRow {
            chain: row.text("chain")?,
            seq: row.int("seq")?,
            address: row.text("address")?,
            state: row.parsed("treasury_wallets", "state", chain, State::from_name)?,
            asked_at: row.time("asked_at")?,
            effective_at: row.time("effective_at")?,
            wait_millis: row.int("wait_millis")?,
        })
    })
}

/// The chains that ever had a treasury.
pub fn chains(tx: &Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.rows(CHAINS, values![], |row| row.text("chain"))
}

/// Moves on; false when somebody else has moved it on already.
pub fn become_(tx: &Tx<'_>, row: &WalletRow, next: State, ended_at: Option<Time>) -> Result<bool, StoreError> {
    Ok(tx.execute(BECOME, values![&row.chain, row.seq, row.state.name(), next.name(), ended_at])? == 1)
}
