//! Accounts, storage and code, with an undo record per block so that a reorganisation restores the state exactly.

use alloy_primitives::{
    Address, B256, U256, keccak256,
    map::{AddressMap, B256Map, HashMap},
};
use revm::bytecode::Bytecode;
use revm::database_interface::DatabaseRef;
use revm::state::{AccountInfo, EvmState};
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use super::block::Block;

/// The state after the last block.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    accounts: AddressMap<AccountInfo>,
    storage: HashMap<(Address, U256), U256>,
    codes: B256Map<Bytecode>,
}

/// What was there before a block, in the order in which it was overwritten.
#[derive(Debug, Clone, Default)]
pub(super) struct Undo {
    accounts: Vec<(Address, Option<AccountInfo>)>,
    slots: Vec<((Address, U256), U256)>,
}

impl World {
    pub(super) fn account(&self, address: Address) -> Option<&AccountInfo> {
        self.accounts.get(&address)
    }

    /// Writes the outcome of one transaction, remembering in `undo` what it replaced.
    pub(super) fn apply(&mut self, changes: EvmState, undo: &mut Undo) {
        // The map's order is not specified; the undo record's must not depend on it.
        let changes: BTreeMap<Address, _> = changes.into_iter().filter(|(_, account)| account.is_touched()).collect();
        for (address, account) in changes {
            let gone = account.is_selfdestructed() || account.is_empty();
            undo.accounts.push((address, self.accounts.get(&address).cloned()));
            if gone {
                // Since Cancun only a contract made in the same transaction can destroy itself, so no slot was stored.
                self.accounts.remove(&address);
                continue;
            }
            let mut info = account.info;
            if let Some(code) = info.code.take()
                && !code.is_empty()
            {
                self.codes.entry(info.code_hash).or_insert(code);
            }
            self.accounts.insert(address, info);
            let slots: BTreeMap<U256, U256> = account
                .storage
                .into_iter()
                .filter(|(_, slot)| slot.is_changed())
                .map(|(key, slot)| (key, slot.present_value))
                .collect();
            for (key, value) in slots {
                let before = self.set_slot((address, key), value);
                undo.slots.push(((address, key), before));
            }
        }
    }

    /// Puts an account there without a transaction.
    pub(super) fn place(&mut self, address: Address, mut info: AccountInfo) {
        if let Some(code) = info.code.take() {
            info.code_hash = code.hash_slow();
            self.codes.insert(info.code_hash, code);
        }
        self.accounts.insert(address, info);
    }

    pub(super) fn revert(&mut self, undo: &Undo) {
        for (address, before) in undo.accounts.iter().rev() {
            match before {
                Some(info) => self.accounts.insert(*address, info.clone()),
                None => self.accounts.remove(address),
            };
        }
        for (slot, before) in undo.slots.iter().rev() {
            self.set_slot(*slot, *before);
        }
    }

    /// Commits to the state after a block: the parent's root and every entry that the block touched, in order.
    pub(super) fn root_after(&self, parent_root: B256, undo: &Undo) -> B256 {
        if undo.accounts.is_empty() {
            return parent_root;
        }
        let mut bytes = parent_root.to_vec();
        for address in undo.accounts.iter().map(|(address, _)| *address).collect::<BTreeSet<_>>() {
            bytes.extend_from_slice(address.as_slice());
            let info = self.accounts.get(&address).cloned().unwrap_or_default();
            bytes.extend_from_slice(&info.nonce.to_be_bytes());
            bytes.extend_from_slice(&info.balance.to_be_bytes::<32>());
            bytes.extend_from_slice(info.code_hash.as_slice());
        }
        for (address, key) in undo.slots.iter().map(|(slot, _)| *slot).collect::<BTreeSet<_>>() {
            bytes.extend_from_slice(address.as_slice());
            bytes.extend_from_slice(&key.to_be_bytes::<32>());
            let value = self.storage.get(&(address, key)).copied().unwrap_or_default();
            bytes.extend_from_slice(&value.to_be_bytes::<32>());
        }
        keccak256(bytes)
    }

    /// A slot that holds zero is not kept, so that reverted and never written look alike.
    fn set_slot(&mut self, slot: (Address, U256), value: U256) -> U256 {
        let before = if value.is_zero() { self.storage.remove(&slot) } else { self.storage.insert(slot, value) };
        before.unwrap_or_default()
    }
}

/// The state as it was after a given block: the world, seen through the undo records of the blocks since.
#[derive(Debug)]
pub(super) struct WorldAt<'a> {
    world: &'a World,
    blocks: &'a [Block],
    accounts: AddressMap<Option<AccountInfo>>,
    slots: HashMap<(Address, U256), U256>,
}

impl<'a> WorldAt<'a> {
    pub(super) fn new(world: &'a World, blocks: &'a [Block], number: usize) -> Self {
        let mut at = WorldAt { world, blocks, accounts: AddressMap::default(), slots: HashMap::default() };
        let later = blocks.get(number.saturating_add(1)..).unwrap_or_default();
        for undo in later.iter().rev().filter_map(|block| block.body.as_ref()).map(|body| &body.undo) {
            at.accounts.extend(undo.accounts.iter().rev().cloned());
            at.slots.extend(undo.slots.iter().rev().copied());
        }
        at
    }

    pub(super) fn account(&self, address: Address) -> Option<AccountInfo> {
        match self.accounts.get(&address) {
            Some(then) => then.clone(),
            None => self.world.accounts.get(&address).cloned(),
        }
    }

    pub(super) fn code(&self, address: Address) -> Bytecode {
        self.account(address).and_then(|info| self.world.codes.get(&info.code_hash).cloned()).unwrap_or_default()
    }
}

impl DatabaseRef for WorldAt<'_> {
    type Error = Infallible;

    fn basic_ref(&self, address: Address) -> Result<Option<AccountInfo>, Infallible> {
        Ok(self.account(address))
    }

    fn code_by_hash_ref(&self, code_hash: B256) -> Result<Bytecode, Infallible> {
        Ok(self.world.codes.get(&code_hash).cloned().unwrap_or_default())
    }

    fn storage_ref(&self, address: Address, key: U256) -> Result<U256, Infallible> {
        let slot = (address, key);
        Ok(self.slots.get(&slot).or_else(|| self.world.storage.get(&slot)).copied().unwrap_or_default())
    }

    fn block_hash_ref(&self, number: u64) -> Result<B256, Infallible> {
        let block = usize::try_from(number).ok().and_then(|index| self.blocks.get(index));
        Ok(block.map(|block| block.hash).unwrap_or_default())
    }
}
