# Les pages de la personne qui paie. Des mots simples, des phrases courtes, pas de jargon.

lang-nav = Langue
sandbox-ribbon = Bac à sable – pas d’argent réel
order-for = Pour { $email }
order-reference = Référence { $reference }

choose-heading = Comment souhaitez-vous payer ?
choose-help = Choisissez une monnaie et son réseau. Le prix est alors garanti pendant un certain temps.
choose-none = Aucun moyen de paiement n’est disponible pour le moment. Veuillez contacter le marchand.
choose-network = sur { $network }
no-price = Cette monnaie n’a pas de prix en ce moment. Choisissez-en une autre ou réessayez dans une minute.

pay-heading = Payer en { $symbol } sur { $network }
pay-amount = Envoyez exactement
pay-left = Reste à payer
pay-part = { $paid } sur { $total } ont été détectés. Envoyez le reste à la même adresse.
pay-qr = Code QR contenant l’adresse et le montant
pay-qr-help = Scannez-le avec votre portefeuille
pay-address = À cette adresse
pay-wallet = Ouvrir dans le portefeuille
pay-warning = Envoyez uniquement des { $symbol } sur le réseau { $network }. Tout autre envoi ne réglera pas cette facture.
pay-fee = Si votre portefeuille ou votre plateforme prélève des frais sur le montant, ajoutez-les pour que la somme entière arrive.
pay-waiting = En attente de votre paiement. Cette page se met à jour toute seule.
copy-amount = Copier le montant
copy-address = Copier l’adresse
copied = Copié

quote-until = Prix valable jusqu’à { $time } UTC
quote-left = Temps restant
quote-last-minute = Il reste moins d’une minute à ce prix.
quote-expired-heading = Ce prix n’est plus valable
quote-expired-help = Demandez un nouveau prix avant tout envoi. Si vous avez déjà envoyé l’argent, ne faites rien : votre paiement apparaîtra ici.
quote-new = Obtenir un nouveau prix

seen-heading = Paiements détectés
seen-confirmations = { $needed ->
    [one] { $seen } confirmation sur { $needed }
   *[other] { $seen } confirmations sur { $needed }
}
seen-final = Confirmé
seen-reversed = Annulé par le réseau : il ne compte plus
seen-tx = Transaction { $tx }

change-currency = Payer avec une autre monnaie
change-help = Vous avez déjà envoyé quelque chose ? Gardez alors cette monnaie.
cancel = Annuler ce paiement
cancel-sure = N’annulez que si vous n’avez rien envoyé.
cancel-yes = Oui, annuler

confirming-heading = Paiement détecté
confirming-help = Le réseau est en train de le confirmer. Vous n’avez rien à faire et pouvez fermer cette page.
received-heading = Payé
received-help = Votre paiement est bien arrivé. Merci ! Vous pouvez retourner à la boutique.
settled-heading = Payé et terminé
settled-help = Votre paiement est bien arrivé et le marchand a reçu l’argent. Vous pouvez retourner à la boutique.
failed-heading = Le paiement n’a pas abouti
failed-help = Cette facture n’est pas réglée. Si de l’argent a quitté votre compte, contactez le marchand en indiquant la référence { $reference }.
canceled-heading = Vous avez annulé ce paiement
canceled-help = Vous n’avez plus rien à faire. Si vous avez tout de même envoyé de l’argent, contactez le marchand en indiquant la référence { $reference }.
expired-heading = Cette facture a expiré
expired-help = N’envoyez plus rien à son adresse. Si vous avez déjà envoyé de l’argent, contactez le marchand en indiquant la référence { $reference }.
withheld-heading = Votre paiement est en cours de vérification
withheld-help = L’argent est arrivé et reste bloqué pendant la vérification. Ne payez pas une seconde fois. Des questions ? Contactez le marchand en indiquant la référence { $reference }.
chargeback-heading = Ce paiement a été rejeté après coup
chargeback-help = La banque a repris l’argent à la demande du payeur (rétrofacturation). Vous ne vous y attendiez pas ? Contactez le marchand en indiquant la référence { $reference }.

notice-overpaid = Vous avez payé { $amount } de plus que le montant demandé.
notice-late = { $amount } sont arrivés après la clôture de cette facture.
notice-wrong-token = { $amount } sont arrivés sur { $network }. Cette facture ne demandait pas cette monnaie.
notice-kept = C’est enregistré et le marchand en est informé. Votre argent n’est pas perdu : il est allé au marchand. Contactez-le en indiquant la référence { $reference }.

return-to = Retourner chez { $merchant }
return-auto = Vous y serez redirigé dans quelques secondes.
return-stay = Rester sur cette page

not-found-heading = Page de paiement introuvable
not-found-help = Ce lien est incomplet ou n’est plus valable. Retournez à la boutique et recommencez le paiement.
too-many-heading = Trop de requêtes
too-many-help = Veuillez patienter un instant, puis rechargez la page.
try-again = Réessayer
success-heading = Paiement réussi
success-help = Merci ! La boutique en sera informée. Vous pouvez fermer cette page.
cancel-heading = Paiement annulé
cancel-help = Vous pouvez fermer cette page ou retourner à la boutique.
pending-heading = Paiement en cours
pending-help = La boutique sera informée dès qu’il sera confirmé. Ne payez pas une seconde fois. Vous pouvez fermer cette page.
