//! Who looks: in which language and in which time zone.

use std::fmt;

use axum::http::{HeaderMap, header};
use domain::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cookies;
use super::words::Words;
use crate::app::App;
use crate::checkout::messages::{Lang, pick};

#[derive(Debug, Clone)]
pub struct Viewer {
    pub w: Words,
    pub zone: TimeZone,
}

impl Viewer {
    /// The language: what the address says, what was chosen before, what the browser says. The zone: what the browser told a script of ours.
    pub fn of(app: &App, headers: &HeaderMap, asked: Option<&str>) -> Viewer {
        let kept = cookies::get(app, headers, cookies::LANGUAGE);
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let lang = asked.and_then(Lang::from_tag).or_else(|| kept.and_then(Lang::from_tag));
        let zone = cookies::get(app, headers, cookies::ZONE).and_then(zone).unwrap_or(TimeZone::UTC);
        Viewer { w: Words { lang: lang.unwrap_or_else(|| pick(accepted, None)) }, zone }
    }

    /// An instant as the viewer's clock shows it.
    pub fn time(&self, time: Time) -> Stamp {
        let Ok(at) = Timestamp::from_millisecond(time.0) else { return Stamp::default() };
        let (here, utc) = (at.to_zoned(self.zone.clone()), at.to_zoned(TimeZone::UTC));
        Stamp {
            machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            here: here.strftime("%Y-%m-%d %H:%M").to_string(),
            utc: utc.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        }
    }
}

/// `Asia/Kolkata`: a name of the tz database, and nothing longer.
fn zone(text: &str) -> Option<TimeZone> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    let name = text.replace("%2F", "/");
    (name.len() < 64 && name.chars().all(fits)).then(|| TimeZone::get(&name).ok()).flatten()
}

/// Displays as a `<time>` element: the viewer's zone in the page, UTC on hover.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stamp {
    machine: String,
    here: String,
    utc: String,
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { machine, here, utc } = self;
        write!(f, r#"<time datetime="{machine}" title="{utc}"><bdi dir="ltr">{here}</bdi></time>"#)
    }
}

// digits and signs of ours
impl askama::filters::HtmlSafe for Stamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_names_only() {
        for good in ["Asia/Kolkata", "Europe%2FParis", "UTC", "America/Argentina/Buenos_Aires"] {
            assert!(zone(good).is_some(), "{good}");
        }
        for bad in ["", "../../etc/passwd", "Mars/Olympus", "<script>", &"a".repeat(80)] {
            assert!(zone(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn times_in_the_viewers_zone() {
        let viewer = Viewer { w: Words { lang: Lang::En }, zone: zone("Asia/Kolkata").unwrap() };
        assert_eq!(
            viewer.time(Time(1_700_000_000_000)).to_string(),
            r#"<time datetime="2023-11-14T22:13:20Z" title="2023-11-14 22:13:20 UTC"><bdi dir="ltr">2023-11-15 03:43</bdi></time>"#
        );
    }
}
