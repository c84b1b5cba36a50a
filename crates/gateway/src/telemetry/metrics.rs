//! The numbers a process counts. They are the process's, so there is one set, made once: to count is an atomic step, to observe a duration
//! a short lock. What is read from rows when somebody asks is in `crate::scrape`.

use std::sync::atomic::AtomicI64;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

/// From a status that is read in memory to a page that asks a provider.
const REQUEST: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// From a disk that is fast to one that is stuck.
const COMMIT: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Other people's servers: up to the longest time that any of them is given.
const OUTSIDE: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// Writes that share a commit; 256 is the most.
const GROUP: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// Makes histograms with given limits.
#[derive(Debug, Clone, Copy)]
pub struct Limits(&'static [f64]);

impl MetricConstructor<Histogram> for Limits {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

pub type Histograms<L> = Family<L, Histogram, Limits>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Route {
    pub route: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    pub route: Arc<str>,
    /// `2xx`.
    pub status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Reached {
    pub subject: &'static str,
    pub status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Payment {
    pub chain: String,
    pub placement: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Charge {
    pub provider: String,
    pub state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Transfer {
    pub kind: &'static str,
    pub end: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    pub outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Provider {
    pub provider: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ProviderCall {
    pub provider: String,
    pub verb: &'static str,
    pub outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Chain {
    pub chain: Arc<str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RpcCall {
    pub chain: Arc<str>,
    pub method: &'static str,
    pub outcome: &'static str,
}

/// Where numbers are reported.
#[derive(Debug)]
pub struct Metrics {
    pub registry: Registry,
    pub requests: Family<Answered, Counter>,
    pub request_durations: Histograms<Route>,
    pub reached: Family<Reached, Counter>,
    pub payments: Family<Payment, Counter>,
    pub charges: Family<Charge, Counter>,
    pub transfers: Family<Transfer, Counter>,
    pub commit_durations: Histogram,
    pub writes_per_commit: Histogram,
    pub groups: Family<Outcome, Counter>,
    pub writes_waiting: Gauge,
    pub provider_calls: Family<ProviderCall, Counter>,
    pub provider_call_durations: Histograms<Provider>,
    pub rpc_calls: Family<RpcCall, Counter>,
    pub rpc_call_durations: Histograms<Chain>,
    pub callbacks: Family<Outcome, Counter>,
    pub callback_durations: Histogram,
    pub mails: Family<Outcome, Counter>,
    pub passed: Counter,
    /// Since when invoices wait here to be passed, in milliseconds; 0 while none does, or another node passes them.
    pub unpassed_since: AtomicI64,
}

impl Metrics {
    fn new() -> Metrics {
        let histograms = |limits: &'static [f64]| Limits(limits);
        let mut metrics = Metrics {
            registry: Registry::default(),
            requests: Family::default(),
            request_durations: Family::new_with_constructor(histograms(&REQUEST)),
            reached: Family::default(),
            payments: Family::default(),
            charges: Family::default(),
            transfers: Family::default(),
            commit_durations: histograms(&COMMIT).new_metric(),
            writes_per_commit: histograms(&GROUP).new_metric(),
            groups: Family::default(),
            writes_waiting: Gauge::default(),
            provider_calls: Family::default(),
            provider_call_durations: Family::new_with_constructor(histograms(&OUTSIDE)),
            rpc_calls: Family::default(),
            rpc_call_durations: Family::new_with_constructor(histograms(&OUTSIDE)),
            callbacks: Family::default(),
            callback_durations: histograms(&OUTSIDE).new_metric(),
            mails: Family::default(),
            passed: Counter::default(),
            unpassed_since: AtomicI64::new(0),
        };
        metrics.register();
        metrics
    }

    /// Counters get their `_total` and durations their `_seconds` from the registry.
    fn register(&mut self) {
        let (mut registry, seconds) = (Registry::with_prefix("lockgate"), || Unit::Seconds);
        let r = &mut registry;
        r.register("http_requests", "Requests that were answered", self.requests.clone());
        let help = "From a request's head to its answer's head";
        r.register_with_unit("http_request_duration", help, seconds(), self.request_durations.clone());
        let help = "Invoices, funds and payments out that reached a status, as the merchant is told";
        r.register("reached", help, self.reached.clone());
        r.register(
            "payments",
            "Payments seen on a chain, by how they count towards their invoice",
            self.payments.clone(),
        );
        r.register("charges", "Charges at providers that reached a state", self.charges.clone());
        r.register("transfers", "Money out: decided, and how it ended", self.transfers.clone());
        let help = "From a group's BEGIN to its end";
        r.register_with_unit("store_commit_duration", help, seconds(), self.commit_durations.clone());
        r.register("store_writes_per_commit", "Writes that shared a commit", self.writes_per_commit.clone());
        r.register("store_groups", "Groups of writes by their end", self.groups.clone());
        r.register("store_writes_waiting", "Writes that are not answered yet", self.writes_waiting.clone());
        r.register("provider_calls", "Calls to payment providers", self.provider_calls.clone());
        let help = "Calls to payment providers, from connecting to the answer's last byte";
        r.register_with_unit("provider_call_duration", help, seconds(), self.provider_call_durations.clone());
        r.register("rpc_calls", "Questions to chains' nodes", self.rpc_calls.clone());
        let help = "Questions to chains' nodes, over all endpoints that were tried";
        r.register_with_unit("rpc_call_duration", help, seconds(), self.rpc_call_durations.clone());
        r.register("callbacks", "Callbacks to merchants", self.callbacks.clone());
        let help = "Callbacks to merchants, from connecting to the start of the answer";
        r.register_with_unit("callback_duration", help, seconds(), self.callback_durations.clone());
        r.register("mails", "Mails handed to the mail server, or not", self.mails.clone());
        let help = "Invoices that can be searched for and are in the figures since";
        r.register("invoices_passed", help, self.passed.clone());
        let info = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        r.register("build", "The program", info);
        self.registry = registry;
    }

    /// A call to a payment provider.
    pub fn asked_provider(&self, provider: &str, verb: &'static str, outcome: &'static str, took: Duration) {
        let provider = || provider.to_owned();
        self.provider_calls.get_or_create(&ProviderCall { provider: provider(), verb, outcome }).inc();
        let durations = self.provider_call_durations.get_or_create(&Provider { provider: provider() });
        durations.observe(took.as_secs_f64());
    }

    /// A question to a chain's node.
    pub fn asked_chain(&self, chain: &Arc<str>, method: &'static str, outcome: &'static str, took: Duration) {
        self.rpc_calls.get_or_create(&RpcCall { chain: chain.clone(), method, outcome }).inc();
        self.rpc_call_durations.get_or_create(&Chain { chain: chain.clone() }).observe(took.as_secs_f64());
    }

    /// A callback to a merchant.
    pub fn called_back(&self, outcome: &'static str, took: Duration) {
        self.callbacks.get_or_create(&Outcome { outcome }).inc();
        self.callback_durations.observe(took.as_secs_f64());
    }

    /// A group of writes: `committed`, `rerun` (each goes by itself now), or `failed`.
    pub fn group_ended(&self, outcome: &'static str, writes: usize, took: Duration) {
        self.groups.get_or_create(&Outcome { outcome }).inc();
        self.commit_durations.observe(took.as_secs_f64());
        if outcome == "committed" {
            self.writes_per_commit.observe(f64::from(u32::try_from(writes).unwrap_or(u32::MAX)));
        }
    }
}

/// As long as it lives, a write waits.
#[derive(Debug)]
pub struct Waiting(());

impl Waiting {
    pub fn begin() -> Waiting {
        METRICS.writes_waiting.inc();
        Waiting(())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        METRICS.writes_waiting.dec();
    }
}
