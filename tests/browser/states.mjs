// Opens every rendered page and looks for what a payer would stumble over: accessibility (axe, WCAG 2.2 AA), console and
// policy errors, sideways scrolling, small targets, a QR code that does not decode. Leaves a screenshot of each.
//
//   LOCKGATE_RENDER_DIR=/tmp/pages cargo test -p gateway --lib checkout::tests::write
//   node states.mjs /tmp/pages /tmp/screenshots [name part]
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launch, serve } from "./browser.mjs";

const [pagesDirectory, screenshotDirectory, only = ""] = process.argv.slice(2);
if (!screenshotDirectory) {
  console.error("usage: node states.mjs <rendered pages> <screenshots> [name part]");
  process.exit(2);
}
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const SHOP = "https://shop.example/";
const LOOKS = [
  { name: "phone", viewport: { width: 360, height: 740 }, colorScheme: "light" },
  { name: "phone-dark", viewport: { width: 360, height: 740 }, colorScheme: "dark" },
  { name: "desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
];
const decodes = spawnSync("zbarimg", ["--version"]).status === 0;
if (!decodes) console.error("\n*** zbarimg is missing (Debian: zbar-tools): NO QR CODE WAS DECODED ***\n");

await mkdir(screenshotDirectory, { recursive: true });
const server = await serve(pagesDirectory);
const browser = await launch();
const faults = [];
let pagesSeen = 0;
let codesRead = 0;

// What the page measures itself: nothing wider than the window, targets of at least 44 pixels, the address in one piece.
function measure() {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
  for (const element of document.querySelectorAll("a, button, summary")) {
    const box = element.getBoundingClientRect();
    if (box.height > 0 && box.height < 43.5) found.push(`target ${element.id || element.textContent.trim()} is ${box.height} high`);
  }
  for (const element of document.querySelectorAll("main *, aside, footer *")) {
    const box = element.getBoundingClientRect();
    if (box.left < -0.5 || box.right > width + 0.5) found.push(`${element.tagName} ${element.className} reaches out of the window`);
  }
  const address = document.getElementById("address");
  if (address) {
    getSelection().selectAllChildren(address);
    if (getSelection().toString().trim() !== address.value) found.push("the address is not selected in one piece");
    getSelection().removeAllRanges();
  }
  return found;
}

async function readCode(page, file) {
  const code = page.locator(".qr");
  const link = page.locator("#wallet");
  if (!decodes || !(await code.count()) || !(await link.count())) return [];
  const image = join(screenshotDirectory, `qr-${file}.png`);
  await writeFile(image, await code.screenshot());
  const { stdout, status } = spawnSync("zbarimg", ["--quiet", "--raw", image], { encoding: "utf8" });
  codesRead += 1;
  const wanted = await link.getAttribute("href");
  return status === 0 && stdout.trim() === wanted ? [] : [`QR code reads ${JSON.stringify(stdout)}, not ${wanted}`];
}

async function check(page, look, file) {
  const noted = [];
  const onConsole = (message) => { if (["error", "warning"].includes(message.type())) noted.push(`console: ${message.text()}`); };
  const onError = (error) => noted.push(`script: ${error.message}`);
  page.on("console", onConsole).on("pageerror", onError);
  await page.goto(`${server.origin}/${file}`);
  noted.push(...(await page.evaluate(measure)));
  for (const open of [false, true]) {
    if (open && !(await page.locator("details").count())) break;
    if (open) {
      await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
      noted.push(...(await page.evaluate(measure)));
    }
    if (look.name !== "desk") {
      await page.evaluate(AXE);
      const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: { type: "tag", values: tags } }), TAGS);
      for (const violation of violations) {
        noted.push(`axe ${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.any.map((a) => a.message)}`).join(" | ")}`);
      }
    }
    const shot = `${file.replace(".html", "")}.${look.name}${open ? ".open" : ""}`;
    await page.screenshot({ path: join(screenshotDirectory, `${shot}.png`), fullPage: true });
    if (!open) noted.push(...(await readCode(page, shot)));
  }
  page.off("console", onConsole).off("pageerror", onError);
  pagesSeen += 1;
  faults.push(...noted.map((fault) => `${file} (${look.name}): ${fault}`));
}

const files = (await readdir(pagesDirectory)).filter((file) => file.endsWith(".html") && file.includes(only)).sort();
for (const look of LOOKS) {
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
