//! The schema's history: one text for both databases. How it may go on while the release before still runs: `docs/operations-nodes.md`.

#[cfg(test)]
mod tests;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// A database may have been moved on by a later release: that is looked at by [`check`], not taken for a fault.
pub fn runner() -> refinery::Runner {
    embedded::migrations::runner().set_abort_missing(false)
}

/// The versions that this release knows.
fn known() -> Vec<i64> {
    runner().get_migrations().iter().map(|migration| i64::from(migration.version())).collect()
}

/// The newest version that this release knows.
pub fn newest() -> i64 {
    known().into_iter().max().unwrap_or(0)
}

pub const APPLIED: &str = "SELECT version FROM refinery_schema_history";

/// The oldest schema a release must know to work on the database; a migration that takes something away raises it.
pub const FLOOR: &str = "SELECT value FROM settings WHERE name = 'schema_floor'";

/// Whether this release can work on a database with these versions and this floor, or why not.
pub fn check(applied: &[i64], floor: Option<&str>) -> Result<i64, String> {
    let is_there = applied.iter().max().copied().unwrap_or(0);
    if let Some(missing) = known().into_iter().find(|version| !applied.contains(version)) {
        return Err(format!(
            "the database's schema is at {is_there} and yet lacks {missing}: it was made by something else"
        ));
    }
    let floor = floor.map_or(0, |floor| floor.parse().unwrap_or(i64::MAX));
    if floor > newest() {
        return Err(format!(
            "the database's schema needs a release that knows {floor}; this one knows {} at most",
            newest()
        ));
    }
    if is_there > newest() {
        tracing::info!(
            schema = is_there,
            known = newest(),
            "The database was moved on by a later release; this one goes on with what it knows"
        );
    }
    Ok(is_there)
}
