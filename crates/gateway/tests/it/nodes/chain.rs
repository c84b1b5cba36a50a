//! A simulated chain that is nobody's: it outlives the nodes, and counts for itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use alloy_primitives::{Address, U256};
use axum::body::Bytes;
use gateway::clock::Clock;
use rails::sim::{SimChain, SimConfig};
use tokio::task::JoinHandle;

/// Anvil's well-known second and third account.
pub const GAS_KEY: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
pub const TREASURY_KEY: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";
const BLOCK_TIME: Duration = Duration::from_millis(200);
/// It stands in for Polygon: funds come over no chain that the contract does not name.
const CHAIN_ID: u64 = 137;
const GWEI: u128 = 1_000_000_000;
/// The chain's own USDC, which is at another address than Polygon's.
pub const ASSET: &str = "USDCS_polygon";

pub struct SharedChain {
    chain: Arc<Mutex<SimChain>>,
    url: String,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for SharedChain {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

pub fn address_of(key: &str) -> Address {
    rails::evm::sign::GasKey::from_hex(key).unwrap().address()
}

fn now_s() -> u64 {
    u64::try_from(Clock::system().now() / 1_000).unwrap()
}

impl SharedChain {
    /// Serves, and mines a block several times a second.
    pub async fn start() -> SharedChain {
        let config = SimConfig { chain_id: CHAIN_ID, seed: 7, genesis_time_s: now_s() - 60 };
        let mut chain = SimChain::new(config).unwrap();
        for key in [GAS_KEY, TREASURY_KEY] {
            chain.fund_native(address_of(key), 1_000_000_000 * GWEI).unwrap();
        }
        chain.mine(1, now_s());
        let chain = Arc::new(Mutex::new(chain));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = chain.clone();
        let answer = move |body: Bytes| {
            let answer = asked.lock().unwrap().handle(&body);
            async move { ([("content-type", "application/json")], answer) }
        };
        let router = axum::Router::new().route("/", axum::routing::post(answer));
        let mined = chain.clone();
        let tasks = vec![
            tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
            tokio::spawn(async move {
                loop {
                    tokio::time::sleep(BLOCK_TIME).await;
                    mined.lock().unwrap().mine(1, now_s());
                }
            }),
        ];
        SharedChain { chain, url, tasks }
    }

    /// The part of a gateway's configuration that is about it.
    pub fn configuration(&self) -> String {
        let usdc = self.chain.lock().unwrap().token_address("USDC").unwrap();
        format!(
            "[[chains]]\nname = \"polygon\"\nrpc = [\"{}\"]\nassets = [\"{ASSET}\"]\ndeepest = 4\nflush_at_once_usd = 0\n\
             bump_after_seconds = 3\n[[chains.confirmations]]\nup_to_usd = \"100\"\nblocks = 2\n\
             [[chains.tokens]]\ncode = \"{ASSET}\"\nsymbol = \"USDC\"\nname = \"USD Coin\"\ncontract = \"{usdc}\"\ndecimals = 6\nat_par = true\n\
             [[treasury]]\nchain = \"polygon\"\nsigner = \"hot\"\nkey_file = \"treasury.json\"\ndaily_cap = 10000\ntransfer_cap = 1000\n",
            self.url
        )
    }

    /// Somebody pays so many base units of USDC; the hash.
    pub fn pay(&self, to: Address, units: u128) -> String {
        self.chain.lock().unwrap().pay_token("USDC", to, units).unwrap().to_string()
    }

    /// The base units of USDC at an address.
    pub fn balance(&self, of: Address) -> u128 {
        let mut chain = self.chain.lock().unwrap();
        let token = chain.token_address("USDC").unwrap();
        // balanceOf(address)
        let data = format!("0x70a08231{:0>64}", format!("{of:x}"));
        let call = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{{"to":"{token}","data":"{data}"}},"latest"]}}"#
        );
        let answer: serde_json::Value = serde_json::from_slice(&chain.handle(call.as_bytes())).unwrap();
        let units: U256 = answer["result"].as_str().unwrap_or_else(|| panic!("{answer}")).parse().unwrap();
        u128::try_from(units).unwrap()
    }
}
