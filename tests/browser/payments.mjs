// A payer with a card and one with a UPI app, at the sandbox, in a real browser: from the page to the merchant's own page, with what the
// merchant is told on the way.
//
//   node payments.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, layout, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node payments.mjs <sandbox.json> <screenshots>");
  process.exit(2);
}
const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];

// The shop's own pages, to which payers come back.
const shop = createServer((request, response) => response.writeHead(200, { "content-type": "text/plain" }).end(`shop ${request.url}`));
await new Promise((ready) => shop.listen(0, "127.0.0.1", ready));
const home = `http://127.0.0.1:${shop.address().port}`;
const urls = { success_url: `${home}/thanks`, failure_url: `${home}/sorry`, cancel_url: `${home}/bye`, pending_url: `${home}/soon` };

// A page that `stays` has all the time to be looked at: the shop's page for what failed never comes.
async function open(url, { stays, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`${url}: ${error}`));
  if (stays) await page.route(urls.failure_url, () => new Promise(() => {}));
  await page.goto(url);
  return page;
}

async function look(page, name) {
  faults.push(...(await layout(page)), ...(await accessibility(page)));
  await shoot(page, join(screenshots, `${name}.png`));
}

// Callbacks of an invoice, in the order they came.
async function told(id) {
  const answer = await fetch(`${gateway.base_url}/sandbox/callbacks`);
  const { callbacks } = await answer.json();
  const bodies = callbacks.map((callback) => callback.body ?? JSON.parse(callback.raw_body));
  return bodies.filter((body) => String(body.id) === String(id)).map((body) => body.status);
}

async function tells(id, statuses) {
  for (let left = 600; left > 0; left--) {
    const got = await told(id);
    if (got.length >= statuses.length) return assert.deepEqual(got.map((status) => status.replace("invoice:", "")), statuses);
    await new Promise((again) => setTimeout(again, 100));
  }
  assert.deepEqual(await told(id), statuses);
}

async function pay(page, number) {
  await page.locator('input[name="number"]').fill(number);
  await page.locator('input[name="expiry"]').fill("12/2040");
  await page.locator('input[name="code"]').fill("123");
  await page.locator('input[name="holder"]').fill("John Smith");
  await page.locator("#pay").click();
}

const card = (more) => gateway.create(15.04, { payment_solution_type: "CARD", ...urls, ...more });
const upi = (more) => gateway.create(5, { payment_solution_type: "UPI", ...urls, ...more });

const checks = {
  async "one page offers all three ways"() {
    const { url } = await gateway.create(15.04, urls);
    const page = await open(url);
    await page.locator('button[value="card"]').waitFor();
    await page.locator('button[value="upi"]').waitFor();
    await page.locator('button[value="USDT_polygon"]').waitFor();
    await look(page, "choose");
    await page.locator('button[value="card"]').click();
    await page.locator('input[name="number"]').waitFor();
    await look(page, "card-form");
  },
  async "a card without a challenge"() {
    const { url, id } = await card();
    const page = await open(url);
    await pay(page, "4242 4242 4242 4242");
    await page.waitForURL(`${home}/thanks`);
    await tells(id, ["created", "opened", "awaiting_approval"]);
  },
  async "a card with a challenge, approved at the bank's page"() {
    const { url, id } = await card();
    const page = await open(url);
    await pay(page, "4000000000003220");
    await page.waitForURL(/\/sandbox\/acquirer\/challenge\//);
    await look(page, "challenge");
    await page.locator('button[value="approve"]').click();
    await page.waitForURL(`${home}/thanks`);
    await tells(id, ["created", "opened", "awaiting_approval"]);
  },
  async "a challenge rejected fails the invoice"() {
    const { url, id } = await card();
    const page = await open(url, { stays: true });
    await pay(page, "4000000000003220");
    await page.waitForURL(/\/sandbox\/acquirer\/challenge\//);
    await page.locator('button[value="reject_challenge"]').click();
    await page.locator('[data-state="failed"]').waitFor();
    assert.equal(await page.locator("#return").getAttribute("href"), `${home}/sorry`);
    await tells(id, ["created", "opened", "failed"]);
  },
  async "a declined card fails the invoice; one without funds may be followed by another"() {
    const declined = await card();
    const held = await open(declined.url, { stays: true });
    await pay(held, "4000000000000002");
    await held.locator('[data-state="failed"]').waitFor();
    await look(held, "declined");
    await held.context().close();
    await tells(declined.id, ["created", "opened", "failed"]);
    const retried = await card();
    const page = await open(retried.url);
    await pay(page, "4000000000009995");
    await page.locator('input[name="number"]').waitFor();
    await look(page, "insufficient-funds");
    await pay(page, "4242424242424242");
    await page.waitForURL(`${home}/thanks`);
    await tells(retried.id, ["created", "opened", "awaiting_approval"]);
  },
  async "a number mistyped is told in words, and nothing of it comes back"() {
    const { url } = await card();
    const page = await open(url, { javaScriptEnabled: false });
    await pay(page, "4242424242424241");
    await page.locator('[aria-invalid="true"]').first().waitFor();
    await shoot(page, join(screenshots, "card-errors.png"));
    assert.ok(!(await page.content()).includes("4242424242424241"));
    await pay(page, "4242424242424242");
    await page.locator('[data-state="received"]').waitFor();
  },
  async "UPI: a QR on a desktop, paid in the app"() {
    const { url, id } = await upi();
    const page = await open(url);
    await page.locator("figure svg").first().waitFor();
    await look(page, "upi-desktop");
    await page.locator('a[href*="/sandbox/acquirer/upi/"]').first().click();
    await page.waitForURL(/\/sandbox\/acquirer\/upi\//);
    await look(page, "upi-app");
    await page.locator('button[value="upi_pay"]').click();
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await page.waitForURL(`${home}/thanks`);
    await tells(id, ["created", "opened", "awaiting_approval"]);
  },
  async "UPI: a link on a phone; pending, then paid"() {
    const { url, id } = await upi();
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, userAgent: "Mozilla/5.0 (Linux; Android 15) Mobile" };
    const page = await open(url, phone);
    await page.locator('a[href^="upi://pay?"]').first().waitFor();
    await look(page, "upi-phone");
    await page.goto(await page.locator('a[href*="/sandbox/acquirer/upi/"]').first().getAttribute("href").then((href) => new URL(href, gateway.base_url).href));
    await page.locator('button[value="upi_pend"]').click();
    await page.goto(url);
    await page.locator('[data-state="processing"]').waitFor();
    await look(page, "upi-pending");
    assert.equal(await page.locator("#return").getAttribute("href"), `${home}/soon`);
    await gateway.pay(id, { outcome: "paid" });
    await page.waitForURL(`${home}/thanks`);
    await tells(id, ["created", "opened", "awaiting_approval"]);
  },
  async "UPI: failed"() {
    const { url, id } = await upi();
    const page = await open(url, { stays: true });
    await page.locator('a[href*="/sandbox/acquirer/upi/"]').first().click();
    await page.waitForURL(/\/sandbox\/acquirer\/upi\//);
    await page.locator('button[value="upi_fail"]').click();
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await page.locator('[data-state="failed"]').waitFor();
    await tells(id, ["created", "opened", "failed"]);
  },
};

const failures = await run(checks, faults);
await browser.close();
shop.close();
process.exit(failures ? 1 : 0);
