//! `sandbox.json`: what a script needs to know of a running sandbox.

use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::people::{self, Login};
use super::seed::Made;

#[derive(Debug, Clone, Serialize)]
pub struct SandboxFile {
    pub base_url: String,
    pub api_key: String,
    pub merchant_id: String,
    pub merchant_number: i64,
    pub merchant_wallet: String,
    pub fee_wallet: String,
    /// The operator's wallet from which merchants and payers are paid, and to which merchants send their funds.
    pub treasury: String,
    pub rpc_url: String,
    pub callback_inbox_url: String,
    pub controls_url: String,
    pub openapi_url: String,
    /// What is typed at `/login`, as a merchant's owner and as the operator.
    pub merchant_login: Login,
    pub operator_login: Login,
}

impl SandboxFile {
    /// None without a merchant that all may know.
    pub fn of(base_url: &str, made: &Made) -> Option<Self> {
        let shop = made.shop.as_ref()?;
        let wallet = match &shop.merchant.wallet {
            domain::merchant::Wallet::Active(address) | domain::merchant::Wallet::Pending(address) => address.clone(),
            domain::merchant::Wallet::Missing => String::new(),
        };
        Some(Self {
            base_url: base_url.to_owned(),
            api_key: shop.api_key.clone(),
            merchant_id: shop.merchant.id.to_string(),
            merchant_number: shop.merchant.number,
            merchant_wallet: wallet,
            fee_wallet: made.fee_wallet.to_string(),
            treasury: made.treasury.to_string(),
            rpc_url: format!("{base_url}{}", super::controls::RPC),
            callback_inbox_url: format!("{base_url}{}", super::inbox::PATH),
            controls_url: format!("{base_url}/sandbox/"),
            openapi_url: format!("{base_url}/sandbox/openapi.json"),
            merchant_login: people::MERCHANT,
            operator_login: people::OPERATOR,
        })
    }

    /// Writes the file whole or not at all.
    pub fn write(&self, dir: &Path) -> std::io::Result<()> {
        let (path, draft) = (dir.join("sandbox.json"), dir.join("sandbox.json.new"));
        let mut file = std::fs::File::create(&draft)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(draft, path)
    }
}
