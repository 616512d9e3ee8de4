open = Ouvrir le chat
open-unread = { $count ->
    [one] Ouvrir le chat, { $count } message non lu
   *[other] Ouvrir le chat, { $count } messages non lus
}
close = Fermer le chat
online = Nous sommes en ligne
away = Absents pour le moment. Nous répondrons ici.
greeting = Bonjour ! Comment pouvons-nous vous aider ?
messages = Messages
you = Vous
placeholder = Écrivez un message…
send = Envoyer
attach = Joindre des fichiers
emoji = Insérer un emoji
mute = Couper les sons
options = Options du message
react = Réagir avec { $emoji }
reaction = { $count ->
    [one] { $emoji }, { $count } réaction
   *[other] { $emoji }, { $count } réactions
}
reply = Répondre
copy = Copier le texte
edit = Modifier
delete = Supprimer
delete-sure = Supprimer pour tous ?
editing = Modification du message
replying = Réponse à { $name }
cancel = Annuler
edited = modifié
deleted = Ce message a été supprimé
attachment = Pièce jointe
sending = Envoi en cours
waiting = En attente de connexion
sent = Envoyé
delivered = Distribué
read = Lu
failed = Non envoyé.
retry = Réessayer
discard = Abandonner
typing = { $name } est en train d’écrire
new = Nouveaux messages
jump = Aller au message le plus récent
older = Chargement des messages précédents…
older-failed = Impossible de charger les messages précédents. Réessayer
offline = Vous êtes hors ligne. Vos messages partiront à votre retour.
lost = Connexion perdue. Nouvel essai { $when }.
connecting = Reconnexion…
unreachable = Le chat est injoignable pour le moment.
unavailable = Le chat n’est pas disponible sur cette page.
retry-now = Essayer maintenant
fragile = Gardez cette page ouverte jusqu’à l’envoi de votre message.
sign-in = Connectez-vous pour nous écrire.
file-large = « { $name } » est trop volumineux. La limite est de { $size }.
file-type = « { $name } » est d’un type qui ne peut pas être envoyé ici.
file-empty = « { $name } » est vide.
file-failed = « { $name } » n’a pas pu être envoyé.
file-many = { $count ->
    [one] Un message ne peut contenir que { $count } fichier.
   *[other] Un message ne peut contenir que { $count } fichiers.
}
too-long = { $count ->
    [one] { $count } caractère en trop
   *[other] { $count } caractères en trop
}
uploading = Envoi de { $name }
remove = Retirer { $name }
drop = Déposez les fichiers pour les joindre
download = Télécharger { $name }
view-image = Voir { $name }
close-image = Fermer l’image
previous = Image précédente
next = Image suivante
