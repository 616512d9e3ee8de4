open = Abrir o chat
open-unread = { $count ->
    [one] Abrir o chat, { $count } mensagem não lida
   *[other] Abrir o chat, { $count } mensagens não lidas
}
close = Fechar o chat
online = Estamos online
away = Não estamos agora. Responderemos por aqui.
greeting = Olá! Como podemos ajudar?
messages = Mensagens
you = Você
placeholder = Escreva uma mensagem…
send = Enviar
attach = Anexar arquivos
emoji = Inserir emoji
mute = Silenciar sons
options = Opções da mensagem
react = Reagir com { $emoji }
reaction = { $count ->
    [one] { $emoji }, { $count } reação
   *[other] { $emoji }, { $count } reações
}
reply = Responder
copy = Copiar texto
edit = Editar
delete = Excluir
delete-sure = Excluir para todos?
editing = Editando a mensagem
replying = Respondendo a { $name }
cancel = Cancelar
edited = editada
deleted = Esta mensagem foi excluída
attachment = Anexo
sending = Enviando
waiting = Aguardando conexão
sent = Enviada
delivered = Entregue
read = Lida
failed = Não enviada.
retry = Tentar de novo
discard = Descartar
typing = { $name } está digitando
new = Novas mensagens
jump = Ir para a mensagem mais recente
older = Carregando mensagens anteriores…
older-failed = Não foi possível carregar as mensagens anteriores. Tentar de novo
offline = Você está sem conexão. As mensagens sairão quando você voltar.
lost = Conexão perdida. Nova tentativa { $when }.
connecting = Reconectando…
unreachable = Não é possível acessar o chat no momento.
unavailable = O chat não está disponível nesta página.
retry-now = Tentar agora
fragile = Mantenha esta página aberta até sua mensagem ser enviada.
sign-in = Entre na sua conta para nos escrever.
file-large = “{ $name }” é grande demais. O limite é { $size }.
file-type = “{ $name }” é um tipo de arquivo que não pode ser enviado aqui.
file-empty = “{ $name }” está vazio.
file-failed = Não foi possível enviar “{ $name }”.
file-many = { $count ->
    [one] Só cabe { $count } arquivo em uma mensagem.
   *[other] Só cabem { $count } arquivos em uma mensagem.
}
too-long = { $count ->
    [one] { $count } caractere a mais
   *[other] { $count } caracteres a mais
}
uploading = Enviando { $name }
remove = Remover { $name }
drop = Solte os arquivos para anexar
download = Baixar { $name }
view-image = Ver { $name }
close-image = Fechar imagem
previous = Imagem anterior
next = Próxima imagem
