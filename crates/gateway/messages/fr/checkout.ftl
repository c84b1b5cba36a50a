# Les pages de la personne qui paie. Des mots simples, des phrases courtes, pas de jargon.

lang-nav = Langue
sandbox-ribbon = Bac à sable – pas d’argent réel
order-for = Pour { $email }
order-reference = Référence { $reference }

choose-heading = Comment souhaitez-vous payer ?
choose-help = Choisissez une monnaie et son réseau. Le prix est alors garanti pendant un certain temps.
choose-none = Aucun moyen de paiement n’est disponible pour le moment. Veuillez contacter le marchand.
choose-network = sur { $network }
choose-coins = Cryptomonnaie
method-card = Carte bancaire
method-card-help = crédit ou débit
method-upi-help = avec une application UPI
way-unavailable = Ce moyen de paiement n’est pas disponible pour le moment. Rien n’a été débité. Choisissez-en un autre ou réessayez dans quelques minutes.
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

card-heading = Payer par carte
card-sandbox = Ceci est un bac à sable. N’entrez jamais une vraie carte.
card-number = Numéro de carte
card-number-hint = Ce numéro semble mal saisi. Comparez-le avec votre carte.
card-expiry = Date d’expiration
card-expiry-help = Mois et année, comme { $example }
card-code = Code de sécurité
card-code-help = 3 chiffres au dos ; American Express : 4 au recto
card-code-three = Les 3 chiffres au dos
card-code-four = Les 4 chiffres au recto
card-holder = Nom figurant sur la carte
card-pay = Payer { $amount }
card-busy = Envoi en cours, veuillez patienter…
card-elsewhere = Vous saisissez votre carte sur la page sécurisée de { $provider }, puis vous revenez ici.
card-unavailable = Le paiement par carte n’est pas possible pour le moment. Choisissez un autre moyen ou contactez le marchand.
card-needs-script = Ici, le paiement par carte nécessite JavaScript. Activez-le ou choisissez un autre moyen de paiement.
card-fields-label = Données de la carte
card-fields-help = Votre saisie va directement à { $provider }. Ni la boutique ni cette page ne la voient.
card-fields-failed = Les champs de la carte n’ont pas pu être chargés. Rechargez la page ou choisissez un autre moyen de paiement.

card-problem = À corriger
card-number-missing = Saisissez le numéro de carte.
card-number-invalid = Ce numéro de carte n’est pas valable. Comparez-le avec votre carte.
card-expiry-missing = Saisissez la date d’expiration.
card-expiry-invalid = Saisissez le mois et l’année d’expiration, comme { $example }.
card-expiry-past = Cette carte a expiré. Utilisez-en une autre.
card-code-missing = Saisissez le code de sécurité.
card-code-invalid = Le code de sécurité de cette carte comporte { $digits } chiffres.
card-holder-missing = Saisissez le nom figurant sur la carte.
card-holder-number = Cela ressemble à un numéro de carte. Saisissez ici le nom, et le numéro dans son propre champ.

declined-heading = La carte a été refusée
declined-funds = Selon votre banque, le solde ne suffit pas pour ce paiement. Utilisez une autre carte ou un autre moyen de paiement.
declined-again = Votre banque n’a pas pu donner son accord à l’instant. Réessayez ou utilisez une autre carte.
declined-code = Le code de sécurité n’était pas le bon. Vérifiez-le et réessayez.
declined-expired = Selon votre banque, cette carte a expiré. Utilisez-en une autre.
declined-authentication = Votre banque n’a pas pu confirmer qu’il s’agissait de vous. Réessayez ou utilisez une autre carte.
declined-other = Votre banque a refusé ce paiement et peut vous dire pourquoi. Utilisez une autre carte ou un autre moyen de paiement.

continue-bank-heading = Votre banque vous demande de confirmer
continue-bank-help = Confirmez le paiement sur la page de votre banque. Vous revenez ensuite ici.
continue-bank = Aller à votre banque
continue-provider = Continuer vers { $provider }
continue-going = Nous vous y conduisons. Si rien ne se passe, appuyez sur le bouton.

test-cards = Cartes de test
test-approved = acceptée
test-challenge = la banque demande une confirmation (3-D Secure)
test-declined = refusée
test-funds = solde insuffisant ; un nouvel essai est possible
test-soft = d’abord refusée, puis demande 3-D Secure
test-chargeback = payée, puis rejetée après coup
test-withheld = payée, mais bloquée pour vérification
test-lost = débitée, mais la réponse se perd

upi-heading = Payer par UPI
upi-amount = Payez exactement
upi-rate = Taux de change : { $rate }
upi-until = À payer avant { $time } UTC
upi-last-minute = Il reste moins d’une minute pour payer.
upi-open = Ouvrir l’application UPI
upi-qr-show = Afficher le code QR
upi-qr = Code QR pour les applications UPI
upi-qr-help = Scannez-le avec une application UPI
upi-simulated = Ouvrir l’application UPI simulée
upi-preparing = Le paiement UPI est en préparation. Cette page se met à jour toute seule.
upi-unavailable = Le paiement par UPI n’est pas possible pour le moment. Choisissez un autre moyen ou contactez le marchand.

vpa-to = À cet identifiant UPI
vpa-reference = Avec cette référence
copy-vpa = Copier l’identifiant UPI
copy-reference = Copier la référence
vpa-waiting = En attente : le marchand doit confirmer que votre paiement est arrivé. Cette page se met à jour toute seule.
rrn-label = Déjà payé ? Saisissez la référence bancaire à 12 chiffres
rrn-help = Votre application UPI l’indique dans le détail du paiement : UTR, RRN ou référence UPI. Elle aide le marchand à retrouver votre paiement.
rrn-send = Envoyer la référence
rrn-malformed = Ce n’est pas une référence bancaire. Elle comporte exactement 12 chiffres.
rrn-used = Cette référence bancaire appartient à un autre paiement. Vérifiez-la.
rrn-correct = Corriger la référence bancaire
claimed-heading = Le marchand vérifie votre paiement
claimed-help = Vous avez indiqué la référence bancaire { $rrn }. Ne payez pas une seconde fois. Vous pouvez fermer cette page ; le marchand confirmera l’arrivée de l’argent.

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
change-method = Payer autrement
change-help-paid = Vous avez déjà payé ? Restez alors ici et ne payez pas une seconde fois.
cancel = Annuler ce paiement
cancel-sure = N’annulez que si vous n’avez rien envoyé.
cancel-sure-paid = N’annulez que si vous n’avez pas payé.
cancel-yes = Oui, annuler

confirming-heading = Paiement détecté
confirming-help = Le réseau est en train de le confirmer. Vous n’avez rien à faire et pouvez fermer cette page.
processing-card-heading = Votre paiement par carte est en cours de traitement
processing-upi-heading = Votre paiement UPI est en cours de traitement
processing-help = Ne payez pas une seconde fois. Vous n’avez rien à faire et pouvez fermer cette page.
received-heading = Payé
received-help = Votre paiement est bien arrivé. Merci ! Vous pouvez retourner à la boutique.
settled-heading = Payé et terminé
settled-help = Votre paiement est bien arrivé et le marchand a reçu l’argent. Vous pouvez retourner à la boutique.
failed-heading = Le paiement n’a pas abouti
failed-help = Cette facture n’est pas réglée. Si de l’argent a quitté votre compte, contactez le marchand en indiquant la référence { $reference }.
failed-declined-heading = Le paiement a été refusé
failed-declined-help = Votre banque ou le prestataire de paiement a refusé, et cette facture n’est pas réglée. Votre banque peut vous dire pourquoi. Des questions ? Contactez le marchand en indiquant la référence { $reference }.
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
notice-other-amount = { $amount } ont été prélevés, ce qui n’est pas le montant demandé. Merci de ne pas payer une nouvelle fois.
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

refund-heading = Votre remboursement
refund-help = { $merchant } vous rembourse { $amount }. Indiquez l’adresse à laquelle vous voulez les recevoir.
refund-warning = Seulement une adresse sur le réseau { $network } qui accepte les { $symbol }. Ce qui part à une mauvaise adresse est définitivement perdu. Sur une plateforme d’échange, prenez l’adresse de dépôt prévue pour cette monnaie et ce réseau.
refund-address = Votre adresse sur { $network }
refund-address-help = Elle commence par 0x. Copiez-la depuis votre portefeuille plutôt que de la saisir.
refund-address-malformed = Ce n’est pas une adresse. Elle se compose de 0x suivi de 40 lettres et chiffres.
refund-address-mistyped = Cette adresse contient une faute de frappe : les majuscules et les minuscules ne concordent pas. Copiez-la de nouveau depuis votre portefeuille.
refund-address-ours = Cette adresse n’est pas la vôtre : elle appartient à la boutique, à la page de paiement ou à la monnaie elle-même.
refund-continue = Continuer
refund-not-now = Le remboursement est impossible pour le moment. Rien n’a été envoyé et votre lien reste valable. Réessayez plus tard ou contactez le marchand.
refund-sure-heading = Est-ce bien votre adresse ?
refund-sure-help = Comparez-la en entier avec votre portefeuille. Une fois confirmée, elle ne peut plus être modifiée.
refund-confirm = Oui, y envoyer { $amount }
refund-change = Utiliser une autre adresse
refund-confirmed-heading = Votre adresse est confirmée
refund-confirmed-help = { $amount } seront envoyés à cette adresse. Vous n’avez plus rien à faire et pouvez fermer cette page.
refund-done-heading = Votre remboursement est arrivé
refund-done-help = { $amount } ont été envoyés à cette adresse.
refund-failed-heading = Le remboursement n’a pas eu lieu
refund-failed-help = Rien n’a été envoyé. Contactez le marchand en indiquant la référence { $reference }.
refund-gone-heading = Ce lien de remboursement n’est pas valable
refund-gone-help = Il est incomplet, trop ancien, ou a été remplacé par un plus récent. Demandez-en un autre au marchand.

link-heading = Payer { $merchant }
link-amount = Montant en { $currency }
link-between = De { $min } à { $max }.
link-at-least = Au moins { $min }.
link-at-most = Au plus { $max }.
link-amount-malformed = Saisissez un montant comme 25 ou 25,50.
link-amount-above = C’est plus que ce qui peut être payé ici.
link-amount-below = C’est moins que ce qui peut être payé ici.
link-email = Votre adresse e-mail
link-email-help = La boutique vous y écrit si quelque chose doit être éclairci au sujet de votre paiement.
link-email-malformed = Ce n’est pas une adresse e-mail.
link-continue = Continuer vers le paiement
link-not-now = Le paiement ne peut pas commencer pour le moment. Rien n’a été débité. Réessayez plus tard ou demandez à la boutique.
link-off-heading = Ce lien de paiement est désactivé
link-off-help = La boutique ne l’utilise plus. Demandez-lui-en un autre.
link-expired-heading = Ce lien de paiement a expiré
link-expired-help = Il n’était valable qu’un certain temps. Demandez-en un autre à la boutique.
link-paid-heading = Ce lien de paiement est déjà réglé
link-paid-help = Il servait à un seul paiement, qui est arrivé. Vous n’avez plus rien à faire.
