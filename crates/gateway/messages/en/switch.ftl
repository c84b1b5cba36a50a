# The way between a live gateway and its sandbox.
switch-label = Live or sandbox
switch-live = Live
switch-back = Back to live
switch-refused = You were not let in
switch-expired = This way in took too long: it is open for a minute.
switch-used = This way in was used before: each is good once.
switch-foreign = This sandbox cannot read who sent you. Come in from your pages of the live gateway.
switch-elsewhere = This way in was begun in another browser, or too long ago.
switch-disabled = Your account is disabled in this sandbox. Its operator can enable it.
switch-again = Try again
switch-about = Nothing here is real money. Shops try here how they sell: what is paid is only pretended, and nobody is charged.
switch-about-merchants = Is this your shop? Then you are the payer and the bank on its page.
switch-controls = To the sandbox's page
flash-bad-switch-support = Only members of this merchant's team can go into its sandbox.
flash-bad-switch-undone = Your visit to the sandbox had ended, so what you sent was not done. You are in again: please do it once more.
# The sandbox's page, where merchants of one gateway share a sandbox.
sb-intro-shared = Here you are the payer and the bank of your own invoices. Nothing is real money. All merchants share the chain and the clock: nobody moves the clock, and blocks come with each payment in coins, whoever makes it, so yours may be confirmed sooner than you expect.
sb-wrong-outcome = This cannot happen here.
sb-coins-title = Fund your balance
sb-coins-help = Sends test coins to the treasury, as from your wallet. You then report them, as on the live gateway; the report is filled in.
sb-coins-button = Send test coins
flash-sb-coins = The coins are sent. Report them now.
