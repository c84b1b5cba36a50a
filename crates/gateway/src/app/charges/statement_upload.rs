//! A bank statement that somebody sends from his browser: bounded, read beside the requests, and imported one at a time.

use bytes::Bytes;
use domain::{AccountId, MerchantId};
use rails::upi::statement::{Rejected, StatementError, guess, read};
use tokio::sync::Semaphore;

use super::statement::{self, ImportFailed, Imported};
use crate::app::SharedApp;
use crate::app::acts::Actor;
use crate::aside::{Aside, NotDone};

/// Of the file.
pub const MOST_BYTES: usize = 512 << 10;
/// Each is held against the charges of its days, while others want to write.
pub const MOST_LINES: usize = 1_000;
/// One is read at a time; each in line holds its upload.
static READING: Aside = Aside::new(1, 4);
static IMPORTING: Semaphore = Semaphore::const_new(1);

#[derive(Debug, thiserror::Error)]
pub enum NotImported {
    #[error("the file has more than {MOST_BYTES} bytes, or the statement more than {MOST_LINES} lines")]
    TooLarge,
    #[error("another statement is being imported")]
    Busy,
    #[error(transparent)]
    Unreadable(#[from] StatementError),
    #[error(transparent)]
    Refused(#[from] ImportFailed),
}

/// Imports a file in whichever format it is. Answers what came of it, and the lines that were not understood.
pub async fn import(
    app: &SharedApp,
    merchant: &MerchantId,
    account: &AccountId,
    file: Bytes,
    actor: &Actor,
) -> Result<(Imported, Vec<Rejected>), NotImported> {
    if file.len() > MOST_BYTES {
        return Err(NotImported::TooLarge);
    }
    let mut statement = match READING.run(move || read(&guess(&file), &file)).await {
        Ok(read) => read?,
        Err(NotDone::Busy) => return Err(NotImported::Busy),
        Err(NotDone::Panicked) => return Err(StatementError::WrongFormat.into()),
    };
    if statement.lines.len() > MOST_LINES {
        return Err(NotImported::TooLarge);
    }
    let rejected = std::mem::take(&mut statement.rejected);
    let _turn = IMPORTING.try_acquire().map_err(|_| NotImported::Busy)?;
    Ok((statement::import(app, merchant, account, statement, Some(actor)).await?, rejected))
}
