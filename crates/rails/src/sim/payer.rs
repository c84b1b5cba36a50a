//! Customers of the sandbox: real transactions, signed by keys that the seed decides.

use alloy_consensus::{SignableTransaction, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, sol};

use super::chain::SimChain;
use super::genesis::{GenesisError, NATIVE_SUPPLY_WEI, batch_payer_address};
use super::submit_refused::SubmitRefused;
use super::{BASE_FEE_WEI, SUGGESTED_TIP_WEI, evm};

/// Enough for any test token, and for a coin paid to a contract; what is not used is given back.
const PAYMENT_GAS: u64 = 120_000;

sol! {
    function transfer(address to, uint256 amount);
    struct Payment {
        address token;
        address to;
        uint256 amount;
    }
    function pay(Payment[] payments) payable;
}

/// One transfer of a [`SimChain::pay_batch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimPayment {
    /// A symbol that [`SimChain::token_address`] knows; `None` is the native coin.
    pub token: Option<String>,
    /// Who gets it.
    pub to: Address,
    /// In base units (wei for the native coin).
    pub amount: u128,
}

/// Why a payment was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayRefused {
    /// Block 0 has no such token.
    #[error("the sandbox chain has no token {symbol}")]
    UnknownToken {
        /// What was asked for.
        symbol: String,
    },
    /// One transaction cannot carry so many payments.
    #[error("{count} payments do not fit into one transaction")]
    TooManyPayments {
        /// How many were asked for.
        count: usize,
    },
    /// The payer's key did not sign.
    #[error("the payer's key did not sign: {reason}")]
    Unsigned {
        /// What the signer said.
        reason: String,
    },
    /// The mempool did not take it: for example, more native coin than the payer ever has.
    #[error("the mempool refused the payment")]
    Refused(#[from] SubmitRefused),
}

/// The funded keys of block 0.
#[derive(Debug, Clone)]
pub(super) struct Payers {
    faucet: PrivateKeySigner,
    payer: PrivateKeySigner,
}

impl Payers {
    pub(super) fn from_seed(seed: u64) -> Result<Self, GenesisError> {
        let key = |role: &str| {
            let bytes = keccak256([b"lockgate sandbox ", role.as_bytes(), &seed.to_be_bytes()].concat());
            PrivateKeySigner::from_bytes(&bytes).map_err(|_| GenesisError::Key { seed })
        };
        Ok(Self { faucet: key("faucet")?, payer: key("payer")? })
    }

    pub(super) fn faucet(&self) -> Address {
        self.faucet.address()
    }

    pub(super) fn payer(&self) -> Address {
        self.payer.address()
    }
}

impl SimChain {
    /// Who pays in [`pay_token`](Self::pay_token) and [`pay_native`](Self::pay_native).
    #[must_use]
    pub fn payer_address(&self) -> Address {
        self.payers.payer()
    }

    /// Who pays in [`fund_native`](Self::fund_native).
    #[must_use]
    pub fn faucet_address(&self) -> Address {
        self.payers.faucet()
    }

    /// The payer sends `amount` base units of a token. Returns the transaction's hash; [`mine`](Self::mine) includes it.
    ///
    /// # Errors
    /// If there is no such token, or the mempool refuses the transaction.
    pub fn pay_token(&mut self, symbol: &str, to: Address, amount: u128) -> Result<B256, PayRefused> {
        let token = self.known_token(symbol)?;
        let data = transferCall { to, amount: U256::from(amount) }.abi_encode();
        self.pay(&self.payers.payer.clone(), token, U256::ZERO, data, PAYMENT_GAS)
    }

    /// The payer sends `amount` wei. Returns the transaction's hash.
    ///
    /// # Errors
    /// If the mempool refuses the transaction.
    pub fn pay_native(&mut self, to: Address, amount: u128) -> Result<B256, PayRefused> {
        self.pay(&self.payers.payer.clone(), to, U256::from(amount), Vec::new(), PAYMENT_GAS)
    }

    /// The faucet sends `amount` wei: gas money. It does not share the payer's nonces.
    ///
    /// # Errors
    /// If the mempool refuses the transaction.
    pub fn fund_native(&mut self, to: Address, amount: u128) -> Result<B256, PayRefused> {
        self.pay(&self.payers.faucet.clone(), to, U256::from(amount), Vec::new(), PAYMENT_GAS)
    }

    /// All payments in one transaction, all or none. Tokens come from a contract, not from the payer's own address.
    /// So do coins, within its call: no transaction of the block shows them, as when an exchange pays from a contract.
    ///
    /// # Errors
    /// If a token is unknown, the payments do not fit into one transaction, or the mempool refuses it.
    pub fn pay_batch(&mut self, payments: &[SimPayment]) -> Result<B256, PayRefused> {
        let count = payments.len();
        let gas = u64::try_from(count).ok().and_then(|count| count.checked_add(1)?.checked_mul(PAYMENT_GAS));
        let gas = gas.filter(|gas| *gas <= evm::TX_GAS_LIMIT).ok_or(PayRefused::TooManyPayments { count })?;
        let mut value = U256::ZERO;
        let mut listed = Vec::with_capacity(count);
        for payment in payments {
            let amount = U256::from(payment.amount);
            let token = match &payment.token {
                Some(symbol) => self.known_token(symbol)?,
                None => {
                    value = value.saturating_add(amount);
                    Address::ZERO
                }
            };
            listed.push(Payment { token, to: payment.to, amount });
        }
        let data = payCall { payments: listed }.abi_encode();
        self.pay(&self.payers.payer.clone(), batch_payer_address(), value, data, gas)
    }

    fn known_token(&self, symbol: &str) -> Result<Address, PayRefused> {
        self.token_address(symbol).ok_or_else(|| PayRefused::UnknownToken { symbol: symbol.to_owned() })
    }

    fn pay(
        &mut self,
        key: &PrivateKeySigner,
        to: Address,
        value: U256,
        data: Vec<u8>,
        gas_limit: u64,
    ) -> Result<B256, PayRefused> {
        self.keep_funded(key.address());
        let tip = u128::from(SUGGESTED_TIP_WEI);
        let tx = TxEip1559 {
            chain_id: self.config.chain_id,
            nonce: self.next_nonce(key.address()),
            gas_limit,
            max_fee_per_gas: u128::from(BASE_FEE_WEI).saturating_mul(2).saturating_add(tip),
            max_priority_fee_per_gas: tip,
            to: TxKind::Call(to),
            value,
            input: data.into(),
            ..TxEip1559::default()
        };
        let signature = key
            .sign_hash_sync(&tx.signature_hash())
            .map_err(|cause| PayRefused::Unsigned { reason: cause.to_string() })?;
        let raw: Bytes = TxEnvelope::from(tx.into_signed(signature)).encoded_2718().into();
        Ok(self.submit_raw(raw)?)
    }

    /// Gives a funded key what it had in block 0 again once half of it is spent or about to be: nobody can pay it empty.
    fn keep_funded(&mut self, address: Address) {
        let (has, queued) = (self.balance(address), self.mempool.queued_cost(address));
        if has < queued.saturating_add(U256::from(NATIVE_SUPPLY_WEI / 2)) {
            self.credit(address, queued.saturating_add(U256::from(NATIVE_SUPPLY_WEI)).saturating_sub(has));
        }
    }

    /// The first nonce that neither the chain nor the mempool has.
    pub(super) fn next_nonce(&self, sender: Address) -> u64 {
        self.mempool.nonce_after(sender, self.world.account(sender).map_or(0, |info| info.nonce))
    }
}
