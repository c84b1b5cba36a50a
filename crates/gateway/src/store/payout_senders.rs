//! The wallets that merchants send their funds from.

use domain::{MerchantId, Time};

use super::tx::{Row, StoreError, Tx, statements, values};

statements! {
    PUT = "INSERT INTO payout_senders (merchant_id, wallet, added_at, added_by, effective_at, claims_at, ends_at)
           VALUES ($1, $2, $3, $4, $5, $6, NULL)
           ON CONFLICT (merchant_id, wallet) DO UPDATE SET added_at = excluded.added_at, added_by = excluded.added_by,
             effective_at = excluded.effective_at, claims_at = excluded.claims_at, ends_at = NULL";
    END = "UPDATE payout_senders SET ends_at = $3 WHERE merchant_id = $1 AND wallet = $2 AND ends_at IS NULL";
    OF_MERCHANT = "SELECT * FROM payout_senders WHERE merchant_id = $1 ORDER BY added_at, wallet";
    OTHERS_FUND = "SELECT f.merchant_id AS merchant_id FROM treasury_moves m JOIN funds f ON f.chain = m.chain AND f.tx_hash = m.tx_hash
                   WHERE m.counterparty = $1 AND m.direction = 'in' AND f.state <> 'failed' AND f.merchant_id <> $2 LIMIT 1";
    OF_WALLET = "SELECT * FROM payout_senders WHERE wallet = $1 ORDER BY added_at, merchant_id";
}

/// A wallet on a merchant's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderRow {
    pub merchant_id: MerchantId,
    /// 0x, checksummed.
    pub wallet: String,
    pub added_at: Time,
    pub added_by: String,
    /// From when on funds may come from it.
    pub effective_at: Time,
    /// From when on nobody else's funds come from it.
    pub claims_at: Time,
    /// Until when it is on the list; `None` while nobody took it off.
    pub ends_at: Option<Time>,
}

impl SenderRow {
    /// Whether it is on the list, if only announced.
    pub fn is_listed(&self, now: Time) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether the merchant's funds may come from it.
    pub fn is_in_force(&self, now: Time) -> bool {
        self.effective_at <= now && self.is_listed(now)
    }

    /// Whether nobody else's funds come from it.
    pub fn is_claimed(&self, now: Time) -> bool {
        self.claims_at <= now && self.is_listed(now)
    }
}

/// Puts a wallet on a merchant's list, whether or not it was there before.
pub fn put(tx: &Tx<'_>, row: &SenderRow) -> Result<(), StoreError> {
    let (merchant, wallet) = (row.merchant_id.as_str(), &row.wallet);
    tx.execute_one(PUT, values![merchant, wallet, row.added_at, &row.added_by, row.effective_at, row.claims_at])
}

/// Takes a wallet off the list at `at`; false when it is not there, or is taken off already.
pub fn end(tx: &Tx<'_>, merchant: &MerchantId, wallet: &str, at: Time) -> Result<bool, StoreError> {
    Ok(tx.execute(END, values![merchant.as_str(), wallet, at])? == 1)
}

fn read(row: &Row<'_>) -> Result<SenderRow, StoreError> {
    Ok(SenderRow {
        merchant_id: row.parsed("payout_senders", "merchant_id", "?", |text| MerchantId::parse(text).ok())?,
        wallet: row.text("wallet")?,
        added_at: row.time("added_at")?,
        added_by: row.text("added_by")?,
        effective_at: row.time("effective_at")?,
        claims_at: row.time("claims_at")?,
        ends_at: row.opt_int("ends_at")?.map(Time),
    })
}

/// A merchant's, also those that were taken off.
pub fn of_merchant(tx: &Tx<'_>, merchant: &MerchantId) -> Result<Vec<SenderRow>, StoreError> {
    tx.rows(OF_MERCHANT, values![merchant.as_str()], read)
}

/// Whose lists a wallet is or was on.
pub fn of_wallet(tx: &Tx<'_>, wallet: &str) -> Result<Vec<SenderRow>, StoreError> {
    tx.rows(OF_WALLET, values![wallet], read)
}

/// Another merchant who has named, or was credited, coins that came from the wallet.
pub fn used_by_another(tx: &Tx<'_>, wallet: &str, merchant: &MerchantId) -> Result<Option<MerchantId>, StoreError> {
    tx.row(OTHERS_FUND, values![wallet, merchant.as_str()], |row| {
        row.parsed("funds", "merchant_id", "?", |text| MerchantId::parse(text).ok())
    })
}
