// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Forwarder} from "./Forwarder.sol";

/// Makes forwarders where their addresses were promised, and flushes many in one transaction. Owns nothing and has no
/// owner. Deployed through the deterministic deployment proxy 0x4e59b44847b379578588920cA78FbF26c0B4956C with salt zero,
/// so it, its implementation and every deposit address are the same on every chain.
contract ForwarderFactory {
    struct Flush {
        bytes32 salt;
        address merchant;
        address feeWallet;
        uint16 feeBps;
        address[] tokens;
    }

    /// One token of one forwarder could not be flushed; the money is still there. `reason` is cut at 256 bytes.
    event FlushFailed(address indexed forwarder, address indexed token, bytes reason);

    error FeeTooHigh(uint16 feeBps);
    /// The merchant, or the wallet of a fee that is not zero, is the zero address: coins sent there are gone.
    error NoWallet();
    /// The transaction's gas limit leaves less than one flush may use.
    error TooLittleGas();

    /// What one flush may burn. Without a bound, a merchant contract or token that burns all gas would block the others
    /// in its batch. A flush that really needs more can be called on the forwarder directly.
    uint256 private constant FLUSH_GAS = 600_000;
    /// A call passes on at most 63/64 of the gas left; the rest has to pay for `FlushFailed`.
    uint256 private constant GAS_BEFORE_FLUSH = (FLUSH_GAS * 64) / 63 + 20_000;
    /// Returned bytes are copied and logged at our cost, so their length is not the callee's to choose.
    uint256 private constant MAX_REASON_BYTES = 256;

    address public immutable implementation;

    constructor() {
        implementation = address(new Forwarder());
    }

    /// Where the forwarder with these terms is, or will be once flushed. Money may be sent there before it has code.
    function addressOf(bytes32 salt, address merchant, address feeWallet, uint16 feeBps) public view returns (address) {
        bytes memory args = _args(merchant, feeWallet, feeBps);
        return Clones.predictDeterministicAddressWithImmutableArgs(implementation, args, salt);
    }

    /// Deploys the forwarders that have no code yet and flushes their tokens. Impossible terms and too little gas revert
    /// the whole call; a token or wallet that fails is reported by `FlushFailed` and does not hold up the others.
    function flush(Flush[] calldata flushes) external {
        for (uint256 i = 0; i < flushes.length; ++i) {
            Flush calldata item = flushes[i];
            address forwarder = addressOf(item.salt, item.merchant, item.feeWallet, item.feeBps);
            if (forwarder.code.length == 0) {
                bytes memory args = _args(item.merchant, item.feeWallet, item.feeBps);
                Clones.cloneDeterministicWithImmutableArgs(implementation, args, item.salt);
            }
            for (uint256 j = 0; j < item.tokens.length; ++j) {
                _flush(Forwarder(payable(forwarder)), item.tokens[j]);
            }
        }
    }

    function _flush(Forwarder forwarder, address token) private {
        // Failures inside are swallowed, so without this check `eth_estimateGas` would find a limit at which every flush
        // runs out of gas and the transaction still succeeds.
        if (gasleft() < GAS_BEFORE_FLUSH) revert TooLittleGas();
        try forwarder.flush{gas: FLUSH_GAS}(token) {} catch {
            emit FlushFailed(address(forwarder), token, _reason());
        }
    }

    /// The start of what the last call returned.
    function _reason() private pure returns (bytes memory reason) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, MAX_REASON_BYTES) {
                size := MAX_REASON_BYTES
            }
            reason := mload(0x40)
            mstore(0x40, add(reason, add(0x20, and(add(size, 0x1f), not(0x1f)))))
            mstore(reason, size)
            returndatacopy(add(reason, 0x20), 0, size)
        }
    }

    function _args(address merchant, address feeWallet, uint16 feeBps) private pure returns (bytes memory) {
        if (feeBps > 10_000) revert FeeTooHigh(feeBps);
        if (merchant == address(0) || (feeWallet == address(0) && feeBps != 0)) revert NoWallet();
        return abi.encodePacked(merchant, feeWallet, feeBps);
    }
}
