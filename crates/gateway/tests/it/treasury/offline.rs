//! What is signed on another machine: out as a file, back as a file, and onto the chain.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use domain::TransferId;
use domain::transfer::State;
use gateway::sandbox::TREASURY_PASSPHRASE;
use gateway::store::{chain_txs, treasury_moves};
use rails::evm::bundle::{self, Signed, Unsigned};
use rails::evm::fees::Fees;
use rails::evm::keystore;
use rails::evm::sign::{GasKey, TxRequest};
use serde_json::json;

use super::{Beside, PAYER, assert_received, beside};
use crate::harness::{Chain, Sandbox, wait_until};

pub const OFFLINE: &[(&str, &str)] = &[("--treasury", "offline")];
const PASSPHRASE: (&str, &str) = ("LOCKGATE_TREASURY_PASSPHRASE", TREASURY_PASSPHRASE);

/// The operator at the gateway's machine, and at the other one.
pub struct Desk<'a>(pub &'a Sandbox);

impl Desk<'_> {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.dir.join(name)
    }

    fn arg(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn export_as(&self, name: &str, more: &[&str], environment: &[(&str, &str)]) -> Output {
        let file = self.arg(name);
        self.0.run_with(&[&["treasury", "export", "--out", &file], more].concat(), environment)
    }

    /// Gives out, and reads the file.
    pub fn export(&self, name: &str, more: &[&str]) -> Unsigned {
        let output = self.export_as(name, more, &[]);
        assert!(output.status.success(), "{output:?}");
        self.unsigned(name)
    }

    fn unsigned(&self, name: &str) -> Unsigned {
        bundle::read_unsigned(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    fn sign_as(&self, from: &str, to: &str, more: &[&str]) -> Output {
        let (from, to, key) = (self.arg(from), self.arg(to), self.arg("treasury-1.json"));
        let arguments = ["sign", "--bundle", &from, "--key-file", &key, "--out", &to];
        Sandbox::run_apart(&[&arguments[..], more].concat(), &[PASSPHRASE])
    }

    /// Signs; what the signer read.
    pub fn sign(&self, from: &str, to: &str) -> String {
        let output = self.sign_as(from, to, &["--yes"]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn import(&self, name: &str) -> Output {
        self.0.run(&["treasury", "import", "--bundle", &self.arg(name)])
    }

    pub fn imported(&self, name: &str) -> String {
        let output = self.import(name);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, name: &str) -> String {
        let output = self.import(name);
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    fn key(&self) -> GasKey {
        keystore::open(&self.path("treasury-1.json"), TREASURY_PASSPHRASE).unwrap()
    }

    fn write(&self, name: &str, signed: &Signed) {
        std::fs::write(self.path(name), serde_json::to_string(signed).unwrap()).unwrap();
    }

    /// As somebody who has the signed file and a node.
    async fn broadcast(&self, name: &str) {
        let signed = bundle::read_signed(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap();
        for raw in signed.transactions {
            Chain::of(self.0).call("eth_sendRawTransaction", json!([raw.to_string()])).await;
        }
        self.0.client.mine(5).await;
    }
}

async fn bytes_of(beside: &Beside, id: &TransferId) -> usize {
    let row = beside.transfer(id).await;
    let (sender, nonce) = (row.sender.unwrap(), row.nonce.unwrap());
    let read = beside.app.store.read(|tx| {
        let sent = chain_txs::by_nonce(tx, "polygon", &sender, nonce)?.unwrap();
        chain_txs::bytes(tx, &sent)
    });
    read.await.unwrap().len()
}

#[tokio::test]
async fn out_signed_and_back() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let first = beside.refund(5_250_000, PAYER).await;
    let second = beside.refund(1, PAYER).await;
    let too_much = beside.refund(100_000_000_001, PAYER).await;
    let file = desk.export("out.json", &[]);
    assert_eq!(std::fs::metadata(desk.path("out.json")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        file.transfers.iter().map(|one| (one.nonce, one.amount.as_str())).collect::<Vec<_>>(),
        [(0, "5.25"), (1, "0.000001")]
    );
    assert!(beside.parked(&too_much).await.contains("more than the treasury's cap of 100000 a transfer"));
    for (id, nonce) in [(&first, 0), (&second, 1)] {
        let row = beside.transfer(id).await;
        assert_eq!((row.state, row.nonce, row.sent_at.is_some()), (State::Signing, Some(nonce), true));
    }
    let shown = sandbox.said(&["treasury", "show"]);
    assert!(shown.contains("signed for offline") && shown.contains("nonce 1: out to be signed"), "{shown}");
    assert!(shown.contains("sent today (UTC): 5.250001 of 500000"), "{shown}");
    assert!(sandbox.said(&["transfers", "list"]).contains("waiting to be signed"));
    // what is there is not overwritten, and nothing new is out
    let again = desk.export_as("out.json", &["--again"], &[]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("not overwritten"), "{again:?}");
    let nothing = desk.export_as("none.json", &[], &[]);
    assert!(String::from_utf8_lossy(&nothing.stdout).contains("Nothing is due. 2 are out already"), "{nothing:?}");
    assert!(!desk.path("none.json").exists());
    assert_eq!(desk.export("again.json", &["--again"]), file);

    let asked = desk.sign_as("out.json", "signed.json", &[]);
    assert!(!asked.status.success() && String::from_utf8_lossy(&asked.stderr).contains("add --yes"), "{asked:?}");
    assert!(!desk.path("signed.json").exists());
    let read = desk.sign("out.json", "signed.json");
    assert!(read.contains("Sum: 5.250001 USDC_polygon in 2 transfers") && read.contains(PAYER), "{read}");
    assert!(read.contains("does not know the contract"), "{read}");

    assert!(desk.imported("signed.json").contains("2 signed transactions are stored"));
    let done = beside.becomes(&first, State::Done).await;
    beside.becomes(&second, State::Done).await;
    assert!(done.tx_hash.is_some() && done.round == 1, "{done:?}");
    assert!(desk.imported("signed.json").contains("0 signed transactions are stored"), "the same again");
    assert_received(&sandbox, 5_250_001).await;
    let log = sandbox.said(&["log"]);
    assert!(
        log.contains("treasury.export treasury polygon") && log.contains("treasury.import treasury polygon"),
        "{log}"
    );
    let third = beside.refund(2, PAYER).await;
    desk.export("third.json", &[]);
    assert_eq!(beside.transfer(&third).await.nonce, Some(2));
}

#[tokio::test]
async fn whatever_is_changed_is_refused_and_nothing_is_stored() {
    type Change = fn(&mut Unsigned);
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let ids = [beside.refund(5_000_000, PAYER).await, beside.refund(6_000_000, PAYER).await];
    let file = desk.export("out.json", &[]);
    let changes: [(&str, Change); 8] = [
        ("receiver or amount is", |b| {
            (b.transfers[1].units, b.transfers[1].amount) = ("6000001".into(), "6.000001".into());
        }),
        ("receiver or amount is", |b| {
            b.transfers[1].receiver = "0x1111111111111111111111111111111111111111".parse().unwrap()
        }),
        ("contract is", |b| b.transfers[1].token = "0x1111111111111111111111111111111111111111".parse().unwrap()),
        ("nonce 7 was not asked for", |b| b.transfers[1].nonce = 7),
        ("nonce 0 was not asked for, or is there twice", |b| b.transfers[1].nonce = 0),
        ("gas limit is", |b| b.transfers[1].gas_limit += 1),
        ("gas price is", |b| b.transfers[1].max_fee = "1".into()),
        ("it is for chain 1, which is not configured", |b| b.chain_id = 1),
    ];
    for (words, change) in changes {
        let mut other = file.clone();
        change(&mut other);
        // the first one is as it went out, and is not taken either
        desk.write("changed.json", &bundle::sign(&other, &desk.key()).unwrap());
        let refused = desk.refused("changed.json");
        assert!(refused.contains(words), "{words}: {refused}");
    }
    let mut other = bundle::sign(&Unsigned { chain_id: 1, ..file.clone() }, &desk.key()).unwrap();
    other.chain_id = file.chain_id;
    desk.write("changed.json", &other);
    assert!(desk.refused("changed.json").contains("chain id is 1, and 31337 went out"));
    let stranger = GasKey::from_hex(&"46".repeat(32)).unwrap();
    desk.write(
        "changed.json",
        &bundle::sign(&Unsigned { wallet: stranger.address(), ..file.clone() }, &stranger).unwrap(),
    );
    let refused = desk.refused("changed.json");
    assert!(refused.contains(&format!("signer is {}, and {} went out", stranger.address(), file.wallet)), "{refused}");
    for id in &ids {
        assert_eq!((beside.transfer(id).await.state, bytes_of(&beside, id).await), (State::Signing, 0));
    }
    // words that are not the bytes are not even signed
    let mut lying = file;
    lying.transfers[1].units = "60000000".into();
    std::fs::write(desk.path("lying.json"), serde_json::to_string(&lying).unwrap()).unwrap();
    let refused = desk.sign_as("lying.json", "signed.json", &["--yes"]);
    let words = "amount says 6, and 60 would be signed";
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains(words), "{refused:?}");
    assert_received(&sandbox, 0).await;
}

#[tokio::test]
async fn killed_between_the_steps() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let id = beside.refund(4_000_000, PAYER).await;
    let killed = desk.export_as("out.json", &[], &[("LOCKGATE_CRASH_AT", "export.after_store")]);
    assert!(!killed.status.success() && !desk.path("out.json").exists(), "{killed:?}");
    assert_eq!(beside.transfer(&id).await.state, State::Signing);
    let file = desk.export("out.json", &["--again"]);
    assert_eq!(file.transfers.len(), 1);
    desk.sign("out.json", "signed.json");
    let signed = desk.arg("signed.json");
    let crash = [("LOCKGATE_CRASH_AT", "import.after_store")];
    let killed = sandbox.run_with(&["treasury", "import", "--bundle", &signed], &crash);
    assert!(!killed.status.success(), "{killed:?}");
    let done = beside.becomes(&id, State::Done).await;
    assert_eq!((done.nonce, done.round), (Some(0), 1));
    desk.imported("signed.json");
    assert_received(&sandbox, 4_000_000).await;
}

#[tokio::test]
async fn sent_by_somebody_who_did_not_bring_it() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    // what the treasury is filled with is not to be taken back with them
    sandbox.client.mine(3).await;
    let ids = [beside.refund(3_000_000, PAYER).await, beside.refund(3_000_000, PAYER).await];
    desk.export("out.json", &[]);
    desk.sign("out.json", "signed.json");
    desk.broadcast("signed.json").await;
    for (id, nonce) in ids.iter().zip(0..) {
        let done = beside.becomes(id, State::Done).await;
        assert_eq!((done.nonce, done.round, bytes_of(&beside, id).await), (Some(nonce), 1, 0));
    }
    assert!(desk.imported("signed.json").contains("0 signed transactions are stored"));
    // its nonces are seen to be used
    sandbox.client.mine(10).await;
    sandbox.client.advance(60).await;
    let open = || async { sandbox.said(&["treasury", "show"]) };
    wait_until("nothing is out", open, |said| !said.contains("nonce")).await;
    assert_received(&sandbox, 6_000_000).await;
    // the chain takes it back: it is on its way again, and may be brought now
    let done = beside.transfer(&ids[1]).await;
    let hash = done.tx_hash.clone().unwrap();
    let moved = beside.app.store.read(|tx| treasury_moves::of_tx(tx, "polygon", &hash)).await.unwrap();
    let depth = Chain::of(&sandbox).head().await - moved[0].on_chain.block_number + 2;
    let order = json!({ "depth": depth, "keep_transactions": true });
    sandbox.client.post_json("/sandbox/chain/reorg", &order).await.ok();
    sandbox.client.mine(10).await;
    let back = wait_until("it arrives again", || beside.transfer(&ids[1]), |row| row.round == 2).await;
    assert_eq!((back.state, back.tx_hash), (State::Done, done.tx_hash));
    assert_received(&sandbox, 6_000_000).await;
}

#[tokio::test]
async fn called_off_by_a_file() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let id = beside.refund(8_000_000, PAYER).await;
    desk.export("out.json", &[]);
    desk.sign("out.json", "signed.json");
    let refused = sandbox.run(&["transfers", "cancel", id.as_str()]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--call-off"), "{refused:?}");
    let file = desk.export("off.json", &["--call-off", id.as_str()]);
    assert_eq!((file.transfers.len(), file.calls_off.len()), (0, 1));
    assert_eq!(desk.export("again.json", &["--again"]), file);
    assert!(desk.imported("signed.json").contains("1 are not stored: they pay transfers that are being called off"));
    assert_eq!(beside.transfer(&id).await.state, State::Signing, "nothing is proven yet");
    assert!(desk.sign("off.json", "off-signed.json").contains(&format!("calls off {id}")));
    desk.imported("off-signed.json");
    let over = beside.becomes(&id, State::Canceled).await;
    assert!(over.note.unwrap().contains("called off by transaction"));
    assert!(desk.imported("signed.json").contains("1 are of transfers that are over"));
    assert_received(&sandbox, 0).await;
}

/// The first file is sent by somebody all the same, before the empty transaction is: it is its arrival.
#[tokio::test]
async fn called_off_too_late() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let id = beside.refund(8_000_000, PAYER).await;
    desk.export("out.json", &[]);
    desk.sign("out.json", "signed.json");
    desk.export("off.json", &["--call-off", id.as_str()]);
    desk.sign("off.json", "off-signed.json");
    desk.broadcast("signed.json").await;
    beside.becomes(&id, State::Done).await;
    assert!(desk.imported("off-signed.json").contains("1 are of transfers that are over"));
    assert_received(&sandbox, 8_000_000).await;
}

/// Two are alike, one is called off and mined all the same: which of them was paid nobody knows. Neither is paid anew, and the nonce of the one
/// that counts as paid is freed.
#[tokio::test]
async fn one_of_two_alike_is_called_off_too_late() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let ids = [beside.refund(3_000_000, PAYER).await, beside.refund(3_000_000, PAYER).await];
    desk.export("out.json", &[]);
    desk.sign("out.json", "signed.json");
    desk.export("off.json", &["--call-off", ids[0].as_str()]);
    let mut signed = bundle::read_signed(&std::fs::read_to_string(desk.path("signed.json")).unwrap()).unwrap();
    signed.transactions.truncate(1);
    desk.write("first.json", &signed);
    desk.broadcast("first.json").await;
    beside.becomes(&ids[1], State::Done).await;
    sandbox.client.mine(10).await;
    sandbox.client.advance(60).await;
    let parked = wait_until("it is parked", || beside.transfer(&ids[0]), |row| row.parked.is_some()).await;
    assert_eq!(parked.state, State::Signing);
    assert!(parked.parked.unwrap().contains("which is alike, arrived by"));
    let file = desk.export("free.json", &["--call-off", ids[1].as_str()]);
    assert_eq!((file.transfers.len(), file.calls_off.len(), file.calls_off[0].nonce), (0, 1, 1));
    assert_eq!(desk.export("again.json", &["--again"]), file);
    desk.sign("free.json", "free-signed.json");
    assert!(desk.imported("free-signed.json").contains("1 signed transactions are stored"));
    sandbox.client.mine(10).await;
    sandbox.client.advance(60).await;
    let open = || async { sandbox.said(&["treasury", "show"]) };
    wait_until("nothing is out", open, |said| !said.contains("nonce")).await;
    assert_eq!(beside.transfer(&ids[1]).await.state, State::Done);
    assert_received(&sandbox, 3_000_000).await;
}

#[tokio::test]
async fn better_paid_under_the_same_nonce() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let id = beside.refund(2_000_000, PAYER).await;
    let first = desk.export("out.json", &[]);
    let second = desk.export("bump.json", &["--bump", id.as_str()]);
    let fee = |file: &Unsigned| file.transfers[0].max_fee.parse::<u128>().unwrap();
    assert!(second.transfers[0].nonce == 0 && fee(&second) > fee(&first) * 11 / 10);
    desk.sign("out.json", "first.json");
    desk.sign("bump.json", "second.json");
    // both are what went out; whichever is mined, it is paid once
    desk.imported("second.json");
    desk.imported("first.json");
    beside.becomes(&id, State::Done).await;
    assert_received(&sandbox, 2_000_000).await;
}

/// Somebody used the wallet by hand: what was out under that nonce is dead for good, and only then goes out anew.
#[tokio::test]
async fn its_nonce_was_used_by_something_else() {
    let sandbox = Sandbox::start_with(OFFLINE).await;
    let (beside, desk) = (beside(&sandbox).await, Desk(&sandbox));
    let id = beside.refund(9_000_000, PAYER).await;
    desk.export("out.json", &[]);
    desk.sign("out.json", "signed.json");
    let key = desk.key();
    let by_hand = TxRequest {
        chain_id: 31_337,
        nonce: 0,
        to: key.address(),
        value: 0,
        gas_limit: 21_000,
        fees: Fees::Dynamic { max_fee: 500_000_000_000, max_tip: 2_000_000_000 },
        input: Default::default(),
    };
    let raw = key.sign(&by_hand).unwrap().raw.to_string();
    Chain::of(&sandbox).call("eth_sendRawTransaction", json!([raw])).await;
    sandbox.client.mine(20).await;
    sandbox.client.advance(31).await;
    let back = beside.becomes(&id, State::Reserved).await;
    assert!(back.nonce.is_none() && back.note.unwrap().contains("nonce 0 was used"));
    assert!(desk.imported("signed.json").contains("1 are of transfers that are over"));
    sandbox.client.advance(61).await;
    let file = desk.export("anew.json", &[]);
    assert_eq!(file.transfers[0].nonce, 1);
    desk.sign("anew.json", "anew-signed.json");
    desk.imported("anew-signed.json");
    beside.becomes(&id, State::Done).await;
    assert_received(&sandbox, 9_000_000).await;
}
