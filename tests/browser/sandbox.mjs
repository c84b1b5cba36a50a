// The sandbox's control room in a real browser: every button does what it says, by keyboard too. Leaves screenshots.
//
//   node sandbox.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, guard, layout, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node sandbox.mjs <sandbox.json> <screenshots>");
  process.exit(2);
}
const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"], ...options });
  await guard(context, gateway.base_url, faults);
  const page = await context.newPage();
  await page.goto(gateway.controls_url);
  return page;
}

async function look(page, name) {
  faults.push(...(await layout(page)), ...(await accessibility(page)));
  await shoot(page, join(screenshots, `${name}.png`));
}

const said = (page, text) => page.locator("#said", { hasText: text }).waitFor();
const newest = (page) => page.locator("#invoices li").first();
const badge = (page, text) => newest(page).locator(".badge", { hasText: new RegExp(`^${text}$`) }).waitFor();

async function createInvoice(page, amount) {
  const before = await page.evaluate(() => document.querySelector("#invoices .number")?.textContent ?? "none");
  await page.locator("#amount").fill(amount);
  await page.locator("#amount").press("Enter");
  await page.waitForFunction((b) => (document.querySelector("#invoices .number")?.textContent ?? "none") !== b, before);
  await said(page, "Invoice created");
}

async function order(page, outcome) {
  const button = newest(page).locator(`[data-outcome="${outcome}"]`);
  await button.focus();
  await page.keyboard.press("Enter");
}

const checks = {
  async "says where things are, and the command works as pasted"() {
    const page = await open();
    for (const text of [gateway.base_url, gateway.api_key, gateway.rpc_url]) await page.locator("#facts", { hasText: text }).waitFor();
    await page.getByRole("button", { name: "Copy the command", exact: true }).click();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(command.startsWith(`curl -s ${gateway.base_url}/api/btn-create-invoice/get/`) && command.includes(`API-KEY: ${gateway.api_key}`), command);
    for (const path of ["openapi.json", "callbacks", "about.json"]) {
      const link = page.locator(`.links a[href="/sandbox/${path}"]`);
      assert.equal((await page.request.get(gateway.base_url + (await link.getAttribute("href")))).status(), 200);
    }
    await page.context().close();
  },
  async "create an invoice, open its page, pay it, read the callbacks"() {
    const page = await open();
    await createInvoice(page, "15.04");
    const [opened] = await Promise.all([page.context().waitForEvent("page"), page.locator("#created-link").click()]);
    await opened.locator('main[data-state="choose"]').waitFor();
    await opened.close();
    await badge(page, "OPENED");
    await order(page, "paid");
    await said(page, "Sent 15.04 USDT");
    await badge(page, "PAID");
    assert.ok(await newest(page).locator("[data-outcome=paid]").evaluate((button) => button === document.activeElement), "the focus was lost by a refresh");
    await newest(page).locator(".meaning", { hasText: "14.8896 to the shop" }).waitFor();
    const row = page.locator("#callbacks tbody tr").first();
    await row.locator(".status", { hasText: "invoice:paid" }).waitFor();
    assert.match(await row.locator(".signature").innerText(), /✓ valid/);
    await row.getByRole("button").click();
    const body = await page.locator("#callbacks tr.body pre").first().innerText();
    assert.match(body, /"status": "invoice:paid",\n {2}"id"/);
    assert.match(body, /x-signature: [0-9a-f]{64}/);
    await look(page, "sandbox");
    await page.context().close();
  },
  async "every outcome is a button that works"() {
    const page = await open();
    for (const [outcome, words] of [["short", "OPENED"], ["over", "PAID"], ["twice", "PAID"], ["wrong_token", "OPENED"], ["late", "EXPIRED"]]) {
      await createInvoice(page, "40");
      await order(page, outcome);
      await said(page, "Sent ");
      await badge(page, words);
    }
    const [opened] = await Promise.all([page.context().waitForEvent("page"), newest(page).locator(".page").click()]);
    await opened.locator(".notice", { hasText: "after this invoice was closed" }).waitFor();
    await opened.close();
    await page.context().close();
  },
  async "mine, reorganise, advance the clock"() {
    const page = await open();
    const { head } = await gateway.control("chain/mine", { blocks: 1 });
    await page.locator("#blocks").fill("3");
    await page.locator("#blocks").press("Enter");
    await said(page, "Mined 3 blocks");
    // blocks that came by themselves count too
    assert.ok(Number((await page.locator("#said").innerText()).match(/\d+(?=\.$)/)[0]) >= head + 3);
    await page.locator("#depth").fill("2");
    await page.locator("#keep").focus();
    await page.keyboard.press("Space");
    await page.locator("#reorg button").click();
    await said(page, "Replaced 2 blocks, their transactions are kept");
    const clock = () => page.locator('[data-about="now"]').first().innerText();
    const at = async () => Date.parse(`${(await clock()).replace(" ", "T")}Z`);
    const before = await at();
    await page.getByRole("button", { name: "1 day" }).click();
    await said(page, "It is now ");
    const shows = (least) => page.waitForFunction((b) => Date.parse(`${document.querySelector('[data-about="now"]').textContent.replace(" ", "T")}Z`) >= b, least);
    await shows(before + 86_400_000);
    await page.locator("#advance-by").fill("2");
    await page.locator("#advance-unit").selectOption({ label: "hours" });
    await page.locator("#advance button").click();
    await shows(before + 86_400_000 + 7_200_000);
    await page.context().close();
  },
  async "a chain that stands still leaves payments waiting"() {
    const page = await open();
    await page.locator("#halt-button").click();
    await page.locator("#halt-state", { hasText: "stands still" }).waitFor();
    const head = async () => (await (await fetch(`${gateway.base_url}/sandbox/about.json`)).json()).head;
    await createInvoice(page, "21");
    const before = await head();
    const invoice = await newest(page).locator("[data-invoice]").first().getAttribute("data-invoice");
    await gateway.pay(invoice, { outcome: "paid", mine: false });
    await page.waitForTimeout(1_200);
    assert.equal(await head(), before, "a block came by itself");
    await badge(page, "OPENED");
    await page.locator("#halt-button", { hasText: "Go on" }).click();
    await badge(page, "PAID");
    await page.context().close();
  },
  async "a payment that a reorganisation undid is undone here too"() {
    const page = await open();
    await createInvoice(page, "1500");
    // no block of its own on top of the one that is taken back
    await gateway.control("chain/halt", {});
    await gateway.pay(await newest(page).locator("[data-invoice]").first().getAttribute("data-invoice"), { outcome: "paid" });
    await gateway.control("chain/reorg", { depth: 1 });
    await gateway.control("chain/halt", { halted: false });
    await page.waitForTimeout(4_500);
    await badge(page, "OPENED");
    await page.context().close();
  },
  async "what is refused is said in the gateway's words, and stays"() {
    const page = await open();
    await page.locator("#amount").fill("0");
    await page.locator("#create-button").click();
    await said(page, "BELOW the allowed minimum amount (error 50012)");
    await page.locator("#depth").fill("250");
    await page.locator("#reorg button").click();
    await page.locator("#said.bad", { hasNotText: "50012" }).waitFor();
    // the browser notes each answer of status 400
    assert.ok(faults.every((fault) => fault.includes("status of 400")), faults.join());
    await look(page, "refused");
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("status of 400")));
    await page.context().close();
  },
  async "on a phone, light and dark"() {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open({ viewport: { width: 360, height: 740 }, colorScheme });
      await createInvoice(page, "15.04");
      await order(page, "short");
      await said(page, "Sent 7.52 USDT");
      await page.locator("#callbacks tbody button").first().click();
      await look(page, `sandbox-phone-${colorScheme}`);
      await page.context().close();
    }
    const page = await open({ colorScheme: "dark" });
    await newest(page).locator("summary").click();
    await look(page, "sandbox-dark");
    await page.context().close();
  },
  async "a sandbox that has stopped is noticed"() {
    const page = await open();
    await page.locator("#invoices li").first().waitFor();
    await page.route("**/sandbox/about.json", (route) => route.abort());
    await page.locator("#live-state", { hasText: "not reachable" }).waitFor();
    await page.unroute("**/sandbox/about.json");
    await page.locator("#live-state", { hasText: "live" }).waitFor();
    faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("ERR_FAILED")));
    await page.context().close();
  },
  async "without scripts every control is described as a command"() {
    const page = await open({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
    assert.ok(!(await page.locator("#controls").isVisible()));
    assert.ok(await page.locator(".note", { hasText: "need JavaScript" }).isVisible());
    const text = await page.locator("main").innerText();
    const { paths } = await (await page.request.get(gateway.openapi_url)).json();
    const described = Object.keys(paths).filter((path) => !["/sandbox", "/sandbox/openapi.json", "/sandbox/about.json"].includes(path));
    for (const path of described) assert.ok(text.includes(path.replace("{id}", "1").replace("{payment_id}", "1").replace("{reference}/{act}", "chg_1/open_dispute")), `${path} is not described`);
    await shoot(page, join(screenshots, "sandbox-no-script.png"));
    await page.context().close();
  },
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
