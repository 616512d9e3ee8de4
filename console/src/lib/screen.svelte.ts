/** How much room there is. */
import { MediaQuery } from "svelte/reactivity";

/** One column at a time. */
export const phone = new MediaQuery("(width < 760px)", false);
/** No room for the contact beside the conversation. */
export const narrow = new MediaQuery("(width < 1240px)", false);
