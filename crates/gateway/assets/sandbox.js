// The sandbox's control room. Everything it does is an ordinary request that a script could send: see /sandbox/openapi.json.
"use strict";
(() => {
  const REFRESH_MS = 2000;
  const INVOICES = 12;
  const CALLBACKS = 20;
  const HISTORY = "/api/client-invoice-history/get/?order=DESC";
  const MEANING = {
    "CREATED": "Nobody has opened its payment page yet.",
    "OPENED": "The payer has seen the page. Nothing final has arrived.",
    "WAITING SETTLEMENT": "The payer has paid. The money is on its way to the shop’s wallet.",
    "PAID": "The payer has paid, and the shop’s wallet has the money.",
    "FAILED": "Canceled by the payer, or its payment was undone.",
    "EXPIRED": "Not paid in time. What arrives now is recorded as late.",
    "CHARGEBACK": "The payment was charged back.",
    "WITHHELD": "The payment is on hold.",
  };
  const TONE = { "PAID": "good", "WAITING SETTLEMENT": "wait", "WITHHELD": "wait", "FAILED": "bad", "EXPIRED": "bad", "CHARGEBACK": "bad" };
  const PAYMENT = {
    challenge: ["wait", "The payer must pass 3-D Secure."],
    awaiting_payer: ["wait", "The payer must pay in a UPI app."],
    pending: ["wait", "The banks have not agreed yet."],
    paid: ["good", "The payer has paid."],
    reversed: ["bad", "Paid, and gone back to the payer."],
    declined: ["bad", "Declined"],
    canceled: ["bad", "Closed before anybody paid"],
  };
  // what the payer, a bank or the acquirer can do, in the API's words
  const ACT = {
    approve: "the payer’s bank agrees",
    reject_challenge: "3-D Secure fails",
    payer_cancels: "the payer gives up",
    upi_pay: "the money arrives",
    upi_fail: "the bank refuses",
    upi_pend: "the banks need time",
    upi_confirm: "the money arrives late",
    upi_reverse: "the money goes back",
    open_dispute: "the payer complains",
    win_dispute: "the shop is right",
    lose_dispute: "the payer is right",
    hold: "for review",
    release: "after review",
    refunds_wait: "from now on",
    finish_refunds: "those that wait",
    fail_refunds: "those that wait",
    expire: "its time is over",
  };
  const $ = (id) => document.getElementById(id);
  let about;
  let timer;
  let hush;

  // --- requests

  async function get(path, headers = {}) {
    const answer = await fetch(path, { headers, cache: "no-store" });
    return answer.json();
  }

  async function control(path, body) {
    const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    const value = await answer.json();
    if (!answer.ok) throw new Error(value.error);
    return value;
  }

  async function merchantApi(path, body) {
    const headers = { "API-KEY": about.api_key };
    const options = body && { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(path, options || { headers, cache: "no-store" });
    const value = await answer.json();
    if (value.errorCode !== 0) throw new Error(value.errorMessage ? `${value.errorMessage} (error ${value.errorCode})` : value.error);
    return value;
  }

  // --- telling

  function say(text, bad = false) {
    clearTimeout(hush);
    const said = $("said");
    said.textContent = text.charAt(0).toUpperCase() + text.slice(1);
    said.classList.toggle("bad", bad);
    // what went wrong stays until something else is done
    if (!bad) hush = setTimeout(() => { said.textContent = ""; }, 10_000);
  }

  // Does what a button orders, once at a time, and says what came of it.
  async function press(button, order) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      say(await order());
    } catch (error) {
      say(error instanceof TypeError ? "The sandbox cannot be reached." : error.message, true);
    }
    button.removeAttribute("aria-disabled");
    refresh();
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function times(n, one, many = `${one}s`) {
    return n === 1 ? `1 ${one}` : `${n} ${many}`;
  }

  // --- lists: what stays is kept, so that focus and open parts stay too

  function keep(list, wanted, make, update) {
    const known = new Map();
    for (const part of [...list.children]) {
      if (!known.has(part.dataset.key)) known.set(part.dataset.key, []);
      known.get(part.dataset.key).push(part);
    }
    let place = list.firstElementChild;
    for (const [key, value] of wanted) {
      let parts = known.get(key);
      known.delete(key);
      if (!parts) {
        parts = make(value);
        for (const part of parts) part.dataset.key = key;
      }
      update(parts, value);
      for (const part of parts) {
        if (part === place) place = place.nextElementSibling;
        else list.insertBefore(part, place);
      }
    }
    for (const parts of known.values()) for (const part of parts) part.remove();
  }

  const copyOf = (template) => [...document.importNode($(template).content, true).children];

  function showInvoices({ list, total }) {
    const shown = list.slice(0, INVOICES);
    keep($("invoices"), shown.map((row) => [row.id, row]), ({ id }) => {
      const parts = copyOf("invoice-template");
      const [item] = parts;
      write(item.querySelector(".number"), `#${id}`);
      item.querySelector(".page").href = `/sandbox/invoices/${id}/page`;
      item.querySelector(".page").append(unseen(` of invoice ${id}`));
      item.querySelector(".outcomes").setAttribute("aria-label", `Pay invoice ${id}`);
      item.querySelector(".rails").setAttribute("aria-label", `Pay invoice ${id} by card or UPI`);
      for (const button of item.querySelectorAll("[data-outcome], [data-pay]")) button.dataset.invoice = id;
      return parts;
    }, ([item], row) => {
      const badge = item.querySelector(".badge");
      write(badge, row.status);
      badge.className = `badge ${TONE[row.status] || ""}`;
      write(item.querySelector(".money"), `${row.amount} ${row.symbol}`);
      write(item.querySelector("time"), row.create_date);
      const coins = row.exchange_currency_symbol;
      const paid = coins ? ` Paid: ${row.paid_amount} ${coins}; ${row.merchant_amount} to the shop, ${row.fee_amount} fee.` : "";
      write(item.querySelector(".meaning"), (MEANING[row.status] || "") + paid);
    });
    $("no-invoices").hidden = shown.length > 0;
    $("more-invoices").hidden = Number(total) <= shown.length;
    write($("more-invoices"), `The newest ${shown.length} of ${total}.`);
  }

  function showPayments({ payments }) {
    keep($("payments"), payments.map((payment) => [payment.id, payment]), ({ method }) => {
      const parts = copyOf("payment-template");
      write(parts[0].querySelector(".number"), method === "upi" ? "UPI" : "Card");
      return parts;
    }, ([item], payment) => {
      const [tone, meaning] = PAYMENT[payment.status] || ["", payment.status];
      const disputed = payment.disputes.at(-1);
      const badge = item.querySelector(".badge");
      write(badge, payment.status.replace("_", " "));
      badge.className = `badge ${tone}`;
      write(item.querySelector(".money"), `${payment.amount_decimal} ${payment.currency}`);
      write(item.querySelector(".about"), payment.card ? `… ${payment.card.last4}` : payment.rrn || "");
      const more = [meaning.replace(/\.$/, "") + (payment.reason ? `: ${payment.reason.replaceAll("_", " ")}` : "")];
      if (payment.rrn) more.push(`RRN ${payment.rrn}`);
      if (payment.held) more.push("Held for review");
      if (disputed) more.push(`Dispute ${disputed.status}`);
      write(item.querySelector(".meaning"), `${more.join(". ")}. Charge ${payment.reference}`);
      const link = item.querySelector(".page");
      const page = payment.challenge_url || (payment.acts.some((act) => act.startsWith("upi_")) && payment.upi_app_url);
      link.hidden = !page;
      if (page) link.href = new URL(page).pathname;
      write(link, payment.method === "upi" ? "Open the payer’s UPI app" : "Open the 3-D Secure page");
      const group = item.querySelector(".acts");
      group.setAttribute("aria-label", `Let something happen to payment ${payment.reference}`);
      keep(group, payment.acts.map((act) => [act, act]), (act) => [actButton(payment.reference, act)], () => {});
    });
    $("no-payments").hidden = payments.length > 0;
  }

  function actButton(reference, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.act = act;
    button.dataset.payment = reference;
    const name = document.createElement("strong");
    name.textContent = act;
    button.append(name, " ", part("", ACT[act] || ""));
    return button;
  }

  function showCallbacks({ callbacks }) {
    const key = ({ seq, received_at, raw_body }) => `${seq} ${received_at} ${raw_body.length}`;
    const body = $("callbacks").tBodies[0];
    keep(body, callbacks.reverse().map((callback) => [key(callback), callback]), callbackRows, () => {});
    $("callbacks").hidden = callbacks.length === 0;
    $("no-callbacks").hidden = callbacks.length > 0;
    $("more-callbacks").hidden = callbacks.length === 0 || callbacks.at(-1).seq === 1;
  }

  function callbackRows(callback) {
    const rows = copyOf("callback-template");
    const [row, more] = rows;
    const said = parsed(callback.raw_body);
    const [day, clock] = callback.received_at.split(" ");
    row.querySelector("time").append(part("day", `${day} `), clock);
    row.querySelector("time").dateTime = `${day}T${clock}Z`;
    write(row.querySelector(".invoice"), said && said.id ? `#${said.id}` : "–");
    const [kind, word] = String((said && said.status) || "–").split(":");
    row.querySelector(".status").append(word ? part("soft", `${kind}:`) : kind, document.createElement("wbr"), word || "");
    const mark = row.querySelector(".signature");
    mark.classList.add(callback.verified ? "good" : "bad");
    mark.append(callback.verified ? "✓ " : "✗ ", part("word", callback.verified ? "valid" : "wrong"));
    const button = row.querySelector("button");
    button.setAttribute("aria-label", `Body of callback ${callback.seq}`);
    more.id = `callback-${callback.seq}`;
    button.setAttribute("aria-controls", more.id);
    button.addEventListener("click", () => {
      more.hidden = !more.hidden;
      button.setAttribute("aria-expanded", String(!more.hidden));
    });
    const signed = ["x-signature", "webhook-id", "webhook-timestamp", "webhook-signature"].filter((name) => callback.headers[name]);
    const headers = signed.map((name) => `${name}: ${callback.headers[name]}`).join("\n");
    write(more.querySelector("pre"), `${said ? JSON.stringify(said, null, 2) : callback.raw_body}\n\n${headers}`.trim());
    return rows;
  }

  function parsed(text) {
    try {
      const value = JSON.parse(text);
      return value && typeof value === "object" ? value : undefined;
    } catch {
      return undefined;
    }
  }

  function part(name, text) {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    return span;
  }

  const unseen = (text) => part("unseen", text);

  // --- keeping up

  function showAbout(value) {
    about = value;
    for (const place of document.querySelectorAll("[data-about]")) write(place, String(about[place.dataset.about]));
    showHalted(about.halted);
  }

  function showHalted(halted) {
    about.halted = halted;
    write($("halt-state"), halted ? "The chain stands still." : "Blocks come by themselves.");
    write($("halt-button"), halted ? "Go on" : "Halt");
  }

  function showLive(live, text) {
    write($("live-state"), text);
    $("live-state").classList.toggle("lost", !live);
  }

  async function refresh() {
    clearTimeout(timer);
    const mine = timer = setTimeout(refresh, REFRESH_MS * 5); // should an answer never come
    if (!document.hidden) {
      try {
        showAbout(await get("/sandbox/about.json"));
        const [history, inbox, payments] = await Promise.all([
          merchantApi(HISTORY),
          get(`/sandbox/callbacks?newest=${CALLBACKS}`),
          get("/sandbox/acquirer/payments"),
        ]);
        showInvoices(history);
        showPayments(payments);
        showCallbacks(inbox);
        showLive(true, "live");
      } catch (error) {
        showLive(false, error instanceof TypeError ? "not reachable" : "error");
        if (!(error instanceof TypeError)) say(error.message, true);
      }
    }
    if (timer === mine) {
      clearTimeout(timer);
      timer = setTimeout(refresh, REFRESH_MS);
    }
  }

  // --- buttons

  function create() {
    return press($("create-button"), async () => {
      const order = { email: $("email").value, amount: $("amount").value, devise: "USD" };
      if ($("coin").value) order.payableCurrencies = $("coin").value;
      const { redirectUrl } = await merchantApi("/api/btn-create-invoice/get/", order);
      const page = new URL(redirectUrl);
      $("created-link").href = page.pathname + page.search;
      $("created").hidden = false;
      showInvoices(await merchantApi(HISTORY));
      const newest = $("invoices").querySelector("details");
      if (newest) newest.open = true;
      return "Invoice created. Open its payment page, or choose an outcome.";
    });
  }

  function pay(button) {
    const { invoice, outcome } = button.dataset;
    return press(button, async () => {
      const { amount, currency, tx_hashes } = await control(`/sandbox/invoices/${invoice}/pay`, { outcome });
      const [symbol] = currency.split("_");
      return `Sent ${amount} ${symbol} for invoice ${invoice}${tx_hashes.length > 1 ? `, ${times(tx_hashes.length, "time")}` : ""}.`;
    });
  }

  function payByRail(button) {
    const { invoice, pay, method } = button.dataset;
    return press(button, async () => {
      const { state, decline, challenge_url } = await control(`/sandbox/invoices/${invoice}/pay`, { outcome: pay, method });
      const why = decline ? ` (${decline.replaceAll("_", " ")})` : "";
      const next = challenge_url ? " Its 3-D Secure page is linked under “Cards and UPI”." : "";
      return `The ${method === "upi" ? "UPI" : method} payment of invoice ${invoice}: ${state.replaceAll("_", " ")}${why}.${next}`;
    });
  }

  function act(button) {
    const { payment, act } = button.dataset;
    return press(button, async () => {
      const { status } = await control(`/sandbox/acquirer/payments/${payment}/${act}`, {});
      return `Done: the payment is ${status.replace("_", " ")}.`;
    });
  }

  function advance(button, seconds) {
    return press(button, async () => `It is now ${(await control("/sandbox/clock/advance", { seconds })).now} UTC.`);
  }

  function mine(button) {
    return press(button, async () => {
      const blocks = Number($("blocks").value);
      const { head } = await control("/sandbox/chain/mine", { blocks });
      return `Mined ${times(blocks, "block")}; the newest is ${head}.`;
    });
  }

  function halt(button) {
    return press(button, async () => {
      const { halted } = await control("/sandbox/chain/halt", { halted: !about.halted });
      showHalted(halted);
      return halted ? "The chain stands still. What is paid now waits." : "Blocks come by themselves again.";
    });
  }

  function reorg(button) {
    return press(button, async () => {
      const order = { depth: Number($("depth").value), keep_transactions: $("keep").checked };
      const { head } = await control("/sandbox/chain/reorg", order);
      const what = order.keep_transactions ? "their transactions are kept" : "their transactions are gone";
      return `Replaced ${times(order.depth, "block")}, ${what}; the newest is ${head}.`;
    });
  }

  const ORDERS = {
    create,
    mine,
    halt,
    reorg,
    advance: (button) => advance(button, Number($("advance-by").value) * Number($("advance-unit").value)),
  };
  for (const [form, order] of Object.entries(ORDERS)) {
    $(form).addEventListener("submit", (event) => {
      event.preventDefault();
      order(event.submitter || event.target.querySelector("button"));
    });
  }

  async function copy(button) {
    const source = $(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // No clipboard on a plain http address other than this machine: select the text and copy the selection.
      getSelection().selectAllChildren(source);
      if (!document.execCommand("copy")) return;
    }
    button.textContent = "Copied";
    say("Copied.");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    if (button.dataset.outcome) pay(button);
    if (button.dataset.pay) payByRail(button);
    if (button.dataset.act) act(button);
    if (button.dataset.seconds) advance(button, Number(button.dataset.seconds));
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });

  async function offerCoins() {
    const { payableCurrencies } = await merchantApi("/api/payable-currencies/get/");
    for (const { value, name } of payableCurrencies) $("coin").append(new Option(name, value));
  }

  async function begin() {
    await refresh();
    await offerCoins().catch((error) => say(error.message, true));
    // not before the key is known, and not later than a first failure to learn it
    for (const id of ["gauges", "facts", "controls", "rails-payments"]) $(id).hidden = false;
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
  }
  begin();
})();
