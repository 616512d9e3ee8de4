/**
 * What a role may do, as the server's rules say. The console only hides and disables by it; the
 * server decides.
 */
import type { Member, Message, Role } from "@switchboard/wire";

const RANK: Record<Role, number> = { agent: 0, admin: 1, owner: 2 };

export function isAdmin(role: Role): boolean {
  return RANK[role] >= RANK.admin;
}

/** Whether `role` may invite, re-role or remove a member that holds, or is to hold, `target`. */
export function mayManage(role: Role, target: Role): boolean {
  return target === "owner" ? role === "owner" : isAdmin(role);
}

/** The roles that `role` may give. */
export function grantable(role: Role): Role[] {
  return (["agent", "admin", "owner"] as const).filter((target) => mayManage(role, target));
}

export function isMine(message: Message, me: Member): boolean {
  return message.author.kind === "agent" && message.author.id === me.id;
}

export function mayEdit(message: Message, me: Member): boolean {
  return message.kind !== "activity" && !message.deleted_at && isMine(message, me);
}

export function mayDelete(message: Message, me: Member): boolean {
  if (message.kind === "activity" || message.deleted_at) return false;
  return isMine(message, me) || isAdmin(me.role);
}
