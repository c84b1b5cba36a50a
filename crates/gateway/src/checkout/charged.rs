//! What the page shows of card and UPI.

use domain::charge::{Method as Rail, State as ChargeState};
use domain::{Time, Units};
use rails::provider::{Decline as Declined, NeedsPayer};
use rails::sim::connectors::SANDBOX_UPI;

use super::label::Label;
use super::load::Loaded;
use super::view::{Amount, CardPay, CardStep, Decline, Method, OtherWays, State, UpiKind, UpiPay};
use crate::app::charges::begin::currency_of;
use crate::app::providers::{OWN_VPA, Provider, settings};
use crate::app::{App, CardIntake};
use crate::store::charges::ChargeRow;
use crate::store::invoices::Solution;

impl Loaded {
    /// The page of an open invoice that is not covered yet.
    pub(super) fn open_state(&self, app: &App, now: Time) -> State {
        let busy = self.charges.iter().rev().find(|row| row.charge.state.is_unresolved());
        if let Some(row) = busy {
            return match row.charge.state {
                ChargeState::Claimed => self.upi(app, Some(row)),
                _ => State::Processing { method: method(row.charge.method) },
            };
        }
        match self.chosen() {
            Some(Solution::Card) => self.card(app, now),
            Some(Solution::Upi) if self.live(Rail::Upi, now).is_some() => self.upi(app, self.live(Rail::Upi, now)),
            Some(Solution::Upi | Solution::Crypto) | None => match self.pay(app, now) {
                Some(pay) if self.has_coins() && self.chosen() != Some(Solution::Upi) => State::Pay(Box::new(pay)),
                _ => State::Choose { methods: self.methods(None), options: self.options(app, None) },
            },
        }
    }

    /// What the payer chose, or the only thing there is to choose.
    fn chosen(&self) -> Option<Solution> {
        let offered = |solution: &Solution| match solution {
            Solution::Card => !self.offers.card.is_empty() || self.begun.card,
            Solution::Upi => !self.offers.upi.is_empty() || self.begun.upi,
            Solution::Crypto => self.has_coins(),
        };
        let only = match (self.offers.card.is_empty(), self.offers.upi.is_empty(), self.offers.coins) {
            (false, true, false) => Some(Solution::Card),
            (true, false, false) => Some(Solution::Upi),
            _ => None,
        };
        self.row.chosen.filter(offered).or(only)
    }

    /// Whether he may pay in coins, or is in the middle of it.
    fn has_coins(&self) -> bool {
        self.offers.coins || self.begun.coins
    }

    /// The charge of this rail that waits for the payer and still holds.
    fn live(&self, rail: Rail, now: Time) -> Option<&ChargeRow> {
        let live = |row: &&ChargeRow| {
            row.charge.method == rail && row.charge.state == ChargeState::NeedsPayer && now < row.charge.expires_at
        };
        self.charges.iter().rev().find(live)
    }

    /// UPI is the only way, or the one the merchant named, and nothing was tried yet: it is begun for the payer.
    pub(super) fn wants_upi_now(&self, now: Time) -> bool {
        self.row.invoice.state.is_open()
            && self.chosen() == Some(Solution::Upi)
            && !self.standing.covers(self.row.invoice.amount)
            && self.live(Rail::Upi, now).is_none()
            && !self.charges.iter().any(|row| row.charge.state.is_unresolved())
            // once; after that the payer presses a button
            && self.charges.iter().all(|row| row.charge.method != Rail::Upi)
    }

    pub(super) fn methods(&self, but: Option<Method>) -> Vec<Method> {
        let card = (!self.offers.card.is_empty()).then_some(Method::Card);
        let upi = (!self.offers.upi.is_empty()).then_some(Method::Upi);
        card.into_iter().chain(upi).filter(|method| but != Some(*method)).collect()
    }

    fn other(&self, app: &App, but: Method) -> OtherWays {
        OtherWays { methods: self.methods(Some(but)), options: self.options(app, None) }
    }

    /// The card page; `with` says what step it is at, if not what the rows say.
    fn card(&self, app: &App, now: Time) -> State {
        State::Card(Box::new(self.card_pay(app, now, None)))
    }

    /// The card page at a step of its own: a form with errors.
    pub fn card_pay(&self, app: &App, now: Time, step: Option<CardStep>) -> CardPay {
        let live = self.live(Rail::Card, now);
        let last = self.charges.iter().rev().find(|row| row.charge.method == Rail::Card);
        let declined = last.filter(|row| row.charge.state == ChargeState::Declined).and_then(|row| row.decline);
        // nobody declined what the payer left, or did not finish in time
        let declined = declined.filter(|why| !matches!(why, Declined::Canceled | Declined::TimedOut));
        CardPay {
            amount: self.charged_amount(app, Rail::Card, live, now),
            step: step.unwrap_or_else(|| self.card_step(app, live)),
            declined: declined.map(decline),
            other: self.other(app, Method::Card),
            may_cancel: true,
        }
    }

    fn card_step(&self, app: &App, live: Option<&ChargeRow>) -> CardStep {
        let name = live.map(|row| row.charge.provider.clone());
        let name = name.or(self.offers.card.first().map(|account| account.provider.clone())).unwrap_or_default();
        let provider = Label::name(Provider::by_name(&name).map_or("", Provider::title));
        match live.and_then(|row| row.todo.clone()) {
            Some(NeedsPayer::Visit { url, challenge }) => CardStep::Continue { url, challenge, provider },
            Some(NeedsPayer::Fields { script, publishable_key, client_secret }) => {
                let return_url = self.return_page(app);
                CardStep::Fields { provider, script, publishable_key, client_secret, return_url }
            }
            _ if self.offers.takes_cards_from_us(app) => {
                let test_cards = app.cards == (CardIntake::Direct { check_expiry: false });
                CardStep::Form { errors: Vec::new(), holder: None, expiry: None, test_cards }
            }
            _ => CardStep::Start { provider },
        }
    }

    /// This page, as one comes back to it from a provider.
    fn return_page(&self, app: &App) -> String {
        crate::app::charges::return_url(app, &self.merchant, &self.row).unwrap_or_default()
    }

    /// What the payer is charged: of the charge there is, or of one begun now.
    fn charged_amount(&self, app: &App, rail: Rail, live: Option<&ChargeRow>, now: Time) -> Amount {
        let devise = &self.row.invoice.devise;
        let left = self.standing.left_to_pay(self.row.invoice.amount);
        let digits_of = |code: &str| domain::fiat::minor_digits(code).unwrap_or(2);
        let (units, currency) = match live {
            Some(row) => (row.charge.asked.units, row.charge.asked.currency.clone()),
            None => {
                let currency = currency_of(rail, devise).to_owned();
                let rate = app.rates.fiat(devise, &currency, now).ok().flatten();
                let units = rate.and_then(|rate| {
                    let (from, to) = (digits_of(devise), digits_of(&currency));
                    domain::charge::convert(left, from, to, &rate, domain::charge::Rounding::Up).ok()
                });
                (units.unwrap_or(left), currency)
            }
        };
        fiat(units, &currency)
    }

    fn upi(&self, app: &App, row: Option<&ChargeRow>) -> State {
        let Some(row) = row else {
            return State::Choose { methods: self.methods(None), options: self.options(app, None) };
        };
        let charge = &row.charge;
        let claimed = charge.state == ChargeState::Claimed;
        State::Upi(Box::new(UpiPay {
            amount: fiat(charge.asked.units, &charge.asked.currency),
            rate: charge.rate.as_ref().map(|rate| rate.price.to_string()),
            kind: self.upi_kind(row),
            until_ms: (!claimed).then_some(charge.expires_at.0),
            sandbox_url: sandbox_app(app, row),
            other: match claimed {
                true => OtherWays { methods: Vec::new(), options: Vec::new() },
                false => self.other(app, Method::Upi),
            },
            may_cancel: !claimed,
        }))
    }

    fn upi_kind(&self, row: &ChargeRow) -> UpiKind {
        let Some(NeedsPayer::Upi { link, qr_text, qr_image }) = row.todo.clone() else { return UpiKind::Preparing };
        if row.charge.provider != OWN_VPA {
            return UpiKind::Provider { link, qr_text, qr_image };
        }
        let account = self.own_vpa.as_ref().filter(|account| account.id == row.charge.account_id);
        let settings = account.and_then(|account| settings(account).ok()).unwrap_or_default();
        let setting = |name: &str| settings.get(name).cloned().unwrap_or_default();
        UpiKind::OwnVpa {
            link: link.unwrap_or_default(),
            vpa: setting("vpa"),
            payee: Label::name(&setting("payee_name")),
            reference: row.reference.clone().unwrap_or_default(),
            claimed_rrn: row.claimed_rrn.clone().filter(|_| row.charge.state == ChargeState::Claimed),
            rrn_refused: None,
        }
    }
}

/// The simulated UPI app of a sandbox's charge.
fn sandbox_app(app: &App, row: &ChargeRow) -> Option<String> {
    let simulated = app.sandbox && row.charge.provider == SANDBOX_UPI.name;
    row.reference.as_ref().filter(|_| simulated).map(|payment| format!("/sandbox/acquirer/upi/{payment}"))
}

pub(super) fn fiat(units: Units, currency: &str) -> Amount {
    let digits = domain::fiat::minor_digits(currency).unwrap_or(2);
    Amount { digits: units.decimal(digits, digits), symbol: Label::name(currency) }
}

fn method(rail: Rail) -> Method {
    match rail {
        Rail::Card | Rail::Payout => Method::Card,
        Rail::Upi => Method::Upi,
    }
}

fn decline(why: Declined) -> Decline {
    match why {
        Declined::InsufficientFunds => Decline::InsufficientFunds,
        Declined::TryAgain => Decline::TryAgain,
        Declined::WrongCode => Decline::WrongCode,
        Declined::Expired => Decline::Expired,
        Declined::AuthenticationFailed => Decline::AuthenticationFailed,
        Declined::TimedOut => Decline::TryAgain,
        Declined::Canceled | Declined::Refused => Decline::Other,
    }
}
