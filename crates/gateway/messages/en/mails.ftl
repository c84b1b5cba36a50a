# Mails to people about their accounts: the subject, and the body.
mail-if-not-you = If this was not you, change your password at once and end the sessions you do not know.
mail-confirm = Confirm your address
    .body =
        Open this link to confirm that this is your address. It is good for 3 days.

        { $link }
mail-already-there = You have an account already
    .body =
        Somebody, perhaps you, has asked for an account with this address, which has one. Sign in at { $base }/login, or choose a new password at { $base }/forgot. If it was not you, there is nothing to do.
mail-reset = Choose a new password
    .body =
        Open this link to choose a new password. It works once, for an hour.

        { $link }

        If you did not ask for it, there is nothing to do.
mail-new-browser = A new browser signed in
    .body =
        Your account was signed in to from { $ip } with a browser that we did not know:

        { $agent }

        { mail-if-not-you }
        { $base }/account/
mail-password-changed = Your password was changed
    .body =
        Your password was changed, and all other sessions ended. If this was not you, choose another at { $base }/forgot.
mail-factor-on = Two-step sign-in is on
    .body =
        Codes of an app are asked for from now on. { mail-if-not-you }
mail-factor-off = Two-step sign-in is off
    .body =
        Only your password is asked for from now on. { mail-if-not-you }
mail-recovery-codes = New recovery codes were made
    .body =
        New recovery codes were made for your account; those before work no longer. { mail-if-not-you }
mail-codes-off = Codes of your app are off
    .body =
        One of your passkeys is still asked for. { mail-if-not-you }
mail-passkey-added = A passkey was added
    .body =
        The passkey “{ $name }” signs in to your account from now on. { mail-if-not-you }
        { $base }/account/passkeys
mail-passkey-removed = A passkey was removed
    .body =
        The passkey “{ $name }” was removed from your account. { mail-if-not-you }
mail-passkey-last = Your last passkey was removed
    .body =
        The passkey “{ $name }” was removed from your account. Only your password is asked for from now on. { mail-if-not-you }
mail-passkey-refused = A passkey was refused
    .body =
        Somebody tried to sign in with the passkey “{ $name }”, whose count of uses is lower than it was: there may be a copy of it. Remove it and add a new one: { $base }/account/passkeys

        { mail-if-not-you }
mail-invited = You are invited to a team
    .body =
        { $by } invites you to work with { $merchant }. Open this link within 7 days:

        { $link }
mail-joined = Somebody joined your team
    .body =
        { $who } now belongs to the team of { $merchant }: { $base }/client/team
mail-removed = You were taken off a team
    .body =
        You do not belong to the team of { $merchant } any more.
mail-disabled = Your account was changed
    .body =
        Your account was disabled. Ask the operator of the gateway if you think that this is a mistake.

        { $base }
mail-enabled = Your account was changed
    .body =
        Your account works again: you can sign in.

        { $base }
mail-operator-added = Your account was changed
    .body =
        You are an operator of this gateway from now on.

        { $base }
mail-operator-ended = Your account was changed
    .body =
        You are not an operator of this gateway any more.

        { $base }
