//! Connections: made on a runtime of their own, so that whoever waits for one blocks nobody else's work.

use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls};

use super::line::Heard;
use super::session::Session;
use crate::store::error::StoreError;

/// How long a server may take to answer a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection begins with. A node that stops in the middle of a transaction is let go of by the server, so that it holds up the
/// others for seconds, not for ever.
const SETTINGS: &str = "SET idle_in_transaction_session_timeout = '10s'; SET lock_timeout = '20s'; SET statement_timeout = '60s'; \
     SET TIME ZONE 'UTC'";

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "a process that cannot start a thread cannot do anything")]
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("store-io").enable_all().build().expect("threads can be started")
    })
}

/// Where a database is. Holds its password: not to be printed.
#[derive(Clone)]
pub struct Address(Arc<Config>);

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({})", self.name())
    }
}

impl Address {
    /// Reads `postgres://user:password@host:port/database`, with several hosts separated by commas where there is a standby.
    ///
    /// # Errors
    /// When it is not such an address. The words do not repeat it.
    pub fn parse(url: &str) -> Result<Address, StoreError> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
            StoreError::Unusable(format!("the database's address is not understood{cause}"))
        })?;
        if config.get_dbname().is_none() {
            return Err(StoreError::Unusable("the database's address names no database".into()));
        }
        config
            .application_name("lockgate")
            .connect_timeout(PATIENCE)
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(20));
        Ok(Address(Arc::new(config)))
    }

    /// For people: without user and password.
    pub fn name(&self) -> String {
        use tokio_postgres::config::Host;
        let hosts = self.0.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        format!("{} at {}", self.0.get_dbname().unwrap_or("?"), hosts.collect::<Vec<_>>().join(","))
    }

    async fn connect(self, heard: Option<tokio::sync::mpsc::Sender<Heard>>) -> Result<Client, StoreError> {
        let client = match self.0.get_ssl_mode() {
            SslMode::Disable => {
                let (client, connection) = self.0.connect(NoTls).await?;
                tokio::spawn(drive(connection, heard));
                client
            }
            _ => {
                let (client, connection) = self.0.connect(super::tls::connector()?).await?;
                tokio::spawn(drive(connection, heard));
                client
            }
        };
        client.batch_execute(SETTINGS).await?;
        Ok(client)
    }

    /// Runs `work` with a connection of its own, and waits for it.
    pub fn with<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(Client) -> F + Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let address = self.clone();
        runtime().spawn(async move {
            let worked = match tokio::time::timeout(PATIENCE * 2, address.connect(None)).await {
                Ok(Ok(client)) => work(client).await,
                Ok(Err(error)) => Err(error),
                Err(_) => Err(StoreError::Unusable("the database does not answer".into())),
            };
            let _ = answer.send(worked);
        });
        answered.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// A connection on which others are heard: into `heard` goes what they say.
    pub(super) async fn listening(&self, heard: tokio::sync::mpsc::Sender<Heard>) -> Result<Client, StoreError> {
        let connecting = tokio::time::timeout(PATIENCE * 2, self.clone().connect(Some(heard)));
        match runtime().spawn(connecting).await {
            Ok(Ok(connected)) => connected,
            Ok(Err(_)) => Err(StoreError::Unusable("the database does not answer".into())),
            Err(_) => Err(StoreError::Closed),
        }
    }

    pub fn session(&self) -> Result<Session, StoreError> {
        self.with(|client| async { Ok(Session::new(client)) })
    }
}

/// Keeps a connection going. Whoever listens on it and does not keep up loses it.
async fn drive<S, T>(mut connection: Connection<S, T>, heard: Option<tokio::sync::mpsc::Sender<Heard>>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
        if let (AsyncMessage::Notification(said), Some(heard)) = (message, &heard)
            && heard.try_send((said.process_id(), said.payload().to_owned())).is_err()
        {
            return;
        }
    }
}
