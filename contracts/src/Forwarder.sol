// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// A deposit address. It takes any token and the native coin, and pays them out to two wallets fixed when its address
/// was computed: the merchant's and the operator's fee wallet. It has no owner, no storage, no upgrade and no other exit,
/// so anyone may call `flush`: the caller chooses when, never where to or how much.
///
/// The terms are the immutable arguments of the clone, `merchant(20) ++ feeWallet(20) ++ feeBps(2)`; they are part of
/// the clone's code and hence of its CREATE2 address.
///
/// Known limit: once a clone is deployed, a plain transfer of native coin needs some 2,800 gas more than 21,000.
/// A sender that allows exactly 21,000 (or 2,300 from a contract) bounces; nothing is lost.
contract Forwarder {
    using SafeERC20 for IERC20;

    /// `token` is the zero address for the native coin.
    event Flushed(address indexed token, uint256 merchantAmount, uint256 feeAmount);

    /// The bare implementation has no terms, so it holds and pays nothing.
    error NotAClone();
    /// There is no contract at the token's address.
    error NotAToken(address token);

    uint256 private constant BPS = 10_000;
    address private immutable IMPLEMENTATION = address(this);

    /// Without terms, `flush` would read wallets out of the middle of this contract's own code.
    modifier onlyClone() {
        if (address(this) == IMPLEMENTATION) revert NotAClone();
        _;
    }

    receive() external payable onlyClone {}

    /// Pays out the whole balance of `token` (zero address: native coin): floor(balance * feeBps / 10000) to the fee
    /// wallet, the rest to the merchant. An empty balance is not an error and leaves no event. Both are paid or neither.
    ///
    /// Re-entrancy needs no lock, because the fee is sent first and the merchant last:
    /// * A fee wallet (or token) that calls `flush` while it is being paid the fee finds the merchant's share still here.
    ///   Paying any of it out leaves too little for the outer call's payment, which then fails and undoes everything.
    ///   The outer call succeeds only if someone puts the difference back, out of their own pocket.
    /// * A merchant that calls `flush` while being paid finds an empty balance, or what arrived since, which is split
    ///   by the same terms.
    /// * Balances of different tokens do not depend on each other.
    function flush(address token) external onlyClone returns (uint256 merchantAmount, uint256 feeAmount) {
        (address merchant, address feeWallet, uint256 feeBps) = _terms();
        if (token == address(0)) {
            (merchantAmount, feeAmount) = _split(address(this).balance, feeBps);
            if (feeAmount != 0) Address.sendValue(payable(feeWallet), feeAmount);
            if (merchantAmount != 0) Address.sendValue(payable(merchant), merchantAmount);
        } else {
            if (token.code.length == 0) revert NotAToken(token);
            (merchantAmount, feeAmount) = _split(IERC20(token).balanceOf(address(this)), feeBps);
            if (feeAmount != 0) IERC20(token).safeTransfer(feeWallet, feeAmount);
            if (merchantAmount != 0) IERC20(token).safeTransfer(merchant, merchantAmount);
        }
        if (merchantAmount != 0 || feeAmount != 0) emit Flushed(token, merchantAmount, feeAmount);
    }

    /// Equal to floor(balance * feeBps / 10000), and cannot overflow whatever balance a token claims.
    function _split(uint256 balance, uint256 feeBps) private pure returns (uint256 merchantAmount, uint256 feeAmount) {
        feeAmount = (balance / BPS) * feeBps + ((balance % BPS) * feeBps) / BPS;
        merchantAmount = balance - feeAmount;
    }

    function _terms() private view returns (address merchant, address feeWallet, uint256 feeBps) {
        bytes memory args = Clones.fetchCloneArgs(address(this));
        assembly ("memory-safe") {
            merchant := shr(96, mload(add(args, 0x20)))
            feeWallet := shr(96, mload(add(args, 0x34)))
            feeBps := shr(240, mload(add(args, 0x48)))
        }
    }
}
