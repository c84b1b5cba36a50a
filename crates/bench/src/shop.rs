//! A gateway's insides without HTTP: the use cases on a database of their own, with one merchant.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use domain::fee::BasisPoints;
use domain::merchant::{Merchant, Wallet};
use domain::{MerchantId, Units};
use gateway::app::merchants::{NewMerchant, Office};
use gateway::app::providers::Providers;
use gateway::app::rates::RateBook;
use gateway::app::{App, CardIntake, SharedApp, Wake, page_key};
use gateway::clock::Clock;
use gateway::net::guard::Policy;
use gateway::random::Random;
use gateway::secrets::MasterKey;
use gateway::store::{Database, Store, StoreError, merchants};

use crate::Fail;

#[derive(Debug)]
pub struct Shop {
    pub app: SharedApp,
    pub merchant: Merchant,
}

/// Opens a new shop in `data`, with a merchant like the sandbox's.
pub async fn open(data: &Path, callback_url: Option<String>) -> Result<Shop, Fail> {
    let store = Store::open(&Database::File(data.join("shop.db")))?;
    let (clock, random) = (Clock::system(), Random::system());
    let master_key = MasterKey::new(random.token_bytes());
    let office = Office { clock: clock.clone(), random: random.clone(), master_key: master_key.clone() };
    let new = NewMerchant {
        name: "Bench shop".into(),
        email: "merchant@bench.example".into(),
        wallet: Wallet::Active("0x00000000000000000000000000000000000000b1".into()),
        fee: BasisPoints::new(100)?,
        min_amount: Units(1),
        max_amount: Units(1_000_000_000),
        s2s: true,
        callback_url,
    };
    let (merchant, _key) = store.write(move |tx| office.create(tx, new)).await?;
    let app = App {
        sandbox: true,
        page_key: page_key(&store, &random).await?,
        store,
        clock,
        random,
        master_key,
        policy: Policy::Sandbox,
        base_url: "http://127.0.0.1:8080".into(),
        assets: Vec::new(),
        chains: HashMap::new(),
        rates: RateBook::fixed([]),
        providers: Providers::new(gateway::net::plain::client()?),
        cards: CardIntake::ProviderOnly,
        settlement_coin: None,
        default_fee: BasisPoints::default(),
        operator_email: None,
        payee_wait_millis: gateway::config::DEFAULT_PAYEE_WAIT_MILLIS,
        switch: None,
        wake: Wake::default(),
    };
    Ok(Shop { app: Arc::new(app), merchant })
}

/// The only merchant of a database.
pub async fn merchant_of(store: &Store) -> Result<MerchantId, Fail> {
    let merchants = store.read::<_, StoreError>(merchants::list).await?;
    Ok(merchants.into_iter().next().ok_or("the database has no merchant")?.id)
}
