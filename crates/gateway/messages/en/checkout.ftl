# The payer's pages. Plain words, short sentences, no jargon; the payer may be paying in crypto for the first time.

lang-nav = Language
sandbox-ribbon = Sandbox – no real money
order-for = For { $email }
order-reference = Reference { $reference }

choose-heading = How would you like to pay?
choose-help = Choose a coin and its network. The price is then fixed for a while.
choose-none = No way to pay is available right now. Please ask the merchant.
choose-network = on { $network }
no-price = That coin has no price at the moment. Choose another, or try again in a minute.

pay-heading = Pay with { $symbol } on { $network }
pay-amount = Send exactly
pay-left = Left to pay
pay-part = { $paid } of { $total } has been seen. Send the rest to the same address.
pay-qr = QR code with the address and the amount
pay-qr-help = Scan it with your wallet app
pay-address = To this address
pay-wallet = Open in wallet app
pay-warning = Send only { $symbol } on the { $network } network. Anything else does not pay this invoice.
pay-fee = If your wallet or exchange takes a fee from the amount, add it, so that the full amount arrives.
pay-waiting = Waiting for your payment. This page updates by itself.
copy-amount = Copy amount
copy-address = Copy address
copied = Copied

quote-until = Price valid until { $time } UTC
quote-left = Time left
quote-last-minute = Less than one minute left at this price.
quote-expired-heading = This price has run out
quote-expired-help = Get a new price before you send anything. If you have already sent the money, do nothing: it will appear here.
quote-new = Get a new price

seen-heading = Payments seen so far
seen-confirmations = { $needed ->
    [one] { $seen } of { $needed } confirmation
   *[other] { $seen } of { $needed } confirmations
}
seen-final = Confirmed
seen-reversed = Undone by the network, so it no longer counts
seen-tx = Transaction { $tx }

change-currency = Pay with another coin
change-help = Already sent something? Then please stay with this coin.
cancel = Cancel this payment
cancel-sure = Cancel only if you have not sent anything.
cancel-yes = Yes, cancel

confirming-heading = Payment seen
confirming-help = The network is now confirming it. You need not do anything, and you may close this page.
received-heading = Paid
received-help = Your payment has arrived. Thank you! You may go back to the shop.
settled-heading = Paid and completed
settled-help = Your payment has arrived and the merchant has received the money. You may go back to the shop.
failed-heading = The payment did not go through
failed-help = This invoice is not paid. If money has left your account, ask the merchant and give reference { $reference }.
canceled-heading = You canceled this payment
canceled-help = There is nothing left to do. If you sent money all the same, ask the merchant and give reference { $reference }.
expired-heading = This invoice has expired
expired-help = Please send nothing to its address any more. If you have already sent money, ask the merchant and give reference { $reference }.
withheld-heading = Your payment is being checked
withheld-help = The money has arrived and is on hold during the check. Please do not pay again. Questions? Ask the merchant and give reference { $reference }.
chargeback-heading = This payment was reversed
chargeback-help = The bank took the money back at the payer’s request (a chargeback). Not expected? Ask the merchant and give reference { $reference }.

notice-overpaid = You paid { $amount } more than was asked.
notice-late = { $amount } arrived after this invoice was closed.
notice-wrong-token = { $amount } arrived on { $network }. This invoice did not ask for that coin.
notice-kept = It is recorded and the merchant has been informed. Your money is not lost: it went to the merchant. Ask them and give reference { $reference }.

return-to = Return to { $merchant }
return-auto = You will be taken back in a few seconds.
return-stay = Stay on this page

not-found-heading = Payment page not found
not-found-help = This link is incomplete or no longer valid. Go back to the shop and start the payment again.
too-many-heading = Too many requests
too-many-help = Please wait a moment, then load the page again.
try-again = Try again
success-heading = Payment successful
success-help = Thank you! The shop will be informed. You may close this page.
cancel-heading = Payment canceled
cancel-help = You may close this page or go back to the shop.
pending-heading = Payment in progress
pending-help = The shop will be informed as soon as it is confirmed. Please do not pay again. You may close this page.
