# The way between a live gateway and its sandbox.
switch-label = Réel ou bac à sable
switch-live = Réel
switch-back = Retour au réel
switch-refused = Vous n’avez pas pu entrer
switch-expired = Cette entrée a pris trop de temps : elle reste ouverte une minute.
switch-used = Cette entrée a déjà servi : chacune ne vaut qu’une fois.
switch-foreign = Ce bac à sable ne peut pas lire qui vous envoie. Entrez depuis vos pages de la passerelle réelle.
switch-elsewhere = Cette entrée a été commencée dans un autre navigateur, ou il y a trop longtemps.
switch-disabled = Votre compte est désactivé dans ce bac à sable. Son opérateur peut le réactiver.
switch-again = Réessayer
switch-about = Rien ici n’est de l’argent réel. Les boutiques essaient ici comment elles vendent : ce qui est payé n’est que simulé, et personne n’est débité.
switch-about-merchants = C’est votre boutique ? Alors, sur sa page, vous êtes le payeur et la banque.
switch-controls = Vers la page du bac à sable
flash-bad-switch-support = Seuls les membres de l’équipe de ce marchand peuvent entrer dans son bac à sable.
flash-bad-switch-undone = Votre visite du bac à sable était terminée : ce que vous avez envoyé n’a pas été fait. Vous y êtes de nouveau : veuillez recommencer.
# The sandbox's page, where merchants of one gateway share a sandbox.
sb-intro-shared = Ici, vous êtes le payeur et la banque de vos propres factures. Rien n’est de l’argent réel. Tous les marchands partagent la chaîne et l’horloge : personne ne déplace l’horloge, et des blocs viennent avec chaque paiement en cryptomonnaie, quel qu’en soit l’auteur ; le vôtre peut donc être confirmé plus tôt que prévu.
sb-wrong-outcome = Cela ne peut pas arriver ici.
sb-coins-title = Approvisionner votre solde
sb-coins-help = Envoie des pièces de test à la trésorerie, comme depuis votre portefeuille. Vous les déclarez ensuite, comme sur la passerelle réelle ; la déclaration est déjà remplie.
sb-coins-button = Envoyer des pièces de test
flash-sb-coins = Les pièces sont envoyées. Déclarez-les maintenant.
