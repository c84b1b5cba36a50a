//! Further merchants, made as an operator makes them: on the command line, beside the running program.

use super::{Client, Sandbox};

/// A settlement wallet for those who need one.
pub const WALLET: &str = "0x00000000000000000000000000000000000A11cE";

#[derive(Debug)]
pub struct NewMerchant {
    pub number: String,
    pub key: String,
    pub client: Client,
}

impl Sandbox {
    /// Runs `lockgate merchant create` with further `options`. The merchant has no address linked, and no wallet unless given.
    pub fn new_merchant(&self, client: &Client, options: &[&str]) -> NewMerchant {
        let mut arguments = vec!["merchant", "create", "--name", "Another shop", "--email", "owner@shop.example"];
        arguments.extend(options);
        let said = self.said(&arguments);
        let number = said.strip_prefix("Merchant ").and_then(|rest| rest.split_once(' ')).unwrap().0.to_owned();
        let key = said.lines().find_map(|line| line.strip_prefix("API key, shown only now: ")).unwrap().to_owned();
        NewMerchant { client: client.with_key(&key), number, key }
    }

    /// A merchant who can sell from this machine.
    pub fn ready_merchant(&self, client: &Client, options: &[&str]) -> NewMerchant {
        let merchant = self.new_merchant(client, &[options, &["--wallet", WALLET]].concat());
        self.allow(&merchant, "127.0.0.1");
        merchant
    }

    pub fn allow(&self, merchant: &NewMerchant, address: &str) {
        self.said(&["merchant", "ip", "add", &merchant.number, address]);
    }
}
