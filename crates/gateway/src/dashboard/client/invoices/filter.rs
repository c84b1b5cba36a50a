//! What is searched and filtered for, as the address says it. A word that is none of ours counts as not there.

use domain::fiat::DEVISES;

use crate::app::invoice_lists::{Filter, From, STATES};
use crate::dashboard::ask::Ask;
use crate::store::invoice_pages::Place;
use crate::store::invoices::Solution;
use crate::wire::time::read_day;

pub const WAYS: [Solution; 3] = [Solution::Card, Solution::Upi, Solution::Crypto];

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// What was typed.
    pub q: String,
    pub state: String,
    pub currency: String,
    pub way: String,
    /// Days, UTC.
    pub from: String,
    pub to: String,
}

impl Asked {
    /// What the address says.
    pub fn of(ask: &Ask) -> Asked {
        Asked::read(|name| ask.query(name))
    }

    /// What a form says that keeps a list's filter.
    pub fn sent(ask: &Ask) -> Asked {
        Asked::read(|name| ask.form.text(name))
    }

    fn read<'a>(said: impl Fn(&str) -> &'a str) -> Asked {
        let one_of = |name: &str, known: &dyn Fn(&str) -> bool| {
            let value = said(name);
            if known(value) { value.to_owned() } else { String::new() }
        };
        Asked {
            q: said("q").chars().take(200).collect(),
            state: one_of("state", &|value| STATES.contains(&value)),
            currency: one_of("currency", &|value| DEVISES.contains(&value)),
            way: one_of("way", &|value| WAYS.iter().any(|way| way.name() == value)),
            from: one_of("from", &|value| read_day(value).is_some()),
            to: one_of("to", &|value| read_day(value).is_some()),
        }
    }

    pub fn filter(&self) -> Filter {
        Filter {
            states: Filter::state(&self.state).into_iter().collect(),
            devise: Some(self.currency.clone()).filter(|code| !code.is_empty()),
            way: WAYS.into_iter().find(|way| way.name() == self.way),
            from_day: read_day(&self.from).map(i64::from),
            to_day: read_day(&self.to).map(i64::from),
        }
    }

    /// Whether everything is shown.
    pub fn is_all(&self) -> bool {
        *self == Asked::default()
    }

    /// What is asked for, by name.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let own = [
            ("q", &self.q),
            ("state", &self.state),
            ("currency", &self.currency),
            ("way", &self.way),
            ("from", &self.from),
            ("to", &self.to),
        ];
        own.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str())).collect()
    }

    /// The list's address after its question mark.
    pub fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.fields()).finish()
    }

    /// The address of the same list, with `more`.
    pub fn link(&self, path: &str, more: Option<(&str, String)>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields());
        query.extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// Where a page begins: `older=19000.12` or `newer=…`.
pub fn from(ask: &Ask) -> From {
    let place = |name: &str| {
        let (day, number) = ask.query(name).split_once('.')?;
        Some(Place { day: day.parse().ok()?, number: number.parse().ok()? })
    };
    match (place("older"), place("newer")) {
        (Some(place), _) => From::Older(place),
        (None, Some(place)) => From::Newer(place),
        (None, None) => From::Newest,
    }
}

pub fn written(place: Place) -> String {
    format!("{}.{}", place.day, place.number)
}
