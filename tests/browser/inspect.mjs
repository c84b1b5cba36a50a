// What every page is held to: accessibility (axe, WCAG 2.2 AA), nothing wider than the window, targets of 44 pixels (24 where people work all day), no word
// in the console, nothing asked of other hosts, a QR code that a wallet reads.
import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const decodes = spawnSync("zbarimg", ["--version"]).status === 0;
if (!decodes) console.error("\n*** zbarimg is missing (Debian: zbar-tools): NO QR CODE IS DECODED ***\n");

// Runs in the page.
function faultsOfLayout(usual) {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`scrolls sideways: ${document.documentElement.scrollWidth} > ${width}`);
  for (const element of document.querySelectorAll("a, button, summary")) {
    const box = element.getBoundingClientRect();
    // links in the middle of a sentence are exempt, as in WCAG 2.5.8
    const inSentence = element.tagName === "A" && getComputedStyle(element).display === "inline";
    const least = element.classList.contains("small") ? 23.5 : usual - 0.5;
    if (!inSentence && box.height > 0 && box.height < least) found.push(`target ${element.id || element.textContent.trim()} is ${box.height} high`);
  }
  for (const element of document.querySelectorAll("main *, aside, footer *")) {
    // what scrolls by itself may be wider
    if (element.parentElement.closest(".table, pre")) continue;
    const box = element.getBoundingClientRect();
    if (box.left < -0.5 || box.right > width + 0.5) found.push(`${element.tagName} ${element.className} reaches out of the window`);
  }
  const address = document.getElementById("address");
  if (address) {
    getSelection().selectAllChildren(address);
    if (getSelection().toString().trim() !== address.value) found.push("the address is not selected in one piece");
    getSelection().removeAllRanges();
  }
  return found.slice(0, 8);
}

export async function layout(page, usualTarget = 44) {
  // the style sheet may come after what was waited for
  await page.waitForLoadState("load");
  return page.evaluate(faultsOfLayout, usualTarget);
}

// `rules`: only these, where a page that was looked at before has another look. What passes is not sent back: it is most of what axe says.
export async function accessibility(page, rules) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: TAGS };
  const violations = await page.evaluate((only) => axe.run(document, { runOnly: only, resultTypes: ["violations"] }).then((found) => found.violations), runOnly);
  return violations.map((violation) => `axe ${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.any.map((a) => a.message)}`).join(" | ")}`);
}

// The text of a QR code on the page, as a camera would read it; undefined if nothing here can.
export async function readCode(page, selector, image) {
  if (!decodes) return undefined;
  await writeFile(image, await page.locator(selector).screenshot());
  const { stdout, status } = spawnSync("zbarimg", ["--quiet", "--raw", image], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : `nothing (${stdout.trim()})`;
}

export async function shoot(page, path) {
  await mkdir(dirname(path), { recursive: true });
  const window = page.viewportSize();
  // A shot of more than the window makes Chromium forget that it is a phone.
  const height = await page.evaluate(() => Math.max(innerHeight, document.documentElement.scrollHeight));
  await page.setViewportSize({ ...window, height });
  await page.screenshot({ path });
  await page.setViewportSize(window);
}

// Everything a page complains about, or asks of others, goes to `faults`.
export async function guard(context, origin, faults) {
  await context.route((url) => url.origin !== origin, (route) => {
    faults.push(`asked for ${route.request().url()}`);
    return route.abort();
  });
  context.on("console", (message) => { if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()} (${message.location().url})`); });
  context.on("weberror", (error) => faults.push(`script: ${error.error().stack}`));
}

// Runs the checks one after the other; `faults` is what the pages complained about meanwhile.
export async function run(checks, faults) {
  let failures = 0;
  for (const [name, check] of Object.entries(checks)) {
    const began = Date.now();
    faults.length = 0;
    try {
      await check();
      if (faults.length) throw new Error(faults.join("\n"));
      console.log(`ok    ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failures += 1;
      console.error(`FAULT ${name}\n${error.stack}${faults.map((fault) => `\n  ${fault}`).join("")}`);
    }
  }
  return failures;
}
