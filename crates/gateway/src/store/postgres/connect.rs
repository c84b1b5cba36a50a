//! Connections: made on a runtime of their own, so that whoever waits for one blocks nobody else's work.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{SslMode, TargetSessionAttrs};
use tokio_postgres::{AsyncMessage, Config, Connection, NoTls};

use super::line::Heard;
use super::servers::{each_server, host};
use super::session::Session;
use super::watch::Client;
use crate::store::error::{Refusal, StoreError};

/// How long one server may take to answer a connection.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// A database that could not be connected to is left alone for so long by those who can do without.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// What every connection begins with. A node that stops in the middle of a transaction is let go of by the server, so that it holds up the
/// others for seconds, not for ever. Waiting for a lock ends after that, a statement after both. What is answered as committed is on the
/// disk, and with the standbys that must confirm it, whatever the server does for others. What names no isolation level sees what is committed,
/// though the role or the database have another.
const SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '8s'; SET statement_timeout = '12s'; \
     SET TIME ZONE 'UTC'; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')";

/// Where what is heard on a connection goes.
type Sender = tokio::sync::mpsc::Sender<Heard>;

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    #[expect(clippy::expect_used, reason = "a process that cannot start a thread cannot do anything")]
    RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).thread_name("store-io").enable_all().build().expect("threads can be started")
    })
}

/// Where a database is: one server, or several of which one takes writes. Holds its password: not to be printed.
#[derive(Clone)]
pub struct Address {
    pub(super) servers: Arc<[Config]>,
    /// The server that took writes last. All connections of a process agree on it.
    current: Arc<AtomicUsize>,
    /// When none could be connected to, and why, unless one could since.
    failed: Arc<Mutex<Option<(Instant, String)>>>,
}

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
        // what goes out unanswered, or stays silent for so long, is a connection lost
        config
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(15));
        Ok(Address { servers: each_server(&config)?.into(), current: Arc::default(), failed: Arc::default() })
    }

    /// For people: without user and password.
    pub fn name(&self) -> String {
        let hosts: Vec<String> = self.servers.iter().map(host).collect();
        format!("{} at {}", self.servers.first().and_then(Config::get_dbname).unwrap_or("?"), hosts.join(","))
    }

    /// The number of the server that took writes last.
    pub fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// Why no server could be connected to a moment ago: those who wait for their turn hear it at once, instead of waiting for a server that
    /// says nothing one after the other.
    pub fn failed_lately(&self) -> Option<String> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(at, _)| at.elapsed() < LEFT_ALONE).map(|(_, why)| why.clone())
    }

    /// Connects to the server that took writes last, or else to the next one that does. One that is there and says nothing holds this up for
    /// [`PATIENCE`] and no longer, which is why they are not left to the driver: it gives only the first step of connecting a limit.
    async fn connect(&self, heard: Option<Sender>) -> Result<(Client, usize), StoreError> {
        let (first, all) = (self.current(), self.servers.len());
        let mut failed = Vec::new();
        for at in (0..all).map(|step| (first + step) % all) {
            let Some(server) = self.servers.get(at) else { continue };
            let why = match tokio::time::timeout(PATIENCE, open(server, heard.clone())).await {
                Ok(Ok(client)) => {
                    if at != first {
                        tracing::warn!(server = host(server), "Another server of the database takes writes now");
                    }
                    self.current.store(at, Ordering::Relaxed);
                    *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    return Ok((client, at));
                }
                Ok(Err(StoreError::Database(Refusal::Postgres { message, .. } | Refusal::Lost(message)))) => message,
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no answer for {} seconds", PATIENCE.as_secs()),
            };
            failed.push(format!("{}: {why}", host(server)));
        }
        let why = failed.join("; ");
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), why.clone()));
        Err(StoreError::Unreachable(why))
    }

    /// Runs `work` with a connection of its own, and waits for it, however long it takes.
    pub fn with<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(tokio_postgres::Client) -> F + Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        self.connected(|client, _| work(client.unwatched()))
    }

    fn connected<T, W, F>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(Client, usize) -> F + Send + 'static,
        F: Future<Output = Result<T, StoreError>> + Send,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let address = self.clone();
        runtime().spawn(async move {
            let worked = match address.connect(None).await {
                Ok((client, at)) => work(client, at).await,
                Err(error) => Err(error),
            };
            let _ = answer.send(worked);
        });
        answered.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// A connection on which others are heard: into `heard` goes what they say. Whoever has it watches over it himself.
    pub(super) async fn listening(&self, heard: Sender) -> Result<tokio_postgres::Client, StoreError> {
        let address = self.clone();
        match runtime().spawn(async move { address.connect(Some(heard)).await }).await {
            Ok(connected) => connected.map(|(client, _)| client.unwatched()),
            Err(_) => Err(StoreError::Closed),
        }
    }

    pub fn session(&self) -> Result<Session, StoreError> {
        self.connected(|client, at| async move { Ok(Session::new(client, at)) })
    }
}

async fn open(server: &Config, heard: Option<Sender>) -> Result<Client, StoreError> {
    let client = match server.get_ssl_mode() {
        SslMode::Disable => {
            let (client, connection) = server.connect(NoTls).await?;
            Client::start(client, drive(connection, heard))
        }
        _ => {
            let (client, connection) = server.connect(super::tls::connector()?).await?;
            Client::start(client, drive(connection, heard))
        }
    };
    client.batch_execute(SETTINGS).await?;
    Ok(client)
}

/// Keeps a connection going. Whoever listens on it and does not keep up loses it.
async fn drive<S, T>(mut connection: Connection<S, T>, heard: Option<Sender>) -> Result<(), tokio_postgres::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = std::future::poll_fn(|context| connection.poll_message(context)).await {
        if let (AsyncMessage::Notification(said), Some(heard)) = (message?, &heard)
            && heard.try_send((said.process_id(), said.payload().to_owned())).is_err()
        {
            break;
        }
    }
    Ok(())
}
