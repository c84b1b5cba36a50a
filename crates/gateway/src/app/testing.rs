//! What tests of use cases begin with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::Address;
use domain::asset::{Asset, Kind};
use domain::attempt::Attempt;
use domain::card::CardNumber;
use domain::charge::{Charge, Method, Money, Settle};
use domain::coin_refund::Source;
use domain::confirmations::ConfirmationPolicy;
use domain::fee::BasisPoints;
use domain::ledger::{EntryRate, Owner};
use domain::merchant::{Merchant, Wallet};
use domain::payment::{Finality, OnChain, Payment, Placement};
use domain::rate::Rate;
use domain::{AccountId, AttemptId, ChargeId, PaymentId, RefundId, TransferId, Units};
use rails::evm::rpc::RpcClient;
use rails::evm::sign::GasKey;
use rails::provider::{Answer, Device, Memory, Outcome, Proof};

use super::acts::Actor;
use super::chains::{Addresses, Caps, Chain, FlushPolicy, Signer, Treasury};
use super::charges::record;
use super::invoices::{NewInvoice, create};
use super::merchants::{NewMerchant, Office};
use super::payouts::{self, NewPayment};
use super::providers::{NewAccount, Provider, Providers};
use super::rates::RateBook;
use super::transfers::{NewTransfer, Rail, reserve};
use super::{App, CardIntake, SharedApp, Wake};
use crate::clock::Clock;
use crate::net::{guard::Policy, plain};
use crate::random::Random;
use crate::secrets::MasterKey;
use crate::store::charges::{self, ChargeRow};
use crate::store::coin_refunds::{self, CoinRefundRow};
use crate::store::funds::{self, FundRow, State};
use crate::store::leases::{self, Lease};
use crate::store::merchants::{self, PayoutRules};
use crate::store::payments::{self, PaymentRow};
use crate::store::provider_accounts::{self, AccountRow};
use crate::store::{Store, StoreError, Tx, attempts, invoices, ledger, settings};
use crate::wire::create::{CreateRequest, Devise, Flow};
use crate::wire::payout::request::SendPayment;

/// A wish for an invoice whose payer chooses how to pay, with nothing else said.
pub fn new_invoice(email: &str, amount_minor: u128, devise: Devise) -> NewInvoice {
    let request = CreateRequest {
        flow: Flow::Hosted { only: None, payable_currency: None },
        email: email.into(),
        amount_minor,
        devise,
        name: None,
        phone: None,
        customer_ip: None,
        country: None,
        personal_id: None,
        billing: None,
        success_url: None,
        cancel_url: None,
        pending_url: None,
        failure_url: None,
        callback_json: None,
        solution_name: None,
    };
    NewInvoice { request, asset: None, solution: None, direct: false, card: None, idempotency: None }
}

/// An app without chains on an empty database, its clock standing still, and a merchant.
pub async fn app(name: &str, wallet: Wallet) -> (SharedApp, Merchant) {
    let dir = std::env::temp_dir().join(format!("lockgate-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    app_on(crate::store::testing::store(&dir), wallet, Random::seeded(7)).await
}

/// As [`app`], on a database that others may be using.
pub async fn app_on(store: Store, wallet: Wallet, random: Random) -> (SharedApp, Merchant) {
    let (clock, master_key) = (Clock::manual(1_700_000_000_000), MasterKey::new([1; 32]));
    let office = Office { clock: clock.clone(), random: random.clone(), master_key: master_key.clone() };
    let new = NewMerchant {
        name: "Shop".into(),
        email: "shop@example.com".into(),
        wallet,
        fee: BasisPoints::new(100).unwrap(),
        min_amount: Units(1),
        max_amount: Units(1_000_000),
        s2s: false,
        callback_url: None,
    };
    let (merchant, _) = store.write(move |tx| office.create(tx, new)).await.unwrap();
    let app = App {
        store,
        clock,
        random,
        master_key,
        policy: Policy::Sandbox,
        sandbox: true,
        base_url: "http://127.0.0.1".into(),
        assets: Vec::new(),
        chains: HashMap::new(),
        rates: RateBook::default(),
        providers: Providers::new(plain::client().unwrap()),
        cards: CardIntake::ProviderOnly,
        settlement_coin: None,
        default_fee: domain::fee::BasisPoints::default(),
        operator_email: None,
        payee_wait_millis: crate::config::DEFAULT_PAYEE_WAIT_MILLIS,
        page_key: [3; 32],
        switch: None,
        wake: Wake::default(),
    };
    (Arc::new(app), merchant)
}

/// A node that follows the chain from now on.
pub async fn follows(app: &SharedApp, node: &'static str) -> Lease {
    let now = app.now();
    app.store.write(move |tx| leases::take(tx, "follow", node, Some(node), now, now)).await.unwrap().unwrap()
}

/// A coin refund of 5 units that is set aside; nobody drives it on.
pub async fn reserved(app: &SharedApp, merchant: &Merchant, needs_approval: bool) -> TransferId {
    let (worker, merchant) = (app.clone(), merchant.id.clone());
    let reserve = move |tx: &Tx<'_>| {
        let new = NewTransfer {
            merchant,
            kind: domain::transfer::Kind::CoinRefund,
            subject: "1".into(),
            invoice_number: None,
            taken_from: domain::ledger::Kind::Parked,
            asset: "USDT_polygon".into(),
            units: Units(5),
            rail: Rail::Chain("polygon".into()),
            destination: "0x0101010101010101010101010101010101010101".into(),
            needs_approval,
        };
        Ok::<_, StoreError>(reserve(&worker, tx, new)?.id)
    };
    app.store.write(reserve).await.unwrap()
}

/// A UPI payment of 850.00 INR that is paid at an account of the operator's, and held back there, or not.
pub async fn charged(app: &SharedApp, merchant: &Merchant, held: bool) -> ChargeRow {
    create(app, Arc::new(merchant.clone()), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let row = begun(app, merchant, 1_000, None).await;
    says_paid(app, &row, held, None).await
}

/// As [`charged`], at an account of the merchant's own.
pub async fn charged_own(app: &SharedApp, merchant: &Merchant) -> ChargeRow {
    create(app, Arc::new(merchant.clone()), new_invoice("payer@example.com", 1_000, Devise::Usd)).await.unwrap();
    let row = begun_at(app, merchant, 1_000, None, Owner::Merchant).await;
    says_paid(app, &row, false, None).await
}

/// A charge of 850.00 INR for so much of the latest invoice, at an account of the operator's. Nobody has answered yet.
pub async fn begun(app: &SharedApp, merchant: &Merchant, due_minor: u128, settle: Option<Settle>) -> ChargeRow {
    begun_at(app, merchant, due_minor, settle, Owner::Operator).await
}

async fn begun_at(
    app: &SharedApp,
    merchant: &Merchant,
    due_minor: u128,
    settle: Option<Settle>,
    owner: Owner,
) -> ChargeRow {
    let (worker, merchant) = (app.clone(), merchant.clone());
    let begin = move |tx: &Tx<'_>| {
        let app = &*worker;
        let office = Office::of(app);
        let text = |text: &str| zeroize::Zeroizing::new(text.to_owned());
        let fields = ["api_key", "webhook_secret"].map(|name| (name.to_owned(), text("kept-secret")));
        let provider = Provider::by_name("sandbox_upi").unwrap();
        let new = NewAccount {
            merchant_id: (owner == Owner::Merchant).then(|| merchant.id.clone()),
            provider,
            method: provider.method(),
            base_url: Some("http://127.0.0.1:1".into()),
            fields: fields.into(),
        };
        let (account_id, now) = (office.add_account(tx, new).unwrap(), app.now());
        let charge = Charge {
            id: ChargeId::new(app.ulid()),
            account_id,
            owner,
            provider: provider.name().into(),
            method: provider.method(),
            asked: Money { units: Units(85_000), currency: "INR".into() },
            due_minor: Units(due_minor),
            rate: None,
            settle,
            fee: merchant.fee,
            created_at: now,
            expires_at: now.plus(domain::time::DAY),
            state: domain::charge::State::Created,
            received: None,
            placement: None,
            held: false,
            round: 0,
        };
        let number = invoices::latest_number(tx, &merchant.id)?.unwrap_or(0);
        let row = ChargeRow::begun(merchant.id.clone(), number, charge, Device::Other);
        charges::insert(tx, &row)?;
        Ok::<_, StoreError>(row)
    };
    app.store.write(begin).await.unwrap()
}

/// The provider says that a charge is paid, whether it holds the money back, and what was given back there.
pub async fn says_paid(app: &SharedApp, row: &ChargeRow, held: bool, refunded: Option<Units>) -> ChargeRow {
    says(app, row, row.charge.asked.clone(), held, refunded).await
}

/// The provider says so, and how much was taken.
pub async fn says(app: &SharedApp, row: &ChargeRow, taken: Money, held: bool, refunded: Option<Units>) -> ChargeRow {
    let (worker, merchant, id) = (app.clone(), row.merchant_id.clone(), row.charge.id.clone());
    let say = move |tx: &Tx<'_>| {
        let mut row = charges::existing(tx, &merchant, &id)?;
        let Money { units: amount, currency } = taken;
        let proof = Proof { amount, currency, rrn: None, card: None, held, reversed: false, refunded };
        let answer = Answer { reference: None, memory: Memory::new(), outcome: Outcome::Final(Box::new(proof)) };
        record::answer(&worker, tx, &mut row, answer, record::Asked::Sync, worker.now())?;
        charges::existing(tx, &merchant, &id)
    };
    app.store.write(say).await.unwrap()
}

/// A coin.
pub fn tether() -> Asset {
    Asset {
        code: "USDT_polygon".into(),
        symbol: "USDT".into(),
        chain: "polygon".into(),
        name: "Tether USD".into(),
        kind: Kind::Token([0x70; 20]),
        decimals: 6,
        at_par: true,
        payable: true,
        aliases: Vec::new(),
    }
}

/// A chain that no node answers for, with a treasury: 100 coins a day, 60 in one transfer; final after 3 blocks.
pub fn polygon() -> Chain {
    let key = GasKey::from_hex(&"46".repeat(32)).unwrap();
    Chain {
        name: "polygon".into(),
        title: "Polygon".into(),
        chain_id: 137,
        rpc: RpcClient::new(Vec::new(), plain::client().unwrap(), Duration::from_secs(1)),
        confirmations: ConfirmationPolicy::new(Vec::new(), 3).unwrap(),
        assets: vec![tether()],
        gas_key: None,
        treasury: Some(Treasury { signer: Signer::Hot(key), caps: Caps { daily: 100, transfer: 60 }, allow: None }),
        fee_wallet: Address::repeat_byte(2),
        flush: FlushPolicy { at_once_minor: 0, after_millis: 0, max_fee_per_gas: 1, bump_after_millis: 1 },
        explorer_tx_url: None,
        addresses: Addresses::default(),
        health: Mutex::default(),
    }
}

/// As [`app`], with [`polygon`] and what its treasury holds.
pub async fn app_with_treasury(name: &str) -> (SharedApp, Merchant) {
    let (mut app, merchant) = app(name, Wallet::Missing).await;
    Arc::get_mut(&mut app).unwrap().chains.insert("polygon".into(), polygon());
    super::treasury::wallets::look_at_configured(&app, 0).await.unwrap();
    (app, merchant)
}

/// So many units of [`tether`] came for an invoice, finally, to a wallet that nobody has the key of.
pub async fn coins_came(app: &SharedApp, merchant: &Merchant, invoice: i64, units: u128) {
    let (worker, id, fee) = (app.clone(), merchant.id.clone(), merchant.fee);
    let come = move |tx: &Tx<'_>| {
        let (now, coin) = (worker.now(), tether());
        let attempt = Attempt {
            id: AttemptId::new(worker.ulid()),
            asset: coin.code.clone(),
            chain: coin.chain.clone(),
            address: worker.random.token_bytes(),
            salt: worker.random.token_bytes(),
            merchant_wallet: [0x31; 20],
            fee_wallet: [2; 20],
            fee,
            due_minor: Units(units / 10_000),
            due_units: Units(units),
            rate: Rate { price: "1".parse().unwrap(), source: "the test".into(), at: now },
            at_par: true,
            quote_expires_at: now,
            created_at: now,
        };
        attempts::insert(tx, &id, invoice, &attempt)?;
        let hash = || format!("0x{}", hex::encode(worker.random.token_bytes::<32>()));
        let on_chain = OnChain {
            chain: coin.chain,
            tx_hash: hash(),
            log_index: 0,
            block_number: 1,
            block_hash: hash(),
            block_time: now,
        };
        let payment = Payment {
            id: PaymentId::new(worker.ulid()),
            attempt_id: attempt.id,
            on_chain,
            asset: coin.code,
            units: Units(units),
            finality: Finality::Final,
            placement: Placement::Credited,
            flushed_by: None,
            round: 1,
        };
        let sender = "0x0404040404040404040404040404040404040404".into();
        payments::insert(tx, &PaymentRow { merchant_id: id, invoice_number: invoice, sender, seen_at: now, payment })
    };
    app.store.write(come).await.map_err(|error: StoreError| error).unwrap();
}

/// A refund of 5 units of [`tether`] from the merchant's own wallet, whose link nobody has.
pub async fn asked_back(app: &SharedApp, merchant: &Merchant, invoice: i64) -> RefundId {
    let (worker, merchant) = (app.clone(), merchant.id.clone());
    let ask = move |tx: &Tx<'_>| {
        let (now, coin) = (worker.now(), tether());
        let row = CoinRefundRow {
            merchant_id: merchant,
            id: RefundId::new(worker.ulid()),
            invoice_number: invoice,
            asset: coin.code,
            chain: coin.chain,
            units: Units(5),
            source: Source::MerchantWallet,
            wallet: Address::repeat_byte(0x31).to_string(),
            state: domain::coin_refund::State::Asked,
            token_hash: hex::encode(worker.random.token_bytes::<32>()),
            link_ends: now.plus(super::coin_refunds::LINK_MILLIS),
            destination: None,
            confirmed_at: None,
            transfer_id: None,
            funding: None,
            tx_hash: None,
            log_index: None,
            note: None,
            created_at: now,
            changed_at: now,
            version: 1,
        };
        coin_refunds::insert(tx, &row)?;
        Ok::<_, StoreError>(row.id)
    };
    app.store.write(ask).await.unwrap()
}

/// A fund of 1,000 USDC that is credited with 920 EUR, with this as its merchant's own words. Answers its number.
pub async fn funded(app: &SharedApp, merchant: &Merchant, own_data: &str) -> i64 {
    let (worker, id, own_data) = (app.clone(), merchant.id.clone(), own_data.to_owned());
    let fund = move |tx: &Tx<'_>| {
        let (now, number) = (worker.now(), settings::next_number(tx, "fund")?);
        let mut row = FundRow {
            merchant_id: id.clone(),
            number,
            asset: "USDC_polygon".into(),
            chain: "polygon".into(),
            units: Units(1_000_000_000),
            tx_hash: format!("0x{number:064x}"),
            merchant_data: Some(own_data),
            state: State::Pending,
            failed_reason: None,
            rate: EntryRate { price: "0.92".into(), source: "the test".into(), at: now },
            gross: Units(92_000),
            spread: Units::ZERO,
            left: Units::ZERO,
            created_at: now,
            status_at: now,
            credited_at: None,
            due_at: Some(now),
            deadline_at: now,
            last_event: 0,
            version: 1,
        };
        funds::insert(tx, &row)?;
        let entry = domain::fund_books::credited(&super::funds::funded(&row), now);
        ledger::enter(tx, &id, &entry.map_err(|error| StoreError::Inconsistent(error.to_string()))?)?;
        (row.state, row.left, row.credited_at, row.due_at) = (State::Success, Units(92_000), Some(now), None);
        funds::update(tx, &mut row, State::Pending)?;
        Ok::<_, StoreError>(number)
    };
    app.store.write(fund).await.unwrap()
}

/// A payment of so many cents to a card, out of a new fund; of 5 EUR or more a second person has to approve. Answers its number.
pub async fn paid_out(app: &SharedApp, merchant: &Merchant, asked_by: &str, minor: u128) -> i64 {
    funded(app, merchant, "").await;
    pays_out(app, merchant, Some(Units(499))).await;
    let request = SendPayment {
        minor,
        first_name: asked_by.into(),
        last_name: "smith".into(),
        expiry: "04/2035".into(),
        shown: "4242XXXXXXXX4242".into(),
        merchant_data: Some(asked_by.into()),
    };
    let card = CardNumber::parse("4242424242424242").unwrap();
    let new = NewPayment { request, card, idempotency: None, asked_by: Actor(asked_by.into()) };
    let answer = payouts::send(app, merchant.clone(), new).await.unwrap();
    serde_json::from_str::<serde_json::Value>(&answer).unwrap()["payment_id"].as_i64().unwrap()
}

/// Payments to cards are set up; nobody here is ever asked for one. Above `approval_above` cents a second person has to approve.
pub async fn pays_out(app: &SharedApp, merchant: &Merchant, approval_above: Option<Units>) {
    let (id, account, now) = (merchant.id.clone(), AccountId::new(ulid::Ulid(11)), app.now());
    let set_up = move |tx: &Tx<'_>| {
        let rules = merchants::payout_rules(tx, &id)?;
        merchants::set_payout_rules(tx, &id, &PayoutRules { approval_above, ..rules })?;
        if provider_accounts::by_id(tx, &account)?.is_some() {
            return Ok(());
        }
        let row = AccountRow {
            id: account,
            merchant_id: None,
            provider: "sandbox_card".into(),
            method: Method::Payout,
            owner: Owner::Operator,
            base_url: "http://127.0.0.1:1".into(),
            settings: "{}".into(),
            sealed: String::new(),
            active: true,
            created_at: now,
        };
        provider_accounts::insert(tx, &row)
    };
    app.store.write(set_up).await.unwrap();
}
