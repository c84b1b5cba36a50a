//! The line between the nodes on one database: what one says, the others hear at once, or never. Nothing may depend on its being heard.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_postgres::{Client, Statement};

use super::connect::Address;
use crate::store::error::StoreError;

/// How long the server may take to pass something on.
const PATIENCE: Duration = Duration::from_secs(5);
/// What was heard and nobody has looked at. Whoever does not keep up begins anew, and then looks at everything.
const UNREAD: usize = 4_096;

const LISTEN: &str = "LISTEN lockgate";
const SAY: &str = "SELECT pg_notify('lockgate', $1)";
/// Names of nodes; the numbers are any that nobody else uses in this database.
const CLAIM: &str = "SELECT pg_try_advisory_lock(70108934, hashtext($1))";

/// What was said on a connection, and by which of the server's processes.
pub(super) type Heard = (i32, String);

#[derive(Debug)]
pub struct Line {
    client: Client,
    say: Statement,
    /// The server's process that serves this line: what it says comes back.
    own: i32,
    heard: mpsc::Receiver<Heard>,
}

impl Address {
    /// A connection that hears what other nodes say.
    pub async fn line(&self) -> Result<Line, StoreError> {
        let (sender, heard) = mpsc::channel(UNREAD);
        let client = self.listening(sender).await?;
        let opened = async {
            let own = client.query_one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
            let say = client.prepare(SAY).await?;
            client.batch_execute(LISTEN).await?;
            Ok::<_, StoreError>((own, say))
        };
        let (own, say) = in_time(opened).await?;
        Ok(Line { client, say, own, heard })
    }
}

async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(PATIENCE, asked)
        .await
        .unwrap_or_else(|_| Err(StoreError::Unusable("no answer in time".into())))
}

impl Line {
    /// Tells the other nodes; fewer than 8,000 bytes.
    pub async fn say(&self, what: &str) -> Result<(), StoreError> {
        in_time(async { Ok(self.client.execute(&self.say, &[&what]).await.map(|_| ())?) }).await
    }

    /// The next thing another node says; `None` once the line is cut.
    pub async fn hear(&mut self) -> Option<String> {
        loop {
            let (who, what) = self.heard.recv().await?;
            if who != self.own {
                return Some(what);
            }
        }
    }

    /// Whether the server still answers on it.
    pub async fn probe(&self) -> Result<(), StoreError> {
        in_time(async { Ok(self.client.batch_execute("").await?) }).await
    }

    /// Claims a node's name for as long as this line lasts; false while another process has it.
    pub async fn claim(&self, name: &str) -> Result<bool, StoreError> {
        in_time(async { Ok(self.client.query_one(CLAIM, &[&name]).await?.try_get(0)?) }).await
    }
}
