//! Invoices that are created without a pause, by several at a time, and what came of each.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::{Answer, Client};

/// One request, asked once: its number is its invoice's `callbackJson`.
#[derive(Debug)]
pub struct Sale {
    pub n: usize,
    pub took: Duration,
    /// What was answered; nothing, where the connection broke.
    pub answer: Option<Answer>,
}

impl Sale {
    pub fn is_acknowledged(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.status == 200 && answer.json()["errorCode"] == 0)
    }

    /// Answered that it was not done, and not merely that nobody knows.
    fn is_refused(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.status >= 500 && answer.body.contains("Nothing was changed."))
    }
}

#[derive(Debug, Default)]
pub struct Load {
    over: AtomicBool,
    next: AtomicUsize,
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
}

impl Load {
    /// Whose requests are numbered from here.
    pub fn from(n: usize) -> Load {
        Load { next: AtomicUsize::new(n), ..Load::default() }
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// So many at a time, until [`Load::end`].
    pub async fn run(&self, client: &Client, lanes: usize) -> Vec<Sale> {
        let lane = |_| async {
            let mut sales = Vec::new();
            while !self.is_over() {
                let sale = create(client, self.next.fetch_add(1, Ordering::SeqCst)).await;
                let count = if sale.is_acknowledged() { &self.acknowledged } else { &self.refused };
                count.fetch_add(1, Ordering::SeqCst);
                if !sale.is_acknowledged() {
                    // whoever is refused does not hammer
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                sales.push(sale);
            }
            sales
        };
        futures_util::future::join_all((0..lanes).map(lane)).await.into_iter().flatten().collect()
    }

    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// How many were acknowledged so far.
    pub async fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// How many were not.
    pub async fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }
}

async fn create(client: &Client, n: usize) -> Sale {
    let sale = serde_json::json!({
        "email": "a@example.com", "amount": "1", "devise": "USD", "payableCurrencies": "USDT_polygon", "callbackJson": n.to_string(),
    });
    let request = client.request(reqwest::Method::POST, "/api/btn-create-invoice/get/");
    let began = Instant::now();
    let answer = client.try_send(request.header("Content-Type", "application/json").body(sale.to_string())).await.ok();
    Sale { n, took: began.elapsed(), answer }
}

/// What is stored, by the numbers of the requests, is what was acknowledged, once each; beside that, at most what nobody knows of.
/// Whoever was refused got a 5xx in the contract's form. How many were acknowledged.
pub fn compare(sales: &[Sale], stored: impl IntoIterator<Item = usize>) -> usize {
    let mut stored: Vec<usize> = stored.into_iter().collect();
    stored.sort_unstable();
    let twice: Vec<_> = stored.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    let is_stored = |sale: &Sale| stored.binary_search(&sale.n).is_ok();
    for sale in sales {
        if let Some(answer) = &sale.answer {
            let in_form = answer.status < 500 || answer.json()["error"].is_string();
            assert!(matches!(answer.status, 200 | 500 | 503) && in_form, "{sale:?}");
        }
        assert!(!sale.is_acknowledged() || is_stored(sale), "acknowledged, and lost: {sale:?}");
        assert!(!sale.is_refused() || !is_stored(sale), "refused, and there all the same: {sale:?}");
    }
    assert!(stored.iter().all(|n| sales.iter().any(|sale| sale.n == *n)), "nobody sent some of {stored:?}");
    sales.iter().filter(|sale| sale.is_acknowledged()).count()
}
