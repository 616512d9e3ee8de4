/**
 * The second part of the app: what nobody needs in the first moment. It is fetched while the
 * visitor reads the greeting.
 */

export { About } from "./about.tsx";
export { Chips } from "./chips.tsx";
export { Content, Failure, isJumbo, Reactions } from "./content.tsx";
export { Emoji } from "./emoji.tsx";
export { borrow } from "./kit.ts";
export { Lightbox } from "./lightbox.tsx";
export { Menu } from "./menu.tsx";
export { chime } from "./sound.ts";
export { default as style } from "./style.css";
export { attach, retry } from "./uploads.ts";
