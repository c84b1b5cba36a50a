# The frame of every page of the dashboard.
skip-to-content = Skip to the content
sandbox-label = Sandbox
sandbox-mark = Sandbox: nothing here is real money
support-label = Support view
support-mark = You look at the pages of { $merchant } and can change nothing.
stopped-label = Stopped by the operator
stopped-mark = The operator has stopped this business. Nothing new begins: no invoices, no payments on open ones, no pay-outs. What has begun is finished, and what is owed is settled. Why:
support-leave = Back to the operator's pages
operator-badge = Operator
place-number = Merchant { $number }
nav-label = Pages
crumbs-label = Where you are
lang-label = Language
switch-to = Switch to { $merchant }
to-operator = To the operator's pages
to-home = To the start page
sign-out = Sign out
flash-signed-out = You are signed out.
not-found = There is nothing here
not-found-help = The address may be mistyped, or what it names is not yours.
forbidden = Your role does not include this
forbidden-help = Ask an owner or admin of your team to change your role if you need it.
foreign-form = This form could not be taken
foreign-form-help = It was open for too long, or was not sent from our page. Nothing was changed. Open the page again and repeat.
too-many = Too many requests
too-many-help = Wait a minute, then try again.
too-large = This is too large
too-large-help = A form with its files may have 2 MB.
unavailable = This is not possible now
unavailable-help = Wait a moment, then try again. If it goes on, tell whoever runs this gateway.
email = E-mail
password = Password
login-title = Sign in
login-button = Sign in
login-wrong = E-mail or password is not right.
login-unconfirmed = This address is not confirmed yet. Use the link in the mail that we sent you.
login-wait = { $minutes ->
    [one] Too many tries. Try again in a minute.
   *[other] Too many tries. Try again in { $minutes } minutes.
}
nav-home = Home
nav-merchants = Merchants
merchant-name = Name
merchant-number = Merchant number
settlement-wallet = Settlement wallet
wallet-missing = None yet
look-at = Look at
