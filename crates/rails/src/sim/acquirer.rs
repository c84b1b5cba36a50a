//! The sandbox's acquirer and UPI switch: a provider that speaks HTTP and JSON, without network, clock or randomness.
//!
//! [`Acquirer`] is a value. [`Acquirer::handle`] answers a request as a provider's API would; [`Acquirer::act`] is the payer, his
//! bank or the acquirer's staff; [`Acquirer::advance`] lets time pass and names the webhooks to post. Whoever keeps it stores
//! [`Acquirer::changed`] before anybody learns of it, and resumes from what was stored.
//!
//! It takes published test numbers only, and keeps of a card its brand and last four digits. See [`card::TEST_CARDS`].

mod act;
mod agenda;
mod api;
mod behaviour;
pub mod card;
mod create;
mod names;
mod payout;
mod record;
mod refund;
mod settlement;
mod show;
mod time;
mod webhook;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::fmt;

use agenda::Agenda;
use zeroize::Zeroizing;

pub use act::{Act, ActRefused};
pub use api::{Reply, WireRequest};
pub use behaviour::{ANY, Behaviour, Order};
pub use payout::{PAYOUT_AFTER_MILLIS, PayoutState, SimPayout};
pub use record::{Dispute, DisputeState, Method, Payment, Reason, Record, Refund, RefundState, State};
pub use settlement::{SettlementState, SimSettlement};
/// The bodies of its requests.
pub(in crate::sim) mod wire {
    pub(in crate::sim) use super::create::{CardFields, Create};
    pub(in crate::sim) use super::payout::{CreatePayout, PayoutCardFields};
    pub(in crate::sim) use super::refund::CreateRefund;
}
pub use webhook::{Delivery, SIGNATURE_HEADER, sign, verify};

/// Milliseconds after being paid at which a chargeback is opened, or a payment is held, when the behaviour says so.
pub const TROUBLE_AFTER_MILLIS: i64 = 3_000;
/// Milliseconds after which an open dispute is lost.
pub const DISPUTE_LOST_AFTER_MILLIS: i64 = 7 * domain::time::DAY;
/// Milliseconds after which the payer of a UPI payment does what was ordered.
pub const UPI_PAYER_AFTER_MILLIS: i64 = 1_000;
/// Milliseconds between something happening and its webhook, unless ordered otherwise.
pub const WEBHOOK_AFTER_MILLIS: i64 = 300;

/// What an acquirer is set up with.
#[derive(Clone)]
pub struct Settings {
    /// Where its pages are, without a slash at the end.
    pub base_url: String,
    /// What callers must show as bearer token.
    pub api_key: Zeroizing<String>,
    /// Signs its webhooks.
    pub webhook_secret: Zeroizing<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// The acquirer: all its payments.
#[derive(Debug)]
pub struct Acquirer {
    settings: Settings,
    /// By id.
    payments: BTreeMap<String, Payment>,
    /// Their ids, oldest first.
    in_order: Vec<String>,
    /// What was ordered for payments to come, by what they are about.
    orders: BTreeMap<String, VecDeque<Order>>,
    /// Idempotency key to payment id.
    keys: HashMap<String, String>,
    /// The merchant's refund reference to payment id.
    refunds: HashMap<String, String>,
    /// By the merchant's reference.
    payouts: BTreeMap<String, SimPayout>,
    /// To the bank, in the order they were made.
    settlements: Vec<SimSettlement>,
    rrns: HashSet<String>,
    /// When something happens by itself, and when a webhook is due.
    happenings: Agenda,
    webhooks: Agenda,
    changed: BTreeSet<Changed>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Changed {
    Payment(String),
    Orders(String),
    Payout(String),
    Settlement(String),
}

impl Acquirer {
    /// An acquirer with what was stored of it; nothing for a new one.
    pub fn resume(settings: Settings, records: impl IntoIterator<Item = Record>) -> Self {
        let mut acquirer = Self {
            settings,
            payments: BTreeMap::new(),
            in_order: Vec::new(),
            orders: BTreeMap::new(),
            keys: HashMap::new(),
            refunds: HashMap::new(),
            payouts: BTreeMap::new(),
            settlements: Vec::new(),
            rrns: HashSet::new(),
            happenings: Agenda::default(),
            webhooks: Agenda::default(),
            changed: BTreeSet::new(),
        };
        for record in records {
            match record {
                Record::Payment(payment) => acquirer.put(*payment),
                Record::Payout(payout) => acquirer.keep_payout(*payout),
                Record::Settlement(settlement) => acquirer.settlements.push(*settlement),
                Record::Orders { about, orders } => drop(acquirer.orders.insert(about, orders)),
            }
        }
        acquirer.settlements.sort_by_key(|settlement| settlement.seq);
        acquirer.in_order = acquirer.payments.keys().cloned().collect();
        acquirer.in_order.sort_by_key(|id| acquirer.payments.get(id).map(|payment| payment.seq));
        acquirer.changed.clear();
        acquirer
    }

    /// What must be stored now. It stays so until [`Acquirer::stored`].
    pub fn changed(&self) -> Vec<Record> {
        let record = |changed: &Changed| match changed {
            Changed::Payment(id) => self.payments.get(id).cloned().map(Box::new).map(Record::Payment),
            Changed::Payout(reference) => self.payouts.get(reference).cloned().map(Box::new).map(Record::Payout),
            Changed::Settlement(id) => {
                let found = self.settlements.iter().find(|settlement| settlement.id == *id);
                found.cloned().map(Box::new).map(Record::Settlement)
            }
            Changed::Orders(about) => {
                let orders = self.orders.get(about).cloned().unwrap_or_default();
                Some(Record::Orders { about: about.clone(), orders })
            }
        };
        self.changed.iter().filter_map(record).collect()
    }

    /// All of [`Acquirer::changed`] is stored.
    pub fn stored(&mut self) {
        self.changed.clear();
    }

    /// A payment by its id or the merchant's reference.
    pub fn payment(&self, id_or_reference: &str) -> Option<&Payment> {
        self.payments.get(id_or_reference).or_else(|| self.payments.get(&names::payment_id(id_or_reference)))
    }

    /// The newest payments, the newest first.
    pub fn newest(&self, count: usize) -> impl Iterator<Item = &Payment> {
        self.in_order.iter().rev().take(count).filter_map(|id| self.payments.get(id))
    }

    /// Orders how the next payment behaves that is about `about`: its reference, its description, or [`ANY`]. Several orders are
    /// used up one by one.
    pub fn order_next(&mut self, about: &str, order: Order) {
        self.orders.entry(about.to_owned()).or_default().push_back(order);
        self.changed.insert(Changed::Orders(about.to_owned()));
    }

    /// The order for a payment, used up.
    fn take_order(&mut self, reference: &str, description: &str) -> Option<Order> {
        for about in [reference, description, ANY] {
            if let Some(order) = self.orders.get_mut(about).and_then(VecDeque::pop_front) {
                self.changed.insert(Changed::Orders(about.to_owned()));
                return Some(order);
            }
        }
        None
    }

    /// Takes a payment in, new or changed.
    fn put(&mut self, payment: Payment) {
        let id = payment.id.clone();
        self.happenings.set(&id, payment.happenings.iter().map(|happening| happening.at).min());
        self.webhooks.set(&id, payment.webhooks.iter().map(|webhook| webhook.at).min());
        self.keys.insert(payment.key.clone(), id.clone());
        self.refunds.extend(payment.refunds.iter().map(|refund| (refund.reference.clone(), id.clone())));
        self.rrns.extend(payment.rrn.clone());
        self.changed.insert(Changed::Payment(id.clone()));
        if self.payments.insert(id.clone(), payment).is_none() {
            self.in_order.push(id);
        }
    }
}
