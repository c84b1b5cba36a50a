# Mails to a merchant's own address, to the operator's, and to payers whom coins are given back to: the subject, and the body.
news-merchant-signed = Merchant { $number }, { $name }. If this was not you, tell the operator of the gateway at once.
news-operator-signed = If this was not you, somebody can write the configuration of your gateway.
news-wallet-entered = Your settlement wallet was entered
    .body =
        Your settlement wallet is { $address } from now on.

        { news-merchant-signed }
news-wallet-pending = Your settlement wallet was entered
    .body =
        { $address } was entered as your settlement wallet. It is not active yet.

        { news-merchant-signed }
news-wallet-none = Your settlement wallet was entered
    .body =
        You have no settlement wallet any more.

        { news-merchant-signed }
news-wallet-change = Your settlement wallet is to change
    .body =
        Your settlement wallet is to change from { $old } to { $new } on { $until } UTC. Until then you are paid to { $old }, and the change can be canceled.

        { news-merchant-signed }
news-wallet-canceled = The change of your settlement wallet was canceled
    .body =
        The change of your settlement wallet to { $new } was canceled. You are paid to { $old }.

        { news-merchant-signed }
news-wallet-changed = Your settlement wallet has changed
    .body =
        Your settlement wallet is { $new } from now on. Before it was { $old }.

        { news-merchant-signed }
news-wallet-active = Your settlement wallet is active
    .body =
        Your settlement wallet { $address } was checked and is active. You can be paid to it from now on.

        { news-merchant-signed }
news-wallet-refused = Your settlement wallet was not accepted
    .body =
        The settlement wallet { $address } was not accepted: { $reason }

        Enter another one, or the same again once that is solved.

        { news-merchant-signed }
news-sender-added = A wallet was put on the list that your funds come from
    .body =
        From { $until } UTC on, funds for your pay-outs may come from { $wallet }, and only from the wallets on your list.

        { news-merchant-signed }
news-sender-removed = A wallet was taken off the list that your funds come from
    .body =
        From { $until } UTC on, { $wallet } is not on the list of wallets that your funds come from.

        { news-merchant-signed }
news-key-rotated = A new API key was made
    .body =
        A new API key was made. The others that may do everything work for another 24 hours. It was done by { $by }.

        { news-merchant-signed }
news-key-made = A new API key was made
    .body =
        A further API key was made. It was done by { $by }.

        { news-merchant-signed }
news-key-ended = An API key was ended
    .body =
        The API key that begins with { $key } works no longer. It was done by { $by }.

        { news-merchant-signed }
news-merchant-stopped = The operator has stopped your business
    .body =
        The operator of the gateway has stopped merchant { $number }, { $name }: { $reason }

        No new invoices, no new payments on open ones and no pay-outs can be made. What has begun is finished, what is owed to you is settled, and refunds, callbacks and lists go on.
news-merchant-resumed = Your business goes on
    .body =
        The operator of the gateway lets merchant { $number }, { $name }, go on. Invoices and pay-outs can be made again.
news-callback-moved = Callbacks go somewhere else
    .body =
        Callbacks go to { $new } from now on; before, to { $old }. It was done by { $by }.

        { news-merchant-signed }
news-secret-rotated = A new webhook secret was made
    .body =
        A new webhook secret was made. For 24 hours callbacks are signed with both. It was done by { $by }.

        { news-merchant-signed }
news-wallet-waits = A merchant's wallet waits for approval
    .body =
        Merchant { $number }, { $name }, has entered the settlement wallet { $address }. It waits for you to approve it.
news-treasury-set = A treasury is set
    .body =
        The treasury on { $chain } is { $new } from now on: it is the first there.

        { news-operator-signed }
news-treasury-change = The treasury is to change
    .body =
        The configuration names { $new } as the treasury on { $chain }; until now it is { $old }. It becomes the treasury on { $until } UTC. Until then nothing is sent from it, and `lockgate treasury cancel-change` calls it off.

        { news-operator-signed }
news-treasury-renamed = The change of the treasury was canceled
    .body =
        { $new } does not become the treasury on { $chain }: the configuration names another one now.

        { news-operator-signed }
news-treasury-canceled = The change of the treasury was canceled
    .body =
        { $new } does not become the treasury on { $chain }: the operator called it off.

        { news-operator-signed }
news-treasury-changed = The treasury has changed
    .body =
        The treasury on { $chain } is { $new } from now on. Before it was { $old }.

        { news-operator-signed }
news-refund-link = Your refund: where shall it go?
    .body =
        { $merchant } gives { $amount } { $coin } back to you for invoice { $number }. Open this page and enter the address on { $chain } at which you want to get it:

        { $page }

        The link works once, until { $until } UTC. Whoever has it decides where the money goes: do not pass it on. If you did not expect this, do nothing.
