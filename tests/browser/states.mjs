// Opens every rendered page and looks for what a payer would stumble over: accessibility (axe, WCAG 2.2 AA), console and
// policy errors, sideways scrolling, small targets, a QR code that does not decode. Leaves a screenshot of each if it is told where.
//
//   LOCKGATE_RENDER_DIR=/tmp/pages cargo test -p gateway --lib checkout::tests::write
//   node states.mjs /tmp/pages [screenshots, or ""] [name part] [look]
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, serve } from "./browser.mjs";
import { accessibility, layout, readCode, shoot } from "./inspect.mjs";
import { answerAsStripe } from "./stripe.mjs";

const [pagesDirectory, screenshotDirectory = "", only = "", onlyLook = ""] = process.argv.slice(2);
if (!pagesDirectory) {
  console.error("usage: node states.mjs <rendered pages> [screenshots] [name part] [look]");
  process.exit(2);
}
// Where pages lead by themselves.
const LED_TO = ["https://shop.example/", "https://bank.example/"];
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const LOOKS = [
  { name: "phone", ...PHONE, colorScheme: "light" },
  { name: "phone-dark", ...PHONE, colorScheme: "dark" },
  { name: "desk", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
];
// Every language on a phone, where it is tight; colours and the wide page in the languages that differ most (French is long). The pages of card, UPI
// and refunds are many: less of each.
const OF_METHODS = /^(hostile-)?(card|link|methods|processing|refund|upi)/;
const SPOKEN = { phone: /\.html$/, "phone-dark": /\.(en|ar)\./, desk: /\.(en|fr|ar)\./ };
const SPOKEN_OF_METHODS = { phone: /\.(en|fr|hi|ar)\./, "phone-dark": /\.(en|ar)\./, desk: /\.en\./ };
// What axe judges is the same in every language but for the direction of writing; what fits is not.
const JUDGED = /\.(en|ar)\./;
// A merchant's look changes colours and the head of the page, whatever the language.
const OF_BRAND = /^branded/;
const SPOKEN_OF_BRAND = { phone: /\.(en|ar)\./, "phone-dark": /\.(en|ar)\./, desk: /\.en\./ };
const spoken = (file) => (OF_BRAND.test(file) ? SPOKEN_OF_BRAND : OF_METHODS.test(file) ? SPOKEN_OF_METHODS : SPOKEN);
const looksAt = (look, file) => spoken(file)[look.name].test(file);
const server = await serve(pagesDirectory);
const browser = await launch();
const faults = [];
let pagesSeen = 0;
let codesRead = 0;

async function faultsOfCode(page, shot) {
  const link = page.locator("#wallet, #upi");
  if (!(await page.locator(".qr:visible").count()) || !(await link.count())) return [];
  const read = await readCode(page, ".qr", join(screenshotDirectory || pagesDirectory, `qr-${shot}.png`));
  if (read === undefined) return [];
  codesRead += 1;
  const wanted = await link.getAttribute("href");
  return read === wanted ? [] : [`QR code reads ${read}, not ${wanted}`];
}

// The page before may just be leaving for where it leads.
async function open(page, url) {
  try {
    await page.goto(url);
  } catch (error) {
    if (!error.message.includes("interrupted by another navigation")) throw error;
    await page.goto(url);
  }
}

async function check(page, look, file) {
  const noted = [];
  const onConsole = (message) => { if (["error", "warning"].includes(message.type())) noted.push(`console: ${message.text()}`); };
  const onError = (error) => noted.push(`script: ${error.message}`);
  page.on("console", onConsole).on("pageerror", onError);
  await open(page, `${server.origin}/${file}`);
  noted.push(...(await layout(page)));
  const folds = (await page.locator("details").count()) > 0;
  for (const unfolded of folds ? [false, true] : [false]) {
    if (unfolded) {
      await page.evaluate(() => { for (const details of document.querySelectorAll("details")) details.open = true; });
      noted.push(...(await layout(page)));
    }
    // the last time has all there is on the page
    if (look.name !== "desk" && unfolded === folds && JUDGED.test(file)) noted.push(...(await accessibility(page)));
    const shot = `${file.replace(".html", "")}.${look.name}${unfolded ? ".open" : ""}`;
    if (screenshotDirectory) await shoot(page, join(screenshotDirectory, `${shot}.png`));
    noted.push(...(await faultsOfCode(page, shot)));
  }
  page.off("console", onConsole).off("pageerror", onError);
  pagesSeen += 1;
  faults.push(...noted.map((fault) => `${file} (${look.name}): ${fault}`));
}

const files = (await readdir(pagesDirectory)).filter((file) => file.endsWith(".html") && file.includes(only)).sort();
for (const look of LOOKS.filter((look) => !onlyLook || look.name === onlyLook)) {
  const { name, ...options } = look;
  const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
  await context.route((url) => url.origin !== server.origin, (route) => {
    // Pages that are done go to the shop after five seconds, which a slow machine may take. 204 leaves the page where it is.
    const led = route.request().isNavigationRequest() && LED_TO.some((place) => route.request().url().startsWith(place));
    if (led) return route.fulfill({ status: 204 });
    faults.push(`a page asked for ${route.request().url()}`);
    return route.abort();
  });
  await answerAsStripe(context);
  const left = files.filter((file) => looksAt(look, file));
  const some = async () => {
    const page = await context.newPage();
    for (let file = left.shift(); file; file = left.shift()) {
      try {
        await check(page, look, file);
      } catch (error) {
        faults.push(`${file} (${look.name}): ${error.message}`);
      }
    }
    await page.close();
  };
  // two at a time: much of a page's time is waiting for it
  await Promise.all([some(), some()]);
  await context.close();
}
await browser.close();
server.close();
if (!files.length) faults.push(`no page in ${pagesDirectory}`);
for (const fault of faults) console.error(fault);
console.log(`${pagesSeen} pages opened, ${codesRead} QR codes read, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
