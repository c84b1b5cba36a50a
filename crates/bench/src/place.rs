//! A directory for databases, empty at first and gone at the end.

use std::path::{Path, PathBuf};

use crate::Fail;

#[derive(Debug)]
pub struct Place {
    path: PathBuf,
    database: Option<Made>,
}

/// A database that was made on a server.
#[derive(Debug)]
struct Made {
    server: String,
    name: String,
}

impl Place {
    pub fn new(within: &Path, name: &str) -> Result<Place, Fail> {
        let path = within.join(format!("{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Place { path, database: None })
    }

    /// A directory whose database is a new one on a PostgreSQL server. `server` is the address of a database there with the right to make
    /// others, such as `postgres://user@host/postgres`.
    pub fn on(server: &str, within: &Path, name: &str) -> Result<Place, Fail> {
        let mut place = Place::new(within, name)?;
        let name = format!("bench_{}_{}", std::process::id(), name.replace('-', "_"));
        let address = server.replacen("/postgres", &format!("/{name}"), 1);
        if address == server {
            return Err("the server's address must name its database `postgres`".into());
        }
        psql(server, &format!("CREATE DATABASE {name}"))?;
        place.database = Some(Made { server: server.to_owned(), name });
        std::fs::write(place.path.join("database.url"), address)?;
        Ok(place)
    }

    /// Another directory with the same database.
    pub fn beside(&self, name: &str) -> Result<Place, Fail> {
        let path = self.path.with_file_name(format!("{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        std::fs::copy(self.path.join("database.url"), path.join("database.url"))?;
        Ok(Place { path, database: None })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> Result<&str, Fail> {
        self.path.to_str().ok_or_else(|| "the data directory's name is not text".into())
    }
}

fn psql(server: &str, command: &str) -> Result<(), Fail> {
    let done = std::process::Command::new("psql").args([server, "-qc", command]).output()?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into()) }
}

impl Drop for Place {
    fn drop(&mut self) {
        // a directory left behind is a nuisance, not an error of the measurement
        let _ = std::fs::remove_dir_all(&self.path);
        if let Some(Made { server, name }) = &self.database {
            let _ = psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}
