/** Draws a person back when a visitor writes: title badge, sound, desktop notification. */
import type { Conversation, FrameOf } from "@switchboard/wire";
import type { Desk } from "./desk.svelte.ts";
import { t } from "./messages.ts";
import { prefs, setPref } from "./prefs.svelte.ts";
import { router } from "./router.svelte.ts";

const SOUND_EVERY = 2_500;
/** What was missed longer ago than this, on coming back, is not news. */
const NEWS = 60_000;

let audio: AudioContext | null = null;
let soundedAt = 0;

function tone(context: AudioContext, frequency: number, at: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.09, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.42);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.45);
}

/** Two soft notes. Browsers refuse them until the person has touched the page once. */
export function chime(): void {
  const now = Date.now();
  if (now - soundedAt < SOUND_EVERY) return;
  soundedAt = now;
  try {
    audio ??= new AudioContext();
    void audio.resume();
    tone(audio, 784, audio.currentTime + 0.02);
    tone(audio, 1046.5, audio.currentTime + 0.13);
  } catch {
    // No sound on this machine.
  }
}

export function canNotify(): boolean {
  return typeof Notification !== "undefined" && window.isSecureContext;
}

/** Turns desktop notifications on, if the person allows it. Answers whether they are on. */
export async function askToNotify(): Promise<boolean> {
  const allowed = canNotify() && (await Notification.requestPermission()) === "granted";
  setPref("notifications", allowed);
  return allowed;
}

function notify(conversation: Conversation, words: string): void {
  if (!prefs.notifications || !canNotify() || Notification.permission !== "granted") return;
  const shown = new Notification(conversation.contact_name, {
    body: words || t("preview-file", { count: 1 }),
    tag: conversation.id,
    icon: document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "",
  });
  shown.onclick = () => {
    window.focus();
    router.go({ name: "inbox", view: "open", conversation: conversation.id, at: null });
    shown.close();
  };
}

type Posted = FrameOf<"agent", "event"> & { event: "message" };

function isForMe(desk: Desk, { assignee }: Conversation): boolean {
  return assignee === null || assignee === desk.rows.me.id;
}

function onScreen(conversation: Conversation): boolean {
  const { route } = router;
  const open = "conversation" in route && route.conversation === conversation.id;
  return open && !document.hidden && document.hasFocus();
}

export function watchForAttention(desk: Desk): () => void {
  return desk.onPosted((event: Posted) => {
    const { message, conversation } = event;
    if (message.author.kind !== "visitor" || !isForMe(desk, conversation)) return;
    if (Date.now() - Date.parse(event.at) > NEWS || onScreen(conversation)) return;
    if (prefs.sound) chime();
    if (document.hidden || !document.hasFocus()) notify(conversation, message.text.slice(0, 140));
  });
}
