// The pictures of the README: the payment page on phones, a merchant's home after a month of business, and an invoice with all that happened to it.
// Takes a sandbox that nobody has used; it is a month older afterwards.
//
//   just pictures
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";

const [file, directory] = process.argv.slice(2);
if (!directory) {
  console.error("usage: node pictures.mjs <sandbox.json> <directory>");
  process.exit(2);
}
const gateway = await sandbox(file);
const browser = await launch();

async function shot(colorScheme, prepare) {
  const invoice = await gateway.create("25");
  const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme, reducedMotion: "reduce" });
  await page.goto(`${invoice.url}&stay=1`);
  await prepare(page, invoice);
  const png = await page.screenshot();
  await page.close();
  return `data:image/png;base64,${png.toString("base64")}`;
}

const DAYS = 30;
const OUTCOMES = [["paid"], ["paid", "card"], ["paid", "upi"], ["paid", "card"], ["decline", "card"], ["paid"], ["over"]];

// Sold more and less, the same in every run.
async function aMonthOfBusiness() {
  for (let day = 0; day < DAYS; day += 1) {
    const sales = 3 + ((day * 5) % 4) + (day % 7 > 4 ? 2 : 0);
    for (let sale = 0; sale < sales; sale += 1) {
      const { id } = await gateway.create(`${18 + ((day * 37 + sale * 23) % 80)}.${10 + ((day * 7 + sale * 11) % 80)}`);
      const [outcome, method] = OUTCOMES[(day * 3 + sale) % OUTCOMES.length];
      await gateway.pay(id, { outcome, ...(method && { method }) });
    }
    if (day < DAYS - 1) await gateway.control("clock/advance", { seconds: 86_400 });
  }
}

async function atDesk() {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  const at = (path) => gateway.base_url + path;
  const press = (form) => Promise.all([page.waitForEvent("framenavigated"), page.locator(`${form} button`).first().click()]);
  await page.goto(at("/login"));
  for (const [name, value] of Object.entries(gateway.merchant_login)) await page.locator(`[name="${name}"]`).fill(value);
  await press("main form");
  await page.waitForURL(at("/client/"));
  await page.goto(at("/client/profile"));
  await page.locator('[name="website"]').fill("https://shop.example");
  await page.locator('[name="country"]').selectOption("GB");
  await press('form[action="/client/profile"]');
  await page.goto(at("/client/"));
  await page.locator(".chart, svg").first().waitFor();
  await page.screenshot({ path: join(directory, "dashboard.png") });

  const { id } = await gateway.create("64.50");
  await gateway.pay(id, { outcome: "short" });
  await gateway.pay(id, { outcome: "paid", amount: "32.25" });
  const settled = async () => (await gateway.api(`/api/invoice/status/?id=${id}`)).invoice.status;
  while (!/settled|paid/.test(await settled())) await page.waitForTimeout(200);
  await page.waitForTimeout(2_000);
  await page.setViewportSize({ width: 1280, height: 1400 });
  await page.goto(at(`/client/invoices/${id}`));
  await page.screenshot({ path: join(directory, "invoice.png") });
}

const shots = [
  await shot("light", (page) => page.locator("#option-1").waitFor()),
  await shot("light", async (page) => {
    await page.locator("#option-1").click();
    await page.locator(".qr").waitFor();
    await page.evaluate(() => scrollTo(0, document.querySelector("h1").getBoundingClientRect().top - 24));
  }),
  await shot("dark", async (page, { id }) => {
    await page.locator("#option-1").click();
    await gateway.pay(id, { outcome: "paid" });
    await page.locator('main[data-state="settled"]').waitFor();
  }),
];
const page = await browser.newPage({ viewport: { width: 1290, height: 900 } });
await page.setContent(`<body style="margin:0;display:flex;gap:28px;justify-content:center;align-items:center;height:900px;background:#cfd9d4">${shots
  .map((shot) => `<img src="${shot}" style="width:390px;border-radius:28px;box-shadow:0 8px 30px #0f2a2040">`)
  .join("")}</body>`);
await page.screenshot({ path: join(directory, "checkout.png") });
await aMonthOfBusiness();
await atDesk();
await browser.close();
let heavy = 0;
for (const name of ["checkout", "dashboard", "invoice"]) {
  const { size } = await stat(join(directory, `${name}.png`));
  console.log(`${name}.png: ${size} bytes`);
  heavy += size > 250_000;
}
process.exit(heavy ? 1 : 0);
