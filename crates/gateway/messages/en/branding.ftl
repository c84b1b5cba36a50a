# What payers see of a merchant, and what they are sent.
branding-title = What payers see
branding-help = Your logo and colour on the payer's page, on the pages of payment links and refunds, and at the till; the ways to pay; the language you write to payers in, and receipts by e-mail.
branding-open = Logo, colour, ways to pay, language and receipts
branding-logo = Logo
branding-logo-now = It stands at the top of the payer's page in the place of your name.
branding-logo-none = You have no logo yet: payers see your name.
branding-logo-file = Picture
branding-logo-hint = PNG, JPEG or WebP, up to 512 KB. It is drawn to fit 512 × 160 pixels; what is transparent stays so.
branding-logo-save = Upload the logo
branding-logo-remove = Take the logo away
branding-colour = Colour
branding-colour-field = Colour of the main button
branding-colour-hint = Six hexadecimal digits after #. The text on it is black or white, whichever is read better.
branding-colour-save = Save the colour
branding-colour-remove = Take the colour away
branding-contrast = How it is read
branding-contrast-help = Text needs a contrast of { $needed } to 1. Where your colour alone would have less, links and marks are drawn in one that has enough; the button keeps your colour.
branding-on-button = Text on the button
branding-on-light = Links on a light page
branding-on-dark = Links on a dark page
branding-is-white = white, { $contrast } to 1
branding-is-black = black, { $contrast } to 1
branding-is-own = your colour, { $contrast } to 1
branding-is-other = { $colour }, { $contrast } to 1; your colour would have { $own } to 1
branding-preview = Preview
branding-preview-light = On a light page
branding-preview-dark = On a dark page
branding-preview-button = Pay
branding-preview-link = Other ways to pay
branding-ways = Language and receipts
branding-lang = Language for payers
branding-lang-hint = The payer's page speaks the language of the payer's browser. This one is for browsers whose language we do not have, and for mails.
branding-receipts = Send the payer a receipt by e-mail when an invoice is paid
branding-ways-save = Save
branding-offered = Ways to pay
branding-offered-hint = What you turn off is not offered on any invoice from then on. A payer who is paying that way just now may finish, and whatever still arrives is recorded.
branding-way-not-allowed = The operator has not set this up for you.
branding-coins = Coins for payers
branding-coins-hint = An invoice that you make for one coin keeps it, and so does a payer who has begun with one. Coins that the operator adds are offered until you take them out.
wrong-logo-none = Choose a picture first.
wrong-logo-bytes = This file is larger than 512 KB.
wrong-logo-svg = SVG is not taken, because such a file may hold scripts. Save the logo as PNG and upload that.
wrong-logo-picture = This is no PNG, JPEG or WebP that can be read.
wrong-logo-large = This picture has too many pixels: at most 4096 on each side, and 4 million in all.
wrong-logo-small = This picture is too small or too narrow: drawn to fit 512 × 160 pixels, each side needs at least 16.
wrong-colour = Write the colour as # and six hexadecimal digits, for example #0b6a50.
wrong-lang = Choose one of the languages.
wrong-way = The operator has not set this up for you. Ask the operator first.
wrong-ways = Leave at least one way to pay.
wrong-coins = Leave at least one coin, or turn crypto off as a whole.
flash-logo-set = The logo is saved. Payers see it from now on.
flash-logo-removed = The logo is taken away.
flash-bad-no-logo = There is no logo to take away.
flash-colour-set = The colour is saved.
flash-colour-removed = The colour is taken away.
flash-ways-set = Saved.
flash-offered-set = Saved. Payers are offered this from now on.
mail-title = E-mail to the payer
mail-receipt-help = The receipt goes to { $email } as a PDF.
mail-receipt-button = Send the receipt
mail-invoice-help = The invoice goes to { $email } as a PDF, with a link to the payer's page.
mail-invoice-button = Send the invoice
mail-enough = Within 24 hours three mails about this invoice were sent, or a thousand in all. That is enough for now.
mail-not-now = There is nothing to send in this state of the invoice.
flash-mail-written = The mail is on its way.
act-receipt-mail = sent the receipt to the payer
act-invoice-mail = sent the invoice to the payer
letter-receipt-subject = Receipt for invoice { $number } from { $merchant }
letter-receipt = Hello,

    { $merchant } has received your payment of { $amount } for invoice { $number }. The receipt is attached as a PDF.

    If you did not make this payment, answer the seller and not this mail: it is sent by a machine.
letter-invoice-subject = Invoice { $number } from { $merchant }
letter-invoice = Hello,

    { $merchant } asks you to pay { $amount } for invoice { $number }. You can pay here:

    { $page }

    The invoice is attached as a PDF.

    If you do not know of this invoice, do nothing. This mail is sent by a machine; the seller answers questions.
branding-frames = Payment page in a frame
branding-frames-label = Sites that may show it
branding-frames-hint = One to a line, at most ten, each as https:// and a host. Without one, no site can show it in a frame, which is the safest. Banks’ own pages often refuse to be in a frame: better send payers to the page.
wrong-frames = { $word } is no site: write https:// and the host, with a port if it has one, and nothing after it.
wrong-frames-many = At most ten sites.
flash-frames-set = Saved.
