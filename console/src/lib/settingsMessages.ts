/** The words that come with the settings: imported by what shows them, before anything else. */
import english from "../../locales/en/settings.ftl?raw";
import { learn } from "./messages.ts";

learn(english);
