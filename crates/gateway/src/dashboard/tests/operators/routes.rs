use domain::AccountId;
use domain::access::Role;
use domain::charge::Method;
use zeroize::Zeroizing;

use super::{BOSS, last_act, operated};
use crate::app::acts::Actor;
use crate::app::providers::desk::add;
use crate::app::providers::{NewAccount, Provider};
use crate::dashboard::tests::Site;
use crate::store::{Tx, provider_accounts};

async fn account(site: &Site, provider: &str, owner: Option<&domain::merchant::Merchant>) -> AccountId {
    let (app, owner) = (site.app.clone(), owner.map(|merchant| merchant.id.clone()));
    let provider = Provider::by_name(provider).unwrap();
    let fields = provider.fields().iter().filter(|field| field.required);
    let fields = fields.map(|field| (field.name.to_owned(), Zeroizing::new("shop@bank".to_owned()))).collect();
    let new = NewAccount { merchant_id: owner, provider, method: provider.method(), base_url: None, fields };
    site.app.store.write(move |tx: &Tx<'_>| add(&app, tx, new.clone(), &Actor("test".into()))).await.unwrap()
}

async fn routed(site: &Site) -> Vec<(Method, String, AccountId)> {
    let rows = site.app.store.read(|tx| provider_accounts::routes(tx, &site.shop.id)).await.unwrap();
    rows.into_iter().map(|row| (row.method, row.currency, row.account_id)).collect()
}

#[tokio::test]
async fn payers_are_sent_where_the_operator_says() {
    let (site, session) = operated("op-routes").await;
    let card = account(&site, "sandbox_card", None).await;
    let own = account(&site, "sandbox_card", Some(&site.shop)).await;
    let (upi, foreign) =
        (account(&site, "sandbox_upi", None).await, account(&site, "own_vpa", Some(&site.other)).await);
    let here = format!("/operator/merchants/{}/routes", site.shop.number);
    let page = site.get(&here, &session).await;
    assert!(page.body.contains("Nobody is sent anywhere") && page.body.contains(own.as_str()), "{}", page.body);
    assert!(!page.body.contains(foreign.as_str()), "another merchant's account is offered");
    let (card, own, upi, foreign) = (card.to_string(), own.to_string(), upi.to_string(), foreign.to_string());
    let nobody = "acc_00000000000000000000000000".to_owned();
    for (accounts, currency, words) in [
        (vec![], "", "Choose an account"),
        (vec![&nobody], "", "is not there"),
        (vec![&card, &nobody], "", "is not there"),
        (vec![&card], "dollars", "is no currency"),
        (vec![&card, &upi], "", "another kind of payment"),
        (vec![&card, &card], "", "is named twice"),
        (vec![&upi], "USD", "takes no"),
        (vec![&foreign], "", "belongs to another merchant"),
    ] {
        let names = ["account-1", "account-2"];
        let mut fields = vec![("act", "set"), ("currency", currency)];
        fields.extend(accounts.iter().zip(names).map(|(id, name)| (name, id.as_str())));
        let page = site.post(&here, &session, &fields).await;
        assert!(page.status == 422 && page.body.contains(words), "{accounts:?} {currency}: {}", page.body);
    }
    assert!(routed(&site).await.is_empty());
    let fields = [("act", "set"), ("currency", ""), ("account-1", own.as_str()), ("account-2", card.as_str())];
    let page = site.post(&here, &session, &fields).await;
    assert_eq!((page.status, page.cookie("lockgate-flash")), (303, Some("flash-routes-set")), "{}", page.body);
    let any = |id: &String| (Method::Card, "*".to_owned(), AccountId::parse(id).unwrap());
    assert_eq!(routed(&site).await, [any(&own), any(&card)]);
    let (who, act, detail) = last_act(&site).await;
    assert_eq!((who.as_str(), act.as_str()), (BOSS, "merchant.routes"));
    assert_eq!(detail, format!("card in *: {own} then {card}, before: none"));
    let page = site.get(&here, &session).await;
    assert!(page.body.find(&own) < page.body.find(&card) && page.body.contains("Every other"), "{}", page.body);
    // in small letters, too; then nobody any more
    site.post(&here, &session, &[("act", "set"), ("currency", "inr"), ("account-3", upi.as_str())]).await;
    assert_eq!(routed(&site).await.len(), 3);
    site.post(&here, &session, &[("act", "clear"), ("method", "card"), ("currency", "*")]).await;
    let upi = (Method::Upi, "INR".to_owned(), AccountId::parse(&upi).unwrap());
    assert_eq!(routed(&site).await, [upi]);
    assert_eq!(last_act(&site).await.2, format!("card in *: none, before: {own} then {card}"));
    // an order of its own stands, be all its accounts off: what is for every other currency is not for this one
    let in_inr = async || {
        let rows = site.app.store.read(|tx| provider_accounts::routed(tx, &site.shop.id, Method::Card, "INR")).await;
        rows.unwrap().into_iter().map(|row| row.id.to_string()).collect::<Vec<_>>()
    };
    site.post(&here, &session, &[("act", "set"), ("currency", ""), ("account-1", card.as_str())]).await;
    site.post(&here, &session, &[("act", "set"), ("currency", "INR"), ("account-1", own.as_str())]).await;
    assert_eq!(in_inr().await, [own.as_str()]);
    let off = AccountId::parse(&own).unwrap();
    site.app.store.write(move |tx| provider_accounts::set_active(tx, &off, false)).await.unwrap();
    assert!(in_inr().await.is_empty());
    let page = site.get(&here, &session).await;
    assert!(page.body.contains(&format!("{own} (Off)")), "{}", page.body);
    site.post(&here, &session, &[("act", "clear"), ("method", "card"), ("currency", "INR")]).await;
    assert_eq!(in_inr().await, [card.as_str()]);
    site.post(&here, &session, &[("act", "clear"), ("method", "card"), ("currency", "*")]).await;
    // no merchant sends his payers anywhere himself
    let owner = site.person("owner@shop.example", None, false, &[(&site.shop, Role::Owner)]).await;
    let owner = site.session(&owner, Some(&site.shop), true).await;
    assert_eq!(site.post(&here, &owner, &[("act", "clear"), ("method", "upi"), ("currency", "INR")]).await.status, 403);
    assert_eq!(routed(&site).await.len(), 1);
}
