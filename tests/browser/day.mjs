// A day of business in a sandbox, so that every page has something to show: payments of every end, money on its way out, people who wait for
// somebody's word.

// Sends the form of a page that goes to `action`, as a person would.
async function send(page, path, action, fields) {
  await page.goto(path);
  const form = page.locator(`main form[action="${action}"][method="post"]`).first();
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]:not([type="hidden"])`);
    const kind = await field.first().evaluate((element) => (element.tagName === "SELECT" ? "select" : element.type));
    if (kind === "select") await field.selectOption(value);
    else if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check();
    else if (kind === "checkbox") await field.setChecked(value);
    else await field.fill(value);
  }
  // a button may stand outside of its form
  const button = form.locator('button:not([type="button"])').or(page.locator(`button[form="${(await form.getAttribute("id")) ?? "-"}"]`)).last();
  const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === "POST"), button.click()]);
  if (answer.status() !== 303) throw new Error(`${action}: ${answer.status()}`);
  await page.waitForLoadState();
  return new URL(page.url()).pathname;
}

async function until(what, is) {
  for (let tries = 0; !(await is()); tries++) {
    if (tries > 1_200) throw new Error(`${what}: in vain`);
    await new Promise((again) => setTimeout(again, 50));
  }
}

// `owner` and `operator` are signed in. Answers pages that no link leads to.
export async function aDayOfBusiness(gateway, owner, operator) {
  const invoice = async (amount, order, more = {}) => {
    const { id } = await gateway.create(amount, { callbackJson: `<script>alert("${order?.outcome}")</script>`, ...more });
    if (order) await gateway.pay(id, order);
    return id;
  };
  const statusOf = async (id) => (await gateway.api(`/api/invoice/status/?id=${id}`)).invoice.status;
  await invoice("19.99");
  const paid = await invoice("42.00", { outcome: "paid" });
  for (const outcome of ["short", "over", "twice", "wrong_token"]) await invoice("42.00", { outcome });
  for (const outcome of ["paid", "withheld", "decline"]) await invoice("64.00", { outcome, method: "card" });
  for (const ends of [[], ["dispute_lost"]]) {
    const id = await invoice("31.00", { outcome: "paid", method: "card" });
    for (const outcome of ["chargeback", ...ends]) await gateway.pay(id, { outcome });
  }
  const upi = await invoice("15.00", { outcome: "paid", method: "upi" }, { email: "upi@example.com" });

  // money on its way out: a settlement, a refund, a fund and payments to cards out of it
  const shop = "/operator/merchants/1";
  await send(operator, at(`${shop}`), `${shop}/payouts`, { payout_approval: "20" });
  await until("UPI is paid", async () => (await statusOf(upi)) === "invoice:awaiting_approval");
  const { tx_hash } = await gateway.control("treasury/deposits", { asset: "USDC_polygon", amount: "500" });
  await gateway.api("/api/payout/funds/add", { amount: "500", blockchain: "polygon", crypto: "USDC", tx_hash, merchant_data: "<b>May</b>" });
  await gateway.control("chain/mine", { blocks: 200 });
  await until("the fund is credited", async () => (await gateway.api("/api/payout/funds/get-detail?id=1")).data.status === "fund:success");
  const card = { currency: "EUR", firstname: "Ann", lastname: "<i>Smith</i>", expiry: "04/2035" };
  for (const [amount, card_number] of [["12.34", "4242424242424242"], ["12.34", "4000000000000002"], ["45.00", "4242424242424242"]])
    await gateway.api("/api/payout/payment/send", { ...card, amount, card_number });
  await send(operator, at(`${shop}/settlement`), `${shop}/settlement`, {});
  await send(owner, at(`/client/invoices/${upi}`), `/client/invoices/${upi}/refund`, { amount: "500.00" });

  // coins back: the payer has said where to, and the merchant has to pay
  await send(owner, at(`/client/invoices/${paid}`), `/client/invoices/${paid}/refund`, { of: "coins:USDT_polygon:merchant_wallet", amount: "2.00" });
  const refund = await owner.locator(`main a[href^="/client/invoices/${paid}/refunds/"]`).first().getAttribute("href");
  const body = new URLSearchParams({ lang: "en", action: "confirm", address: `0x${"9".repeat(40)}` });
  const confirmed = await fetch(await gateway.mailed("customer@example.com", "/refund/"), { method: "POST", body, redirect: "manual" });
  if (confirmed.status >= 400) throw new Error(`the payer's confirmation: ${confirmed.status}`);

  // people
  await send(owner, at("/client/team"), "/client/team/invite", { email: "new@example.com" });
  await send(owner, at("/client/profile"), "/client/profile/wallet", { wallet: `0x${"5".repeat(40)}` });
  await send(owner, at("/client/links"), "/client/links", { title: "A <b>cup</b> of tea", amount: "4.50" });
  await send(operator, at("/operator/announcement"), "/operator/announcement", { text: "On Sunday at 04:00 UTC we restart for ten minutes." });
  await send(operator, at("/operator/audit"), "/operator/audit", {});
  return [await send(owner, at("/client/pos"), "/client/pos", { amount: "7.00" }), refund];

  function at(path) {
    return gateway.base_url + path;
  }
}
