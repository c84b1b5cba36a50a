//! Which ways to pay a merchant's payers are offered: of those that the operator has made possible, all but what the merchant turned off.

use domain::charge::Method;
use domain::fiat::DEVISES;
use domain::merchant::WaysOff;

use super::set_coins;
use crate::app::accounts::sessions::Desk;
use crate::app::charges::begin::currency_of;
use crate::app::merchant_setup::wrote;
use crate::app::{App, providers};
use crate::store::{StoreError, Tx, merchants};

/// One answer for each way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    pub card: bool,
    pub upi: bool,
    pub coins: bool,
}

impl Ways {
    pub fn any(self) -> bool {
        self.card || self.upi || self.coins
    }
}

#[derive(Debug, thiserror::Error)]
pub enum WaysRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the operator has not made this way possible")]
    NotAllowed,
    #[error("no way would be left")]
    NoneLeft,
    #[error("no coin would be left")]
    NoCoin,
}

/// What the operator has made possible: routes to an account that is in use, for whatever currency; coins.
pub fn allowed(app: &App, tx: &Tx<'_>, desk: &Desk) -> Result<Ways, StoreError> {
    let has = |method: Method| {
        for devise in DEVISES {
            if !providers::usable(tx, &desk.merchant.id, method, currency_of(method, devise))?.is_empty() {
                return Ok::<_, StoreError>(true);
            }
            if method == Method::Upi {
                break; // in one currency only
            }
        }
        Ok(false)
    };
    let coins = app.payable_assets().next().is_some();
    Ok(Ways { card: has(Method::Card)?, upi: has(Method::Upi)?, coins })
}

/// Turns ways and coins on and off. What is not possible now is left as it was.
pub fn set(app: &App, tx: &Tx<'_>, desk: &Desk, on: Ways, coins_off: &[String]) -> Result<(), WaysRefused> {
    let (allowed, old) = (allowed(app, tx, desk)?, merchants::existing(tx, &desk.merchant.id)?.ways_off);
    if (on.card && !allowed.card) || (on.upi && !allowed.upi) || (on.coins && !allowed.coins) {
        return Err(WaysRefused::NotAllowed);
    }
    if !on.any() {
        return Err(WaysRefused::NoneLeft);
    }
    if on.coins && app.payable_assets().all(|coin| coins_off.contains(&coin.code)) {
        return Err(WaysRefused::NoCoin);
    }
    let off = |allowed: bool, on: bool, old: bool| if allowed { !on } else { old };
    let new = WaysOff {
        card: off(allowed.card, on.card, old.card),
        upi: off(allowed.upi, on.upi, old.upi),
        coins: off(allowed.coins, on.coins, old.coins),
    };
    if new != old {
        merchants::set_ways_off(tx, &desk.merchant.id, new)?;
        let said =
            |off: WaysOff| if off == WaysOff::default() { "none".to_owned() } else { off.text().replace(' ', ", ") };
        wrote(app, tx, desk, "ways.set", format!("off: {} to {}", said(old), said(new)))?;
    }
    Ok(set_coins(app, tx, desk, coins_off)?)
}
