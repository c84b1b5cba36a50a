# The frame of every page of the dashboard.
skip-to-content = Aller au contenu
sandbox-label = Bac à sable
sandbox-mark = Bac à sable : rien ici n’est de l’argent réel
support-label = Vue d’assistance
support-mark = Vous consultez les pages de { $merchant } et ne pouvez rien modifier.
stopped-label = Arrêté par l’opérateur
stopped-mark = L’opérateur a arrêté ce commerce. Rien de nouveau ne commence : ni factures, ni paiements sur celles qui sont ouvertes, ni versements. Ce qui a commencé est mené à terme, et ce qui est dû est réglé. Pourquoi :
support-leave = Retour aux pages de l’opérateur
operator-badge = Opérateur
place-number = Marchand { $number }
nav-label = Pages
crumbs-label = Où vous êtes
lang-label = Langue
switch-to = Passer à { $merchant }
to-operator = Vers les pages de l’opérateur
to-home = Vers la page d’accueil
sign-out = Se déconnecter
flash-signed-out = Vous êtes déconnecté.
not-found = Il n’y a rien ici
not-found-help = L’adresse est peut-être erronée, ou ce qu’elle désigne n’est pas à vous.
forbidden = Votre rôle ne le permet pas
forbidden-help = Si vous en avez besoin, demandez à un propriétaire ou administrateur de votre équipe de changer votre rôle.
foreign-form = Ce formulaire n’a pas pu être accepté
foreign-form-help = Il est resté ouvert trop longtemps, ou n’a pas été envoyé depuis notre page. Rien n’a été modifié. Rouvrez la page et recommencez.
too-many = Trop de requêtes
too-many-help = Attendez une minute, puis réessayez.
too-large = C’est trop volumineux
too-large-help = Un formulaire avec ses fichiers peut peser 2 Mo.
unavailable = Ce n’est pas possible pour le moment
unavailable-help = Attendez un instant, puis réessayez. Si cela persiste, prévenez la personne qui exploite cette passerelle.
email = E-mail
password = Mot de passe
login-title = Connexion
login-button = Se connecter
login-wrong = L’e-mail ou le mot de passe est incorrect.
login-unconfirmed = Cette adresse n’est pas encore confirmée. Utilisez le lien du message que nous vous avons envoyé.
login-wait = { $minutes ->
    [one] Trop de tentatives. Réessayez dans une minute.
   *[other] Trop de tentatives. Réessayez dans { $minutes } minutes.
}
nav-home = Accueil
nav-merchants = Marchands
merchant-name = Nom
merchant-number = Numéro de marchand
settlement-wallet = Portefeuille de règlement
wallet-missing = Aucun pour l’instant
look-at = Consulter
