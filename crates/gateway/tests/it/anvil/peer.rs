//! A real EVM node: anvil, from `npm ci --prefix contracts`.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

/// Anvil's well-known second account: the gas key. The first one pays.
pub const GAS_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
pub const PAYER: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
/// USDT on Polygon, where the tests put a token that returns nothing.
pub const USDT: &str = "0xc2132D05D31c914a87C6611C10748AEb04B58e8F";
/// USDC on Polygon, a token that returns a value.
pub const USDC: &str = "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359";

pub struct Anvil {
    child: Child,
    pub url: String,
    http: reqwest::Client,
}

impl Drop for Anvil {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn binary() -> Option<PathBuf> {
    let packages = std::fs::read_dir(root().join("contracts/node_modules/@foundry-rs")).ok()?;
    packages.filter_map(Result::ok).map(|package| package.path().join("bin/anvil")).find(|path| {
        // the plain `anvil` package is a script that looks for the others
        !path.parent().is_some_and(|bin| bin.ends_with("anvil/bin")) && path.is_file()
    })
}

/// A node, or a loud word that it is missing.
pub async fn start() -> Option<Anvil> {
    start_as(137).await
}

/// A node of the chain with this id.
pub async fn start_as(chain_id: u64) -> Option<Anvil> {
    let Some(binary) = binary() else {
        let what = "SKIPPED: anvil tests: no anvil; run `npm ci --prefix contracts` (or .ci/setup)";
        assert!(std::env::var_os("LOCKGATE_REQUIRE_ALL").is_none_or(|value| value != "1"), "{what}");
        // past the test runner's capture, which hides what a passing test prints
        let _ = writeln!(std::io::stderr(), "\n{what}");
        return None;
    };
    let port = crate::harness::quiet_port();
    let child = Command::new(binary)
        .args([
            "--port",
            &port.to_string(),
            "--chain-id",
            &chain_id.to_string(),
            "--silent",
            "--slots-in-an-epoch",
            "1",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let http = gateway::net::plain::client().unwrap();
    let anvil = Anvil { child, url: format!("http://127.0.0.1:{port}"), http };
    super::until("anvil answers", async || anvil.try_call("eth_chainId", json!([])).await.ok()).await;
    anvil.put_tokens().await;
    Some(anvil)
}

impl Anvil {
    pub async fn try_call(&self, method: &str, params: Value) -> Result<Value, String> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let request = self.http.post(&self.url).header("content-type", "application/json").body(body);
        let answer = request.timeout(Duration::from_secs(10)).send().await.map_err(|error| error.to_string())?;
        let text = answer.text().await.map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].clone()),
        }
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        self.try_call(method, params).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// Test tokens at the addresses of the real ones.
    async fn put_tokens(&self) {
        self.put_token("TestTokenNoReturn", USDT).await;
        self.put_token("TestToken", USDC).await;
    }

    pub async fn put_token(&self, contract: &str, address: &str) {
        let path = root().join(format!("contracts/artifacts/{contract}.json"));
        let artifact: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let text = |text: &str| format!("{:064x}{:0<64}", text.len(), hex::encode(text));
        let arguments = format!("{:064x}{:064x}{:064x}{}{}", 96, 160, 6, text("Test"), text("TST"));
        let data = format!("{}{arguments}", artifact["bytecode"].as_str().unwrap());
        let hash = self.call("eth_sendTransaction", json!([{ "from": PAYER, "data": data, "gas": "0x4c4b40" }])).await;
        let made = self.mined(&hash).await["contractAddress"].clone();
        let code = self.call("eth_getCode", json!([made, "latest"])).await;
        self.call("anvil_setCode", json!([address, code])).await;
        // mint(address,uint256)
        let data = format!("0x40c10f19{}{:064x}", word(PAYER), u128::MAX / 2);
        let hash = self.call("eth_sendTransaction", json!([{ "from": PAYER, "to": address, "data": data }])).await;
        self.mined(&hash).await;
    }

    /// From now on the token sends nothing to a wallet: `turnAway(address)` of `TestTokenBlocklist`.
    pub async fn block(&self, token: &str, wallet: &str) {
        let hash = self.block_now(token, wallet).await;
        self.mined(&hash).await;
    }

    /// The same, ahead of all that waits for a block.
    pub async fn block_now(&self, token: &str, wallet: &str) -> Value {
        let selector = alloy_primitives::keccak256("turnAway(address)");
        let data = format!("0x{}{}", hex::encode(&selector[..4]), word(wallet));
        let price = format!("{:#x}", 2_000_000_000_000u64);
        let order =
            json!([{ "from": PAYER, "to": token, "data": data, "maxFeePerGas": price, "maxPriorityFeePerGas": price }]);
        self.call("eth_sendTransaction", order).await
    }

    /// A transaction that is in a block and did nothing.
    pub async fn failed(&self, token: &str) -> String {
        let data = format!("0xa9059cbb{}{:064x}", word(PAYER), u128::MAX);
        let order = json!([{ "from": PAYER, "to": token, "data": data, "gas": "0x186a0" }]);
        let hash = self.call("eth_sendTransaction", order).await;
        assert_eq!(self.mined(&hash).await["status"], "0x0");
        hash.as_str().unwrap().to_owned()
    }

    /// Somebody who has the treasury's key uses its nonce, and pays more than the gateway would.
    pub async fn strangers_transaction(&self, nonce: u64) {
        let key = rails::evm::sign::GasKey::from_hex(super::gateway::TREASURY_KEY).unwrap();
        let gwei = 1_000_000_000;
        let request = rails::evm::sign::TxRequest {
            chain_id: 137,
            nonce,
            to: PAYER.parse().unwrap(),
            value: 1,
            gas_limit: 21_000,
            fees: rails::evm::fees::Fees::Dynamic { max_fee: 5_000 * gwei, max_tip: 5_000 * gwei },
            input: Default::default(),
        };
        let signed = key.sign(&request).unwrap();
        self.call("eth_sendRawTransaction", json!([format!("0x{}", hex::encode(&signed.raw))])).await;
    }

    /// The receipt of a transaction, once it is in a block.
    pub async fn mined(&self, hash: &Value) -> Value {
        let receipt = async || {
            let receipt = self.call("eth_getTransactionReceipt", json!([hash])).await;
            (!receipt.is_null()).then_some(receipt)
        };
        super::until("a transaction is mined", receipt).await
    }

    /// Sends tokens to a deposit address; answers the transaction's hash.
    pub async fn transfer(&self, token: &str, to: &str, units: u128) -> String {
        let data = format!("0xa9059cbb{}{units:064x}", word(to));
        let hash = self.call("eth_sendTransaction", json!([{ "from": PAYER, "to": token, "data": data }])).await;
        hash.as_str().unwrap().to_owned()
    }

    /// As [`Anvil::transfer`], of a transaction that fails: its gas is given, so that nobody tries it before.
    pub async fn transfer_in_vain(&self, token: &str, to: &str) -> String {
        let data = format!("0xa9059cbb{}{:064x}", word(to), u128::MAX);
        let transaction = json!({ "from": PAYER, "to": token, "data": data, "gas": "0x186a0" });
        self.call("eth_sendTransaction", json!([transaction])).await.as_str().unwrap().to_owned()
    }

    pub async fn balance(&self, token: &str, of: &str) -> u128 {
        let call = json!([{ "to": token, "data": format!("0x70a08231{}", word(of)) }, "latest"]);
        let answer = self.call("eth_call", call).await;
        u128::from_str_radix(answer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }

    pub async fn native_balance(&self, of: &str) -> u128 {
        let answer = self.call("eth_getBalance", json!([of, "latest"])).await;
        u128::from_str_radix(answer.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    }

    pub async fn head(&self) -> u64 {
        quantity(&self.call("eth_blockNumber", json!([])).await)
    }

    pub async fn mine(&self, blocks: u64) {
        self.call("anvil_mine", json!([format!("{blocks:#x}")])).await;
    }
}

/// A number as nodes write it.
pub fn quantity(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

fn word(address: &str) -> String {
    format!("{:0>64}", address.trim_start_matches("0x").to_lowercase())
}
