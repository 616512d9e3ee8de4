import { launch } from "./shot.mjs";

const b = await launch();
const p = await b.newPage({ viewport: { width: 1100, height: 800 } });
await p.goto("http://localhost:4555/page");
await p.click("switchboard-widget button");
await p.waitForSelector(".row");
await p.waitForTimeout(500);
console.log(
  await p.evaluate(async () => {
    const r = document.querySelector("switchboard-widget").shadowRoot;
    const s = r.querySelector(".scroll");
    const o = [s.scrollTop, s.scrollHeight, s.clientHeight, r.querySelector("ol").offsetHeight];
    s.scrollTop = 0;
    await new Promise((r) => setTimeout(r, 300));
    o.push(s.scrollTop);
    return o;
  }),
);
await b.close();
