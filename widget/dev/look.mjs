import { launch } from "./shot.mjs";

const b = await launch();
const shot = async (name, { port = 4555, path = "/page", ctx = {}, act } = {}) => {
  const c = await b.newContext({ viewport: { width: 1100, height: 800 }, ...ctx });
  const p = await c.newPage();
  p.on(
    "console",
    (m) => (m.type() === "error" || m.type() === "warning") && console.log(name, m.text()),
  );
  p.on("pageerror", (e) => console.log(name, "ERR", e.message));
  await p.goto(`http://localhost:${port}${path}`);
  await p.waitForSelector("switchboard-widget button");
  await p.click("switchboard-widget button");
  await p.waitForSelector(".panel textarea");
  await p.waitForTimeout(600);
  if (act) await act(p);
  await p.screenshot({ path: `/tmp/shot-${name}.png` });
  await c.close();
};
const only = process.argv[2];
const all = {
  light: {},
  dark: { ctx: { colorScheme: "dark" } },
  phone: {
    ctx: {
      viewport: { width: 390, height: 780 },
      hasTouch: true,
      isMobile: true,
      deviceScaleFactor: 2,
    },
  },
  rtl: { ctx: { locale: "ar-EG" } },
  empty: { port: 4556 },
  menu: {
    act: async (p) => {
      const r = p.locator(".row.mine .ib.more, .row.mine .line .ib").nth(2);
      await p.locator(".row.mine").nth(2).hover();
      await r.click();
      await p.waitForTimeout(200);
    },
  },
  emoji: {
    act: async (p) => {
      await p.click(".tools .ib:nth-child(2)");
      await p.waitForTimeout(200);
    },
  },
  box: {
    act: async (p) => {
      await p.click(".picture");
      await p.waitForTimeout(300);
    },
  },
  hostile: { path: "/page?hostile=1" },
};
for (const [k, v] of Object.entries(all)) if (!only || only === k) await shot(k, v);
await b.close();
