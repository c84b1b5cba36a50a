//! A directory for databases, empty at first and gone at the end.

use std::path::{Path, PathBuf};

use crate::Fail;

#[derive(Debug)]
pub struct Place(PathBuf);

impl Place {
    pub fn new(within: &Path, name: &str) -> Result<Place, Fail> {
        let path = within.join(format!("{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Place(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn text(&self) -> Result<&str, Fail> {
        self.0.to_str().ok_or_else(|| "the data directory's name is not text".into())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // a directory left behind is a nuisance, not an error of the measurement
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
