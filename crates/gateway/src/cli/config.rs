//! `lockgate config check`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::place::load;
use super::{Outcome, say};

#[derive(Debug, Subcommand)]
pub enum Config {
    /// Say whether the configuration and the secrets in the environment would be accepted.
    Check {
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

impl Config {
    pub fn run(self) -> Outcome {
        let Config::Check { config: path } = self;
        let config = load(&path)?;
        say(&format!("{} is in order.", path.display()));
        say(&format!("  listens on {}, payers see {}", config.listen, config.base_url));
        for chain in &config.chains {
            let assets: Vec<&str> =
                chain.assets.iter().filter(|asset| asset.payable).map(|asset| asset.code.as_str()).collect();
            say(&format!("  {} ({}): {}", chain.title, chain.chain_id, assets.join(", ")));
        }
        for entry in &config.treasuries {
            let (treasury, caps) = (&entry.treasury, entry.treasury.caps);
            let signer = if treasury.key().is_some() { "signed for here" } else { "signed for offline" };
            let (wallet, chain) = (treasury.address(), &entry.chain);
            say(&format!(
                "  treasury on {chain}: {wallet}, {signer}; at most {} a transfer, {} a day",
                caps.transfer, caps.daily
            ));
        }
        match &config.smtp {
            Some(server) => say(&format!("  mail: from {} through {}:{}", server.from, server.host, server.port)),
            None => say("  mail: none is sent; it waits in `lockgate mails`"),
        }
        if let Some(sandbox) = &config.sandbox {
            say(&format!("  sandbox: merchants switch to {}", sandbox.url));
        }
        match config.gas_address() {
            Some(address) => say(&format!("  gas key: {address}")),
            None => say("  gas key: none; set LOCKGATE_GAS_KEY, or money stays at its deposit addresses"),
        }
        Ok(ExitCode::SUCCESS)
    }
}
