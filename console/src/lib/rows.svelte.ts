/** Everything of the workspace that events keep up to date, by id. */
import {
  type Account,
  type AccountId,
  type AgentSnapshot,
  type Author,
  type Contact,
  type ContactId,
  type Conversation,
  type ConversationId,
  type FrameOf,
  type Label,
  type LabelId,
  type Member,
  type MemberId,
  newer,
  type Presence,
  type Workspace,
} from "@switchboard/wire";
import { SvelteMap } from "svelte/reactivity";
import { t } from "./messages.ts";

/** What the store says when a conversation's row became another. */
export type Changed = (before: Conversation | undefined, after: Conversation) => void;

export class Rows {
  me = $state.raw<Member>() as Member;
  workspace = $state.raw<Workspace>() as Workspace;
  readonly members = new SvelteMap<MemberId, Member>();
  readonly labels = new SvelteMap<LabelId, Label>();
  readonly accounts = new SvelteMap<AccountId, Account>();
  /** Grows when templates of an account changed: whoever shows them reads them again. */
  readonly templatesOf = new SvelteMap<AccountId, number>();
  readonly contacts = new SvelteMap<ContactId, Contact>();
  readonly conversations = new SvelteMap<ConversationId, Conversation>();
  /** By id of member or contact; who is not in it is offline. */
  readonly presence = new SvelteMap<string, Presence>();
  readonly #conversationsOf = new Map<ContactId, Set<ConversationId>>();
  readonly #changed: Changed;

  readonly team = $derived(
    [...this.members.values()]
      .filter((member) => member.active)
      .sort((a, b) => a.name.localeCompare(b.name)),
  );
  readonly sortedLabels = $derived(
    [...this.labels.values()].sort((a, b) => a.name.localeCompare(b.name)),
  );

  constructor(me: Member, workspace: Workspace, changed: Changed) {
    this.me = me;
    this.workspace = workspace;
    this.members.set(me.id, me);
    this.#changed = changed;
  }

  /** Replaces all there is. */
  reset(snapshot: AgentSnapshot): void {
    this.me = snapshot.me;
    this.workspace = snapshot.workspace;
    for (const map of [this.members, this.labels, this.accounts, this.contacts, this.conversations])
      map.clear();
    this.presence.clear();
    for (const member of snapshot.members) this.members.set(member.id, member);
    for (const label of snapshot.labels) this.labels.set(label.id, label);
    for (const account of snapshot.accounts) this.accounts.set(account.id, account);
    this.#conversationsOf.clear();
    for (const row of snapshot.conversations) this.#keep(row);
    for (const { who, presence } of snapshot.presence) this.setPresence(who, presence);
  }

  apply(frame: FrameOf<"agent", "event">): void {
    switch (frame.event) {
      case "message":
      case "conversation":
        this.putConversation(frame.conversation);
        break;
      case "contact":
        this.putContact(frame.contact);
        break;
      case "member":
        this.putMember(frame.member);
        break;
      case "label":
        this.labels.set(frame.label.id, frame.label);
        break;
      case "label_removed":
        this.#removeLabel(frame.label);
        break;
      case "workspace":
        this.workspace = frame.workspace;
        break;
      case "account":
        this.accounts.set(frame.account.id, frame.account);
        break;
      case "templates":
        this.templatesOf.set(frame.account, (this.templatesOf.get(frame.account) ?? 0) + 1);
        break;
      case "gone":
        break;
    }
  }

  /** Takes a row from an event or an answer, unless a newer one is here. */
  putConversation(row: Conversation): void {
    const before = this.conversations.get(row.id);
    const after = newer(before, row);
    if (after === before) return;
    this.#keep(after);
    this.#changed(before, after);
  }

  /** Takes a contact. Its conversations show its name, and have no event of their own for that. */
  putContact(contact: Contact): void {
    this.contacts.set(contact.id, contact);
    for (const id of this.#conversationsOf.get(contact.id) ?? []) {
      const before = this.conversations.get(id);
      if (!before || before.contact_name === contact.name) continue;
      const after = { ...before, contact_name: contact.name };
      this.conversations.set(id, after);
      this.#changed(before, after);
    }
  }

  putMember(member: Member): void {
    this.members.set(member.id, member);
    if (member.id === this.me.id) this.me = member;
  }

  setPresence(who: Author, presence: Presence): void {
    if (!("id" in who)) return;
    if (presence === "offline") this.presence.delete(who.id);
    else this.presence.set(who.id, presence);
  }

  presenceOf(id: string): Presence {
    return this.presence.get(id) ?? "offline";
  }

  /** What an author is called. */
  nameOf(author: Author, conversation?: Conversation): string {
    if (author.kind === "system") return t("author-system");
    if (author.kind === "elsewhere") return t("author-elsewhere");
    if (author.kind === "agent") return this.members.get(author.id)?.name ?? t("author-former");
    return this.contacts.get(author.id)?.name ?? conversation?.contact_name ?? t("author-visitor");
  }

  #keep(row: Conversation): void {
    this.conversations.set(row.id, row);
    const ids = this.#conversationsOf.get(row.contact);
    if (ids) ids.add(row.id);
    else this.#conversationsOf.set(row.contact, new Set([row.id]));
  }

  #removeLabel(id: LabelId): void {
    this.labels.delete(id);
    for (const row of this.conversations.values()) {
      if (!row.labels.includes(id)) continue;
      const labels = row.labels.filter((label) => label !== id);
      const after = { ...row, labels };
      this.conversations.set(row.id, after);
      this.#changed(row, after);
    }
  }
}
