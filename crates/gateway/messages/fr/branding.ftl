# Ce que les payeurs voient d'un commerçant, et ce qu'ils reçoivent.
branding-title = Ce que voient les payeurs
branding-help = Votre logo et votre couleur sur la page du payeur, sur les pages des liens de paiement et des remboursements, et à la caisse ; les moyens de paiement ; la langue dans laquelle vous écrivez aux payeurs, et les reçus par e-mail.
branding-open = Logo, couleur, moyens de paiement, langue et reçus
branding-logo = Logo
branding-logo-now = Il figure en haut de la page du payeur, à la place de votre nom.
branding-logo-none = Vous n'avez pas encore de logo : les payeurs voient votre nom.
branding-logo-file = Image
branding-logo-hint = PNG, JPEG ou WebP, 512 Ko au plus. Elle est réduite pour tenir dans 512 × 160 pixels ; la transparence est conservée.
branding-logo-save = Envoyer le logo
branding-logo-remove = Retirer le logo
branding-colour = Couleur
branding-colour-field = Couleur du bouton principal
branding-colour-hint = Six chiffres hexadécimaux après #. Le texte du bouton est noir ou blanc, selon ce qui se lit le mieux.
branding-colour-save = Enregistrer la couleur
branding-colour-remove = Retirer la couleur
branding-contrast = Lisibilité
branding-contrast-help = Un texte demande un contraste de { $needed } à 1. Là où votre couleur seule en aurait moins, les liens et les marques prennent une couleur qui suffit ; le bouton garde la vôtre.
branding-on-button = Texte sur le bouton
branding-on-light = Liens sur une page claire
branding-on-dark = Liens sur une page sombre
branding-is-white = blanc, { $contrast } à 1
branding-is-black = noir, { $contrast } à 1
branding-is-own = votre couleur, { $contrast } à 1
branding-is-other = { $colour }, { $contrast } à 1 ; votre couleur aurait { $own } à 1
branding-preview = Aperçu
branding-preview-light = Sur une page claire
branding-preview-dark = Sur une page sombre
branding-preview-button = Payer
branding-preview-link = Autres moyens de paiement
branding-ways = Langue et reçus
branding-lang = Langue des payeurs
branding-lang-hint = La page du payeur parle la langue de son navigateur. Celle-ci sert aux navigateurs dont nous n'avons pas la langue, et aux e-mails.
branding-receipts = Envoyer au payeur un reçu par e-mail quand une facture est payée
branding-ways-save = Enregistrer
branding-offered = Moyens de paiement
branding-offered-hint = Ce que vous désactivez n'est plus proposé sur aucune facture. Un payeur qui est en train de payer ainsi peut terminer, et tout ce qui arrive encore est enregistré.
branding-way-not-allowed = L'opérateur ne l'a pas configuré pour vous.
branding-coins = Monnaies pour les payeurs
branding-coins-hint = Une facture faite pour une monnaie la garde, et de même un payeur qui a commencé avec l'une d'elles. Les monnaies que l'opérateur ajoute sont proposées tant que vous ne les retirez pas.
wrong-logo-none = Choisissez d'abord une image.
wrong-logo-bytes = Ce fichier dépasse 512 Ko.
wrong-logo-svg = Le format SVG n'est pas accepté, car un tel fichier peut contenir des scripts. Enregistrez le logo en PNG et envoyez-le.
wrong-logo-picture = Ce n'est pas une image PNG, JPEG ou WebP lisible.
wrong-logo-large = Cette image a trop de pixels : 4096 au plus de chaque côté, et 4 millions en tout.
wrong-logo-small = Cette image est trop petite ou trop étroite : réduite à 512 × 160 pixels, chaque côté doit en avoir au moins 16.
wrong-colour = Écrivez la couleur avec # et six chiffres hexadécimaux, par exemple #0b6a50.
wrong-lang = Choisissez l'une des langues.
wrong-way = L'opérateur ne l'a pas configuré pour vous. Demandez-le-lui d'abord.
wrong-ways = Laissez au moins un moyen de paiement.
wrong-coins = Laissez au moins une monnaie, ou désactivez les cryptomonnaies dans leur ensemble.
flash-logo-set = Le logo est enregistré. Les payeurs le voient dès maintenant.
flash-logo-removed = Le logo est retiré.
flash-bad-no-logo = Il n'y a pas de logo à retirer.
flash-colour-set = La couleur est enregistrée.
flash-colour-removed = La couleur est retirée.
flash-ways-set = Enregistré.
flash-offered-set = Enregistré. C'est ce qui est proposé aux payeurs désormais.
mail-title = E-mail au payeur
mail-receipt-help = Le reçu part à { $email } en PDF.
mail-receipt-button = Envoyer le reçu
mail-invoice-help = La facture part à { $email } en PDF, avec un lien vers la page du payeur.
mail-invoice-button = Envoyer la facture
mail-enough = En 24 heures, trois e-mails sur cette facture sont partis, ou mille en tout. Cela suffit pour l'instant.
mail-not-now = Il n'y a rien à envoyer dans cet état de la facture.
flash-mail-written = L'e-mail est en route.
act-receipt-mail = a envoyé le reçu au payeur
act-invoice-mail = a envoyé la facture au payeur
letter-receipt-subject = Reçu de la facture { $number } de { $merchant }
letter-receipt = Bonjour,

    { $merchant } a reçu votre paiement de { $amount } pour la facture { $number }. Le reçu est joint en PDF.

    Si vous n'avez pas fait ce paiement, écrivez au vendeur et non à cette adresse : cet e-mail vient d'une machine.
letter-invoice-subject = Facture { $number } de { $merchant }
letter-invoice = Bonjour,

    { $merchant } vous demande de payer { $amount } pour la facture { $number }. Vous pouvez payer ici :

    { $page }

    La facture est jointe en PDF.

    Si vous ne connaissez pas cette facture, ne faites rien. Cet e-mail vient d'une machine ; le vendeur répond aux questions.
branding-frames = Page de paiement dans un cadre
branding-frames-label = Sites qui peuvent la montrer
branding-frames-hint = Un par ligne, dix au plus, chacun avec https:// et un hôte. Sans aucun, aucun site ne peut la montrer dans un cadre, ce qui est le plus sûr. Les pages des banques refusent souvent d’être dans un cadre : envoyez plutôt les payeurs sur la page.
wrong-frames = { $word } n’est pas un site : écrivez https:// et l’hôte, avec un port s’il y en a un, et rien après.
wrong-frames-many = Dix sites au plus.
flash-frames-set = Enregistré.
