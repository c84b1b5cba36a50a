# The payer's pages. Plain words, short sentences, no jargon; the payer may be paying in crypto for the first time.

lang-nav = Language
sandbox-ribbon = Sandbox – no real money
order-for = For { $email }
order-reference = Reference { $reference }

choose-heading = How would you like to pay?
choose-help = Choose a coin and its network. The price is then fixed for a while.
choose-none = No way to pay is available right now. Please ask the merchant.
choose-network = on { $network }
choose-coins = Cryptocurrency
method-card = Card
method-card-help = Credit or debit card
method-upi-help = with any UPI app
way-unavailable = This way of paying is not possible at the moment. Nothing was charged. Choose another, or try again in a few minutes.
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

card-heading = Pay by card
card-sandbox = This is a sandbox. Never enter a real card.
card-number = Card number
card-number-hint = This number looks mistyped. Please compare it with your card.
card-expiry = Expires
card-expiry-help = Month and year, like { $example }
card-code = Security code
card-code-help = 3 digits on the back; American Express: 4 on the front
card-code-three = The 3 digits on the back
card-code-four = The 4 digits on the front
card-holder = Name on the card
card-pay = Pay { $amount }
card-busy = Sending, please wait…
card-elsewhere = You enter your card on the secure page of { $provider } and then come back here.
card-unavailable = Paying by card is not possible right now. Please choose another way, or ask the merchant.
card-needs-script = Paying by card needs JavaScript here. Please switch it on, or choose another way to pay.
card-fields-label = Card details
card-fields-help = What you enter goes straight to { $provider }. Neither the shop nor this page sees it.
card-fields-failed = The card fields could not be loaded. Please load the page again, or choose another way to pay.

card-problem = Please correct this
card-number-missing = Enter the card number.
card-number-invalid = This is not a valid card number. Please compare it with your card.
card-expiry-missing = Enter when the card expires.
card-expiry-invalid = Enter the month and year of expiry, like { $example }.
card-expiry-past = This card has expired. Please use another.
card-code-missing = Enter the security code.
card-code-invalid = The security code of this card has { $digits } digits.
card-holder-missing = Enter the name on the card.
card-holder-number = That looks like a card number. Enter the name here, and the number in its own field.

declined-heading = The card was declined
declined-funds = Your bank says there is not enough money for this payment. Use another card or another way to pay.
declined-again = Your bank could not approve this just now. Try again, or use another card.
declined-code = The security code was not right. Check it and try again.
declined-expired = Your bank says this card has expired. Use another card.
declined-authentication = Your bank could not confirm that it was you. Try again, or use another card.
declined-other = Your bank declined this payment and can tell you why. Use another card or another way to pay.

continue-bank-heading = Your bank asks you to confirm
continue-bank-help = Confirm the payment on your bank’s page. After that you come back here.
continue-bank = Go to your bank
continue-provider = Continue to { $provider }
continue-going = You are being taken there. If nothing happens, press the button.

test-cards = Test cards
test-approved = approved
test-challenge = the bank asks for confirmation (3-D Secure)
test-declined = declined
test-funds = not enough money; another try may be made
test-soft = declined at first, then asks for 3-D Secure
test-chargeback = paid, later a chargeback
test-withheld = paid, but held for a check
test-lost = charged, but the answer is lost

upi-heading = Pay by UPI
upi-amount = Pay exactly
upi-rate = Exchange rate: { $rate }
upi-until = Please pay by { $time } UTC
upi-last-minute = Less than one minute left to pay.
upi-open = Open UPI app
upi-qr-show = Show the QR code
upi-qr = QR code for UPI apps
upi-qr-help = Scan it with any UPI app
upi-simulated = Open the simulated UPI app
upi-preparing = The UPI payment is being prepared. This page updates by itself.
upi-unavailable = Paying by UPI is not possible right now. Please choose another way, or ask the merchant.

vpa-to = To this UPI ID
vpa-reference = With this reference
copy-vpa = Copy UPI ID
copy-reference = Copy reference
vpa-waiting = Waiting for the merchant to confirm that your payment has arrived. This page updates by itself.
rrn-label = Already paid? Enter the 12-digit bank reference
rrn-help = Your UPI app shows it in the details of the payment, as UTR, RRN or UPI reference. It helps the merchant to find your payment.
rrn-send = Send reference
rrn-malformed = This is not a bank reference. It has exactly 12 digits.
rrn-used = This bank reference belongs to another payment. Please check it.
rrn-correct = Correct the bank reference
claimed-heading = The merchant is checking your payment
claimed-help = You gave the bank reference { $rrn }. Please do not pay again. You may close this page; the merchant confirms when the money has arrived.

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
change-method = Pay another way
change-help-paid = Already paid? Then please stay here and do not pay again.
cancel = Cancel this payment
cancel-sure = Cancel only if you have not sent anything.
cancel-sure-paid = Cancel only if you have not paid.
cancel-yes = Yes, cancel

confirming-heading = Payment seen
confirming-help = The network is now confirming it. You need not do anything, and you may close this page.
processing-card-heading = Your card payment is being processed
processing-upi-heading = Your UPI payment is being processed
processing-help = Please do not pay again. You need not do anything, and you may close this page.
received-heading = Paid
received-help = Your payment has arrived. Thank you! You may go back to the shop.
settled-heading = Paid and completed
settled-help = Your payment has arrived and the merchant has received the money. You may go back to the shop.
failed-heading = The payment did not go through
failed-help = This invoice is not paid. If money has left your account, ask the merchant and give reference { $reference }.
failed-declined-heading = The payment was declined
failed-declined-help = Your bank or the payment provider said no, and this invoice is not paid. Your bank can tell you why. Questions? Ask the merchant and give reference { $reference }.
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
notice-other-amount = { $amount } was taken, which is not what was asked. Please do not pay again.
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

refund-heading = Your refund
refund-help = { $merchant } gives you { $amount } back. Enter the address at which you want to get it.
refund-warning = Only an address on the { $network } network that can receive { $symbol }. What goes to a wrong address is lost for good. At an exchange, take the deposit address for exactly this coin and network.
refund-address = Your address on { $network }
refund-address-help = It begins with 0x. Copy it from your wallet rather than typing it.
refund-address-malformed = This is not an address. It is 0x and 40 more letters and digits.
refund-address-mistyped = This address is mistyped: capital and small letters do not fit together. Copy it again from your wallet.
refund-address-ours = This is not your address: it belongs to the shop, to the payment page, or to the coin itself.
refund-continue = Continue
refund-not-now = The refund cannot be made at the moment. Nothing was sent, and your link stays good. Try again later, or ask the merchant.
refund-sure-heading = Is this your address?
refund-sure-help = Compare every part of it with your wallet. Once you have confirmed, it cannot be changed.
refund-confirm = Yes, send { $amount } there
refund-change = Use another address
refund-confirmed-heading = Your address is confirmed
refund-confirmed-help = { $amount } will be sent to this address. You need not do anything more, and you may close this page.
refund-done-heading = Your refund has arrived
refund-done-help = { $amount } was sent to this address.
refund-failed-heading = The refund was not made
refund-failed-help = Nothing was sent. Ask the merchant and give reference { $reference }.
refund-gone-heading = This refund link is not valid
refund-gone-help = It is incomplete, too old, or was replaced by a newer one. Ask the merchant for another.

link-heading = Pay { $merchant }
link-amount = Amount in { $currency }
link-between = From { $min } to { $max }.
link-at-least = At least { $min }.
link-at-most = At most { $max }.
link-amount-malformed = Enter an amount like 25 or 25.50.
link-amount-above = This is more than can be paid here.
link-amount-below = This is less than can be paid here.
link-email = Your e-mail address
link-email-help = The shop writes to you there if something about your payment needs to be cleared up.
link-email-malformed = This is not an e-mail address.
link-continue = Continue to payment
link-not-now = The payment cannot be started at the moment. Nothing was charged. Try again later, or ask the shop.
link-off-heading = This payment link is switched off
link-off-help = The shop no longer uses it. Ask the shop for another.
link-expired-heading = This payment link has expired
link-expired-help = It was good for a limited time. Ask the shop for another.
link-paid-heading = This payment link is already paid
link-paid-help = It was for one payment, and that has arrived. There is nothing left to do.
