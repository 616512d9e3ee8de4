/** Starts the app in the loader's shadow root. */

import { render } from "preact";
import type { App, Host, Wishes } from "../contract.ts";
import { reset, shades } from "./look.ts";
import { Model, speak } from "./model.ts";
import { Root } from "./root.tsx";
import css from "./style.css";

/** The words travel while the code is still being read. */
const firstWords = speak(null);
firstWords.catch(() => {});

export function start(host: Host, wishes: Wishes): App {
  let model: Model | null = null;
  let said = wishes;
  let stopped = false;
  const box = document.createElement("div");

  const words = wishes.locale ? speak(wishes.locale) : firstWords;
  words
    .catch(() => speak(wishes.locale))
    .then((say) => {
      if (stopped) return;
      model = new Model(host, said, say);
      reset(host.root);
      host.adopt(css + shades(host.setup.look.color));
      host.root.append(box);
      render(<Root model={model} />, box);
      model.start();
      if (said.locale !== wishes.locale && said.locale) model.setLocale(said.locale);
      host.emit("ready", {});
      if (said.open) model.show(true);
      else model.changed();
    })
    .catch((error) => host.emit("error", { code: "unavailable", message: String(error) }));

  const show = (open: boolean) => {
    said = { ...said, open };
    model?.show(open);
  };
  return {
    open: () => show(true),
    close: () => show(false),
    identify(identity) {
      said = { ...said, identity };
      model?.identify(identity);
    },
    setLocale(locale) {
      said = { ...said, locale };
      model?.setLocale(locale).catch(() => {});
    },
    stop() {
      stopped = true;
      model?.stop();
      render(null, box);
      box.remove();
    },
  };
}
