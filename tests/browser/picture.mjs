// The picture of the README: the payment page on two phones.
//
//   node picture.mjs /tmp/sandbox/sandbox.json ../../docs/images/checkout.png
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { launch } from "./browser.mjs";
import { sandbox } from "./gateway.mjs";

const [file, picture] = process.argv.slice(2);
if (!picture) {
  console.error("usage: node picture.mjs <sandbox.json> <picture.png>");
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
await mkdir(dirname(picture), { recursive: true });
await page.screenshot({ path: picture });
await browser.close();
const { size } = await stat(picture);
console.log(`${picture}: ${size} bytes`);
process.exit(size > 150_000 ? 1 : 0);
