//! A line that the operator has all pages of the dashboard show for a time: works ahead, a provider's trouble.

use domain::Time;
use serde::{Deserialize, Serialize};

use super::App;
use super::acts::{Actor, record};
use crate::store::{StoreError, Tx, settings};

const NAME: &str = "announcement";
const CHARS: std::ops::RangeInclusive<usize> = 1..=300;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    pub text: String,
    /// Milliseconds since 1970; `until` is no part of it.
    pub from: i64,
    pub until: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum AnnouncementRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an announcement has {} to {} characters", CHARS.start(), CHARS.end())]
    Length,
    #[error("an announcement ends after it begins, and in the time to come")]
    Times,
}

/// The one that was made last, whether or not it is shown now.
pub fn kept(tx: &Tx<'_>) -> Result<Option<Announcement>, StoreError> {
    let Some(text) = settings::get(tx, NAME)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|_| StoreError::Damaged { table: "settings", column: "value", id: NAME.into(), value: text })
}

/// What pages show now.
pub fn shown(tx: &Tx<'_>, now: Time) -> Result<Option<String>, StoreError> {
    let shown = kept(tx)?.filter(|kept| kept.from <= now.0 && now.0 < kept.until);
    Ok(shown.map(|kept| kept.text))
}

/// Puts one in the place of the last; `None` takes it away.
pub fn set(app: &App, tx: &Tx<'_>, new: Option<Announcement>, actor: &Actor) -> Result<(), AnnouncementRefused> {
    let about = format!("settings {NAME}");
    let Some(new) = new else {
        if kept(tx)?.is_some() {
            settings::put(tx, NAME, "")?;
            record(app, tx, actor, "announcement.end", about, String::new())?;
        }
        return Ok(());
    };
    if !CHARS.contains(&new.text.chars().count()) {
        return Err(AnnouncementRefused::Length);
    }
    if new.until <= new.from || new.until <= app.now().0 {
        return Err(AnnouncementRefused::Times);
    }
    let text = serde_json::to_string(&new).map_err(|error| StoreError::Inconsistent(error.to_string()))?;
    settings::put(tx, NAME, &text)?;
    let (from, until) = (crate::wire::time::written(new.from), crate::wire::time::written(new.until));
    let detail = format!("{from} to {until} UTC: {}", new.text);
    Ok(record(app, tx, actor, "announcement.set", about, detail)?)
}
