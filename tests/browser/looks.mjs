// A person's browser, which looks at each page as all of them: on a desk in light and dark, on a phone. The page is loaded once, and once only can
// some be: what a form answers. A window as wide as a phone's, of a device that says it is one, is laid out as there.
import { join } from "node:path";
import { accessibility, guard, layout, shoot } from "./inspect.mjs";

export const MOST_BYTES = 100_000;
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 360, height: 740 };
// What another layout may break: the rest of axe's rules find nothing new there.
const OF_LAYOUT = ["target-size", "scrollable-region-focusable"];

// `faults` are of all browsers; `screenshots` is a directory, or nothing.
export async function visitor(browser, gateway, { name, who, locale = "en", screenshots, faults }) {
  const context = await browser.newContext({ viewport: DESK, colorScheme: "light", reducedMotion: "reduce", locale });
  const heard = [];
  await guard(context, gateway.base_url, heard);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  // each page is weighed without what an earlier one left in the cache
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const weights = {};

  // How many bytes come while something is done, and with which status the page is answered.
  async function weigh(act) {
    let bytes = 0;
    const reading = [];
    const count = (response) => reading.push(response.body().then((body) => { bytes += body.length; }, () => {}));
    page.on("response", count);
    const answer = await act();
    await Promise.all(reading);
    page.off("response", count);
    return { status: answer.status(), bytes };
  }

  const shot = (of, look) => screenshots && shoot(page, join(screenshots, `${name}${of.replace(/[^a-z0-9]+/gi, "-")}.${look}.png`));

  // Turns the window into another device's.
  async function device({ width, height }, isPhone) {
    await session.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: isPhone });
    await session.send("Emulation.setTouchEmulationEnabled", { enabled: isPhone });
    const wide = await page.evaluate(() => innerWidth);
    if (wide !== width) faults.push(`${name}: the window is ${wide} wide, and not ${width}`);
  }

  // What is wrong with the page that is shown. `isBrief`: colours, and what a phone's layout alone may do wrong, were looked at before.
  async function look(of, isBrief) {
    const noted = [];
    const note = (how, found) => noted.push(...found.map((fault) => `${name} ${of} (${how}): ${fault}`));
    note("light", [...(await layout(page, 24)), ...(await accessibility(page))]);
    await shot(of, "light");
    // the scheme changes colours alone
    await page.emulateMedia({ colorScheme: "dark" });
    if (!isBrief) note("dark", await accessibility(page, ["color-contrast"]));
    await shot(of, "dark");
    await page.emulateMedia({ colorScheme: "light" });
    await device(PHONE, true);
    note("phone", [...(await layout(page, 24)), ...(isBrief ? [] : await accessibility(page, OF_LAYOUT))]);
    if (screenshots) {
      await page.setViewportSize(PHONE);
      await shot(of, "phone");
      await page.setViewportSize(DESK);
    }
    await device(DESK, false);
    return noted;
  }

  let hadMistake = false;

  // Does what leads to a page, and looks at it. `expected` is the status of its answer.
  async function see(of, act, expected = 200, isBrief = false) {
    const { status, bytes } = await weigh(act).catch((error) => ({ status: error.message, bytes: 0 }));
    if (status !== expected) return void faults.push(`${name} ${of}: ${status}`);
    const lang = await page.evaluate(() => document.documentElement.lang);
    if (lang !== locale) faults.push(`${name} ${of}: in ${lang}, and not in ${locale}`);
    weights[of] = Math.max(weights[of] ?? 0, bytes);
    if (bytes > MOST_BYTES) faults.push(`${name} ${of}: ${bytes} bytes`);
    // the same page with other words; the first one with a mistake in it has the colours of all
    const isAgain = of.includes(" (") && of.split(" (")[0] in weights;
    const isFirst = expected === 422 && !hadMistake;
    hadMistake ||= isFirst;
    faults.push(...(await look(of, isBrief || (isAgain && !isFirst))));
    // a page that is not there, or a form with a mistake in it, is noted by the browser too
    const noise = expected === 200 ? undefined : `the server responded with a status of ${expected}`;
    faults.push(...heard.splice(0).filter((said) => !noise || !said.includes(noise)).map((said) => `${name} ${of}: ${said}`));
  }

  const open = (path, expected, of = path, isBrief = false) => see(of, () => page.goto(path.startsWith("/") ? gateway.base_url + path : path, { waitUntil: "load" }), expected, isBrief);

  // Fills the form of the page that goes to `action`, also with what a browser would not send, and answers what sends it.
  async function filled(action, fields = {}, button = "button") {
    const has = Object.keys(fields).map((field) => `:has([name="${field}"]:not([type="hidden"]))`);
    const form = page.locator(`form[action="${action}"]${has.join("")}`).last();
    await form.evaluate((element) => { element.noValidate = true; });
    for (const [field, value] of Object.entries(fields)) {
      const input = form.locator(`[name="${field}"]`).first();
      if ((await input.evaluate((element) => element.tagName)) === "SELECT") await input.selectOption(value);
      else await input.fill(value);
    }
    // a button may stand outside of its form
    const pressed = form.locator(button).or(page.locator(`${button}[form="${(await form.getAttribute("id")) ?? "-"}"]`)).first();
    return () => Promise.all([page.waitForNavigation({ waitUntil: "load" }), pressed.click()]).then(([answer]) => answer);
  }

  // What a form of this page answers.
  async function answered(of, action, fields, expected, button) {
    return see(of, await filled(action, fields, button), expected);
  }

  async function signIn({ email, password }) {
    await page.goto(`${gateway.base_url}/login`);
    const send = await filled("/login", { email, password });
    await send();
  }

  if (who) await signIn(who);
  return { page, weights, look, open, filled, answered, signIn, goto: (path) => page.goto(gateway.base_url + path), close: () => context.close() };
}
