//! The sandbox's chain as any node shows it: JSON-RPC.

use rails::sim::{SimChain, SimConfig};
use serde_json::{Value, json};

use super::{Client, Sandbox};

/// Decimal coins in base units: `units("15.04", 6)` is 15,040,000.
pub fn units(text: &str, decimals: u8) -> u128 {
    domain::Units::parse(text, decimals).unwrap().0
}

#[derive(Debug)]
pub struct Chain<'a> {
    client: &'a Client,
    wallets: [String; 2],
}

impl<'a> Chain<'a> {
    pub fn of(sandbox: &'a Sandbox) -> Chain<'a> {
        Chain { client: &sandbox.client, wallets: [sandbox.wallet(), sandbox.fee_wallet()] }
    }

    /// The contract of a coin.
    pub fn token(symbol: &str) -> String {
        token_address(symbol)
    }

    pub async fn call(&self, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.client.post_json("/sandbox/rpc", &request).await.ok();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub async fn head(&self) -> u64 {
        u64::try_from(quantity(&self.call("eth_blockNumber", json!([])).await)).unwrap()
    }

    /// The coins at an address, in base units; `POL` is the chain's own.
    pub async fn balance(&self, symbol: &str, holder: &str) -> u128 {
        if symbol == "POL" {
            return quantity(&self.call("eth_getBalance", json!([holder, "latest"])).await);
        }
        // balanceOf(address)
        let data = format!("0x70a08231{:0>64}", holder.trim_start_matches("0x"));
        let call = json!([{ "to": token_address(symbol), "data": data }, "latest"]);
        quantity(&self.call("eth_call", call).await)
    }

    /// What the merchant's wallet and the operator's hold.
    pub async fn paid_out(&self, symbol: &str) -> (u128, u128) {
        (self.balance(symbol, &self.wallets[0]).await, self.balance(symbol, &self.wallets[1]).await)
    }
}

fn quantity(value: &Value) -> u128 {
    u128::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

fn token_address(symbol: &str) -> String {
    let chain = SimChain::new(SimConfig { chain_id: 31_337, seed: 1, genesis_time_s: 0 }).unwrap();
    chain.token_address(symbol).unwrap().to_string()
}
