// A merchant's way in the browser alone, in a sandbox: signs up, confirms, says who he is, has his wallet approved by the operator, takes a key,
// sells, is told, gives money back, takes his book away, and lets somebody in who may only look. And an operator's day.
//
//   node going-live.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, guard, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node going-live.mjs <sandbox.json> <screenshots>");
  process.exit(2);
}
const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];
const WALLET = "0x8ba1f109551bD432803012645Ac136ddd64DBA72";
const PASSWORD = "nine tea kettles whistle";
const unique = Date.now();
const owner = `owner-${unique}@tea.example`;
const clerk = `clerk-${unique}@tea.example`;

async function person() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", acceptDownloads: true });
  await guard(context, gateway.base_url, faults);
  return context.newPage();
}

const at = (path) => gateway.base_url + path;
const path = (page) => new URL(page.url()).pathname;
const fill = async (page, fields) => {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]:visible`).first().fill(value);
};

async function told(number) {
  const { callbacks } = await (await fetch(gateway.callback_inbox_url)).json();
  const bodies = callbacks.map((callback) => callback.body ?? JSON.parse(callback.raw_body));
  return bodies.filter((body) => String(body.id) === String(number)).map((body) => body.status);
}

const merchant = await person();
const operator = await person();
let key;
let number;

const checks = {
  async "signs up, and confirms by the mailed link"() {
    await merchant.goto(at("/signup"));
    await fill(merchant, { company: "Tea & <b>more</b>", email: owner, "new-password": PASSWORD, again: PASSWORD });
    await merchant.locator("main form button").click();
    await merchant.goto(await gateway.mailed(owner, "/confirm?token="));
    await fill(merchant, { password: PASSWORD });
    await merchant.locator("main form button").click();
    await merchant.waitForURL(at("/client/"));
    await merchant.getByRole("heading", { name: "Tea & <b>more</b>" }).waitFor();
    await shoot(merchant, join(screenshots, "new-merchant.png"));
  },
  async "says who he is, and enters a wallet"() {
    await merchant.goto(at("/client/profile"));
    await fill(merchant, { name: "Tea and more", website: "https://tea.example" });
    await merchant.locator('[name="country"]').selectOption("GB");
    await merchant.locator('form[action="/client/profile"] button').click();
    await merchant.locator(".flash").first().waitFor();
    await fill(merchant, { wallet: "0x1234" });
    await merchant.locator('form[action="/client/profile/wallet"] button').click();
    await merchant.locator('form[action="/client/profile/wallet"] .error').waitFor();
    faults.length = 0; // a form with a mistake in it is answered 422, which the console notes
    await fill(merchant, { wallet: WALLET });
    await merchant.locator('form[action="/client/profile/wallet"] button').click();
    await merchant.locator("code", { hasText: WALLET }).first().waitFor();
  },
  async "the operator approves the wallet"() {
    await operator.goto(at("/login"));
    await fill(operator, gateway.operator_login);
    await operator.locator("main form button").first().click();
    await operator.waitForURL(at("/operator/"));
    await operator.goto(at("/operator/merchants"));
    await operator.getByRole("link", { name: "Tea and more" }).click();
    await operator.locator("code", { hasText: WALLET }).first().waitFor();
    await shoot(operator, join(screenshots, "wallet-to-validate.png"));
    await operator.locator('form:has(input[value="approve"]) button').click();
    await operator.locator(".flash").first().waitFor();
    await merchant.goto(at("/client/profile"));
    await merchant.locator(".badge.good", { hasText: "Active" }).waitFor();
  },
  async "makes a key, and lists his address"() {
    await merchant.goto(at("/client/api"));
    await merchant.locator('form[action="/client/api/keys"] button').click();
    key = (await merchant.locator("#new-key").textContent()).trim();
    assert.match(key, /^[0-9a-f]{32}$/);
    await merchant.goto(at("/client/api"));
    assert.ok(!(await merchant.content()).includes(key), "shown once");
    const refused = await (await fetch(at("/api/payable-currencies/get/"), { headers: { "API-KEY": key } })).json();
    assert.equal(refused.errorCode, 50010);
    await merchant.locator('form[action="/client/api/addresses"]:has(input[type="hidden"][name="entry"]) button').click();
    await merchant.locator("code", { hasText: "127.0.0.1" }).first().waitFor();
    const listed = await (await fetch(at("/api/payable-currencies/get/"), { headers: { "API-KEY": key } })).json();
    assert.equal(listed.errorCode, 0, JSON.stringify(listed));
  },
  async "says where callbacks go, and sends a test"() {
    await merchant.goto(at("/client/callbacks"));
    await fill(merchant, { url: gateway.callback_inbox_url });
    await merchant.locator('form:has([name="url"]) button').first().click();
    await merchant.locator(".flash").first().waitFor();
    await merchant.getByRole("button", { name: "Send a test" }).click();
    await merchant.locator("main pre").first().waitFor();
  },
  async "sells: the first invoice is paid in coins, and callbacks come"() {
    await merchant.goto(at("/client/invoices/new"));
    await fill(merchant, { amount: "42.50", email: "payer@customers.example" });
    await merchant.locator("main form button").first().click();
    await merchant.waitForURL(/\/client\/invoices\/\d+$/);
    number = path(merchant).split("/").pop();
    const payer = await person();
    await payer.goto(await merchant.locator("#payer-page").getAttribute("href"));
    await payer.getByText("42.50").first().waitFor();
    await payer.context().close();
    await gateway.pay(number, { outcome: "paid" });
    for (let left = 300; left > 0 && !(await told(number)).includes("invoice:awaiting_approval"); left--) await new Promise((again) => setTimeout(again, 100));
    assert.deepEqual((await told(number)).slice(0, 3), ["invoice:created", "invoice:opened", "invoice:awaiting_approval"]);
    await merchant.goto(at(`/client/callbacks/invoice/${number}/3`));
    // the inbox has it before the gateway has heard that
    for (let left = 300; left > 0 && !(await merchant.locator(".badge.good", { hasText: "200" }).count()); left--) {
      await new Promise((again) => setTimeout(again, 100));
      await merchant.reload();
    }
    await merchant.locator(".badge.good", { hasText: "200" }).first().waitFor();
    await merchant.goto(at(`/client/invoices/${number}`));
    await merchant.locator(".timeline li").nth(4).waitFor();
    await shoot(merchant, join(screenshots, "first-invoice.png"));
  },
  async "finds the invoice by what the payer says"() {
    for (const words of ["payer@customers.example", "42.50", number]) {
      await merchant.goto(at(`/client/invoices?q=${encodeURIComponent(words)}`));
      await merchant.locator(`#found a[href="/client/invoices/${number}"]`).first().waitFor();
    }
  },
  async "gives some of it back"() {
    await merchant.goto(at(`/client/invoices/${number}`));
    await merchant.locator("#f-refund").fill("2.50");
    await merchant.locator('form[action$="/refund"] button').click();
    await merchant.locator(".flash").first().waitFor();
    for (let left = 300; left > 0; left--) {
      await merchant.reload();
      if (await merchant.locator(".timeline li", { hasText: "2.50" }).count()) return;
      await new Promise((again) => setTimeout(again, 100));
    }
    throw new Error("no refund in the timeline");
  },
  async "takes the list and the book away"() {
    const list = await merchant.request.get(at("/client/invoices/export.csv"));
    assert.equal(list.status(), 200);
    assert.ok((await list.text()).includes("payer@customers.example"));
    await merchant.goto(at("/client/balances"));
    const [book] = await Promise.all([merchant.waitForEvent("download"), merchant.locator('form[action="/client/balances/entries.csv"] button').click()]);
    assert.match(book.suggestedFilename(), /\.csv$/);
  },
  async "lets somebody in who may only look"() {
    await merchant.goto(at("/client/team"));
    await fill(merchant, { email: clerk });
    await merchant.locator("#f-role").selectOption("read_only");
    await merchant.locator('form[action="/client/team/invite"] button').click();
    await merchant.locator(".flash").first().waitFor();
    const guest = await person();
    await guest.goto(await gateway.mailed(clerk, "/join?token="));
    await fill(guest, { "new-password": PASSWORD, again: PASSWORD });
    await guest.locator("main form button").click();
    await guest.waitForURL(at("/login"));
    await fill(guest, { email: clerk, password: PASSWORD });
    await guest.locator("main form button").first().click();
    await guest.waitForURL(at("/client/"));
    await guest.goto(at(`/client/invoices/${number}`));
    await guest.getByText("42.50").first().waitFor();
    assert.equal(await guest.locator('form[action$="/refund"], form[action$="/cancel"]').count(), 0);
    await shoot(guest, join(screenshots, "read-only.png"));
    for (const closed of ["/client/api", "/client/invoices/new", "/operator/"]) assert.equal((await guest.request.get(at(closed))).status(), 403, closed);
    await guest.context().close();
  },
  async "the operator looks at the merchant, changes his terms, and reads who did what"() {
    await operator.goto(at("/operator/merchants"));
    await operator.getByRole("link", { name: "Tea and more" }).click();
    const here = path(operator);
    await fill(operator, { fee: "1.5" });
    await operator.locator(`form[action="${here}/terms"] button, form:has([name="fee"]) button`).first().click();
    await operator.locator(".flash").first().waitFor();
    await merchant.goto(at("/client/profile"));
    await merchant.getByText("1.5").first().waitFor();
    await operator.goto(at("/operator/log"));
    for (const act of ["wallet", "merchant"]) await operator.locator("main", { hasText: act }).waitFor();
    await operator.locator("main", { hasText: owner }).waitFor();
    await shoot(operator, join(screenshots, "log-of-acts.png"));
  },
  async "the operator has the books checked, announces, and all read it until it is taken back"() {
    await operator.goto(at("/operator/audit"));
    await operator.locator("main form button").first().click();
    for (let left = 300; left > 0; left--) {
      await operator.goto(at("/operator/audit"));
      if (await operator.locator(".badge.good").count()) break;
      await new Promise((again) => setTimeout(again, 200));
    }
    assert.ok(await operator.locator(".badge.good").count(), "the books are proven");
    await operator.goto(at("/operator/announcement"));
    await operator.locator("main textarea").fill("Kettles <i>off</i> at noon");
    await operator.locator("main form button").first().click();
    await merchant.goto(at("/client/"));
    await merchant.getByText("Kettles <i>off</i> at noon").waitFor();
  },
  // at localhost: there are no passkeys of a number. The first one ends the owner's other sessions, so this is the last check.
  async "the owner adds a passkey, and signs in by it alone"() {
    await merchant.context().close();
    const there = gateway.base_url.replace("127.0.0.1", "localhost");
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    await guard(context, there, faults);
    const page = await context.newPage();
    const devices = await context.newCDPSession(page);
    await devices.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await devices.send("WebAuthn.addVirtualAuthenticator", { options });
    await page.goto(`${there}/login`);
    await fill(page, { email: owner, password: PASSWORD });
    await page.locator('form[action="/login"] button').click();
    await page.waitForURL(`${there}/client/`);
    await page.goto(`${there}/account/passkeys`);
    assert.deepEqual(await accessibility(page), []);
    await fill(page, { name: "Laptop", password: "not the password" });
    await page.locator('form[action="/account/passkeys"] button').click();
    await page.locator('form[action="/account/passkeys"] [data-wrong]').waitFor();
    faults.length = 0; // a form with a mistake in it is answered 422, which the console notes
    await fill(page, { password: PASSWORD });
    await page.locator('form[action="/account/passkeys"] button').click();
    await page.locator(".codes li").first().waitFor();
    await page.locator('form[action="/logout"] button').click();
    await page.waitForURL(`${there}/login`);
    assert.deepEqual(await accessibility(page), []);
    await page.locator('form[action="/login/passkey"] button').click();
    await page.waitForURL(`${there}/client/`);
    await page.goto(`${there}/account/passkeys`);
    await page.getByRole("cell", { name: "Laptop", exact: true }).waitFor();
    await shoot(page, join(screenshots, "passkeys.png"));
    await context.close();
  },
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
