# The console's words in English, but for those of the settings. One message per line; variables are given
# by the code.

### Everywhere

loading = Loading…
close = Close
cancel = Cancel
save = Save
edit = Edit
delete = Delete
retry = Retry
discard = Discard
reload = Reload
copy = Copy
copied = Copied
dismiss = Dismiss
try-again = Try again
part-unreachable = This part of the page has not come yet.
part-outdated = Switchboard has been updated. Reload the page to see this part.
nothing-found = Nothing found
toasts = Notices
unread = unread
you = You
name = Name
email = Email
phone = Phone
label = Label
labels = Labels
team = Team
color = Colour
message = Message
messages = Messages
inbox = Inbox
search = Search
settings = Settings
theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
nav = Main navigation
open-nav = Open navigation
nobody = Nobody
name-you = { $name } (you)
unreachable-title = Switchboard cannot be reached
unreachable-words = The server did not answer. Check your connection and try again.

### Errors

error-network = The server could not be reached. Check your connection and try again.
error-rate = { $seconds ->
    [one] Too many attempts. Try again in { $seconds } second.
   *[other] Too many attempts. Try again in { $seconds } seconds.
  }
field-required = Please fill this in.
error-unknown = Something went wrong. Try again.

### Time

time-now = now
time-just-now = just now
time-minutes = { $count }m
time-hours = { $count }h
time-tomorrow-at = tomorrow, { $clock }
time-day-at = { $day }, { $clock }
day-today = Today
day-yesterday = Yesterday

### Signing in

sign-in = Sign in
sign-in-title = Welcome back
sign-in-words = Sign in to your inbox.
sign-in-new = New here?
sign-up = Create workspace
sign-up-link = Create a workspace
sign-up-title = Create your workspace
sign-up-words = One place for your team to answer everyone.
sign-up-known = Already have an account?
sign-out = Sign out
to-sign-in = Go to sign in
password = Password
password-new = New password
password-yours = Your password
password-show = Show password
password-hide = Hide password
password-hint = At least 10 characters.
your-name = Your name
workspace-name = Workspace name
workspace-name-hint = Your company or team. Visitors see it in the widget.
farewell-expired = Your session has ended. Sign in again to continue.
farewell-elsewhere = You were signed out. Unsent messages are kept in this browser.
invite-loading = Looking up your invitation
invite-title = Join { $workspace }
invite-words-agent = You were invited to answer conversations.
invite-words-admin = You were invited as an admin.
invite-words-owner = You were invited as an owner.
invite-has-login = This address already has a login. Enter its password.
invite-accept = Join workspace
invite-gone-title = This invitation cannot be used
invite-gone-words = It has expired or was used already. Ask for a new one.
reset-title = Set a new password
reset-words = You will be signed in and signed out everywhere else.
reset-submit = Set password

### Connection

connection-live = Connected
connection-connecting = Connecting…
connection-offline = Offline
connection-offline-since = Offline since { $clock }. What you send is kept and goes out when you are back.
connection-retry-in = Trying again in { $seconds } s
connection-retry-now = Retry now
waits-for-connection = You are offline. It will be done when you are back.
connection-stopped = The connection was refused. Reload the page to continue.

### Navigation

workspace-menu = { $name }: workspace menu
view-mine = Mine
view-unassigned = Unassigned
view-open = All open
view-pending = Pending
view-snoozed = Snoozed
view-resolved = Resolved
presence-online = Online
presence-away = Away
presence-offline = Offline
presence-switch = Available for conversations

### Lists

conversations = Conversations
list-error = Conversations could not be loaded
empty-mine = You are all caught up
empty-mine-words = Conversations assigned to you will appear here.
empty-unassigned = Nothing is waiting
empty-unassigned-words = New conversations that nobody has taken appear here.
empty-open = Inbox zero
empty-open-words = Every conversation is answered. New ones appear here at once.
empty-first = Nobody has written yet
empty-first-words = Put the widget on your website or connect a channel in Settings. What people write appears here at once.
empty-channel = Nothing open on this channel
empty-channel-words = Open conversations of this channel appear here.
empty-pending = Nothing pending
empty-pending-words = Conversations that wait for someone else appear here.
empty-snoozed = Nothing snoozed
empty-snoozed-words = Snoozed conversations rest here until their time comes.
empty-resolved = Nothing resolved yet
empty-resolved-words = Finished conversations are kept here.
empty-label = No conversations with this label
empty-label-words = Press L in a conversation to add labels.
preview-file = { $count ->
    [one] { $count } file
   *[other] { $count } files
  }
preview-textless = A message without text
preview-failed = Not sent
typing = typing…
message-deleted = This message was deleted
search-messages = Search messages
search-results = Search results
search-error = Search did not work
search-none = No messages found
search-none-words = Every word must occur in the message. Try fewer or other words.
search-begin = Search all conversations
search-begin-words = Find messages and notes by the words in them.

### A conversation

author-system = Switchboard
author-former = Former colleague
author-visitor = Visitor
begin-title = Ready for your first conversation
begin-words = Put the widget on your website, and whatever visitors write appears here at once.
begin-widget = Install the widget
begin-team = Invite your team
no-conversation = No conversation open
no-conversation-words = Choose one from the list to read and answer it.
hint-move = move through the list
hint-help = all shortcuts
conversation-error = This conversation could not be opened
conversation-tools = Conversation
back-to-inbox = Back to inbox
messages-error = Messages could not be loaded
older-retry = Load older messages
history-begins = The conversation begins here
unread-from-here = New
jump-newest = Jump to newest message
new-messages = { $count } new
visitor-online = Online now
visitor-offline = Offline
visitor-seen = Last seen { $ago }
visitor-typing = { $name } is typing…
colleague-writing = { $count ->
    [one] { $names } is replying too
   *[other] { $names } are replying too
  }
colleague-watching = { $count ->
    [one] { $names } is also here
   *[other] { $names } are also here
  }
status-open = Open
status-pending = Pending
status-snoozed = Snoozed
status-resolved = Resolved
status-menu = Change status
snoozed-until = Snoozed until { $until }
resolve = Resolve
reopen = Reopen
set-pending = Mark as pending
snooze = Snooze
snooze-later = In 3 hours
snooze-evening = This evening
snooze-tomorrow = Tomorrow
snooze-monday = Next Monday
snooze-week = Next week
snooze-custom = Pick a time…
snooze-until = Snooze until
snooze-when = Date and time
snooze-past = Choose a time in the future.
assign = Assign
assign-search = Assign to…
assigned-to = Assigned to { $name }
label-search = Add labels…
labels-none = There are no labels yet.
labels-make = Create labels
activity-open = { $who } reopened the conversation
activity-open-system = The conversation was reopened
activity-pending = { $who } marked this as pending
activity-pending-system = The conversation was marked as pending
activity-resolved = { $who } resolved the conversation
activity-resolved-system = The conversation was resolved
activity-snoozed = { $who } snoozed this until { $until }
activity-unassigned = { $who } removed the assignee
activity-took = { $who } took the conversation
activity-assigned = { $who } assigned this to { $name }

### Messages

said = { $name }: { $text }
message-by = { $name }, { $clock }
note = Private note
edited = Edited
tick-sent = Sent
tick-delivered = Delivered
tick-read = Read
entry-sending = Sending…
entry-waiting = Waiting for the connection. It will be sent.
entry-unsaved = This browser cannot keep it: do not reload.
entry-failed = Not sent: { $why }
react = React
react-with = React with { $emoji }
reacted = { $emoji } from { $names }
reply-to-this = Reply to this message
message-menu = More about this message
copy-text = Copy text
edit-message = Edit message
delete-message-title = Delete this message?
delete-message-words = The visitor will no longer see it either.
delete-note-words = Your team will no longer see this note.
quote-jump = Go to the message by { $name }
quote-empty = Message
image-open = Open image { $name }
image-previous = Previous image
image-next = Next image
download = Download { $name }
download-word = Download

### Writing

composer-mode = Write
reply = Reply
note-tab = Note
note-hint = Only your team sees this
composer-reply = Reply to { $name }. Enter to send
composer-reply-short = Reply to { $name }
composer-shut = You can still add a note for the team.
composer-note = Write a note for your team
send = Send
add-note = Add note
attach = Attach files
emoji = Emoji
emoji-search = Search emoji
emoji-found = Results
emoji-smileys = Smileys
emoji-gestures = Gestures
emoji-hearts = Hearts and celebration
emoji-objects = Objects
emoji-nature = Nature, food and travel
drop-here = Drop files to attach them
uploads = Attached files
uploading = { $part } %
uploading-file = Uploading { $name }
upload-too-many = A message carries at most { $count } files.
upload-too-large = “{ $name }” is larger than { $limit }.
retry-file = Try { $name } again
remove-file = Remove { $name }
replying-to = Replying to { $name }
reply-cancel = Do not reply to this message
limit-left = { $count } left
limit-over = { $count } too many

### The contact

contact = Contact
contact-details = Contact details
remark = Remark
add-value = Add
edit-field = { $label }: { $value }. Edit
visit = Visit
page = Page
browser = Browser
language = Language
user-id = User ID
first-seen = First seen
last-seen = Last seen

### Shortcuts

keys-then = then
shortcuts = Keyboard shortcuts
shortcuts-go = Go to
shortcuts-list = List
shortcuts-conversation = Conversation
shortcuts-general = General
shortcuts-writing = Writing
new-line = New line
open-focused = Open the focused conversation
command-palette = Command palette
palette-search = Go to or do…
command-go-mine = Go to Mine
command-go-unassigned = Go to Unassigned
command-go-open = Go to All open
command-go-pending = Go to Pending
command-go-snoozed = Go to Snoozed
command-go-resolved = Go to Resolved
command-search = Search
command-settings = Settings
command-team = Team settings
command-theme = Switch theme
command-help = Keyboard shortcuts
command-next = Next conversation
command-previous = Previous conversation
command-reply = Reply
command-note = Write a note
command-resolve = Resolve or reopen
command-snooze = Snooze or set status
command-assign = Assign
command-assign-me = Assign to me
command-label = Labels
command-pending = Mark as pending
command-contact = Show or hide contact
command-close = Close conversation

### Settings

notifications = Desktop notifications
invite = Invite people
color-choice = Colour { $color }
color-own = Own colour
color-hex = Colour as hexadecimal
preview = Preview of the widget

### Channels

channel = Channel
channel-web = Website
channel-whatsapp = WhatsApp
channel-messenger = Messenger
channel-instagram = Instagram
channel-telegram = Telegram
author-elsewhere = The business, elsewhere
sent-via = sent from { $via }
sent-elsewhere = sent from the phone or another tool
forwarded = Forwarded
answers-unknown = Answers a message that is not here
private-reply = Private reply
written-at = Written { $when }, came later
from-history = From before the account was connected

line-number-changed = The customer goes on under another number
line-identity-changed = The customer’s security code changed
line-identity-shared = The customer shared identity documents; only the platform’s own tools open them
line-blocked = The customer blocked this account
line-unblocked = The customer unblocked this account
line-writing-allowed = The customer allowed this account to write to them
line-opened = The customer opened the conversation
line-logged-in = The customer logged in to a website of yours through the platform
line-marketing-allowed = The customer allowed marketing messages
line-marketing-stopped = The customer stopped marketing messages
line-marketing-resumed = The customer allowed marketing messages again
line-notice-allowed = The customer asks to be told once
line-handed-over = Another tool answers this conversation now
line-handed-back = This conversation is answered here again
line-handover-asked = Another tool asks to answer this conversation
line-label-added = A label was put on the customer in the platform’s inbox
line-label-removed = A label was taken off the customer in the platform’s inbox
line-answer-praised = The customer found an automatic answer good
line-answer-criticised = The customer found an automatic answer bad
line-coupon-revealed = The customer looked at a coupon’s code
line-game-played = The customer played a game
line-poll-answered = The customer voted in a poll
line-poll-answer-withdrawn = The customer took back their vote in a poll
line-payment-begun = The customer began to pay
line-shipping-asked = The customer asked what shipping costs
line-media-bought = The customer bought paid media
line-gift-sent = A gift was sent
line-comment-hidden = The comment was hidden from the public
line-comment-shown = The comment is shown to the public again
line-joined = Someone joined the group
line-left = Someone left the group
line-join-asked = Someone asks to join the group
line-join-ask-withdrawn = Someone no longer asks to join the group
line-title-changed = The group’s name changed
line-photo-changed = The group’s picture changed
line-background-changed = The chat’s background changed
line-group-created = The group was made
line-group-deleted = The group was deleted
line-group-suspended = The platform suspended the group
line-group-restored = The platform restored the group
line-group-unchanged = The platform did not take a change of the group’s settings
line-owner-changed = The group’s owner changed
line-account-added = This account was added to the group
line-account-removed = This account was removed from the group
line-account-promoted = This account became an administrator of the group
line-account-demoted = This account is a plain member of the group now
line-account-restricted = This account may no longer do everything in the group
line-member-standing-changed = What a member may do in the group changed
line-topic-created = A topic was opened
line-topic-changed = A topic’s name or picture changed
line-topic-closed = A topic was closed
line-topic-reopened = A topic was opened again
line-topic-hidden = The general topic was hidden
line-topic-shown = The general topic is shown again
line-group-call-planned = A group call was planned
line-group-call-started = A group call began
line-group-call-ended = A group call ended
line-group-call-invited = People were invited to a group call
line-pinned = A message was pinned
line-auto-delete-changed = When messages delete themselves changed
line-price-changed = What messages cost here changed
line-checklist-changed = A checklist changed
line-boosted = Someone boosted the group
line-giveaway-started = A giveaway began
line-giveaway-ended = A giveaway ended
line-post-approved = A suggested post was approved
line-post-not-approved = A suggested post could not be approved
line-post-declined = A suggested post was declined
line-post-paid = A suggested post was paid for
line-post-refunded = The payment for a suggested post was given back
line-near = Someone who shares a location came near
line-connection-enabled = The customer’s account lets us answer for them
line-connection-disabled = The customer’s account no longer lets us answer for them
line-account-linked = The customer linked their account
line-account-unlinked = The customer unlinked their account
line-policy-warning = The platform warns that one of its rules was broken
line-change-failed = The platform did not take the last change
line-other = The platform reported: { $kind }

tick-queued = Waits to be sent
tick-sending = Being sent
delivery-uncertain = May have been sent: the platform never answered
delivery-failed = Not delivered. { $why }
send-again = Send again

failure-window-closed = The customer has not written lately enough. Send an approved template, or wait for them to write.
failure-unreachable = This person cannot be reached: they may have left the platform or blocked the account.
failure-opted-out = This person has asked not to receive such messages.
failure-customer-limit = The platform limits how often this person hears from businesses. Try again tomorrow.
failure-too-long = The message is too long for this channel.
failure-file-rejected = The platform does not take this file: its type or size is not allowed there.
failure-template-unavailable = The template is not approved, is paused, or does not exist in this language.
failure-template-parameters = The template’s variables do not fit. Fill in each one.
failure-rate-limited = The platform did not let the account send this much. Send it again later.
failure-token-lost = The account has lost its connection. Connect it again in Settings.
failure-permission = The account lacks a permission. Grant it at the platform, or connect the account again and grant everything asked for.
failure-account-restricted = The platform restricts this account. Its business settings there say why.
failure-payment = The platform waits for a payment method or a payment.
failure-target-gone = What this answers is not there any more.
failure-kept-back = An earlier part of this message failed, so this part was kept back.
failure-platform-down = The platform did not answer, on many attempts. Send it again later.
failure-not-possible = This channel has no way to do that.
failure-refused = The platform refused the message.

file-coming = Being fetched…
file-lost = Could not be fetched

card-location = Location
card-location-live = Live location
card-open-map = Open map
card-sticker = Sticker
card-voice = Voice message
card-button = Tapped a button
card-list = Chose from a list
card-quick_reply = Tapped a quick reply
card-menu = Chose from the menu
card-command = Sent a command
card-form = Filled in a form
card-order = Order
card-order-total = { $count ->
    [one] { $count } item
   *[other] { $count } items
  }
card-story-reply = Answers your story
card-story-mention = Mentioned you in their story
card-story-open = Open the story
card-share = Shared: { $kind }
card-open = Open
card-comment = Commented on a post
card-comment-reply = Answered a comment
card-comment-hidden = Hidden
card-comment-open = Open the post
card-call-in = Incoming call
card-call-out = Outgoing call
card-template = Template
card-choices = Offered
card-contacts = Contact
card-unsupported = A kind of message that cannot be shown here: { $kind }
card-unsupported-unknown = A kind of message that cannot be shown here. The platform’s own app may show it.
referral-from = Came by { $kind }
referral-ad = Came by an ad
referral-post = Came by a post
referral-link = Came by a link
referral-product = Came by a product’s page
referral-lead_ad = Came by a form in an ad
referral-website_chat = Came by the chat on a website
referral-website_checkbox = Came by a checkbox on a website

### Windows and templates

window-free = { $left } left to answer freely
window-human = { $left } left for a person of the team to answer
window-templates = The customer last wrote more than a day ago. Only approved templates can be sent now.
window-closed = The customer has not written here lately. You can answer once they write again.
window-switched-off = { $name } has switched off this bot for their account. They can switch it on again in Telegram, under Settings → Telegram Business → Chatbots.
window-no-reply = { $name } does not let this bot answer for them. They can allow it in Telegram, under Settings → Telegram Business → Chatbots.
split-hint = Longer than one message on { $channel }: it is sent in several
answer-way = Who reads the answer
answer-publicly = Public reply
answer-privately = Private message
answer-publicly-hint = Everyone who sees the post can read it.
answer-privately-hint = Only they read it. Once for each comment, within a week.
template-send = Send a template
template-search = Search templates
template-other = Other templates
template-variable = Variable { $name }
template-button-value = Ending of the button “{ $name }”
template-file-image = Picture of the header
template-file-video = Video of the header
template-file-document = Document of the header
template-header-image = Picture
template-header-video = Video
template-header-document = Document
template-header-location = Location
templates = Templates
templates-none-sendable = This account has no approved template. Admins create them in Settings, Templates.
template-preview = Preview
offer-add = Offer buttons
offer-legend = Buttons to tap
offer-option = Button { $number }
offer-more = Add
offer-remove = Remove button { $number }

### Channels in the settings

channels = Channels
channel-connect = Connect an account
account = Account
business-for = for { $name }

### One person on several channels

person-channels = Channels
person-conversations = Other conversations
handle-website = Chat on your website
handle-hidden = No user name known
merge = Merge with another contact
merge-title = Who else is { $name }?
merge-words = Their conversations are shown together from then on. It can be undone.
merge-search = Search by name
merge-people = People
merge-done = Merged
merged-on = Merged on { $date }.
merge-undo = Undo
