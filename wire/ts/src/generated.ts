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

export type Author = { "kind": "visitor", "id": ContactId } | { "kind": "agent", "id": MemberId } | { "kind": "system" };

export type MessageKind = "public" | "note" | "activity";

export type PostKind = "public" | "note";

export type Role = "agent" | "admin" | "owner";

export type Presence = "online" | "away" | "offline";

export type AttachmentKind = "image" | "audio" | "video" | "file";

export type Status = { "state": "open" } | { "state": "pending" } | { "state": "snoozed", until: string, } | { "state": "resolved" };

export type Marks = { delivered: number, read: number, };

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
remark: string | null, created_at: string, last_seen_at: string | null, };

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
url: string, thumbnail_url: string | null, };

export type Reaction = { emoji: string, by: Array<Author>, };

export type Quote = { id: MessageId, author: Author, 
/**
 * The beginning of its text; empty when deleted or without text.
 */
excerpt: string, };

export type Activity = { "what": "status", status: Status, } | { "what": "assigned", member: MemberId | null, };

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
text: string, attachments: Array<Attachment>, reply_to: Quote | null, reactions: Array<Reaction>, activity: Activity | null, created_at: string, edited_at: string | null, deleted_at: string | null, 
/**
 * What its author's client called it.
 */
ref: string | null, };

export type Conversation = { id: ConversationId, 
/**
 * The event that changed it last; of two copies the one with the higher `rev` is newer.
 */
rev: Seq, contact: ContactId, contact_name: string, status: Status, assignee: MemberId | null, labels: Array<LabelId>, 
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
id: number, } & ({ "type": "post", conversation: ConversationId, ref: string, kind: PostKind, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, } | { "type": "edit", conversation: ConversationId, message: MessageId, text: string, } | { "type": "delete", conversation: ConversationId, message: MessageId, } | { "type": "react", conversation: ConversationId, message: MessageId, emoji: string, on: boolean, } | { "type": "mark", conversation: ConversationId, delivered?: number, read?: number, } | { "type": "set_status", conversation: ConversationId, status: Status, } | { "type": "assign", conversation: ConversationId, member: MemberId | null, } | { "type": "label", conversation: ConversationId, add?: Array<LabelId>, remove?: Array<LabelId>, } | { "type": "typing", conversation: ConversationId, on: boolean, 
/**
 * Typing a note is shown to the team alone.
 */
note?: boolean, } | { "type": "watch", conversation: ConversationId | null, } | { "type": "set_presence", presence: Presence, });

export type AgentCommand = { "type": "post", conversation: ConversationId, ref: string, kind: PostKind, text: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, } | { "type": "edit", conversation: ConversationId, message: MessageId, text: string, } | { "type": "delete", conversation: ConversationId, message: MessageId, } | { "type": "react", conversation: ConversationId, message: MessageId, emoji: string, on: boolean, } | { "type": "mark", conversation: ConversationId, delivered?: number, read?: number, } | { "type": "set_status", conversation: ConversationId, status: Status, } | { "type": "assign", conversation: ConversationId, member: MemberId | null, } | { "type": "label", conversation: ConversationId, add?: Array<LabelId>, remove?: Array<LabelId>, } | { "type": "typing", conversation: ConversationId, on: boolean, 
/**
 * Typing a note is shown to the team alone.
 */
note?: boolean, } | { "type": "watch", conversation: ConversationId | null, } | { "type": "set_presence", presence: Presence, };

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
n?: number, } | { "type": "no", id?: number, code: Code, message: string, retry_after?: number, } | { "type": "beat", seq: Seq, } | { "type": "event", seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "gone" }) | { "type": "typing", conversation: ConversationId, who: Author, on: boolean, note: boolean, } | { "type": "presence" } & PresenceOf | { "type": "viewers", conversation: ConversationId, members: Array<MemberId>, };

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

export type AgentEvent = { "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "gone" };

export type MessageChange = "posted" | "edited" | "deleted" | "reacted";

export type AgentSnapshot = { me: Member, workspace: Workspace, members: Array<Member>, labels: Array<Label>, counts: Counts, 
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

export type PostMessage = { ref?: string, kind?: PostKind, text?: string, attachments?: Array<AttachmentId>, reply_to?: MessageId, };

export type EditMessage = { text: string, };

export type Mark = { delivered: number, read: number, };

export type Typing = { on: boolean, note?: boolean, };

export type SearchHit = { message: Message, conversation: Conversation, };

export type Events = { epoch: string, events: Array<NumberedEvent>, 
/**
 * Whether there are more after these.
 */
more: boolean, };

export type NumberedEvent = { seq: Seq, at: string, } & ({ "event": "message", change: MessageChange, message: Message, conversation: Conversation, } | { "event": "conversation", conversation: Conversation, activity?: Message, } | { "event": "contact", contact: Contact, } | { "event": "member", member: Member, } | { "event": "label", label: Label, } | { "event": "label_removed", label: LabelId, } | { "event": "workspace", workspace: Workspace, } | { "event": "gone" });

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
