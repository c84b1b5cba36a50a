// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Pays many in one transaction, as exchanges do when they serve withdrawals. For test chains: anyone may spend the
/// tokens it holds.
contract TestBatchPayer {
    struct Payment {
        /// The zero address is the native coin, taken from the value sent along.
        address token;
        address to;
        uint256 amount;
    }

    error NotPaid(uint256 index);

    function pay(Payment[] calldata payments) external payable {
        for (uint256 i = 0; i < payments.length; ++i) {
            Payment calldata payment = payments[i];
            bool paid;
            if (payment.token == address(0)) {
                (paid, ) = payment.to.call{value: payment.amount}("");
            } else {
                // Not decoded: some tokens return nothing.
                (paid, ) = payment.token.call(
                    abi.encodeWithSignature("transfer(address,uint256)", payment.to, payment.amount)
                );
            }
            if (!paid) revert NotPaid(i);
        }
    }
}
