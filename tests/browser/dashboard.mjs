// Every page of the dashboard in a real browser, found by following links from the home pages as a merchant's owner and as an operator: accessibility
// (axe, WCAG 2.2 AA), nothing wider than the window, targets of 24 pixels, no word in the console, nothing asked of other hosts,
// under 100 KB with all that it loads. Leaves a screenshot of each: desk in light and dark, phone.
//
//   node dashboard.mjs /tmp/sandbox/sandbox.json /tmp/screenshots [path part]
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { aDayOfBusiness } from "./day.mjs";
import { sandbox } from "./gateway.mjs";
import { accessibility, guard, layout, shoot } from "./inspect.mjs";

const [file, screenshots, only = ""] = process.argv.slice(2);
if (!screenshots) {
  console.error("usage: node dashboard.mjs <sandbox.json> <screenshots> [path part]");
  process.exit(2);
}
const MOST_BYTES = 100_000;
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const LOOKS = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { ...PHONE, colorScheme: "light" },
};
// What is a file, not a page.
const FILE = /\.(csv|pdf|png|svg|json)$/;

const gateway = await sandbox(file);
await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];

async function signIn(context, who) {
  const page = await context.newPage();
  await page.goto(`${gateway.base_url}/login`);
  if (who) {
    await page.locator('input[name="email"]').fill(who.email);
    await page.locator('input[name="password"]').fill(who.password);
    await Promise.all([page.waitForURL((url) => url.pathname !== "/login"), page.locator('form button[type="submit"], form button:not([type])').first().click()]);
  }
  return page;
}

// One page of each kind: what differs in numbers and ids only is the same page.
const kind = (path) => path.replace(/\/[a-z]+_[0-9A-Z]{26}/g, "/{id}").replace(/\/\d+(?=\/|$)/g, "/{n}").replace(/^(\/docs\/api\/).+/, "$1{part}");

async function weigh(page, path) {
  let bytes = 0;
  const reading = [];
  const count = (response) => reading.push(response.body().then((body) => { bytes += body.length; }, () => {}));
  page.on("response", count);
  const answer = await page.goto(gateway.base_url + path, { waitUntil: "load" });
  await Promise.all(reading);
  page.off("response", count);
  return { status: answer.status(), bytes };
}

async function lookAtEmpty(pages) {
  const contexts = new Map();
  for (const [path, who] of pages) {
    if (!contexts.has(who)) contexts.set(who, await signIn(await browser.newContext(LOOKS.light), who));
    const page = contexts.get(who);
    await page.goto(gateway.base_url + path, { waitUntil: "load" });
    const noted = [...(await layout(page, 24)), ...(await accessibility(page))];
    faults.push(...noted.map((fault) => `${path} (empty): ${fault}`));
    await shoot(page, join(screenshots, `empty${path.replace(/[^a-z]+/g, "-")}.light.png`));
  }
  for (const page of contexts.values()) await page.context().close();
}

async function visit(name, who, ours, ...firsts) {
  const seen = new Map(firsts.map((first) => [kind(first), first]));
  const weights = {};
  for (const [look, options] of Object.entries(LOOKS)) {
    const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
    await guard(context, gateway.base_url, faults);
    const page = await signIn(context, who);
    // each page is weighed without what an earlier one left in the cache
    await (await context.newCDPSession(page)).send("Network.setCacheDisabled", { cacheDisabled: true });
    // a Map gives what is added while it is walked, too
    for (const [of, path] of seen) {
      if (!path.includes(only) && path !== firsts[0]) continue;
      const noted = [];
      const { status, bytes } = await weigh(page, path).catch((error) => ({ status: error.message, bytes: 0 }));
      if (status !== 200) {
        faults.push(`${name} ${path}: ${status}`);
        continue;
      }
      weights[of] = Math.max(weights[of] ?? 0, bytes);
      if (bytes > MOST_BYTES) noted.push(`${bytes} bytes`);
      noted.push(...(await layout(page, 24)), ...(await accessibility(page)));
      await shoot(page, join(screenshots, `${name}${of.replace(/[^a-z0-9]+/gi, "-")}.${look}.png`));
      faults.push(...noted.map((fault) => `${name} ${path} (${look}): ${fault}`));
      const links = await page.locator("a[href]:not([download])").evaluateAll((all) => all.map((a) => a.href));
      for (const link of links.map((href) => new URL(href))) {
        const at = link.pathname;
        if (link.origin === gateway.base_url && ours.test(at) && !FILE.test(at) && !seen.has(kind(at))) seen.set(kind(at), at + link.search);
      }
    }
    await context.close();
  }
  return weights;
}

// how pages look with nothing in them yet, which teach what to do
const empty = ["/client/invoices", "/client/links", "/client/payouts", "/client/acts"].map((path) => [path, gateway.merchant_login]);
for (const path of ["/operator/approvals", "/operator/disputes", "/operator/withheld", "/operator/parked", "/operator/settlements", "/operator/transfers", "/operator/payouts", "/operator/mails"])
  empty.push([path, gateway.operator_login]);
await lookAtEmpty(empty);

const people = await Promise.all([gateway.merchant_login, gateway.operator_login].map(async (who) => signIn(await browser.newContext({ reducedMotion: "reduce" }), who)));
const unlinked = await aDayOfBusiness(gateway, ...people);
await Promise.all(people.map((page) => page.context().close()));
const weights = {
  nobody: await visit("nobody", undefined, /^\/(login|signup|forgotten|reset)/, "/login"),
  merchant: await visit("merchant", gateway.merchant_login, /^\/(client|account|docs)(\/|$)/, "/client/", ...unlinked),
  operator: await visit("operator", gateway.operator_login, /^\/operator(\/|$)/, "/operator/"),
};
await browser.close();
for (const fault of faults) console.error(fault);
for (const [who, pages] of Object.entries(weights)) for (const [page, bytes] of Object.entries(pages).sort()) console.log(`${String(bytes).padStart(7)}  ${who} ${page}`);
console.log(`${Object.values(weights).reduce((all, pages) => all + Object.keys(pages).length, 0)} pages, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
