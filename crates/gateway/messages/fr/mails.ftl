# Mails to people about their accounts: the subject, and the body.
mail-if-not-you = Si ce n’était pas vous, changez tout de suite de mot de passe et fermez les sessions que vous ne connaissez pas.
mail-confirm = Confirmez votre adresse
    .body =
        Ouvrez ce lien pour confirmer que cette adresse est la vôtre. Il est valable 3 jours.

        { $link }
mail-already-there = Vous avez déjà un compte
    .body =
        Quelqu’un, peut-être vous, a demandé un compte pour cette adresse, qui en a déjà un. Connectez-vous à { $base }/login, ou choisissez un nouveau mot de passe à { $base }/forgot. Si ce n’était pas vous, il n’y a rien à faire.
mail-reset = Choisissez un nouveau mot de passe
    .body =
        Ouvrez ce lien pour choisir un nouveau mot de passe. Il sert une seule fois, pendant une heure.

        { $link }

        Si vous ne l’avez pas demandé, il n’y a rien à faire.
mail-new-browser = Connexion depuis un nouveau navigateur
    .body =
        Une connexion à votre compte a eu lieu depuis { $ip }, avec un navigateur que nous ne connaissions pas :

        { $agent }

        { mail-if-not-you }
        { $base }/account/
mail-password-changed = Votre mot de passe a changé
    .body =
        Votre mot de passe a changé et toutes les autres sessions sont fermées. Si ce n’était pas vous, choisissez-en un autre à { $base }/forgot.
mail-factor-on = La connexion en deux étapes est activée
    .body =
        Le code d’une application est désormais demandé. { mail-if-not-you }
mail-factor-off = La connexion en deux étapes est désactivée
    .body =
        Seul votre mot de passe est désormais demandé. { mail-if-not-you }
mail-recovery-codes = De nouveaux codes de secours ont été créés
    .body =
        De nouveaux codes de secours ont été créés pour votre compte ; les précédents ne valent plus. { mail-if-not-you }
mail-codes-off = Les codes de votre application sont désactivés
    .body =
        Une de vos clés d’accès est toujours demandée. { mail-if-not-you }
mail-passkey-added = Une clé d’accès a été ajoutée
    .body =
        La clé d’accès « { $name } » donne désormais accès à votre compte. { mail-if-not-you }
        { $base }/account/passkeys
mail-passkey-removed = Une clé d’accès a été supprimée
    .body =
        La clé d’accès « { $name } » a été supprimée de votre compte. { mail-if-not-you }
mail-passkey-last = Votre dernière clé d’accès a été supprimée
    .body =
        La clé d’accès « { $name } » a été supprimée de votre compte. Seul votre mot de passe est désormais demandé. { mail-if-not-you }
mail-passkey-refused = Une clé d’accès a été refusée
    .body =
        Quelqu’un a tenté de se connecter avec la clé d’accès « { $name } », dont le compteur d’utilisations a reculé : il en existe peut-être une copie. Supprimez-la et ajoutez-en une nouvelle : { $base }/account/passkeys

        { mail-if-not-you }
mail-invited = Vous êtes invité dans une équipe
    .body =
        { $by } vous invite à travailler avec { $merchant }. Ouvrez ce lien sous 7 jours :

        { $link }
mail-joined = Quelqu’un a rejoint votre équipe
    .body =
        { $who } fait maintenant partie de l’équipe de { $merchant } : { $base }/client/team
mail-removed = Vous ne faites plus partie d’une équipe
    .body =
        Vous ne faites plus partie de l’équipe de { $merchant }.
mail-disabled = Votre compte a changé
    .body =
        Votre compte a été désactivé. Si vous pensez que c’est une erreur, adressez-vous à l’opérateur de la passerelle.

        { $base }
mail-enabled = Votre compte a changé
    .body =
        Votre compte fonctionne de nouveau : vous pouvez vous connecter.

        { $base }
mail-operator-added = Votre compte a changé
    .body =
        Vous êtes désormais opérateur de cette passerelle.

        { $base }
mail-operator-ended = Votre compte a changé
    .body =
        Vous n’êtes plus opérateur de cette passerelle.

        { $base }
