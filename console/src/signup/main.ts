/**
 * The page that opens WhatsApp's Embedded Signup. It is apart from the console, since it runs a
 * script of Meta's.
 */
import { mount } from "svelte";
import "../lib/settingsMessages.ts";
import "../ui/tokens.css";
import "../ui/base.css";
import EmbeddedSignup from "./EmbeddedSignup.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no place for what it says");

const state = new URLSearchParams(location.search).get("state") ?? "";
mount(EmbeddedSignup, { target, props: { state } });
