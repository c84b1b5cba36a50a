//! Settlements to the bank: what was paid on a day goes there after the end of the day (UTC), one sum a currency, less fees and refunds.
//! Whose account a payment is on is known by its callback address.

use domain::{Time, Units};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{Refusal, Reply, WireRequest, answer};
use super::record::{Payment, RefundState, State, digits};
use super::{Acquirer, Changed};

/// The acquirer keeps so many hundredths of a percent of each payment, rounded down.
const FEE_BPS: u128 = 140;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementState {
    Paid,
    /// The bank sent it back; what was in it is in a later one.
    Failed,
}

/// A settlement to the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimSettlement {
    pub id: String,
    /// Counts settlements, from 0.
    pub seq: u64,
    pub account: String,
    pub currency: String,
    /// Minor units that reached the bank.
    #[serde(with = "digits")]
    pub amount: Units,
    pub state: SettlementState,
    pub lines: Vec<SimLine>,
}

/// A payment or a refund in a settlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimLine {
    pub id: String,
    /// `payment` or `refund`.
    pub kind: String,
    /// The merchant's reference of the payment.
    pub reference: String,
    /// The acquirer's id of the payment.
    pub payment: String,
    /// Minor units, before the fee.
    #[serde(with = "digits")]
    pub amount: Units,
    #[serde(with = "digits")]
    pub fee: Units,
}

impl SimLine {
    fn of_payment(payment: &Payment) -> SimLine {
        SimLine {
            id: payment.id.clone(),
            kind: "payment".into(),
            reference: payment.reference.clone(),
            payment: payment.id.clone(),
            amount: payment.taken,
            fee: Units(payment.taken.0.saturating_mul(FEE_BPS) / 10_000),
        }
    }

    fn of_refund(payment: &Payment, refund: &super::record::Refund) -> SimLine {
        SimLine {
            id: refund.id.clone(),
            kind: "refund".into(),
            reference: payment.reference.clone(),
            payment: payment.id.clone(),
            amount: refund.amount,
            fee: Units::ZERO,
        }
    }
}

impl Acquirer {
    pub(super) fn list_settlements(&mut self, request: &WireRequest, now: Time) -> Result<Reply, Refusal> {
        let account = request.parameter("account").filter(|account| !account.is_empty());
        let account = account.ok_or_else(|| Refusal::new(400, "no_account", "name the account: ?account=…"))?;
        self.settle(&account, now);
        let of_account = self.settlements.iter().filter(|settlement| settlement.account == account);
        let shown: Vec<Value> = of_account
            .map(|one| json!({ "id": one.id, "status": one.state, "amount": one.amount.0, "currency": one.currency }))
            .collect();
        Ok(answer(200, &json!({ "settlements": shown })))
    }

    pub(super) fn settlement_lines(&self, id: &str) -> Result<Reply, Refusal> {
        let found = self.settlements.iter().find(|settlement| settlement.id == id);
        let found = found.ok_or_else(|| Refusal::not_found("settlement"))?;
        let shown = found.lines.iter().map(|line| {
            json!({ "id": line.id, "type": line.kind, "reference": line.reference, "payment": line.payment,
                "amount": line.amount.0, "fee": line.fee.0, "currency": found.currency })
        });
        Ok(answer(200, &json!({ "lines": shown.collect::<Vec<_>>() })))
    }

    /// Pays out what was paid before this day began and is in no settlement yet.
    fn settle(&mut self, account: &str, now: Time) {
        let mut currencies: Vec<String> = Vec::new();
        for payment in self.payments.values().filter(|payment| payment.callback_url.contains(account)) {
            if !currencies.contains(&payment.currency) {
                currencies.push(payment.currency.clone());
            }
        }
        currencies.sort();
        for currency in currencies {
            self.settle_in(account, &currency, now);
        }
    }

    fn settle_in(&mut self, account: &str, currency: &str, now: Time) {
        let ripe = |payment: &&Payment| {
            payment.callback_url.contains(account)
                && payment.currency == currency
                && payment.state == State::Paid
                && !payment.held
                && !payment.is_disputed()
                && payment.created_at.day() < now.day()
        };
        let ripe: Vec<Payment> = self.payments.values().filter(ripe).cloned().collect();
        let (mut lines, mut credit, mut debit) = (Vec::new(), 0u128, 0u128);
        let mut changed = Vec::new();
        for mut payment in ripe {
            let before = lines.len();
            if !payment.settled {
                payment.settled = true;
                let line = SimLine::of_payment(&payment);
                credit = credit.saturating_add(line.amount.0);
                debit = debit.saturating_add(line.fee.0);
                lines.push(line);
            }
            for at in 0..payment.refunds.len() {
                let refund = payment.refunds[at].clone();
                if refund.state == RefundState::Done && !refund.settled {
                    payment.refunds[at].settled = true;
                    debit = debit.saturating_add(refund.amount.0);
                    lines.push(SimLine::of_refund(&payment, &refund));
                }
            }
            if lines.len() > before {
                changed.push(payment);
            }
        }
        // what the owner would owe waits for the next day's payments
        if lines.is_empty() || debit >= credit {
            return;
        }
        changed.into_iter().for_each(|payment| self.put(payment));
        let seq = u64::try_from(self.settlements.len()).unwrap_or(u64::MAX);
        let id = format!("set_{seq}");
        self.changed.insert(Changed::Settlement(id.clone()));
        self.settlements.push(SimSettlement {
            id,
            seq,
            account: account.to_owned(),
            currency: currency.to_owned(),
            amount: Units(credit).less(Units(debit)),
            state: SettlementState::Paid,
            lines,
        });
    }

    /// The bank sends a settlement back: what was in it is paid out with the next. False when there is none such.
    pub fn fail_settlement(&mut self, id: &str) -> bool {
        let Some(found) = self.settlements.iter_mut().find(|settlement| settlement.id == id) else { return false };
        if found.state == SettlementState::Failed {
            return false;
        }
        found.state = SettlementState::Failed;
        let lines = found.lines.clone();
        self.changed.insert(Changed::Settlement(id.to_owned()));
        for line in lines {
            let Some(mut payment) = self.payments.get(&line.payment).cloned() else { continue };
            match line.kind.as_str() {
                "payment" => payment.settled = false,
                _ => payment
                    .refunds
                    .iter_mut()
                    .filter(|refund| refund.id == line.id)
                    .for_each(|refund| refund.settled = false),
            }
            self.put(payment);
        }
        true
    }
}
