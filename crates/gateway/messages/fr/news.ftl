# Courriels à l’adresse du marchand et à celle de l’opérateur : l’objet, puis le corps.
news-merchant-signed = Marchand { $number }, { $name }. Si ce n’était pas vous, prévenez aussitôt l’opérateur de la passerelle.
news-operator-signed = Si ce n’était pas vous, quelqu’un peut écrire la configuration de votre passerelle.
news-wallet-entered = Votre portefeuille de règlement a été saisi
    .body =
        Votre portefeuille de règlement est désormais { $address }.

        { news-merchant-signed }
news-wallet-pending = Votre portefeuille de règlement a été saisi
    .body =
        { $address } a été saisi comme portefeuille de règlement. Il n’est pas encore actif.

        { news-merchant-signed }
news-wallet-none = Votre portefeuille de règlement a été retiré
    .body =
        Vous n’avez plus de portefeuille de règlement.

        { news-merchant-signed }
news-wallet-change = Votre portefeuille de règlement va changer
    .body =
        Votre portefeuille de règlement passera de { $old } à { $new } le { $until } UTC. Jusque-là, vous êtes payé sur { $old }, et le changement peut être annulé.

        { news-merchant-signed }
news-wallet-canceled = Le changement de votre portefeuille de règlement a été annulé
    .body =
        Le passage de votre portefeuille de règlement à { $new } a été annulé. Vous êtes payé sur { $old }.

        { news-merchant-signed }
news-wallet-changed = Votre portefeuille de règlement a changé
    .body =
        Votre portefeuille de règlement est désormais { $new }. Auparavant, c’était { $old }.

        { news-merchant-signed }
news-wallet-active = Votre portefeuille de règlement est actif
    .body =
        Votre portefeuille de règlement { $address } a été vérifié et est actif. Vous pouvez désormais y être payé.

        { news-merchant-signed }
news-wallet-refused = Votre portefeuille de règlement n’a pas été accepté
    .body =
        Le portefeuille de règlement { $address } n’a pas été accepté : { $reason }

        Saisissez-en un autre, ou le même une fois cela résolu.

        { news-merchant-signed }
news-sender-added = Un portefeuille a été ajouté à la liste d’où viennent vos fonds
    .body =
        À partir du { $until } UTC, les fonds de vos versements peuvent venir de { $wallet }, et seulement des portefeuilles de votre liste.

        { news-merchant-signed }
news-sender-removed = Un portefeuille a été retiré de la liste d’où viennent vos fonds
    .body =
        À partir du { $until } UTC, { $wallet } n’est plus dans la liste des portefeuilles d’où viennent vos fonds.

        { news-merchant-signed }
news-key-rotated = Une nouvelle clé d’API a été créée
    .body =
        Une nouvelle clé d’API a été créée. Les autres qui peuvent tout faire valent encore 24 heures. Fait par { $by }.

        { news-merchant-signed }
news-key-made = Une nouvelle clé d’API a été créée
    .body =
        Une clé d’API supplémentaire a été créée. Fait par { $by }.

        { news-merchant-signed }
news-key-ended = Une clé d’API a été annulée
    .body =
        La clé d’API qui commence par { $key } ne vaut plus. Fait par { $by }.

        { news-merchant-signed }
news-merchant-stopped = L’opérateur a arrêté votre commerce
    .body =
        L’opérateur de la passerelle a arrêté le marchand { $number }, { $name } : { $reason }

        Ni nouvelles factures, ni nouveaux paiements sur celles qui sont ouvertes, ni versements ne sont possibles. Ce qui a commencé est mené à terme, ce qui vous est dû est réglé, et les remboursements, notifications et listes continuent.
news-merchant-resumed = Votre commerce continue
    .body =
        L’opérateur de la passerelle laisse le marchand { $number }, { $name }, continuer. Les factures et les versements sont de nouveau possibles.
news-callback-moved = Les notifications vont ailleurs
    .body =
        Les notifications vont désormais à { $new } ; auparavant, à { $old }. Fait par { $by }.

        { news-merchant-signed }
news-secret-rotated = Un nouveau secret de webhook a été créé
    .body =
        Un nouveau secret de webhook a été créé. Pendant 24 heures, les notifications sont signées avec les deux. Fait par { $by }.

        { news-merchant-signed }
news-wallet-waits = Le portefeuille d’un marchand attend votre accord
    .body =
        Le marchand { $number }, { $name }, a saisi le portefeuille de règlement { $address }. Il attend votre accord.
news-treasury-set = Une trésorerie est définie
    .body =
        La trésorerie sur { $chain } est désormais { $new } : c’est la première.

        { news-operator-signed }
news-treasury-change = La trésorerie va changer
    .body =
        La configuration nomme { $new } comme trésorerie sur { $chain } ; jusqu’ici, c’est { $old }. Elle devient la trésorerie le { $until } UTC. Jusque-là, rien n’en est envoyé, et `lockgate treasury cancel-change` l’annule.

        { news-operator-signed }
news-treasury-renamed = Le changement de trésorerie a été annulé
    .body =
        { $new } ne devient pas la trésorerie sur { $chain } : la configuration en nomme maintenant une autre.

        { news-operator-signed }
news-treasury-canceled = Le changement de trésorerie a été annulé
    .body =
        { $new } ne devient pas la trésorerie sur { $chain } : l’opérateur l’a annulé.

        { news-operator-signed }
news-treasury-changed = La trésorerie a changé
    .body =
        La trésorerie sur { $chain } est désormais { $new }. Auparavant, c’était { $old }.

        { news-operator-signed }
news-refund-link = Votre remboursement : où doit-il aller ?
    .body =
        { $merchant } vous rembourse { $amount } { $coin } pour la facture { $number }. Ouvrez cette page et saisissez l’adresse sur { $chain } à laquelle vous voulez les recevoir :

        { $page }

        Le lien fonctionne une seule fois, jusqu’au { $until } UTC. Quiconque l’a décide où va l’argent : ne le transmettez à personne. Si vous ne vous y attendiez pas, ne faites rien.
