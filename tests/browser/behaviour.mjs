// What the page does: follows the payment live and without events, keeps the focus, speaks, copies, counts down, goes back
// to the shop or stays; and all of paying without scripts. Takes the same directory of rendered pages as states.mjs.
import assert from "node:assert/strict";
import { launch, serve } from "./browser.mjs";
import { methodChecks } from "./methods.mjs";
import { answerAsStripe } from "./stripe.mjs";

const [directory] = process.argv.slice(2);
if (!directory) {
  console.error("usage: node behaviour.mjs <rendered pages>");
  process.exit(2);
}
const server = await serve(directory);
const browser = await launch();
const PATH = `${server.origin}/widget/sale/create/?token=t`;
const SHOP = "https://shop.example/";

async function open(file, options = {}) {
  server.show(file);
  server.setEventsDown(Boolean(options.eventsDown));
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, permissions: ["clipboard-read", "clipboard-write"], ...options.context });
  await context.route((url) => url.origin !== server.origin, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Shop</h1>" }));
  await answerAsStripe(context);
  const page = await context.newPage();
  page.on("pageerror", (error) => { throw error; });
  await page.goto(PATH + (options.query ?? ""));
  return page;
}
const listening = async () => { while (server.listening() === 0) await new Promise((later) => setTimeout(later, 20)); };
const text = (page, selector) => page.locator(selector).innerText();

const checks = {
  async "an event brings the new state, keeps focus and open parts, and is announced"() {
    const page = await open("pay.en.html");
    await listening();
    await page.locator("#change-summary").click();
    await page.locator("#copy-address").focus();
    server.show("pay-part.en.html", 2);
    server.tell(2);
    await page.locator(".payments").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "copy-address");
    assert.ok(await page.locator("#change").evaluate((details) => details.open));
    await page.waitForFunction(() => document.getElementById("announcer").textContent.includes("10 USDT"));
    // What had the focus is gone: the heading of what is there instead gets it.
    server.show("confirming.en.html", 3);
    server.tell(3);
    await page.getByRole("heading", { name: "Payment seen", exact: true }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
    assert.match(await page.title(), /Payment seen/);
    return page;
  },
  async "an event with the version shown changes nothing"() {
    const page = await open("pay.en.html");
    await listening();
    await page.locator("main").evaluate((main) => { main.dataset.mark = "same"; });
    server.tell(1);
    await page.waitForTimeout(400);
    assert.equal(await page.locator("main").getAttribute("data-mark"), "same");
    return page;
  },
  async "without events the page asks now and then"() {
    const page = await open("pay.en.html", { eventsDown: true });
    server.show("received.en.html", 2);
    await page.getByRole("heading", { name: "Paid" }).waitFor();
    return page;
  },
  async "copies the exact amount and the whole address"() {
    const page = await open("pay.ar.html");
    for (const [button, source] of [["#copy-amount", "#amount"], ["#copy-address", "#address"]]) {
      const label = await text(page, button);
      // it says so for two seconds only
      await page.locator(button).evaluate((b) => new MutationObserver(() => { if (b.textContent === b.dataset.copied) window.saidCopied = b.id; }).observe(b, { childList: true, characterData: true, subtree: true }));
      await page.locator(button).click();
      await page.waitForFunction((b) => window.saidCopied === document.querySelector(b).id, button);
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.locator(source).getAttribute("value"));
      await page.waitForFunction(([b, l]) => document.querySelector(b).textContent === l, [button, label]);
    }
    return page;
  },
  async "counts down, and asks for news when the price has run out"() {
    const page = await open("pay.en.html");
    const before = await text(page, "#left");
    assert.match(before, /^1[45]:\d\d$/);
    await page.waitForFunction((b) => document.getElementById("left").textContent !== b, before);
    server.show("quote-expired.en.html", 1);
    await page.locator("[data-until]").evaluate((quote) => { quote.dataset.until = "0"; });
    await page.locator("#quote").waitFor();
    return page;
  },
  async "goes back to the shop by itself"() {
    const page = await open("received.en.html");
    await page.waitForURL(`${SHOP}**`);
    return page;
  },
  async "stays when asked to"() {
    const page = await open("received.en.html");
    await page.locator("#stay").click();
    assert.match(page.url(), /stay=1/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "return");
    await page.waitForTimeout(6_000);
    assert.ok(page.url().startsWith(server.origin));
    return page;
  },
  async "without scripts: choose, cancel, be taken back; nothing that needs scripts is offered"() {
    const context = { javaScriptEnabled: false };
    const page = await open("pay.fr.html", { context });
    assert.ok(!(await page.locator("#copy-amount").isVisible()) && !(await page.locator(".left").isVisible()));
    assert.match(await text(page, ".quote"), /15:21 UTC/);
    server.posts.length = 0;
    await page.locator("#change-summary").click();
    await page.locator("#option-1").click();
    await page.waitForLoadState();
    await page.locator("#cancel-summary").click();
    server.show("canceled.fr.html");
    await page.locator("#cancel-yes").click();
    await page.waitForURL(`${SHOP}**`);
    const form = { token: "Zm9v+YmFy/Zm9vYmFyMTIz==", lang: "fr" };
    assert.deepEqual(server.posts, [{ ...form, action: "select", currency: "USDT_polygon" }, { ...form, action: "cancel" }]);
    return page;
  },
};

Object.assign(checks, methodChecks({ open, server, listening, text }));

let failures = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    const page = await check();
    await page.context().close();
    console.log(`ok    ${name}`);
  } catch (error) {
    failures += 1;
    console.error(`FAULT ${name}\n${error.stack}`);
  }
}
await browser.close();
server.close();
process.exit(failures ? 1 : 0);
