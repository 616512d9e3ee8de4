// Made from the Rust types of the wire crate. Do not edit: change them and run
// UPDATE_TYPESCRIPT=1 cargo test -p switchboard-wire

export type WorkspaceId = string;

export type UserId = string;

export type MemberId = string;

export type ContactId = string;

export type ConversationId = string;

export type MessageId = string;

export type AttachmentId = string;

export type LabelId = string;

export type InvitationId = string;

export type TokenId = string;

export type SessionId = string;

export type Seq = number;

export type Side = "visitor" | "team";

export type Author = { "kind": "visitor", "id": ContactId } | { "kind": "agent", "id": MemberId } | { "kind": "system" } | { "kind": "elsewhere" };

export type MessageKind = "public" | "note" | "activity";

export type PostKind = "public" | "note";

export type Role = "agent" | "admin" | "owner";

export type Presence = "online" | "away" | "offline";

export type AttachmentKind = "image" | "audio" | "video" | "file";

export type Status = { "state": "open" } | { "state": "pending" } | { "state": "snoozed", until: string, } | { "state": "resolved" };

export type Marks = { delivered: number, read: number, };

export type AccountId = string;

export type TemplateId = string;

export type DeadLetterId = string;

export type JobId = string;

export type MergeId = string;

export type Channel = "web" | "whatsapp" | "messenger" | "instagram" | "telegram";

export type AccountKind = "whatsapp_number" | "facebook_page" | "instagram_login" | "instagram_page" | "telegram_bot";

export type AccountStatus = "active" | "reconnect" | "paused" | "disconnected";

export type Abilities = { 
/**
 * Change what it has sent.
 */
edits: boolean, 
/**
 * Withdraw what it has sent.
 */
deletes: boolean, reacts: boolean, files: boolean, 
/**
 * Answer one message in particular.
 */
replies: boolean, 
/**
 * Send templates that the platform has approved.
 */
templates: boolean, 
/**
 * Offer buttons or a list to tap.
 */
choices: boolean, 
/**
 * Answer a public comment by a private message.
 */
private_replies: boolean, };

export type Right = "reply" | "read" | "delete_sent" | "delete_all";

export type Access = "open" | "switched_off" | "no_reply";

export type Window = { 
/**
 * Until then anything may be sent. Absent before the customer's first message.
 */
free_until: string | null, 
/**
 * Until then a person of the team may answer, where the platform allows that.
 */
human_until: string | null, 
/**
 * Whether approved templates may be sent at any time.
 */
templates: boolean, };

export type DeliveryState = "queued" | "sending" | "uncertain" | "sent" | "failed" | "delivered" | "read";

export type FailureCode = "window_closed" | "unreachable" | "opted_out" | "customer_limit" | "too_long" | "file_rejected" | "template_unavailable" | "template_parameters" | "rate_limited" | "token_lost" | "permission" | "account_restricted" | "payment" | "target_gone" | "kept_back" | "platform_down" | "not_possible" | "refused";

export type Failure = { code: FailureCode, 
/**
 * The platform's own words or number, for whoever looks into it. Never shown alone.
 */
detail?: string | null, };

export type Delivery = { state: DeliveryState, failure?: Failure | null, };

export type Extra = { card: Card | null, 
/**
 * The advertisement, link or page by which the customer came.
 */
referral: Referral | null, 
/**
 * Who wrote it, where several customers share a conversation (a group).
 */
sender: string | null, 
/**
 * By what the business sent it when not from here: "phone", or the other tool's name.
 */
via: string | null, forwarded: boolean, 
/**
 * Messages with the same album were sent as one.
 */
album: string | null, 
/**
 * It answers a message that we do not have.
 */
answers_unknown: boolean, 
/**
 * It is from before the account was connected, or was brought later.
 */
history: boolean, 
/**
 * Why its file cannot be had, where the platform told.
 */
file_gone: string | null, 
/**
 * Sent as a private answer to a public comment.
 */
private_reply: boolean, };

export type Card = { "type": "location", latitude: number, longitude: number, name?: string | null, address?: string | null, 
/**
 * It moves: later ones replace it.
 */
live: boolean, } | { "type": "contacts", contacts: Array<ContactCard>, } | { "type": "sticker", emoji?: string | null, } | { "type": "voice", seconds?: number | null, } | { "type": "choice", by: ChoiceKind, 
/**
 * What the business's own systems know it by.
 */
payload?: string | null, } | { "type": "form", name?: string | null, fields: Array<Field>, } | { "type": "order", items: Array<OrderItem>, } | { "type": "story", mention: boolean, 
/**
 * Dies with the story.
 */
url?: string | null, } | { "type": "share", kind: string, title?: string | null, url?: string | null, } | { "type": "comment", 
/**
 * The post or media it is under.
 */
post?: string | null, url?: string | null, 
/**
 * It answers another comment.
 */
reply: boolean, 
/**
 * The public does not see it.
 */
hidden: boolean, 
/**
 * When it was hidden or shown again, by the platform's clock.
 */
hidden_changed_at?: string | null, } | { "type": "call", 
/**
 * Whether the customer called.
 */
inbound: boolean, outcome: string, seconds?: number | null, } | { "type": "details", kind: string, title?: string | null, lines: Array<Field>, url?: string | null, } | { "type": "template", template?: TemplateId | null, name: string, language: string, header?: string | null, footer?: string | null, buttons: Array<string>, 
/**
 * Values as they were filled in, in the order of the template's variables.
 */
values: TemplateValues, } | { "type": "choices", offer: Offer, } | { "type": "unsupported", 
/**
 * The platform's name of it.
 */
kind: string, };

export type ContactCard = { name: string, phones: Array<string>, emails: Array<string>, organization?: string | null, };

export type ChoiceKind = "button" | "list" | "quick_reply" | "menu" | "command";

export type Field = { name: string, value: string, };

export type OrderItem = { 
/**
 * The business's own number of the product.
 */
product: string, quantity: number, 
/**
 * In units of the currency, as the platform wrote it.
 */
price?: string | null, 
/**
 * ISO 4217.
 */
currency?: string | null, };

export type Referral = { 
/**
 * `ad`, `post`, `link`, `product`, …: the platform's name.
 */
kind: string, title: string | null, body: string | null, url: string | null, 
/**
 * The advertisement or post.
 */
source: string | null, 
/**
 * What the business put into its link, or the click's id.
 */
reference: string | null, };

export type Offer = { 
/**
 * At most ten.
 */
options: Array<OfferOption>, 
/**
 * What opens the list, where there are more options than buttons.
 */
list_title?: string | null, };

export type OfferOption = { title: string, payload: string, };

export type TemplateValues = { 
/**
 * The variable of a text header, if it has one. A media header takes the message's file.
 */
header: Array<TemplateValue>, body: Array<TemplateValue>, 
/**
 * For the buttons that take one: a link's ending, a coupon's code.
 */
buttons: Array<ButtonValue>, };

export type TemplateValue = { 
/**
 * For a template with named variables.
 */
name?: string | null, value: string, };

export type ButtonValue = { 
/**
 * Counted from 0 among all buttons of the template.
 */
index: number, value: string, };

export type ChannelLine = { "line": "number_changed" } | { "line": "identity_changed" } | { "line": "identity_shared" } | { "line": "blocked" } | { "line": "unblocked" } | { "line": "writing_allowed" } | { "line": "opened" } | { "line": "logged_in" } | { "line": "marketing_allowed" } | { "line": "marketing_stopped" } | { "line": "marketing_resumed" } | { "line": "notice_allowed" } | { "line": "handed_over" } | { "line": "handed_back" } | { "line": "handover_asked" } | { "line": "label_added" } | { "line": "label_removed" } | { "line": "answer_praised" } | { "line": "answer_criticised" } | { "line": "coupon_revealed" } | { "line": "game_played" } | { "line": "poll_answered" } | { "line": "poll_answer_withdrawn" } | { "line": "payment_begun" } | { "line": "shipping_asked" } | { "line": "media_bought" } | { "line": "gift_sent" } | { "line": "comment_hidden" } | { "line": "comment_shown" } | { "line": "joined" } | { "line": "left" } | { "line": "join_asked" } | { "line": "join_ask_withdrawn" } | { "line": "title_changed" } | { "line": "photo_changed" } | { "line": "background_changed" } | { "line": "group_created" } | { "line": "group_deleted" } | { "line": "group_suspended" } | { "line": "group_restored" } | { "line": "group_unchanged" } | { "line": "owner_changed" } | { "line": "account_added" } | { "line": "account_removed" } | { "line": "account_promoted" } | { "line": "account_demoted" } | { "line": "account_restricted" } | { "line": "member_standing_changed" } | { "line": "topic_created" } | { "line": "topic_changed" } | { "line": "topic_closed" } | { "line": "topic_reopened" } | { "line": "topic_hidden" } | { "line": "topic_shown" } | { "line": "group_call_planned" } | { "line": "group_call_started" } | { "line": "group_call_ended" } | { "line": "group_call_invited" } | { "line": "pinned" } | { "line": "auto_delete_changed" } | { "line": "price_changed" } | { "line": "checklist_changed" } | { "line": "boosted" } | { "line": "giveaway_started" } | { "line": "giveaway_ended" } | { "line": "post_approved" } | { "line": "post_not_approved" } | { "line": "post_declined" } | { "line": "post_paid" } | { "line": "post_refunded" } | { "line": "near" } | { "line": "connection_enabled" } | { "line": "connection_disabled" } | { "line": "account_linked" } | { "line": "account_unlinked" } | { "line": "policy_warning" } | { "line": "change_failed" } | { "line": "other", kind: string, };

export type Code = "invalid" | "unauthenticated" | "forbidden" | "not_found" | "conflict" | "gone" | "too_large" | "unsupported_media" | "refused" | "rate_limited" | "unavailable" | "internal";

export type Problem = { 
/**
 * The HTTP status, repeated.
 */
status: number, title: string, code: Code, 
/**
 * What happened and what to do, for a person.
 */
detail: string, 
/**
 * The field of the body that is at fault.
 */
field?: string, 
/**
 * Seconds after which a repetition may succeed.
 */
retry_after?: number, };

export type CloseCode = "moving" | "unauthenticated" | "forbidden" | "too_slow" | "too_large" | "malformed" | "no_hello" | "signed_out" | "too_many" | "unavailable";

export type Workspace = { id: WorkspaceId, name: string, created_at: string, };

export type Member = { id: MemberId, name: string, email: string, role: Role, 
/**
 * False once removed; the name stays for the history.
 */
active: boolean, };

export type Label = { id: LabelId, name: string, 
/**
 * `#rrggbb`
 */
color: string, };

export type Contact = { id: ContactId, 
/**
 * What they are called; a pseudonym until they say.
 */
name: string, 
/**
 * Whether the name was given by them, the business or an agent.
 */
named: boolean, email: string | null, phone: string | null, 
/**
 * The business's own id of its signed-in user, vouched for by HMAC.
 */
user_id: string | null, 
/**
 * BCP 47, as their browser asked.
 */
locale: string | null, 
/**
 * The page they last wrote from.
 */
page_url: string | null, page_title: string | null, 
/**
 * For example "Firefox on Android".
 */
browser: string | null, 
/**
 * The team's own remark on them.
 */
remark: string | null, 
/**
 * By what they are known on the channels, as people write it.
 */
handles: Array<Handle>, 
/**
 * The contact that this one was found to be.
 */
merged_into: ContactId | null, created_at: string, last_seen_at: string | null, };

export type Handle = { channel: Channel, name: string, };

export type FileState = "coming" | "ready" | "lost";

export type Attachment = { id: AttachmentId, name: string, mime: string, kind: AttachmentKind, 
/**
 * Bytes.
 */
size: number, 
/**
 * Pixels, for images.
 */
width: number | null, height: number | null, 
/**
 * Signed; expires. `GET /api/v1/attachments/{id}` gives a new one.
 */
url: string, thumbnail_url: string | null, state: FileState, 
/**
 * A recorded voice.
 */
voice: boolean, };

export type Reaction = { emoji: string, by: Array<Author>, };

export type Quote = { id: MessageId, author: Author, 
/**
 * The beginning of its text; empty when deleted or without text.
 */
excerpt: string, };

export type Activity = { "what": "status", status: Status, } | { "what": "assigned", member: MemberId | null, } | { "what": "channel", } & ({ "line": "number_changed" } | { "line": "identity_changed" } | { "line": "identity_shared" } | { "line": "blocked" } | { "line": "unblocked" } | { "line": "writing_allowed" } | { "line": "opened" } | { "line": "logged_in" } | { "line": "marketing_allowed" } | { "line": "marketing_stopped" } | { "line": "marketing_resumed" } | { "line": "notice_allowed" } | { "line": "handed_over" } | { "line": "handed_back" } | { "line": "handover_asked" } | { "line": "label_added" } | { "line": "label_removed" } | { "line": "answer_praised" } | { "line": "answer_criticised" } | { "line": "coupon_revealed" } | { "line": "game_played" } | { "line": "poll_answered" } | { "line": "poll_answer_withdrawn" } | { "line": "payment_begun" } | { "line": "shipping_asked" } | { "line": "media_bought" } | { "line": "gift_sent" } | { "line": "comment_hidden" } | { "line": "comment_shown" } | { "line": "joined" } | { "line": "left" } | { "line": "join_asked" } | { "line": "join_ask_withdrawn" } | { "line": "title_changed" } | { "line": "photo_changed" } | { "line": "background_changed" } | { "line": "group_created" } | { "line": "group_deleted" } | { "line": "group_suspended" } | { "line": "group_restored" } | { "line": "group_unchanged" } | { "line": "owner_changed" } | { "line": "account_added" } | { "line": "account_removed" } | { "line": "account_promoted" } | { "line": "account_demoted" } | { "line": "account_restricted" } | { "line": "member_standing_changed" } | { "line": "topic_created" } | { "line": "topic_changed" } | { "line": "topic_closed" } | { "line": "topic_reopened" } | { "line": "topic_hidden" } | { "line": "topic_shown" } | { "line": "group_call_planned" } | { "line": "group_call_started" } | { "line": "group_call_ended" } | { "line": "group_call_invited" } | { "line": "pinned" } | { "line": "auto_delete_changed" } | { "line": "price_changed" } | { "line": "checklist_changed" } | { "line": "boosted" } | { "line": "giveaway_started" } | { "line": "giveaway_ended" } | { "line": "post_approved" } | { "line": "post_not_approved" } | { "line": "post_declined" } | { "line": "post_paid" } | { "line": "post_refunded" } | { "line": "near" } | { "line": "connection_enabled" } | { "line": "connection_disabled" } | { "line": "account_linked" } | { "line": "account_unlinked" } | { "line": "policy_warning" } | { "line": "change_failed" } | { "line": "other", kind: string, });

export type Message = { id: MessageId, conversation: ConversationId, 
/**
 * The event that posted it. Messages are ordered by it.
 */
seq: Seq, 
/**
 * The event that changed it last; of two copies the one with the higher `rev` is newer.
 */
rev: Seq, 
/**
 * Its number among the public messages of the conversation, gapless from 1.
 */
n: number | null, kind: MessageKind, author: Author, 
/**
 * Empty when deleted.
 */
text: string, attachments: Array<Attachment>, reply_to: Quote | null, reactions: Array<Reaction>, activity: Activity | null, 
/**
 * What it carries beside text and files.
 */
extra?: Extra, 
/**
 * How far a message of the team has come on its way through a platform.
 */
delivery?: Delivery, 
/**
 * When it was written by the platform's clock, where that is not `created_at`.
 */
sent_at?: string, created_at: string, edited_at: string | null, deleted_at: string | null, 
/**
 * What its author's client called it.
 */
ref: string | null, };

export type Conversation = { id: ConversationId, 
/**
 * The event that changed it last; of two copies the one with the higher `rev` is newer.
 */
rev: Seq, contact: ContactId, contact_name: string, channel: Channel, 
/**
 * The account it is held with; absent on the website.
 */
account: AccountId | null, 
/**
 * Through whose own account it runs: one of the account's `connections`, which says whether
 * anything can be sent. Absent where it runs through none.
 */
connection?: string, 
/**
 * Until when the team may write; absent where there is no limit.
 */
window: Window | null, 
/**
 * What the team can do here beside writing.
 */
abilities: Abilities, 
/**
 * Public comments, and not a private conversation.
 */
comments: boolean, 
/**
 * How far the customer has come, by the platform's clock. A message of the team that was
 * sent by then is delivered, or read.
 */
peer_delivered_at: string | null, peer_read_at: string | null, status: Status, assignee: MemberId | null, labels: Array<LabelId>, 
/**
 * The number of the newest public message.
 */
last_n: number, 
/**
 * The newest message that is no activity, shortened.
 */
preview: Preview | null, 
/**
 * How far the team and the visitor have come.
 */
team: Marks, visitor: Marks, 
/**
 * Messages of the visitor that the team has not read.
 */
unread: number, created_at: string, 
/**
 * When someone last wrote. The inbox is ordered by it.
 */
last_activity_at: string, };

export type Preview = { message: MessageId, kind: MessageKind, author: Author, 
/**
 * The beginning of its text; empty when deleted or without text.
 */
excerpt: string, 
/**
 * How many files it carries.
 */
attachments: number, deleted: boolean, };

export type Counts = { open: number, mine: number, unassigned: number, pending: number, snoozed: number, resolved: number, 
/**
 * Open conversations with something unread.
 */
unread: number, };

export type PresenceOf = { who: Author, presence: Presence, };

export type VisitorAuthor = { "kind": "you" } | { "kind": "agent", id: MemberId, name: string, } | { "kind": "system" };

export type VisitorReaction = { emoji: string, count: number, 
/**
 * Whether the visitor is among them.
 */
yours: boolean, };

export type VisitorQuote = { id: MessageId, author: VisitorAuthor, excerpt: string, };

export type VisitorMessage = { id: MessageId, 
/**
 * The event that posted it. Messages are ordered by it.
 */
seq: Seq, 
/**
 * The event that changed it last.
 */
rev: Seq, 
/**
 * Its number in the conversation, gapless from 1.
 */
n: number, author: VisitorAuthor, text: string, attachments: Array<Attachment>, reply_to: VisitorQuote | null, reactions: Array<VisitorReaction>, created_at: string, edited_at: string | null, deleted_at: string | null, ref: string | null, };

export type VisitorConversation = { id: ConversationId, last_n: number, team: Marks, visitor: Marks, 
/**
 * Messages of the team that the visitor has not read.
 */
unread: number, };

export type AgentHello = { "type": "hello", 
/**
 * A personal API token; absent where the session cookie speaks.
 */
token?: string, 
/**
 * The epoch of an earlier `welcome`, to resume.
 */
epoch?: string, 
/**
 * The last `seq` the client has, to resume. Without it the answer is a snapshot.
 */
after?: Seq, };

export type AgentRequest = { 
/**
 * Chosen by the client, unique among its unanswered commands.
 */
id: number, } & ({ "type": "post", conversation: ConversationId, ref: string, kind: PostKind, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, 
/**
 * What the channel carries beside text and files.
 */
as?: PostAs, } | { "type": "resend", conversation: ConversationId, message: MessageId, } | { "type": "edit", conversation: ConversationId, message: MessageId, text: string, } | { "type": "delete", conversation: ConversationId, message: MessageId, } | { "type": "react", conversation: ConversationId, message: MessageId, emoji: string, on: boolean, } | { "type": "mark", conversation: ConversationId, delivered?: number, read?: number, } | { "type": "set_status", conversation: ConversationId, status: Status, } | { "type": "assign", conversation: ConversationId, member: MemberId | null, } | { "type": "label", conversation: ConversationId, add?: Array<LabelId>, remove?: Array<LabelId>, } | { "type": "typing", conversation: ConversationId, on: boolean, 
/**
 * Typing a note is shown to the team alone.
 */
note?: boolean, } | { "type": "watch", conversation: ConversationId | null, } | { "type": "set_presence", presence: Presence, });

export type AgentCommand = { "type": "post", conversation: ConversationId, ref: string, kind: PostKind, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, 
/**
 * What the channel carries beside text and files.
 */
as?: PostAs, } | { "type": "resend", conversation: ConversationId, message: MessageId, } | { "type": "edit", conversation: ConversationId, message: MessageId, text: string, } | { "type": "delete", conversation: ConversationId, message: MessageId, } | { "type": "react", conversation: ConversationId, message: MessageId, emoji: string, on: boolean, } | { "type": "mark", conversation: ConversationId, delivered?: number, read?: number, } | { "type": "set_status", conversation: ConversationId, status: Status, } | { "type": "assign", conversation: ConversationId, member: MemberId | null, } | { "type": "label", conversation: ConversationId, add?: Array<LabelId>, remove?: Array<LabelId>, } | { "type": "typing", conversation: ConversationId, on: boolean, 
/**
 * Typing a note is shown to the team alone.
 */
note?: boolean, } | { "type": "watch", conversation: ConversationId | null, } | { "type": "set_presence", presence: Presence, };

export type PostAs = { "form": "template", template: TemplateId, values: TemplateValues, } | { "form": "offer", offer: Offer, } | { "form": "private_reply" };

export type AgentFrame = { "type": "welcome", session: SessionId, epoch: string, 
/**
 * The position of the workspace when the session joined.
 */
seq: Seq, me: MemberId, 
/**
 * Whether a `snapshot` follows instead of the missed events.
 */
snapshot: boolean, } | { "type": "snapshot", seq: Seq, snapshot: AgentSnapshot, } | { "type": "ok", id: number, 
/**
 * The position of the last event of the command; absent when it was already so.
 */
seq?: Seq, 
/**
 * The message that was posted.
 */
message?: MessageId, 
/**
 * The conversation it was posted to.
 */
conversation?: ConversationId, 
/**
 * Its number, for a public message.
 */
n?: number, } | { "type": "no", id?: number, code: Code, message: string, retry_after?: number, } | { "type": "beat", seq: Seq, } | { "type": "event", seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "account", account: Account, } | { "event": "templates", account: AccountId, } | { "event": "gone" }) | { "type": "typing", conversation: ConversationId, who: Author, on: boolean, note: boolean, } | { "type": "presence" } & PresenceOf | { "type": "viewers", conversation: ConversationId, members: Array<MemberId>, };

export type Done = { 
/**
 * The position of the last event of the command; absent when it was already so.
 */
seq?: Seq, 
/**
 * The message that was posted.
 */
message?: MessageId, 
/**
 * The conversation it was posted to.
 */
conversation?: ConversationId, 
/**
 * Its number, for a public message.
 */
n?: number, };

export type AgentEvent = { "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "account", account: Account, } | { "event": "templates", account: AccountId, } | { "event": "gone" };

export type MessageChange = "posted" | "edited" | "deleted" | "reacted" | "progressed";

export type AgentSnapshot = { me: Member, workspace: Workspace, members: Array<Member>, labels: Array<Label>, accounts: Array<Account>, counts: Counts, 
/**
 * The newest open conversations, first page. `GET /api/v1/conversations` has the rest.
 */
conversations: Array<Conversation>, next: string | null, 
/**
 * Who is not offline.
 */
presence: Array<PresenceOf>, };

export type ConversationDetail = { conversation: Conversation, contact: Contact, 
/**
 * Whether the visitor has the widget connected now.
 */
online: boolean, };

export type VisitorHello = { "type": "hello", 
/**
 * The visitor token that `POST /api/v1/widget/boot` gave.
 */
token: string, epoch?: string, after?: Seq, 
/**
 * The page that carries the widget, shown to the team.
 */
page?: Page, };

export type Page = { url: string, title?: string, };

export type VisitorRequest = { 
/**
 * Chosen by the client, unique among its unanswered commands.
 */
id: number, } & ({ "type": "post", ref: string, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, } | { "type": "edit", message: MessageId, text: string, } | { "type": "delete", message: MessageId, } | { "type": "react", message: MessageId, emoji: string, on: boolean, } | { "type": "mark", delivered?: number, read?: number, } | { "type": "typing", on: boolean, } | { "type": "visit", page: Page, });

export type VisitorCommand = { "type": "post", ref: string, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, } | { "type": "edit", message: MessageId, text: string, } | { "type": "delete", message: MessageId, } | { "type": "react", message: MessageId, emoji: string, on: boolean, } | { "type": "mark", delivered?: number, read?: number, } | { "type": "typing", on: boolean, } | { "type": "visit", page: Page, };

export type VisitorFrame = { "type": "welcome", session: SessionId, epoch: string, seq: Seq, snapshot: boolean, } | { "type": "snapshot", seq: Seq, snapshot: VisitorSnapshot, } | { "type": "ok", id: number, 
/**
 * The position of the last event of the command; absent when it was already so.
 */
seq?: Seq, 
/**
 * The message that was posted.
 */
message?: MessageId, 
/**
 * The conversation it was posted to.
 */
conversation?: ConversationId, 
/**
 * Its number, for a public message.
 */
n?: number, } | { "type": "no", id?: number, code: Code, message: string, retry_after?: number, } | { "type": "beat", seq: Seq, } | { "type": "event", seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: VisitorMessage, conversation: VisitorConversation, } | { "event": "conversation", conversation: VisitorConversation, }) | { "type": "typing", member: MemberId, name: string, on: boolean, } | { "type": "presence", online: boolean, };

export type VisitorEvent = { "event": "message", change: MessageChange, message: VisitorMessage, conversation: VisitorConversation, } | { "event": "conversation", conversation: VisitorConversation, };

export type VisitorSnapshot = { 
/**
 * Absent until the first message.
 */
conversation: VisitorConversation | null, 
/**
 * The newest messages, oldest first. `GET /api/v1/visitor/messages` has the rest.
 */
messages: Array<VisitorMessage>, 
/**
 * Whether there are older ones.
 */
more: boolean, 
/**
 * Whether anyone of the team is there.
 */
online: boolean, };

export type SignUp = { workspace: string, name: string, email: string, password: string, };

export type SignIn = { email: string, password: string, };

export type Me = { user: UserId, member: Member, workspace: Workspace, 
/**
 * Every workspace this login belongs to.
 */
workspaces: Array<Workspace>, };

export type ChangeMe = { name?: string, 
/**
 * Needs `current_password`; signs out everywhere else.
 */
new_password?: string, current_password?: string, };

export type SwitchWorkspace = { workspace: WorkspaceId, };

export type Invite = { email: string, role: Role, };

export type Invitation = { id: InvitationId, email: string, role: Role, invited_by: MemberId, created_at: string, expires_at: string, };

export type NewInvitation = { invitation: Invitation, link: string, };

export type InvitationPreview = { workspace: string, email: string, role: Role, 
/**
 * Whether this address already has a login, whose password is then asked for.
 */
has_login: boolean, };

export type AcceptInvitation = { token: string, name: string, 
/**
 * A new one, or the existing one of a login that joins another workspace.
 */
password: string, };

export type PasswordLink = { link: string, expires_at: string, };

export type ResetPassword = { token: string, password: string, };

export type ChangeMember = { role?: Role, };

export type CreateToken = { name: string, };

export type ApiToken = { id: TokenId, name: string, 
/**
 * The first characters, by which to recognise it.
 */
hint: string, created_at: string, last_used_at: string | null, };

export type NewApiToken = { token: ApiToken, 
/**
 * Goes into `Authorization: Bearer …`.
 */
secret: string, };

export type StatusFilter = "open" | "pending" | "snoozed" | "resolved" | "all";

export type ChangeConversation = { status?: Status, 
/**
 * `{"member": null}` unassigns.
 */
assign?: AssignTo, add_labels?: Array<LabelId>, remove_labels?: Array<LabelId>, };

export type AssignTo = { member: MemberId | null, };

export type PostMessage = { ref?: string, kind?: PostKind, text?: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, 
/**
 * What the channel carries beside text and files.
 */
as?: PostAs, };

export type EditMessage = { text: string, };

export type Mark = { delivered: number, read: number, };

export type Typing = { on: boolean, note?: boolean, };

export type SearchHit = { message: Message, conversation: Conversation, };

export type Events = { epoch: string, events: Array<NumberedEvent>, 
/**
 * Whether there are more after these.
 */
more: boolean, };

export type NumberedEvent = { seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "account", account: Account, } | { "event": "templates", account: AccountId, } | { "event": "gone" });

export type ChangeContact = { name?: string, email?: string, phone?: string, remark?: string, };

export type ChangeWorkspace = { name?: string, };

export type SaveLabel = { name: string, 
/**
 * `#rrggbb`
 */
color: string, };

export type WidgetLook = { 
/**
 * `#rrggbb`
 */
color: string, position: WidgetPosition, 
/**
 * The heading; empty for the workspace's name.
 */
title: string, 
/**
 * The first words a visitor sees.
 */
greeting: string, 
/**
 * Whether the widget follows the visitor's dark mode.
 */
theme: WidgetTheme, };

export type WidgetPosition = "start" | "end";

export type WidgetTheme = "auto" | "light" | "dark";

export type WidgetSettings = { 
/**
 * The public key of the snippet.
 */
key: string, look: WidgetLook, 
/**
 * Pages that may carry the widget, such as `https://*.shop.example`. Empty: every page.
 */
origins: Array<string>, 
/**
 * Whether visitors without HMAC verification may write.
 */
require_identity: boolean, 
/**
 * The HTML to paste before `</body>`.
 */
snippet: string, };

export type ChangeWidget = { look?: WidgetLook, origins?: Array<string>, require_identity?: boolean, };

export type IdentitySecret = { 
/**
 * HMAC-SHA256 of the user id under this secret, in hex, is the `hash` of `identify`.
 */
secret: string, };

export type Account = { id: AccountId, kind: AccountKind, channel: Channel, name: string, 
/**
 * Its number or user name, as people write it.
 */
handle: string | null, status: AccountStatus, 
/**
 * What is wrong with it, worst first, in words to act on.
 */
problems: Array<AccountProblem>, 
/**
 * Quality, limits and the like, as the platform tells.
 */
facts: Array<AccountFact>, checked_at: string | null, 
/**
 * The history that is being brought, or was.
 */
history: Job | null, 
/**
 * Through whose own accounts it answers, the newest of them first; at most 50. Absent where
 * there are none.
 */
connections?: Array<BusinessConnection>, created_at: string, };

export type AccountProblem = { 
/**
 * `token`, `permission`, `not_subscribed`, `quality`, `restricted`, `payment`, `other`
 */
kind: string, words: string, };

export type AccountFact = { name: string, value: string, };

export type BusinessConnection = { 
/**
 * What a conversation that runs through it says as its `connection`.
 */
id: string, 
/**
 * Whose account it is.
 */
name: string, 
/**
 * Their user name, as people write it.
 */
handle: string | null, 
/**
 * Whether messages can be sent through it.
 */
access: Access, 
/**
 * What they allow.
 */
rights: Array<Right>, made_at: string, };

export type Job = { id: JobId, 
/**
 * `running`, `done` or `failed`
 */
state: string, done: number, 
/**
 * How much there is, once that is known.
 */
total: number | null, note: string | null, };

export type Channels = { accounts: Array<Account>, 
/**
 * Kinds that can be connected by signing in at the platform: their app is configured.
 */
sign_in: Array<AccountKind>, 
/**
 * Where platforms must be told to send what happens.
 */
hooks: Array<HookAddress>, 
/**
 * Present in the demo: the page of pretend phones.
 */
phones_url: string | null, };

export type HookAddress = { channel: Channel, url: string, };

export type ConnectAccount = { "kind": "whatsapp_number", phone_number_id: string, 
/**
 * The WhatsApp Business Account it belongs to.
 */
business_account_id: string, token: string, } | { "kind": "facebook_page", page_id: string, token: string, } | { "kind": "instagram_login", token: string, } | { "kind": "instagram_page", page_id: string, token: string, } | { "kind": "telegram_bot", token: string, };

export type BeginSignIn = { kind: AccountKind, 
/**
 * Asks which of the accounts to connect that the person may grant. Otherwise all of them are.
 */
choose?: boolean, };

export type SignInAt = { url: string, };

export type EmbeddedSignup = { app_id: string, 
/**
 * The configuration of Embedded Signup at the app.
 */
config_id: string, 
/**
 * `v26.0`
 */
graph_version: string, 
/**
 * The script that opens the window.
 */
sdk_url: string, 
/**
 * Whence the window tells how it ended.
 */
facebook_url: string, };

export type FinishEmbeddedSignup = { code: string, 
/**
 * What was chosen there, as far as the window said so.
 */
waba_id?: string, phone_number_id?: string, 
/**
 * The number stays in the WhatsApp Business app as well.
 */
coexistence?: boolean, };

export type SignInChoices = { kind: AccountKind, choices: Array<SignInChoice>, };

export type SignInChoice = { 
/**
 * The platform's id of the account.
 */
id: string, name: string, handle: string | null, };

export type ChooseAccounts = { 
/**
 * Of the choices; at least one.
 */
ids: Array<string>, };

export type Connected = { accounts: Array<AccountId>, 
/**
 * In words, for each that could not be connected.
 */
problems: Array<string>, };

export type ChangeAccount = { name?: string, 
/**
 * Holds back what is to be sent, or lets it go on.
 */
paused?: boolean, };

export type Template = { id: TemplateId, account: AccountId, name: string, 
/**
 * `en_US`
 */
language: string, category: string, 
/**
 * `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, …
 */
status: string, quality: string | null, reason: string | null, components: Array<TemplateComponent>, 
/**
 * Whether it can be sent now.
 */
sendable: boolean, updated_at: string, };

export type TemplateComponent = { "type": "header", format: string, text: string, variables: Array<TemplateVariable>, } | { "type": "body", text: string, variables: Array<TemplateVariable>, } | { "type": "footer", text: string, } | { "type": "buttons", buttons: Array<TemplateButton>, } | { "type": "other", name: string, };

export type TemplateVariable = { 
/**
 * As it stands between the braces.
 */
name: string, example: string | null, };

export type TemplateButton = { 
/**
 * `quick_reply`, `url`, `phone_number`, `copy_code`, …
 */
kind: string, text: string, 
/**
 * What is to be filled in, if anything: the ending of its link, or its code.
 */
variable: string | null, url: string | null, };

export type CreateTemplate = { name: string, language: string, 
/**
 * `UTILITY`, `MARKETING` or `AUTHENTICATION`
 */
category: string, 
/**
 * Only text can be made here; a header with a picture is made at the platform.
 */
header: string | null, body: string, footer: string | null, 
/**
 * Titles of quick replies.
 */
quick_replies: Array<string>, 
/**
 * An example for each variable of header and body, in order.
 */
examples: Array<string>, };

export type DeadLetter = { id: DeadLetterId, channel: Channel, account: AccountId | null, why: string, 
/**
 * The body, as text.
 */
body: string, received_at: string, tried_at: string | null, };

export type DeadLetters = { letters: Array<DeadLetter>, next: string | null, };

export type MergeContact = { other: ContactId, };

export type Merge = { id: MergeId, from: ContactId, into: ContactId, at: string, };

export type Boot = { 
/**
 * The public key of the snippet.
 */
key: string, 
/**
 * The token of an earlier boot, to be the same visitor.
 */
token?: string, identity?: Identify, 
/**
 * BCP 47.
 */
locale?: string, page?: Page, };

export type Identify = { user_id: string, 
/**
 * HMAC-SHA256 of `user_id` under the workspace's identity secret, in hex, made by the
 * business's server.
 */
hash: string, name?: string, email?: string, phone?: string, };

export type Booted = { 
/**
 * Authorises `/ws/visitor` and `/api/v1/visitor/…`. Valid for a year, renewed by each boot.
 */
token: string, 
/**
 * Says whose token it is, so that a client knows when it became another visitor.
 */
visitor: string, config: WidgetConfig, conversation: VisitorConversation | null, };

export type WidgetConfig = { workspace: string, look: WidgetLook, require_identity: boolean, 
/**
 * Bytes.
 */
attachment_max_bytes: number, 
/**
 * Whether anyone of the team is there.
 */
online: boolean, };

export type VisitorPost = { ref?: string, text?: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, };

export type VisitorThread = { conversation: VisitorConversation | null, messages: Array<VisitorMessage>, more: boolean, };

export type VisitorEvents = { epoch: string, 
/**
 * Everything up to here is in `events`.
 */
seq: Seq, events: Array<NumberedVisitorEvent>, more: boolean, };

export type NumberedVisitorEvent = { seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: VisitorMessage, conversation: VisitorConversation, } | { "event": "conversation", conversation: VisitorConversation, });

/** Numbers of the close codes. */
export const CLOSE_CODES = {
  moving: { code: 4000, retry: true },
  unauthenticated: { code: 4001, retry: false },
  forbidden: { code: 4003, retry: false },
  too_slow: { code: 4008, retry: true },
  too_large: { code: 4009, retry: true },
  malformed: { code: 4010, retry: false },
  no_hello: { code: 4011, retry: true },
  signed_out: { code: 4012, retry: false },
  too_many: { code: 4029, retry: true },
  unavailable: { code: 4050, retry: true },
} as const;

export const FRAME_MAX_BYTES = 65536;
export const BEAT_SECONDS = 5;
export const MESSAGE_MAX_CHARS = 8000;
export const ATTACHMENTS_PER_MESSAGE = 10;
export const ATTACHMENT_MAX_BYTES = 26214400;
