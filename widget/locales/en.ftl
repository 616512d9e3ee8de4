# The reference: other languages have the same messages and variables.
open = Open chat
open-unread = { $count ->
    [one] Open chat, { $count } unread message
   *[other] Open chat, { $count } unread messages
}
close = Close chat
online = We’re online
away = Away right now. We’ll reply here.
greeting = Hi! How can we help?
messages = Messages
you = You
placeholder = Write a message…
send = Send
attach = Attach files
emoji = Insert emoji
mute = Mute sounds
options = Message options
react = React with { $emoji }
reaction = { $count ->
    [one] { $emoji }, { $count } reaction
   *[other] { $emoji }, { $count } reactions
}
reply = Reply
copy = Copy text
edit = Edit
delete = Delete
delete-sure = Delete for everyone?
editing = Editing message
replying = Replying to { $name }
cancel = Cancel
edited = edited
deleted = This message was deleted
attachment = Attachment
sending = Sending
waiting = Waiting for connection
sent = Sent
delivered = Delivered
read = Read
failed = Not sent.
retry = Try again
discard = Discard
typing = { $name } is typing
new = New messages
jump = Go to newest message
older = Loading earlier messages…
older-failed = Couldn’t load earlier messages. Try again
offline = You’re offline. Messages will go out when you’re back.
lost = Connection lost. Trying again { $when }.
connecting = Reconnecting…
unreachable = The chat can’t be reached right now.
unavailable = The chat isn’t available on this page.
retry-now = Try now
fragile = Keep this page open until your message is sent.
sign-in = Please sign in to write to us.
file-large = “{ $name }” is too large. The limit is { $size }.
file-type = “{ $name }” is a type of file that can’t be sent here.
file-empty = “{ $name }” is empty.
file-failed = “{ $name }” couldn’t be uploaded.
file-many = { $count ->
    [one] Only { $count } file fits in one message.
   *[other] Only { $count } files fit in one message.
}
too-long = { $count ->
    [one] { $count } character too many
   *[other] { $count } characters too many
}
uploading = Uploading { $name }
remove = Remove { $name }
drop = Drop files to attach them
download = Download { $name }
view-image = View { $name }
close-image = Close image
previous = Previous image
next = Next image
