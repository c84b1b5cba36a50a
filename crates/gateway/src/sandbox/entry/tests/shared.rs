//! What all merchants of a joined sandbox share, and none of them uses up.

use axum::body::Body;
use axum::http::Request;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::*;
use crate::sandbox::controls;
use crate::store::settings;

/// All merchants pay by one payer, on one chain.
#[tokio::test]
async fn a_merchant_cannot_use_up_what_all_share() {
    let two = Two::new("shared").await;
    let person = two.person(ADA, &[(&two.live.shop, Role::Owner)]).await;
    let guest = two.come(&person, &Session::default()).await;
    let head = two.chain.look(|chain| chain.head_number()).await;
    for coin in ["polygon:POL", "polygon:WRONG", "ethereum:USDC", ""] {
        let page = two.sandbox.post("/client/sandbox/coins", &guest, &[("coin", coin), ("amount", "1")]).await;
        assert!(page.status == 422 && page.body.contains("Choose one of these coins"), "{coin}: {}", page.body);
    }
    assert_eq!(two.chain.look(|chain| chain.head_number()).await, head);
    // how often, each merchant for itself
    let bob = two.person("bob@other.example", &[(&two.live.other, Role::Owner)]).await;
    let bob = two.come(&bob, &Session::default()).await;
    let (app, own) = (two.sandbox.app.clone(), two.own.clone());
    let calls = std::num::NonZeroU32::new(20).unwrap();
    let limits = crate::api::limits::PerMinute { per_key: calls, per_ip: calls };
    let parties = (two.sandbox.shop.clone(), two.sandbox.other.clone());
    let slow = Site::on(app.clone(), parties, std::path::PathBuf::new(), |_| {
        desk::routes(&own, crate::server::web(app, limits, Vec::new(), CancellationToken::new()))
    });
    let fields = [("coin", "polygon:USDC"), ("amount", "1"), ("invoice", "1"), ("outcome", "paid")];
    assert_eq!(slow.post("/client/sandbox/coins", &guest, &fields).await.status, 303);
    assert_eq!(slow.post("/client/sandbox/pay", &guest, &fields).await.status, 422);
    for path in ["/client/sandbox/coins", "/client/sandbox/pay"] {
        let page = slow.post(path, &guest, &fields).await;
        assert!(page.status == 429 && page.headers.contains_key("retry-after"), "{path}: {}", page.body);
    }
    assert_eq!(slow.get("/client/sandbox", &guest).await.status, 200);
    assert_eq!(slow.post("/client/sandbox/coins", &bob, &fields).await.status, 303);
}

#[tokio::test]
async fn the_acquirer_tells_of_all_merchants_payments_without_a_limit() {
    let two = Two::new("told").await;
    let inner = controls::inner_routes(two.own.clone());
    let known = two.sandbox.app.store.read(|tx| settings::get(tx, "sandbox_accounts")).await.unwrap().unwrap();
    let account = known.split(' ').next_back().unwrap();
    let post = |account: &str| {
        let request = Request::post(format!("/provider/callbacks/{account}")).body(Body::from("{}")).unwrap();
        let inner = inner.clone();
        async move { inner.oneshot(request).await.unwrap().status().as_u16() }
    };
    // more than an address may in a minute; each is looked at
    for _ in 0..400 {
        assert_eq!(post(account).await, 401);
    }
    assert_eq!(post("acc_none").await, 404);
}

/// Its keys have gas at each start, whatever was used.
#[tokio::test]
async fn the_keys_of_a_sandbox_have_gas_at_each_start() {
    use alloy_primitives::{Address, U256};
    let two = Two::new("gas").await;
    let coin = U256::from(10).pow(U256::from(18));
    let key = Address::repeat_byte(7);
    let start = || {
        two.chain.set_up(|chain, now_s| {
            seed::fund_gas(chain, key).unwrap();
            chain.mine(1, now_s);
            chain.balance(key)
        })
    };
    let first = start().await.unwrap();
    assert!(first >= U256::from(1_000_000) * coin, "{first}");
    assert_eq!(start().await.unwrap(), first, "it has enough");
    let treasury = two.sandbox.app.chains[seed::CHAIN].treasury.as_ref().unwrap().address();
    two.chain.mine(1).await.unwrap();
    assert_eq!(two.chain.look(|chain| chain.balance(treasury)).await, first);
    // as they were funded before, once and with less
    let old = Address::repeat_byte(8);
    let topped_up = two.chain.set_up(|chain, now_s| {
        chain.fund_native(old, 1_000_000_000_000_000_000).unwrap();
        chain.mine(1, now_s);
        seed::fund_gas(chain, old).unwrap();
        chain.mine(1, now_s);
        chain.balance(old)
    });
    assert_eq!(topped_up.await.unwrap(), first);
}
