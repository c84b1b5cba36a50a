// Opens every rendered page and looks for what a payer would stumble over: accessibility (axe, WCAG 2.2 AA), console and
// policy errors, sideways scrolling, small targets, a QR code that does not decode. Leaves a screenshot of each.
//
//   LOCKGATE_RENDER_DIR=/tmp/pages cargo test -p gateway --lib checkout::tests::write
//   node states.mjs /tmp/pages /tmp/screenshots [name part] [look]
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, serve } from "./browser.mjs";
import { accessibility, layout, readCode, shoot } from "./inspect.mjs";

const [pagesDirectory, screenshotDirectory, only = "", onlyLook = ""] = process.argv.slice(2);
if (!screenshotDirectory) {
  console.error("usage: node states.mjs <rendered pages> <screenshots> [name part] [look]");
  process.exit(2);
}
const SHOP = "https://shop.example/";
const LOOKS = [
  { name: "phone", viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
];
const server = await serve(pagesDirectory);
const browser = await launch();
const faults = [];
let pagesSeen = 0;
let codesRead = 0;

async function faultsOfCode(page, shot) {
  const link = page.locator("#wallet");
  if (!(await page.locator(".qr").count()) || !(await link.count())) return [];
  const read = await readCode(page, ".qr", join(screenshotDirectory, `qr-${shot}.png`));
  if (read === undefined) return [];
  codesRead += 1;
  const wanted = await link.getAttribute("href");
  return read === wanted ? [] : [`QR code reads ${read}, not ${wanted}`];
}

async function check(page, look, file) {
  const noted = [];
  const onConsole = (message) => { if (["error", "warning"].includes(message.type())) noted.push(`console: ${message.text()}`); };
  const onError = (error) => noted.push(`script: ${error.message}`);
  page.on("console", onConsole).on("pageerror", onError);
  await page.goto(`${server.origin}/${file}`);
  noted.push(...(await layout(page)));
  for (const open of [false, true]) {
    if (open && !(await page.locator("details").count())) break;
    if (open) {
      await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
      noted.push(...(await layout(page)));
    }
    if (look.name !== "desk") noted.push(...(await accessibility(page)));
    const shot = `${file.replace(".html", "")}.${look.name}${open ? ".open" : ""}`;
    await shoot(page, join(screenshotDirectory, `${shot}.png`));
    if (!open) noted.push(...(await faultsOfCode(page, shot)));
  }
  page.off("console", onConsole).off("pageerror", onError);
  pagesSeen += 1;
  faults.push(...noted.map((fault) => `${file} (${look.name}): ${fault}`));
}

const files = (await readdir(pagesDirectory)).filter((file) => file.endsWith(".html") && file.includes(only)).sort();
for (const look of LOOKS.filter((look) => !onlyLook || look.name === onlyLook)) {
  const context = await browser.newContext({ viewport: look.viewport, colorScheme: look.colorScheme, reducedMotion: "reduce" });
  await context.route((url) => url.origin !== server.origin, (route) => {
    // Pages that are done go to the shop after five seconds, which a slow machine may take. 204 leaves the page where it is.
    if (route.request().isNavigationRequest() && route.request().url().startsWith(SHOP)) return route.fulfill({ status: 204 });
    faults.push(`a page asked for ${route.request().url()}`);
    return route.abort();
  });
  for (const file of files) {
    // A page each: one that leaves for the shop after five seconds must not disturb the next.
    const page = await context.newPage();
    try {
      await check(page, look, file);
    } catch (error) {
      faults.push(`${file} (${look.name}): ${error.message}`);
    }
    await page.close();
  }
  await context.close();
}
await browser.close();
server.close();
if (!files.length) faults.push(`no page in ${pagesDirectory}`);
for (const fault of faults) console.error(fault);
console.log(`${pagesSeen} pages opened, ${codesRead} QR codes read, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
