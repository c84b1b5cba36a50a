// From a live gateway into the sandbox it is joined to, with a log-in on the way, and back; on two sites, as browsers see them.
//
//   node switch.mjs about.json /tmp/screenshots      (about.json: live, sandbox, email, password)
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { accessibility, layout, run, shoot } from "./inspect.mjs";

const [file, screenshots] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node switch.mjs <about.json> <screenshots>");
  process.exit(2);
}
const { live, sandbox, email, password } = JSON.parse(await readFile(file, "utf8"));
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];

const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
await context.route((url) => ![live, sandbox].includes(url.origin), (route) => {
  faults.push(`asked for ${route.request().url()}`);
  return route.abort();
});
context.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()} (${message.location().url})`); });
context.on("weberror", (error) => faults.push(`script: ${error.error().stack}`));
const page = await context.newPage();

async function looksRight(name) {
  for (const [look, width, colorScheme] of [["light", 1280, "light"], ["dark", 1280, "dark"], ["phone", 360, "light"]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    assert.deepEqual([...(await layout(page, 24)), ...(await accessibility(page))], [], `${name}, ${look}`);
    await shoot(page, join(screenshots, `${name}-${look}.png`));
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

const mark = page.locator(".sandbox-mark");

const checks = {
  async "a page of the sandbox leads to the log-in at the live gateway, and that back into the sandbox"() {
    await page.goto(`${sandbox}/client/`);
    assert.ok(page.url().startsWith(`${live}/login?next=`), page.url());
    await page.locator('input[name="email"]').fill(email);
    await page.locator('input[name="password"]').fill(password);
    await Promise.all([page.waitForURL(`${sandbox}/client/`), page.locator("main form button").first().click()]);
    assert.ok(await mark.isVisible());
    await looksRight("sandbox-home");
  },
  async "the sandbox's page offers what is one's own"() {
    await page.goto(`${sandbox}/client/sandbox`);
    assert.equal(await page.locator("#clock-h, #chain-h, #mail-h").count(), 0);
    await looksRight("sandbox-page");
    await page.locator('form[action="/client/sandbox/coins"] button').click();
    await page.waitForURL(`${sandbox}/client/payouts/funds?**`);
    assert.match(await page.locator("#f-tx_hash").inputValue(), /^0x[0-9a-f]{64}$/);
  },
  async "the mark leads to what it means, and back to live"() {
    await mark.locator("a").first().click();
    await page.waitForURL(`${sandbox}/sandbox/`);
    await looksRight("about");
    await mark.locator(".back").click();
    await page.waitForURL(`${live}/client/`);
    assert.equal(await mark.count(), 0);
    await looksRight("live-home");
  },
  async "by keys into the sandbox, signed in, and signed out there"() {
    const link = page.locator(".switch a");
    await link.focus();
    await Promise.all([page.waitForURL(`${sandbox}/client/`), page.keyboard.press("Enter")]);
    await Promise.all([page.waitForURL(`${live}/client/`), page.locator('form[action="/logout"] button').click()]);
    const names = (await context.cookies(sandbox)).map((cookie) => cookie.name);
    assert.ok(!names.includes("lockgate"), `${names}`);
    await page.goBack();
    await page.waitForURL(`${sandbox}/client/`);
  },
  async "a page whose session has ended leads in by itself, and back to where it was"() {
    await page.goto(`${sandbox}/client/invoices?page=1`);
    await context.clearCookies({ name: "lockgate", domain: new URL(sandbox).hostname });
    const finished = page.waitForResponse((response) => response.url().startsWith(`${sandbox}/enter/finish`));
    await page.locator("#f-q").fill("nobody");
    await finished;
    await page.waitForFunction(() => document.readyState === "complete" && document.querySelector("#f-q")?.value === "");
    assert.equal(page.url(), `${sandbox}/client/invoices?page=1`);
    assert.ok((await context.cookies(sandbox)).some((cookie) => cookie.name === "lockgate"));
    assert.ok(faults.every((fault) => fault.includes("401")), `${faults}`);
    faults.length = 0; // the browser tells of the answer's status
  },
  async "a way in that is none is told in words"() {
    await page.goto(`${sandbox}/enter/finish?ticket=none`);
    faults.length = 0; // the browser tells of the answer's status
    await looksRight("refused");
    await Promise.all([page.waitForURL(`${sandbox}/client/`), page.locator("main a.button").first().click()]);
  },
};

const failures = await run(checks, faults);
await browser.close();
process.exit(failures ? 1 : 0);
