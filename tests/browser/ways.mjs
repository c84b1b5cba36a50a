// Ways about the dashboard that need script, in a sandbox: figures that follow by themselves, the palette, single keys, a list that is searched while
// one types, a link that is copied, times in the viewer's zone, calls tried on the API's pages, an invoice paid from the sandbox's page. And what needs more than one person: a payment to a card that another approves or refuses, a logo
// that payers see, ways to pay that are off, a settlement.
//
//   node ways.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, guard, layout, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node ways.mjs <sandbox.json> <screenshots>");
  process.exit(2);
}
const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];
const at = (path) => gateway.base_url + path;

async function signedIn(options, who = gateway.merchant_login, home = "/client/") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  await guard(context, gateway.base_url, faults);
  const page = await context.newPage();
  await page.goto(at("/login"));
  await page.locator('input[name="email"]').fill(who.email);
  await page.locator('input[name="password"]').fill(who.password);
  await Promise.all([page.waitForURL(at(home)), page.locator("main form button").first().click()]);
  return page;
}

async function looksRight(page, name) {
  assert.deepEqual([...(await layout(page, 24)), ...(await accessibility(page))], [], name);
  await shoot(page, join(screenshots, `${name}.png`));
}

// Whoever pays: nobody who is signed in.
async function payer(url) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, reducedMotion: "reduce" });
  await guard(context, gateway.base_url, faults);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

// Loads the page again until this is on it.
async function becomes(page, selector) {
  for (let left = 300; left > 0; left--) {
    if (await page.locator(selector).count()) return;
    await new Promise((again) => setTimeout(again, 100));
    await page.reload();
  }
  throw new Error(`no ${selector} at ${page.url()}`);
}

// Presses what a form is sent with; `said` is on the page that answers.
async function press(page, form, said = ".flash.good, .flash:not(.bad)") {
  await page.locator(`${form} button`).first().click();
  await page.locator(said).first().waitFor();
}

async function payToACard(page, amount) {
  await page.goto(at("/client/payouts/new"));
  for (const [name, value] of Object.entries({ amount, firstname: "Ann", lastname: "Smith", card_number: "4242 4242 4242 4242", expiry: "04/2035" }))
    await page.locator(`main [name="${name}"]`).fill(value);
  await page.locator('main form[action="/client/payouts/new"] button').click();
  await page.waitForURL(/\/client\/payouts\/\d+$/);
  return new URL(page.url()).pathname;
}

const BRANDING = "/client/profile/branding";
const LOGO = fileURLToPath(new URL("../../crates/gateway/src/checkout/samples/logo.png", import.meta.url));
const invoice = await gateway.create("15.04", { email: "palette@example.com" });
const page = await signedIn({});
const palette = page.locator("dialog#palette");
const input = palette.getByRole("combobox");

let operator;
const settlement = `/operator/merchants/${gateway.merchant_number}/settlement`;

const checks = {
  async "figures follow a payment without the page being loaded again"() {
    const paid = page.locator("#state .figures .sum").nth(1).locator(".figure");
    const before = Number(await paid.textContent());
    await page.evaluate(() => { window.sameDocument = true; });
    await page.locator("#state details summary").first().click();
    await page.locator("h1").click(); // what is read or used just now is left alone
    await gateway.pay(invoice.id, { outcome: "paid" });
    await page.waitForFunction((more) => Number(document.querySelectorAll("#state .figures .sum .figure")[1].textContent) === more, before + 1);
    assert.ok(await page.evaluate(() => window.sameDocument));
    assert.ok(await page.locator("#state details").first().evaluate((table) => table.open), "the table stays open");
  },
  async "the palette opens by keys, is typed into, and leads there"() {
    await page.keyboard.press("Control+k");
    await palette.getByRole("option").first().waitFor();
    assert.equal(await input.getAttribute("aria-activedescendant"), await palette.locator('[aria-selected="true"]').getAttribute("id"));
    await looksRight(page, "palette");
    await page.keyboard.press("ArrowDown");
    assert.equal(await palette.locator('[aria-selected="true"]').count(), 1);
    assert.equal(await palette.getByRole("option").nth(1).getAttribute("aria-selected"), "true");
    await input.pressSequentially("team");
    await page.keyboard.press("Enter"); // also before the list is there
    await page.waitForURL(at("/client/team"));
  },
  async "it finds an invoice by its payer's address"() {
    await page.getByRole("link", { name: "Find or go to" }).click();
    await input.fill("palette@example.com");
    await palette.getByRole("option", { name: "15.04" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(at(`/client/invoices/${invoice.id}`));
  },
  async "Escape closes it, and the button has the focus again"() {
    const button = page.getByRole("link", { name: "Find or go to" });
    await button.click();
    await input.waitFor();
    await page.keyboard.press("Escape");
    await input.waitFor({ state: "hidden" });
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  },
  async "single keys lead to pages, not from a field, and not when they are off"() {
    await page.goto(at("/client/"));
    await page.locator("h1").click();
    // within a second and a half of each other
    for (let left = 20; left > 0 && page.url() !== at("/client/invoices"); left--) {
      await page.keyboard.press("g");
      await page.keyboard.press("i");
      await page.waitForURL(at("/client/invoices"), { timeout: 3_000 }).catch(() => {});
    }
    assert.equal(page.url(), at("/client/invoices"));
    // a second press may be under way
    await page.goto(at("/client/invoices"));
    await page.keyboard.press("/");
    await page.locator("#f-q:focus").waitFor();
    await page.keyboard.type("gh?");
    assert.equal(await page.locator("#f-q").inputValue(), "gh?");
    await page.locator("#f-q").blur();
    await page.keyboard.press("?");
    await page.locator("dialog#keys kbd").first().waitFor();
    await looksRight(page, "keys");
    await page.keyboard.press("Escape");
    await page.goto(at("/account/keys"));
    await page.locator('main [name="on"]').uncheck();
    await page.locator("main form button").click();
    await page.locator(".flash").waitFor();
    await page.keyboard.press("?");
    await page.keyboard.press("g");
    await page.keyboard.press("h");
    assert.ok(!(await page.locator("dialog#keys").isVisible()) && page.url() === at("/account/keys"));
    await page.locator('main [name="on"]').check();
    await page.locator("main form button").click();
    await page.locator(".flash").waitFor();
  },
  async "the list of invoices is searched while one types"() {
    const other = await gateway.create("17.00", { email: "other@example.com" });
    await page.goto(at("/client/invoices"));
    const row = (id) => page.locator(`#found a[href="/client/invoices/${id}"]`);
    await row(other.id).waitFor();
    await page.evaluate(() => { window.sameDocument = true; });
    await page.locator("#f-q").pressSequentially("palette@example.com");
    await page.waitForURL(/[?&]q=palette%40example\.com/);
    await row(other.id).waitFor({ state: "detached" });
    await row(invoice.id).waitFor();
    assert.ok(await page.evaluate(() => window.sameDocument && document.activeElement.id === "f-q"), "nothing was loaded anew");
    await page.locator("#f-q").fill("");
    await row(other.id).waitFor();
  },
  async "a payment link is copied"() {
    await page.goto(at("/client/links"));
    await page.locator('main [name="title"]').fill("A cup of tea");
    await page.locator('main [name="amount"]').fill("4.50");
    await page.locator('main form[action="/client/links"] button').click();
    await page.waitForURL(/\/client\/links\/\d+$/);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: gateway.base_url });
    const button = page.locator('[data-copy="link-url"]');
    await button.click();
    await page.waitForFunction((element) => element.textContent === element.dataset.copied, await button.elementHandle());
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await page.locator("#link-url").getAttribute("href"));
  },
  async "times are the viewer's, and the day with them"() {
    const there = await signedIn({ timezoneId: "Asia/Kolkata" });
    await there.goto(at(`/client/invoices/${invoice.id}`));
    const { machine, shown } = await there.locator("main time").first().evaluate((time) => ({ machine: time.dateTime, shown: time.textContent }));
    // half an hour's zone: nothing else is so far from UTC
    const moved = new Date(Date.parse(machine) + 330 * 60_000).toISOString();
    assert.equal(shown, moved.slice(0, 16).replace("T", " "));
    await there.context().close();
  },
  async "a call is tried with a typed key, and its answer is text"() {
    await page.goto(at("/docs/api"));
    await looksRight(page, "docs");
    await page.getByRole("link", { name: "Create an invoice", exact: true }).click();
    const form = page.locator('form[data-path="/api/btn-create-invoice/get/"]');
    await page.locator("#key").fill(gateway.api_key);
    await form.locator("textarea").fill(JSON.stringify({ email: "<img src=x onerror=alert(1)>", amount: "15.04", devise: "USD" }));
    await form.getByRole("button").click();
    await form.getByText("50005").waitFor();
    await form.locator("textarea").fill(JSON.stringify({ email: "tried@example.com", amount: "15.04", devise: "USD" }));
    await form.getByRole("button").click();
    await form.getByText('"errorCode": 0').waitFor();
    assert.ok((await form.getByRole("status").textContent()).includes("content-type: application/json"));
    await looksRight(page, "docs-part");
    assert.ok(!JSON.stringify(await page.context().storageState()).includes(gateway.api_key), "the key is not kept");
  },
  async "an invoice is paid from the sandbox's page"() {
    const { id } = await gateway.create("42.00");
    await page.goto(at(`/client/invoices/${id}`));
    await page.getByRole("link", { name: "Pay this in the sandbox" }).click();
    await looksRight(page, "sandbox");
    await page.getByRole("button", { name: "Let it happen" }).click();
    await page.waitForURL(at(`/client/invoices/${id}`));
    await page.locator(".flash").waitFor();
    for (let left = 240; left > 0 && !(await page.locator("h1 .badge.good").count()); left--) {
      await new Promise((again) => setTimeout(again, 250));
      await page.reload();
    }
    assert.ok(await page.locator("h1 .badge.good").count(), "it is paid");
  },
  async "on a phone, in the dark"() {
    const phone = await signedIn({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, colorScheme: "dark" });
    await phone.getByRole("link", { name: "Find or go to" }).click();
    await phone.locator("dialog#palette").getByRole("option").first().waitFor();
    await looksRight(phone, "palette-phone");
    await phone.context().close();
  },
  async "the operator changes when the merchant is settled, and settles now"() {
    operator = await signedIn({}, gateway.operator_login, "/operator/");
    await operator.goto(at(settlement));
    await operator.locator("#f-schedule").selectOption("threshold");
    await operator.locator("#f-threshold").fill("0");
    await operator.locator('main button[value="set"]').click();
    await operator.locator(".flash.bad").waitFor();
    faults.length = 0; // a form with a mistake in it is answered 422, which the console notes
    await operator.locator("#f-threshold").fill("5000");
    await operator.locator('main button[value="set"]').click();
    await operator.locator(".flash:not(.bad)").waitFor();
    assert.equal(await operator.locator("#f-schedule").inputValue(), "threshold");
    const { id } = await gateway.create("80.00");
    await gateway.pay(id, { method: "card", outcome: "paid" });
    await becomes(operator, 'section[aria-labelledby="h-due"]:has-text("Paid and not settled through: 1")');
    assert.equal(await operator.locator("main tbody tr").count(), 0, "the threshold is not reached");
    await operator.locator('main button[value="now"]').click();
    await operator.locator(".flash:not(.bad)").waitFor();
    await becomes(operator, "main tbody tr .badge.good");
    await shoot(operator, join(screenshots, "settled.png"));
    await page.goto(at(`/client/invoices/${id}`));
    await page.locator("h1 .badge.good").waitFor();
  },
  async "another person of the merchant's approves a payment to a card, and refuses the next"() {
    await operator.goto(at(`/operator/merchants/${gateway.merchant_number}`));
    await operator.locator('main [name="payout_approval"]').fill("5");
    await press(operator, 'main form[action$="/payouts"]');
    const { tx_hash } = await gateway.control("treasury/deposits", { asset: "USDC_polygon", amount: "100" });
    await gateway.api("/api/payout/funds/add", { amount: "100", blockchain: "polygon", crypto: "USDC", tx_hash });
    await gateway.control("chain/mine", { blocks: 200 });
    const partner = { email: "partner@sandbox.example", password: "two pairs of eyes" };
    await page.goto(at("/client/team"));
    await page.locator('main [name="email"]').first().fill(partner.email);
    await page.locator("#f-role").selectOption("finance");
    await press(page, 'form[action="/client/team/invite"]');
    const joining = await payer(await gateway.mailed(partner.email, "/join?token="));
    for (const name of ["new-password", "again"]) await joining.locator(`[name="${name}"]`).fill(partner.password);
    await joining.locator("main form button").click();
    await joining.waitForURL(at("/login"));
    await joining.context().close();
    const other = await signedIn({}, partner);
    await page.goto(at("/client/payouts/funds/1"));
    await becomes(page, "h1 .badge.good");
    const first = await payToACard(page, "12.34");
    await press(page, `form[action="${first}/approve"]`, ".flash.bad");
    faults.length = 0; // refused with 422, which the console notes
    await other.goto(at(first));
    await shoot(other, join(screenshots, "payout-waits.png"));
    await press(other, `form[action="${first}/approve"]`);
    await becomes(other, "h1 .badge.good");
    const second = await payToACard(page, "23.45");
    await other.goto(at(second));
    await press(other, `form[action="${second}/refuse"]`);
    await other.locator("h1 .badge.bad").waitFor();
    await page.reload();
    await page.locator("h1 .badge.bad").waitFor();
    assert.ok((await page.locator(".timeline").textContent()).includes(partner.email), "who refused it");
    await other.context().close();
  },
  async "a logo is uploaded from a file, and payers see it"() {
    await page.goto(at(BRANDING));
    await page.locator("#f-logo").setInputFiles(LOGO);
    await press(page, `form[action="${BRANDING}/logo"]`);
    await page.locator("#f-colour").fill("#8a1c4a");
    await press(page, `form[action="${BRANDING}/colour"]`);
    await looksRight(page, "branding");
    const seen = await payer(`${invoice.url}&stay=1`);
    const logo = seen.locator(".merchant img.logo");
    await logo.waitFor();
    await seen.waitForFunction(() => document.querySelector("img.logo").naturalWidth === 320);
    assert.equal(await logo.getAttribute("alt"), "Sandbox shop");
    await looksRight(seen, "payer-branded");
    await seen.locator("#return").click();
    await seen.waitForURL(/\/service\/pay\/success\//);
    await seen.waitForFunction(() => document.querySelector(".merchant img.logo").naturalWidth === 320);
    await looksRight(seen, "payer-result");
    await seen.context().close();
    await press(page, `form[action="${BRANDING}/logo/remove"]`);
    assert.equal(await page.locator("img.logo").count(), 0);
  },
  async "what the merchant turns off is not on the payer's page"() {
    const ways = `form[action="${BRANDING}/ways"]`;
    const tick = (word) => page.locator(`${ways} input[value="${word}"]`);
    await page.goto(at(BRANDING));
    for (const way of ["card", "upi", "coins"]) await tick(way).uncheck();
    await press(page, ways, `${ways} .error`);
    faults.length = 0; // a form with a mistake in it is answered 422, which the console notes
    await shoot(page, join(screenshots, "no-way-left.png"));
    for (const way of ["upi", "coins"]) await tick(way).check();
    await press(page, ways);
    const { url } = await gateway.create("15.04");
    const seen = await payer(url);
    await seen.locator('button[value="upi"]').waitFor();
    assert.deepEqual([await seen.locator('button[value="card"]').count(), (await seen.locator('[name="currency"]').count()) > 0], [0, true]);
    await tick("card").check();
    await press(page, ways);
    await seen.reload();
    await seen.locator('button[value="card"]').waitFor();
    await seen.context().close();
  },
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
