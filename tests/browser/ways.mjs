// Ways about the dashboard that need script, in a sandbox: figures that follow by themselves, the palette, single keys, calls tried on the API's
// pages, an invoice paid from the sandbox's page.
//
//   node ways.mjs /tmp/sandbox/sandbox.json /tmp/screenshots
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
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

async function signedIn(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  await guard(context, gateway.base_url, faults);
  const page = await context.newPage();
  await page.goto(at("/login"));
  await page.locator('input[name="email"]').fill(gateway.merchant_login.email);
  await page.locator('input[name="password"]').fill(gateway.merchant_login.password);
  await Promise.all([page.waitForURL(at("/client/")), page.locator("main form button").first().click()]);
  return page;
}

async function looksRight(page, name) {
  assert.deepEqual([...(await layout(page, 24)), ...(await accessibility(page))], [], name);
  await shoot(page, join(screenshots, `${name}.png`));
}

const invoice = await gateway.create("15.04", { email: "palette@example.com" });
const page = await signedIn({});
const palette = page.locator("dialog#palette");
const input = palette.getByRole("combobox");

const checks = {
  async "figures follow a payment without the page being loaded again"() {
    const paid = page.locator("#state .figures .sum").nth(1).locator(".figure");
    const before = Number(await paid.textContent());
    await page.evaluate(() => { window.sameDocument = true; });
    await page.locator("#state details summary").first().click();
    await page.locator("h1").click(); // what is read or used just now is left alone
    await gateway.pay(invoice.id, { outcome: "paid" });
    await page.waitForFunction((more) => Number(document.querySelectorAll("#state .figures .sum .figure")[1].textContent) === more, before + 1, { timeout: 20_000 });
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
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.waitForURL(at("/client/invoices"));
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.name), "q");
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
    for (let left = 60; left > 0 && !(await page.locator("h1 .badge.good").count()); left--) {
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
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
