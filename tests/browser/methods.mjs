// What the pages of card and UPI do, for behaviour.mjs: format and check what is typed, keep it, send it once, mount a provider's
// fields, lead on when asked, fold the code away on a phone.
import assert from "node:assert/strict";

const TYPED = { token: "Zm9v+YmFy/Zm9vYmFyMTIz==", lang: "en", action: "pay-card" };
const value = (page, id) => page.locator(`#${id}`).inputValue();
const focused = (page) => page.evaluate(() => document.activeElement.id);
const PHONE = { isMobile: true, hasTouch: true };

export const methodChecks = ({ open, server, listening, text }) => ({
  async "digits are grouped, brands named, slips noticed"() {
    const page = await open("card.en.html");
    const number = page.locator("#number");
    const cases = [
      ["4242424242424242", "4242 4242 4242 4242", "Visa"], ["5555555555554444", "5555 5555 5555 4444", "Mastercard"],
      ["2223003122003222", "2223 0031 2200 3222", "Mastercard"], ["378282246310005", "3782 822463 10005", "American Express"],
      ["6011111111111117", "6011 1111 1111 1117", "Discover"], ["30569309025904", "3056 930902 5904", "Diners Club"],
      ["3566002020360505", "3566 0020 2036 0505", "JCB"], ["6200000000000005", "6200 0000 0000 0005", "UnionPay"],
      ["6521500000000000", "6521 5000 0000 0000", "RuPay"], ["6759649826438453", "6759 6498 2643 8453", "Maestro"],
      ["४२४२٤٢٤٢", "4242 4242", "Visa"], ["9", "9", ""],
    ];
    for (const [typed, shown, brand] of cases) {
      await number.fill("");
      await number.pressSequentially(typed);
      assert.equal(await value(page, "number"), shown);
      assert.equal(await page.locator("#brand").textContent(), brand, typed);
      assert.match(await text(page, "#code-help"), brand === "American Express" ? /^The 4 digits/ : brand ? /^The 3 digits/ : /^3 digits/);
    }
    // a digit put in the middle: the caret stays behind it
    await number.fill("4242 4242");
    await number.evaluate((input) => input.setSelectionRange(2, 2));
    await page.keyboard.type("1");
    assert.deepEqual(await number.evaluate((input) => [input.value, input.selectionStart]), ["4214 2424 2", 3]);
    for (const [typed, wrong] of [["4242424242424241", true], ["4242424242424242", false], ["4242", true]]) {
      await number.fill(typed);
      await number.blur();
      assert.equal(await page.locator("#number-hint").isVisible(), wrong, typed);
      assert.equal((await number.getAttribute("aria-describedby")).includes("number-hint"), wrong, typed);
    }
    for (const [typed, shown] of [["1229", "12/29"], ["329", "03/29"], ["122029", "12/2029"], ["12/29", "12/29"]]) {
      await page.locator("#expiry").fill("");
      await page.locator("#expiry").pressSequentially(typed);
      assert.equal(await value(page, "expiry"), shown);
    }
    return page;
  },
  async "a test card fills the form, which is sent once"() {
    const page = await open("card.en.html");
    server.posts.length = 0;
    await page.locator("#test-cards-summary").click();
    await page.locator('[data-fill="4000000000003220"]').click();
    assert.equal(await focused(page), "pay");
    // noted by the page itself, since nothing can be asked of one that is being left
    await page.exposeFunction("note", (...seen) => notes.push(seen));
    const notes = [];
    await page.evaluate(() => {
      const pay = document.getElementById("pay");
      new MutationObserver(() => window.note(pay.disabled, pay.textContent)).observe(pay, { childList: true, attributes: true });
      pay.addEventListener("click", () => setTimeout(() => pay.click()));
    });
    server.show("processing-card.en.html");
    await page.locator("#pay").click();
    await page.getByRole("heading", { name: "Your card payment is being processed" }).waitFor();
    assert.deepEqual(server.posts, [{ ...TYPED, number: "4000 0000 0000 3220", expiry: "12/28", code: "123", holder: "Test Payer" }]);
    assert.deepEqual(notes.at(-1), [true, "Sending, please wait…"]);
    return page;
  },
  async "without scripts the card form works and offers nothing that does not"() {
    const page = await open("card.en.html", { context: { javaScriptEnabled: false } });
    server.posts.length = 0;
    assert.ok(await page.locator("[data-fill]").first().isDisabled());
    const typed = { number: "4242424242424242", expiry: "12/30", code: "123", holder: "Ada Example" };
    for (const [id, text] of Object.entries(typed)) await page.locator(`#${id}`).fill(text);
    await page.locator("#pay").click();
    await page.waitForLoadState();
    assert.deepEqual(server.posts, [{ ...TYPED, ...typed }]);
    return page;
  },
  async "what is being typed outlives news, until there is another thing to do"() {
    const page = await open("card.en.html");
    await listening();
    await page.locator("#number").fill("4242424242424242");
    server.show("card-declined.en.html", 2);
    server.tell(2);
    await page.waitForTimeout(400);
    assert.equal(await value(page, "number"), "4242 4242 4242 4242");
    server.show("processing-card.en.html", 3);
    server.tell(3);
    await page.getByRole("heading", { name: "Your card payment is being processed" }).waitFor();
    return page;
  },
  async "refused entries get the focus, and lead to their fields"() {
    for (const context of [{}, { javaScriptEnabled: false }]) {
      const page = await open("card-errors.en.html", { context });
      if (context.javaScriptEnabled !== false) await page.locator("#problem:focus").waitFor();
      await page.locator('#problem a[href="#holder"]').click();
      await page.locator("#holder:focus").waitFor();
      if (context.javaScriptEnabled === false) await page.context().close(); else await page.close();
    }
    return open("upi-refused.en.html");
  },
  async "an answer to a form can be loaded again"() {
    const page = await open("card-errors.en.html");
    await page.evaluate(() => history.replaceState(null, "", location.pathname));
    await page.reload();
    assert.equal(new URL(page.url()).searchParams.get("token"), TYPED.token);
    return page;
  },
  async "Stripe's fields: errors in words, the payment confirmed, back to our page"() {
    const page = await open("card-fields.en.html");
    const field = page.locator("#stand-in");
    await field.fill("4x");
    await page.locator("#fields-error", { hasText: "Your card number is invalid." }).waitFor();
    await field.fill("declined");
    await page.locator("#pay").click();
    await page.locator("#pay:disabled").waitFor();
    await page.waitForFunction(() => window.stripeAnswers);
    await page.evaluate(() => window.stripeAnswers());
    await page.locator("#fields-error", { hasText: "Your card was declined." }).waitFor();
    assert.ok(await page.locator("#pay").isEnabled());
    assert.equal(await focused(page), "stand-in");
    const calls = await page.evaluate(() => window.stripeCalls);
    assert.deepEqual(calls, [["Stripe", "pk_test_example", "en"], ["create", "card", "string"], ["confirm", "pi_1_secret_2", true]]);
    await listening();
    server.show("card-fields.en.html", 2);
    server.tell(2);
    await page.waitForTimeout(300);
    assert.equal(await field.inputValue(), "declined", "the fields were thrown away");
    for (const typed of ["4242", "twice", "broken"]) {
      await field.fill(typed);
      await page.locator("#pay").click();
      await page.waitForURL("https://pay.example/widget/sale/create/?token=t");
      await page.goBack();
      await field.waitFor();
    }
    return page;
  },
  async "Stripe's fields that do not come, and no scripts at all, are told"() {
    const page = await open("card.en.html");
    server.show("card-fields.en.html");
    await page.context().route("https://js.stripe.com/**", (route) => route.abort());
    await page.reload();
    await page.locator("#fields-error", { hasText: "could not be loaded" }).waitFor();
    assert.ok(!(await page.locator("#pay").isVisible()));
    await page.context().close();
    const plain = await open("card-fields.en.html", { context: { javaScriptEnabled: false } });
    await plain.locator(".warning", { hasText: "needs JavaScript" }).waitFor();
    assert.ok(!(await plain.locator("#card-fields").isVisible()) && (await plain.locator("#change").isVisible()));
    return plain;
  },
  async "news that need other scripts load the page anew"() {
    const page = await open("methods.en.html");
    await listening();
    server.show("card-fields.en.html", 2);
    // more than once: a listener of the page before may still be counted
    const telling = setInterval(() => server.tell(2), 200);
    await page.locator("#stand-in").waitFor();
    clearInterval(telling);
    return page;
  },
  async "leads to the bank right after the press, with and without scripts, and never else"() {
    for (const javaScriptEnabled of [true, false]) {
      const page = await open("card-going.en.html", { query: "&go=1", context: { javaScriptEnabled } });
      await page.waitForURL("https://bank.example/**");
      await page.context().close();
    }
    // there was nothing to continue with when the page came
    const early = await open("methods.en.html", { query: "&go=1" });
    await listening();
    server.show("card-challenge.en.html", 2);
    const telling = setInterval(() => server.tell(2), 200);
    await early.waitForURL("https://bank.example/**");
    clearInterval(telling);
    await early.context().close();
    const page = await open("card-challenge.en.html");
    await page.waitForTimeout(800);
    assert.ok(page.url().startsWith(server.origin));
    return page;
  },
  async "the UPI code is open at a desk and folded on a phone, with and without scripts"() {
    for (const javaScriptEnabled of [true, false]) {
      const desk = await open("upi.en.html", { context: { javaScriptEnabled, viewport: { width: 1280, height: 900 } } });
      assert.ok(await desk.locator(".qr").isVisible() && !(await desk.locator("#code-summary").isVisible()));
      const top = async (page, selector) => (await page.locator(selector).boundingBox()).y;
      assert.ok((await top(desk, ".qr")) < (await top(desk, "#upi")));
      await desk.context().close();
      const phone = await open("upi.en.html", { context: { javaScriptEnabled, ...PHONE } });
      assert.ok(!(await phone.locator(".qr").isVisible()));
      assert.ok((await top(phone, "#upi")) < (await top(phone, "#code-summary")));
      await phone.locator("#code-summary").click();
      await phone.locator(".qr").waitFor();
      await phone.context().close();
    }
    return open("upi.en.html");
  },
  async "a bank reference is sent, and what was typed outlives news"() {
    const page = await open("upi-own.en.html");
    await listening();
    server.posts.length = 0;
    await page.locator("#rrn").fill("533812345678");
    await page.locator("main").evaluate((main) => { main.dataset.mark = "old"; });
    server.show("upi-own.en.html", 2);
    server.tell(2);
    await page.locator("main:not([data-mark])").waitFor();
    assert.equal(await value(page, "rrn"), "533812345678");
    server.show("upi-claimed.en.html", 3);
    await page.locator("#claim-send").click();
    await page.getByRole("heading", { name: "The merchant is checking" }).waitFor();
    assert.deepEqual(server.posts, [{ token: TYPED.token, lang: "en", action: "claim", rrn: "533812345678" }]);
    return page;
  },
});
