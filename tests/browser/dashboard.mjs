// Every page of the dashboard in a real browser, as nobody, as a merchant's owner and as an operator: what links lead to from the home pages, what
// none leads to, and what forms answer (answers.mjs). Accessibility (axe, WCAG 2.2 AA), nothing wider than the window, targets of 24 pixels, no word
// in the console, nothing asked of other hosts, under 100 KB with all that it loads. Leaves a screenshot of each if there is a directory for them:
// desk in light and dark, phone.
//
//   node dashboard.mjs /tmp/sandbox/sandbox.json [/tmp/screenshots [path part]]
import { mkdir } from "node:fs/promises";
import { asMerchant, asNobody, asOperator, newcomer } from "./answers.mjs";
import { launch } from "./browser.mjs";
import { aDayOfBusiness } from "./day.mjs";
import { sandbox } from "./gateway.mjs";
import { visitor } from "./looks.mjs";

const [file, screenshots, only = ""] = process.argv.slice(2);
if (!file) {
  console.error("usage: node dashboard.mjs <sandbox.json> [screenshots [path part]]");
  process.exit(2);
}
// What is a file, not a page.
const FILE = /\.(csv|pdf|png|svg|json)$/;

const gateway = await sandbox(file);
if (screenshots) await mkdir(screenshots, { recursive: true });
const browser = await launch();
const faults = [];
const visits = [];

async function visit(name, who, locale) {
  const visiting = await visitor(browser, gateway, { name, who, locale, screenshots, faults });
  visits.push([name, visiting]);
  return visiting;
}

// One page of each kind: what differs in numbers and ids only is the same page.
const kind = (path) => path.replace(/\/[a-z]+_[0-9A-Z]{26}/g, "/{id}").replace(/\/\d+(?=\/|$)/g, "/{n}").replace(/^(\/docs\/api\/).+/, "$1{part}");

// All that links lead to.
async function crawl(visiting, ours, ...firsts) {
  const seen = new Map(firsts.map((first) => [kind(first), first]));
  // a Map gives what is added while it is walked, too
  for (const [of, path] of seen) {
    if (!path.includes(only) && path !== firsts[0]) continue;
    await visiting.open(path, 200, of);
    const links = await visiting.page.locator("a[href]:not([download])").evaluateAll((all) => all.map((a) => a.href));
    for (const link of links.map((href) => new URL(href))) {
      const at = link.pathname;
      if (link.origin === gateway.base_url && ours.test(at) && !FILE.test(at) && !seen.has(kind(at))) seen.set(kind(at), at + link.search);
    }
  }
}

// How pages look with nothing in them yet, which teach what to do.
async function empty(who, paths) {
  const visiting = await visit("empty", who);
  for (const path of paths) await visiting.open(path, 200, path, true);
  await visiting.close();
}

const owner = gateway.merchant_login;

const began = Date.now();
const lap = (what) => console.log(`${String(Date.now() - began).padStart(7)} ms  ${what}`);
await empty(owner, ["/client/invoices", "/client/links", "/client/payouts", "/client/acts"]);
await empty(gateway.operator_login, ["approvals", "disputes", "withheld", "parked", "settlements", "transfers", "payouts", "mails"].map((part) => `/operator/${part}`));

const merchant = await visit("merchant", owner);
const operator = await visit("operator", gateway.operator_login);
const unlinked = await aDayOfBusiness(gateway, merchant.page, operator.page);
lap("a day of business");
const nobody = await visit("nobody");
await crawl(nobody, /^\/(login|signup|forgot|reset|confirm|join)(\/|$)/, "/login");
await crawl(merchant, /^\/(client|account|docs)(\/|$)/, "/client/", ...unlinked);
await crawl(operator, /^\/operator(\/|$)/, "/operator/");
lap("what links lead to");
// words that are longer, and another direction
for (const locale of ["ar", "hi"]) {
  const visiting = await visit(locale, owner, locale);
  for (const path of ["/client/", "/client/invoices"]) await visiting.open(path);
  await visiting.close();
}
if (!only) {
  await asNobody(nobody, gateway);
  await newcomer(await visit("newcomer"), gateway);
  await asMerchant(merchant, gateway);
  await asOperator(operator, gateway);
  lap("what no link leads to");
}
await browser.close();
for (const fault of faults) console.error(fault);
for (const [who, { weights }] of visits) for (const [page, bytes] of Object.entries(weights).sort()) console.log(`${String(bytes).padStart(7)}  ${who} ${page}`);
console.log(`${visits.reduce((all, [, { weights }]) => all + Object.keys(weights).length, 0)} pages, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
