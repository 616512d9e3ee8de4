import { mount } from "svelte";
import App from "./App.svelte";
import { watchStyles } from "./lib/part.svelte.ts";
import "./ui/tokens.css";
import "./ui/base.css";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no place for the console");

watchStyles();
mount(App, { target });
