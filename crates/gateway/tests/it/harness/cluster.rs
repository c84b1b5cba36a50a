//! A PostgreSQL server of a test's own, to be stopped, frozen, killed and followed by a standby.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::quiet_port;

/// Listens on loopback only. Ends, and is removed, when it is dropped, or when the test's process ends.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    pub dir: PathBuf,
    pub port: u16,
    /// Cleans up when its standard input is closed.
    janitor: Child,
}

/// What a test's server need not do, and lets a standby follow it.
const SETTINGS: &str = "fsync=off\nfull_page_writes=off\nmax_connections=100\nshared_buffers=32MB\nwal_level=replica\n\
    max_wal_senders=4\nhot_standby=on\nlisten_addresses='127.0.0.1'\nlog_min_messages=fatal\nautovacuum=off\n";

fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut versions: Vec<PathBuf> = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    versions.retain(|bin| bin.join("pg_basebackup").exists() && bin.join("initdb").exists());
    versions.sort_by_key(|bin| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok());
    versions.pop()
}

/// The server refuses to run as root.
fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() != 0) {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

impl Server {
    fn at(programs: PathBuf) -> Server {
        let port = quiet_port();
        let dir = std::env::temp_dir().join(format!("lockgate-server-{}-{port}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        if as_postgres("true").get_program() == "setpriv" {
            done(Command::new("chown").arg("postgres").arg(&dir));
        }
        // frozen processes must be woken to end
        let script = "cat; p=$(head -1 \"$0/data/postmaster.pid\") && kill -CONT $p $(pgrep -P $p) && kill -QUIT $p && \
            while kill -0 $p; do sleep 0.05; done; rm -rf \"$0\"";
        let mut janitor = Command::new("sh");
        janitor.args(["-c", script]).arg(&dir).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Server { programs, dir, port, janitor: janitor.spawn().unwrap() }
    }

    /// A running server; `None`, said loudly, when there is no PostgreSQL.
    pub fn start(settings: &str) -> Option<Server> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none(), "PostgreSQL is missing: .ci/setup installs it");
            eprintln!("SKIPPED: PostgreSQL is missing: .ci/setup installs it");
            return None;
        };
        let server = Server::at(programs);
        let how = ["-U", "lockgate", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-D"];
        done(as_postgres(server.programs.join("initdb")).args(how).arg(server.dir.join("data")));
        server.configure(&format!("{SETTINGS}{settings}"));
        server.control(&["start"]);
        Some(server)
    }

    /// Another server that follows this one under a name.
    pub fn standby(&self, name: &str) -> Server {
        let standby = Server::at(self.programs.clone());
        let from = format!("host=127.0.0.1 port={} user=lockgate application_name={name}", self.port);
        let how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "-d", &from, "-D"];
        done(as_postgres(self.programs.join("pg_basebackup")).args(how).arg(standby.dir.join("data")));
        standby.configure("synchronous_standby_names=''\n");
        standby.control(&["start"]);
        standby
    }

    fn configure(&self, settings: &str) {
        use std::io::Write;
        let path = self.dir.join("data/postgresql.conf");
        let own = format!("port={}\nunix_socket_directories='{}'\n", self.port, self.dir.display());
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(format!("{settings}{own}").as_bytes()).unwrap();
    }

    /// `pg_ctl`, which waits until it is done.
    pub fn control(&self, arguments: &[&str]) {
        let mut command = as_postgres(self.programs.join("pg_ctl"));
        command.arg("-D").arg(self.dir.join("data")).arg("-l").arg(self.dir.join("log")).args(["-w", "-t", "30"]);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(
            command.status().unwrap().success(),
            "{arguments:?}: {}",
            std::fs::read_to_string(self.dir.join("log")).unwrap()
        );
    }

    /// Adds settings that need no start.
    pub fn set(&self, settings: &str) {
        self.configure(settings);
        self.control(&["reload"]);
    }

    fn address(&self) -> String {
        format!("postgres://lockgate@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// The address of the database on this server, and on those that may take its place.
    pub fn url(&self, others: &[&Server]) -> String {
        let servers: Vec<String> =
            [self].iter().chain(others).map(|server| format!("127.0.0.1:{}", server.port)).collect();
        format!("postgres://lockgate@{}/postgres?sslmode=disable", servers.join(","))
    }

    pub fn sql(&self, text: &str) -> String {
        done(Command::new("psql").args([&self.address(), "-qAtc", text])).trim().to_owned()
    }

    /// The numbers of the requests whose invoices are stored.
    pub fn stored(&self) -> Vec<usize> {
        self.sql("SELECT callback_json FROM invoices").lines().map(|n| n.parse().unwrap()).collect()
    }

    /// From now on nothing reaches the standbys; a commit that they must confirm waits.
    pub fn stop_sending(&self) {
        let senders = self.sql("SELECT pid FROM pg_stat_replication");
        assert!(Command::new("kill").arg("-STOP").args(senders.lines()).status().unwrap().success());
    }

    /// Sends a signal to the server's first process, and to all that it has started.
    pub fn signal_all(&self, signal: &str) {
        let first = std::fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap();
        let first = first.lines().next().unwrap().to_owned();
        // some of those may end by themselves meanwhile
        let script = "started=$(pgrep -P \"$0\"); kill \"$1\" \"$0\" && { kill \"$1\" $started; true; }";
        assert!(Command::new("sh").args(["-c", script, &first, signal]).status().unwrap().success());
    }
}

impl Server {
    /// As when its machine dies: the first process is killed at once, and all that it has started go with it.
    pub fn kill(&self) {
        self.signal_all("-KILL");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
    }
}
