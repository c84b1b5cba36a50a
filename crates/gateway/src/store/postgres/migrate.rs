//! Bringing the schema up to date while nodes of the release before work on it.

use tokio_postgres::Client;

use super::connect::Address;
use crate::store::{StoreError, migrations};

/// Of several nodes that start at once, one after the other migrates.
const ONE_AFTER_THE_OTHER: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock(7010893400)";
/// No node writes meanwhile: it has the writers' lock. A reader that takes long, a backup, is not waited for, since everybody else would wait
/// behind the migration: it is tried again.
const WITHOUT_WRITERS: &str = "SELECT pg_advisory_lock(7010893401); SET lock_timeout = '3s'";
const LET_WRITE: &str = "SET lock_timeout = 0; SELECT pg_advisory_unlock(7010893401)";
const TRIES: u32 = 20;
const BETWEEN_TRIES: std::time::Duration = std::time::Duration::from_secs(1);

/// Answers the schema's version.
pub fn migrate(address: &Address) -> Result<i64, StoreError> {
    address.with(|mut client| async move {
        client.batch_execute(ONE_AFTER_THE_OTHER).await?;
        let mut tried = 0;
        while is_behind(&client).await? {
            client.batch_execute(WITHOUT_WRITERS).await?;
            let ran = migrations::runner().run_async(&mut client).await;
            client.batch_execute(LET_WRITE).await?;
            tried += 1;
            match ran {
                Ok(_) => break,
                Err(error) if tried < TRIES && is_busy(&error) => {
                    tracing::info!(%error, "Somebody uses what is to be changed; trying again");
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(error) => return Err(StoreError::Unusable(format!("migration failed: {error}"))),
            }
        }
        let (applied, floor) = (applied(&client).await?, client.query_opt(migrations::FLOOR, &[]).await?);
        let floor = floor.map(|row| row.try_get::<_, String>(0)).transpose()?;
        migrations::check(&applied, floor.as_deref()).map_err(StoreError::Unusable)
    })
}

async fn applied(client: &Client) -> Result<Vec<i64>, StoreError> {
    let rows = client.query(migrations::APPLIED, &[]).await?;
    rows.iter().map(|row| Ok(i64::from(row.try_get::<_, i32>(0)?))).collect()
}

async fn is_behind(client: &Client) -> Result<bool, StoreError> {
    let there = client.query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[]).await?;
    Ok(!there.try_get::<_, bool>(0)? || applied(client).await?.into_iter().max() < Some(migrations::newest()))
}

/// A lock that was not to be had, or a deadlock with somebody who reads: in the words of the driver that `refinery` passes on.
fn is_busy(error: &refinery::Error) -> bool {
    use tokio_postgres::error::SqlState;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<tokio_postgres::Error>() {
            let busy = [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED];
            return refused.code().is_some_and(|code| busy.contains(code));
        }
        cause = error.source();
    }
    false
}
