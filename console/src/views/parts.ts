/** What the first view can do without, in the order in which it is likely to be wanted. */
import { Part } from "../lib/part.svelte.ts";

export const parts = {
  person: new Part(() => import("./contact/PersonSection.svelte")),
  card: new Part(() => import("./conversation/cards/CardView.svelte")),
  referral: new Part(() => import("./conversation/cards/ReferralStrip.svelte")),
  lightbox: new Part(() => import("./conversation/Lightbox.svelte")),
  emoji: new Part(() => import("./composer/EmojiPicker.svelte")),
  commentWay: new Part(() => import("./composer/CommentWay.svelte")),
  templates: new Part(() => import("./composer/TemplatePicker.svelte")),
  offer: new Part(() => import("./composer/OfferEditor.svelte")),
  settings: new Part(() => import("./settings/Settings.svelte")),
};
