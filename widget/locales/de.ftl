open = Chat öffnen
open-unread = { $count ->
    [one] Chat öffnen, { $count } ungelesene Nachricht
   *[other] Chat öffnen, { $count } ungelesene Nachrichten
}
close = Chat schließen
online = Wir sind online
away = Gerade nicht da. Wir antworten hier.
greeting = Hallo! Wie können wir helfen?
messages = Nachrichten
you = Sie
placeholder = Nachricht schreiben …
send = Senden
attach = Dateien anhängen
emoji = Emoji einfügen
mute = Töne stummschalten
options = Optionen der Nachricht
react = Mit { $emoji } reagieren
reaction = { $count ->
    [one] { $emoji }, { $count } Reaktion
   *[other] { $emoji }, { $count } Reaktionen
}
reply = Antworten
copy = Text kopieren
edit = Bearbeiten
delete = Löschen
delete-sure = Für alle löschen?
editing = Nachricht bearbeiten
replying = Antwort an { $name }
cancel = Abbrechen
edited = bearbeitet
deleted = Diese Nachricht wurde gelöscht
attachment = Anhang
sending = Wird gesendet
waiting = Wartet auf Verbindung
sent = Gesendet
delivered = Zugestellt
read = Gelesen
failed = Nicht gesendet.
retry = Erneut versuchen
discard = Verwerfen
typing = { $name } schreibt
new = Neue Nachrichten
jump = Zur neuesten Nachricht
older = Frühere Nachrichten werden geladen …
older-failed = Frühere Nachrichten konnten nicht geladen werden. Erneut versuchen
offline = Sie sind offline. Nachrichten gehen hinaus, sobald Sie zurück sind.
lost = Verbindung verloren. Neuer Versuch { $when }.
connecting = Verbindung wird wiederhergestellt …
unreachable = Der Chat ist gerade nicht erreichbar.
unavailable = Der Chat ist auf dieser Seite nicht verfügbar.
retry-now = Jetzt versuchen
fragile = Lassen Sie diese Seite offen, bis Ihre Nachricht gesendet ist.
sign-in = Bitte melden Sie sich an, um uns zu schreiben.
file-large = „{ $name }“ ist zu groß. Die Grenze liegt bei { $size }.
file-type = „{ $name }“ ist ein Dateityp, der hier nicht gesendet werden kann.
file-empty = „{ $name }“ ist leer.
file-failed = „{ $name }“ konnte nicht hochgeladen werden.
file-many = { $count ->
    [one] In eine Nachricht passt nur { $count } Datei.
   *[other] In eine Nachricht passen nur { $count } Dateien.
}
too-long = { $count } Zeichen zu viel
uploading = { $name } wird hochgeladen
remove = { $name } entfernen
drop = Dateien zum Anhängen hier ablegen
download = { $name } herunterladen
view-image = { $name } ansehen
close-image = Bild schließen
previous = Vorheriges Bild
next = Nächstes Bild
