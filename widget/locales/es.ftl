open = Abrir el chat
open-unread = { $count ->
    [one] Abrir el chat, { $count } mensaje sin leer
   *[other] Abrir el chat, { $count } mensajes sin leer
}
close = Cerrar el chat
online = Estamos en línea
away = Ahora no estamos. Te responderemos aquí.
greeting = ¡Hola! ¿En qué podemos ayudarte?
messages = Mensajes
you = Tú
placeholder = Escribe un mensaje…
send = Enviar
attach = Adjuntar archivos
emoji = Insertar emoji
mute = Silenciar sonidos
options = Opciones del mensaje
react = Reaccionar con { $emoji }
reaction = { $count ->
    [one] { $emoji }, { $count } reacción
   *[other] { $emoji }, { $count } reacciones
}
reply = Responder
copy = Copiar texto
edit = Editar
delete = Eliminar
delete-sure = ¿Eliminar para todos?
editing = Editando el mensaje
replying = Respondiendo a { $name }
cancel = Cancelar
edited = editado
deleted = Este mensaje se eliminó
attachment = Archivo adjunto
sending = Enviando
waiting = Esperando conexión
sent = Enviado
delivered = Entregado
read = Leído
failed = No se envió.
retry = Reintentar
discard = Descartar
typing = { $name } está escribiendo
new = Mensajes nuevos
jump = Ir al mensaje más reciente
older = Cargando mensajes anteriores…
older-failed = No se pudieron cargar los mensajes anteriores. Reintentar
offline = No tienes conexión. Los mensajes saldrán cuando vuelvas.
lost = Se perdió la conexión. Nuevo intento { $when }.
connecting = Reconectando…
unreachable = No se puede acceder al chat en este momento.
unavailable = El chat no está disponible en esta página.
retry-now = Probar ya
fragile = Deja esta página abierta hasta que se envíe tu mensaje.
sign-in = Inicia sesión para escribirnos.
file-large = «{ $name }» es demasiado grande. El límite es { $size }.
file-type = «{ $name }» es un tipo de archivo que no se puede enviar aquí.
file-empty = «{ $name }» está vacío.
file-failed = No se pudo subir «{ $name }».
file-many = { $count ->
    [one] Solo cabe { $count } archivo por mensaje.
   *[other] Solo caben { $count } archivos por mensaje.
}
too-long = { $count ->
    [one] Sobra { $count } carácter
   *[other] Sobran { $count } caracteres
}
uploading = Subiendo { $name }
remove = Quitar { $name }
drop = Suelta los archivos para adjuntarlos
download = Descargar { $name }
view-image = Ver { $name }
close-image = Cerrar imagen
previous = Imagen anterior
next = Imagen siguiente
