// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// Sends one token of the caller to many, all or nothing. It holds nothing, keeps nothing, has no owner and no other
/// way in; it moves the caller's tokens only, and no more of them than the caller has approved. Deployed through the
/// deterministic deployment proxy with salt zero, so it is at the same address on every chain.
contract MultiSend {
    using SafeERC20 for IERC20;

    /// Not as many amounts as receivers.
    error DifferentLengths(uint256 receivers, uint256 amounts);

    function send(IERC20 token, address[] calldata receivers, uint256[] calldata amounts) external {
        if (receivers.length != amounts.length) revert DifferentLengths(receivers.length, amounts.length);
        for (uint256 i = 0; i < receivers.length; ++i) {
            token.safeTransferFrom(msg.sender, receivers[i], amounts[i]);
        }
    }
}
