// A payer's whole way in a real browser, on a running sandbox: choose, pay short, pay the rest, be taken back; cancel; without
// scripts; in French and Arabic; on a phone, in the dark. Leaves screenshots.
//
//   lockgate sandbox --listen 127.0.0.1:0 --data /tmp/sandbox
//   node checkout.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, guard, layout, readCode, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node checkout.mjs <sandbox.json> <screenshots>");
  process.exit(2);
}
const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];
// Above 1,000 USD three blocks are asked for.
const LARGE = "1500";
const PAGE_AND_ASSETS_BYTES = 60_000;

async function open(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  await guard(context, gateway.base_url, faults);
  const page = await context.newPage();
  // Which states the page has gone through, since live updates may be quick.
  await page.addInitScript(() => {
    window.states = [];
    const note = () => {
      const state = document.querySelector("main")?.dataset.state;
      if (state && window.states.at(-1) !== state) window.states.push(state);
    };
    new MutationObserver(note).observe(document, { childList: true, subtree: true });
  });
  await page.goto(url);
  return page;
}

async function look(page, name) {
  faults.push(...(await layout(page)), ...(await accessibility(page)));
  await shoot(page, join(screenshots, `${name}.png`));
}

const state = (page) => page.locator("main").getAttribute("data-state");
const value = (page, id) => page.locator(`#${id}`).getAttribute("value");
const inState = (page, wanted) => page.locator(`main[data-state="${wanted}"]`).waitFor();
const isPath = (path) => (url) => url.pathname === path;

// As a payer without a mouse does it.
async function chooseByKeyboard(page, option) {
  for (let presses = 0; presses < 12; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement.id)) === option) break;
  }
  assert.equal(await page.evaluate(() => document.activeElement.id), option);
  await page.keyboard.press("Enter");
  await inState(page, "pay");
}

// Payers are taken back after seconds: this page's successor waits until the answer is called.
async function heldBack(page, path) {
  let go;
  const looked = new Promise((later) => { go = later; });
  await page.route(isPath(path), async (route) => { await looked; await route.fallback(); });
  return go;
}

const checks = {
  async "choose by keyboard, pay short, pay the rest live, be taken back"() {
    const { url, id } = await gateway.create(LARGE);
    const page = await open(url);
    await look(page, "choose");
    await chooseByKeyboard(page, "option-1");
    assert.equal(await value(page, "amount"), LARGE);
    const address = await value(page, "address");
    assert.match(address, /^0x[0-9a-fA-F]{40}$/);
    const shown = await page.locator("#address").innerText();
    assert.equal(shown.replace(/\s/g, ""), address);
    const link = await page.locator("#wallet").getAttribute("href");
    assert.match(link, new RegExp(`^ethereum:0x[0-9a-fA-F]{40}@31337/transfer\\?address=${address}&uint256=1500000000$`));
    const read = await readCode(page, ".qr", join(screenshots, "qr.png"));
    if (read !== undefined) assert.equal(read, link);
    await look(page, "pay");

    await page.evaluate(() => { window.sameDocument = true; });
    await gateway.pay(id, { outcome: "short" });
    await page.waitForFunction(() => document.getElementById("amount")?.value === "750");
    assert.equal(await value(page, "address"), address);
    await page.waitForFunction(() => document.getElementById("announcer").textContent.includes("750 USDT"));
    await look(page, "pay-part");
    const go = await heldBack(page, "/service/pay/success/");
    await gateway.control("chain/halt", {});
    await gateway.pay(id, { outcome: "paid", amount: "750" });
    await inState(page, "confirming");
    await look(page, "confirming");
    await gateway.control("chain/mine", { blocks: 3 });
    await inState(page, "received");
    assert.ok(await page.evaluate(() => window.sameDocument), "the page was loaded anew");
    const seen = await page.evaluate(() => window.states);
    assert.deepEqual(seen, ["pay", "confirming", "received"], seen.join());
    await look(page, "received");
    await gateway.control("chain/halt", { halted: false });
    go();
    await page.waitForURL(isPath("/service/pay/success/"));
    await look(page, "success");
    await page.context().close();
  },
  async "too much, and a coin nobody asked for, are told"() {
    const over = await gateway.create("20");
    const wrong = await gateway.create("21", { payableCurrencies: "POL_polygon" });
    await gateway.pay(over.id, { outcome: "over" });
    await gateway.pay(wrong.id, { outcome: "wrong_token" });
    for (const [{ url }, name, says] of [[over, "overpaid", "2 USDT"], [wrong, "wrong-token", "WRONG"]]) {
      const page = await open(`${url}&stay=1`);
      await page.locator(".notice", { hasText: says }).waitFor();
      await look(page, name);
      await page.context().close();
    }
  },
  async "cancel leads to the cancel page"() {
    const { url } = await gateway.create("15.04");
    const page = await open(url);
    await page.locator("#option-2").click();
    await inState(page, "pay");
    await page.locator("#cancel-summary").focus();
    await page.keyboard.press("Enter");
    await look(page, "cancel-sure");
    const go = await heldBack(page, "/service/pay/cancel/");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await inState(page, "canceled");
    await look(page, "canceled");
    go();
    await page.waitForURL(isPath("/service/pay/cancel/"));
    await look(page, "cancel");
    await page.context().close();
  },
  async "without scripts: choose, see where to pay, cancel, be taken back"() {
    const { url } = await gateway.create("15.04");
    const page = await open(url, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    await page.getByRole("button", { name: "USDT" }).click();
    await inState(page, "pay");
    assert.match(await page.locator(".address").innerText(), /^0x/);
    assert.equal(await page.locator(".amount").innerText(), "15.04 USDT");
    assert.ok(await page.locator(".qr").isVisible());
    assert.ok(!(await page.locator("#copy-address").isVisible()) && !(await page.locator(".left").isVisible()));
    await shoot(page, join(screenshots, "no-script.png"));
    await page.locator("#cancel-summary").click();
    const go = await heldBack(page, "/service/pay/cancel/");
    await page.locator("#cancel-yes").click();
    await inState(page, "canceled");
    go();
    await page.waitForURL(isPath("/service/pay/cancel/"));
    await page.context().close();
  },
  async "in French and Arabic, on a phone, in the dark"() {
    for (const [lang, dir, heading] of [["fr", "ltr", "Comment souhaitez-vous payer"], ["ar", "rtl", "كيف تودّ أن تدفع"]]) {
      const { url, id } = await gateway.create("99.95");
      const page = await open(url, { viewport: { width: 360, height: 740 }, colorScheme: "dark", locale: lang });
      assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, dir]);
      assert.ok((await page.locator("h1").innerText()).includes(heading));
      await look(page, `${lang}-choose`);
      await chooseByKeyboard(page, "option-1");
      assert.equal(await page.evaluate(() => document.documentElement.lang), lang, "the language was lost by choosing");
      const box = await page.locator(".address").boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= 360);
      await look(page, `${lang}-pay`);
      await gateway.pay(id, { outcome: "short" });
      await page.locator(".payments").waitFor();
      await look(page, `${lang}-pay-part`);
      await page.context().close();
    }
  },
  async "a coin without a price is said once"() {
    const { url } = await gateway.create("15.04");
    const page = await open(`${url}&no_price=1`, { viewport: { width: 360, height: 740 } });
    assert.match(await page.locator("#no-price").innerText(), /no price at the moment/);
    assert.ok(!page.url().includes("no_price"), "a reload would say it again");
    await look(page, "no-price");
    await page.context().close();
  },
  async "the price runs out and a new one is asked for"() {
    const { url } = await gateway.create("15.04");
    const page = await open(url);
    await page.locator("#option-3").click();
    await inState(page, "pay");
    const address = await value(page, "address");
    await gateway.control("clock/advance", { seconds: 1_801 });
    await inState(page, "quote-expired");
    assert.equal(await page.locator("#address").count(), 0, "an address without a price");
    await look(page, "quote-expired");
    await page.locator("#quote").click();
    await inState(page, "pay");
    assert.notEqual(await value(page, "address"), address);
    await page.context().close();
  },
  async "a link that is not one is told kindly"() {
    const page = await open(`${gateway.base_url}/widget/sale/create/?token=nonsense`);
    // the browser itself notes the 404
    faults.length = 0;
    assert.match(await page.locator("h1").innerText(), /not found/);
    await look(page, "not-found");
    await page.context().close();
  },
  async "page and assets are small"() {
    const { url } = await gateway.create("15.04", { payableCurrencies: "USDT_polygon" });
    const context = await browser.newContext();
    const page = await context.newPage();
    const network = await context.newCDPSession(page);
    let bytes = 0;
    let requests = 0;
    network.on("Network.loadingFinished", ({ encodedDataLength }) => { bytes += encodedDataLength; requests += 1; });
    await network.send("Network.enable");
    await page.goto(url, { waitUntil: "load" });
    await inState(page, "pay");
    await page.waitForTimeout(300);
    await context.close();
    assert.ok(requests >= 3, `${requests} requests`);
    assert.ok(bytes > 10_000 && bytes < PAGE_AND_ASSETS_BYTES, `${bytes} bytes`);
    console.log(`      ${bytes} bytes in ${requests} requests, headers included`);
  },
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
