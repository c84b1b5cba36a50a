//! Which database: a file beside the gateway, or a server that several gateways share.

use std::path::{Path, PathBuf};

use super::copy::copy;
use super::error::StoreError;
use super::postgres::{self, Address};
use super::sqlite::open;

/// In a data directory: holds the address of the PostgreSQL database that the directory's gateway works on.
const ADDRESS_FILE: &str = "database.url";

#[derive(Debug, Clone)]
pub enum Database {
    File(PathBuf),
    Server(Address),
}

impl Database {
    /// The database of a data directory: on the server that it names, or in the file there.
    ///
    /// # Errors
    /// When the server's address is not understood.
    pub fn of(dir: &Path) -> Result<Database, StoreError> {
        match std::fs::read_to_string(dir.join(ADDRESS_FILE)) {
            Ok(url) => Database::at(url.trim()),
            Err(_) => Ok(Database::File(dir.join("lockgate.db"))),
        }
    }

    /// The database on a server.
    ///
    /// # Errors
    /// When its address is not understood.
    pub fn at(url: &str) -> Result<Database, StoreError> {
        Address::parse(url).map(Database::Server)
    }

    /// Makes `url` the database of a data directory from now on.
    ///
    /// # Errors
    /// When it is no address of a PostgreSQL database, or the directory has another database already.
    pub fn put(dir: &Path, url: &str) -> Result<Database, StoreError> {
        let database = Database::at(url)?;
        let path = dir.join(ADDRESS_FILE);
        let unusable = |error: std::io::Error| StoreError::Unusable(format!("{}: {error}", path.display()));
        match std::fs::read_to_string(&path) {
            Ok(kept) if kept.trim() != url => {
                return Err(StoreError::Unusable(format!("{} names another database already", path.display())));
            }
            Ok(_) => return Ok(database),
            Err(_) if dir.join("lockgate.db").exists() => {
                let what = format!("{} has a database of its own already; `lockgate copy` moves it", dir.display());
                return Err(StoreError::Unusable(what));
            }
            Err(_) => {}
        }
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        // it holds a password
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| writeln!(file, "{url}")).map_err(unusable)?;
        Ok(database)
    }

    /// Whether there is anything yet. A server's database is there, or cannot be used at all.
    pub fn exists(&self) -> bool {
        match self {
            Database::File(path) => path.exists(),
            Database::Server(_) => true,
        }
    }

    /// For people: where it is, without secrets.
    pub fn name(&self) -> String {
        match self {
            Database::File(path) => path.display().to_string(),
            Database::Server(address) => address.name(),
        }
    }

    /// Opens and migrates, then closes: `lockgate migrate`. Answers the schema's version.
    ///
    /// # Errors
    /// When it cannot be opened or migrated.
    pub fn migrate(&self) -> Result<i64, StoreError> {
        match self {
            Database::File(path) => open::migrate(path),
            Database::Server(address) => postgres::migrate(address),
        }
    }

    /// Checks a file as a whole, however large; a server checks its own.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn check_whole(&self) -> Result<(), StoreError> {
        match self {
            Database::File(path) => open::check_whole(path),
            Database::Server(_) => Ok(()),
        }
    }

    /// Copies a consistent snapshot to the new SQLite file `to`, while others use the database.
    ///
    /// # Errors
    /// When it cannot be written, or is there.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        match self {
            Database::File(path) => open::backup(path, to),
            Database::Server(_) if to.exists() => {
                Err(StoreError::Unusable(format!("{} exists; a backup never overwrites", to.display())))
            }
            Database::Server(_) => copy(self, &Database::File(to.to_owned())).map(|_| ()),
        }
    }
}
