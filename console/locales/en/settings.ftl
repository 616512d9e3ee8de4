# The words of the settings, and of signing up at a platform, in English. They come with those
# pages; what is said elsewhere as well is in `console.ftl`.

### On every page

saved = Saved
undo = Undo changes
add = Add
hide = Hide
admins-only = Only admins and owners can change this.

### Passwords

password-current = Current password
password-change = Change password
password-changed = Your password was changed. Other sessions were signed out.

### Pages

back-to-settings = Back to settings
role = Role
settings-profile = My profile
settings-tokens = API tokens
settings-workspace = Workspace
settings-team = Team
settings-labels = Labels
settings-widget = Widget
profile-name-title = Profile
profile-name-words = Visitors see your name beside your replies.
this-browser = This browser
this-browser-words = Kept on this device only.
send-with = Send messages with
send-with-enter = Enter (Shift+Enter for a new line)
send-with-mod = Ctrl+Enter (Enter for a new line)
sound = Sound for new messages
sound-words = A soft chime when someone writes to you or to nobody in particular.
notifications-words = Shown while this tab is in the background.
notifications-refused = Your browser does not allow notifications for this site.
sessions = Sessions
sessions-words = Lost a device? End every session of your login, this one included.
sign-out-everywhere = Sign out everywhere
sign-out-everywhere-title = Sign out everywhere?
sign-out-everywhere-words = All your sessions end at once, on every device. You will need your password to come back.
tokens-words = Personal tokens act as you in scripts and integrations. Treat them like your password.
token-name = What is it for?
token-name-example = Nightly report
token-create = Create token
token-once = Token “{ $name }” is ready. Copy it now: it is not shown again.
token-secret = Token
tokens-existing = Your tokens
tokens-none = You have no tokens.
created-on = Created { $date }
used-ago = used { $ago }
never-used = never used
revoke = Revoke
token-revoke-title = Revoke “{ $name }”?
token-revoke-words = Whatever uses this token stops working at once.
workspace-words = Created { $date }.
invite-explained = Make a link and send it yourself. It works once.
invite-make = Create invitation
invite-made = Send this link to { $email }. It works until { $date } and is not shown again.
invite-link = Invitation link
role-agent = Agent
role-admin = Admin
role-owner = Owner
role-agent-words = Reads and answers conversations.
role-admin-words = Also manages people, labels and the widget.
role-owner-words = Also appoints and removes owners.
role-of = Role of { $name }
members = Members
members-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
  }
member-menu = More about { $name }
member-remove = Remove from workspace
member-remove-title = Remove { $name }?
member-remove-words = They are signed out and lose access at once. What they wrote stays.
password-link = Password link
password-link-title = Password link for { $name }
password-link-words = Hand it over safely: whoever opens it can set a new password. It works once, until { $date }.
invitations-pending = Pending invitations
invitations-none = No invitations are pending.
expires-on = expires { $date }
withdraw = Withdraw
labels-words = Sort conversations by topic. Everyone on the team can apply them.
label-new = New label
label-edit = Edit { $name }
label-delete = Delete { $name }
label-delete-words = It disappears from every conversation that carries it.
snippet = Install the widget
snippet-words = Paste this before the closing body tag of every page that should carry the chat.
look = Look and words
look-words = What visitors see. Words left empty follow their language.
widget-title = Heading
widget-title-hint = Empty for the name of your workspace.
greeting = Greeting
greeting-example = Hi! How can we help?
greeting-hint = The first words a visitor sees.
position = Position
position-end = Bottom right
position-start = Bottom left
widget-theme = Theme
widget-theme-auto = Follows the visitor
widget-theme-light = Always light
widget-theme-dark = Always dark
preview-online = We’re online
preview-visitor = Do you ship to Norway?
preview-write = Write a message…
origins = Allowed websites
origins-words = Only these websites may carry your widget.
origins-any = Any website may carry your widget. Add yours to be safe.
origin-add = Add a website
origin-remove = Remove { $origin }
identity = Identity verification
identity-words = Let your server vouch for signed-in users, so that nobody can pretend to be them.
identity-require = Require verified identity
identity-require-words = Visitors without a valid signature cannot write.
identity-reveal = Reveal secret
identity-secret = Identity secret
identity-how = Compute the signature on your server. Never put the secret into a web page.
identity-example = Example

### Templates

templates-words = Messages that the platform has approved. They may be sent at any time, also after the day in which you answer freely.
templates-none = No templates yet
templates-no-account = Templates belong to WhatsApp numbers. Connect one in Channels.
templates-sync = Refresh
template-new = New template
template-delete = Delete the template { $name }
template-delete-words = All its languages are deleted at the platform. Its name cannot be used again for 30 days.
template-quality = { $quality } quality
template-name-hint = Lower case letters, digits and underscores
template-header = Header
template-body = Body
template-body-words = Write {"{{"}1{"}}"}, {"{{"}2{"}}"} where something is filled in when it is sent.
template-optional = { $name } (optional)
template-body-hint = Hello {"{{"}1{"}}"}, your order is on its way.
template-body-empty = What the customer reads
template-footer = Footer
template-example = Example for {"{{"}{ $name }{"}}"}
template-quick-reply = Quick reply { $number }
template-add-reply = Add a quick reply
template-submit = Submit for review
template-approved = Approved
template-pending = In review
template-in_appeal = In appeal
template-rejected = Rejected
template-paused = Paused
template-disabled = Disabled
template-reason = Reason: { $reason }
template-submitted = Submitted. The platform reviews it, mostly within minutes.
category = Category
category-utility = Utility
category-marketing = Marketing

### Channels

settings-channels = Channels
settings-templates = Templates
settings-dead-letters = Could not be read
channels-words = Accounts by which customers reach you. What they write appears in the inbox, and is answered there.
channels-none = Nothing is connected yet.
connect = Connect
disconnect = Disconnect
account-kind = What to connect
account-active = Connected
account-reconnect = Connection lost
account-paused = Paused
account-disconnected = Disconnected
account-checked = checked { $ago }
account-check = Check now
account-facts = Details
business = Answers for
business-since = since { $date }
business-may = May { $rights }
business-listens = May listen only
business-open = Connected
business-switched_off = Switched off by them
business-no_reply = May not answer
business-right-reply = answer
business-right-read = mark as read
business-right-delete_sent = delete what it sent
business-right-delete_all = delete any message
account-pause = Pause
account-resume = Resume
account-connect-again = Connect again
account-connected = { $name } is connected
account-disconnect = Disconnect { $name }
account-disconnect-words = Nothing more is received or sent by it. Its conversations stay here.
kind-whatsapp_number = WhatsApp number
kind-facebook_page = Facebook Page
kind-instagram_login = Instagram account
kind-instagram_page = Instagram account of a Page
kind-telegram_bot = Telegram bot
kind-whatsapp_number-words = A number of the WhatsApp Business Platform. Both ids and a system user’s token are in Meta’s business settings.
kind-facebook_page-words = Messenger, and the comments under the Page’s posts. The token is a Page access token.
kind-instagram_login-words = A professional account that signs in with Instagram itself.
kind-instagram_page-words = A professional account that is linked to a Facebook Page, with the Page’s token.
kind-telegram_bot-words = Write to @BotFather in Telegram, make a bot, and paste the token it gives you.
phone-number-id = Phone number id
business-account-id = WhatsApp Business Account id
page-id = Page id
access-token = Access token
bot-token = Bot token
sign-in-facebook = Continue with Facebook
sign-in-meta = Continue with Meta
sign-in-instagram = Continue with Instagram
or-paste = or paste what the platform shows you
sign-in-choose = What shall be connected?
sign-in-choose-words = You granted access to these. What you leave out can be connected later.
sign-in-all = All of them
sign-in-connect = { $count ->
    [0] Connect
    [one] Connect { $count } account
   *[other] Connect { $count } accounts
  }
sign-in-none = Nothing that could be connected was granted. Begin again, and grant access to at least one.
sign-in-connected = { $count ->
    [one] One account is connected. What customers write to it appears in the inbox.
   *[other] { $count } accounts are connected. What customers write to them appears in the inbox.
  }
sign-in-problems = { $count ->
    [one] This could not be connected:
   *[other] These could not be connected:
  }
signup = Connect WhatsApp
signup-words = Meta asks for your business and its number in a window of its own. Have the phone at hand that receives calls or texts for the number.
signup-on-phone = The number is used in the WhatsApp Business app, and stays there as well
signup-open = Continue with Meta
signup-open-again = Open Meta’s window again
signup-loading = Getting ready…
signup-window = Go on in Meta’s window. If none has opened, allow pop-ups for this page, then press the button again.
signup-finishing = Connecting the number…
signup-back = Back to the channels
signup-no-script = Meta’s script could not be loaded. Allow connect.facebook.net in your ad blocker or network, then reload this page.
signup-closed = Meta’s window was closed before it was done, or your browser did not let it open. Allow pop-ups for this page, then press the button again.
signup-left = You left Meta’s window before it was done. Press the button again; it goes on from what is saved there.
signup-left-BUSINESS_ACCOUNT_SELECTION = You left Meta’s window where a business is chosen. Press the button again, and choose or make one.
signup-left-WABA_PHONE_PROFILE_PICKER = You left Meta’s window where a WhatsApp account and number are chosen. Press the button again, and choose or make them.
signup-left-WHATSAPP_BUSINESS_PROFILE_SETUP = You left Meta’s window at the business profile. Press the button again, and fill in a name and a category.
signup-left-PHONE_NUMBER_SETUP = You left Meta’s window where the number is entered. Press the button again, and enter a number that can receive calls or texts.
signup-left-PHONE_NUMBER_VERIFICATION = You left Meta’s window before the number was verified. Press the button again, and enter the code that Meta sends to it.
signup-left-PERMISSIONS = You left Meta’s window before you let this server in. Press the button again, and confirm at the end.
signup-error = Meta’s window reported: { $words } Put that right, then press the button again.
signup-error-id = Meta’s support finds it by the number { $id }.
hooks = Webhook addresses
hooks-words = Enter these in the settings of your app at the platform. Telegram is set up by itself.
phones-words = This is the demo: pretend to be the customer on a pretend phone.
phones-open = Open the phones
history = History
history-bring = Bring it
history-again = Bring again
history-never = Older conversations have not been brought.
history-running = Bringing history: { $done } messages so far
history-running-of = Bringing history: { $done } of { $total } conversations
history-done = { $done ->
    [0] There is no history to bring
    [one] History brought: one conversation
   *[other] History brought: { $done } conversations
  }
history-failed = The history could not be brought.
dead-letters-words = Verified messages of platforms that could not be read. The rest of what came with them went through.
dead-letters-none = Everything could be read
dead-letter-replay = Try again
dead-letter-replayed = It could be read now
dead-letter-dismissed = Put away
show-more = Show more
