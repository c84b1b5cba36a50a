// The payer's page works without this file. With it the page follows the payment live, counts down, copies, and goes back.
"use strict";
(() => {
  const RETRY_MS = 10_000;
  const announcer = document.getElementById("announcer");
  const main = () => document.querySelector("main");
  let skew = 0; // the server's clock minus ours: the price is valid by the server's
  let fetching = false;
  let fetchAgain = false;
  let polling;
  let leaving;
  let stays = false;
  let warned; // the deadline of which the last minute has been announced
  let askedAt = 0; // when we last asked because the price had run out

  function announce(text) {
    if (!text) return;
    // Emptied first, so that the same words twice are still a change.
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 50);
  }

  // --- live updates

  async function refresh() {
    if (fetching) { fetchAgain = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = next.querySelector("main[data-version]");
        const { version, state } = main().dataset;
        if (fresh && (fresh.dataset.version !== version || fresh.dataset.state !== state)) swap(fresh, next.title);
      }
    } catch {
      startPolling();
    } finally {
      fetching = false;
      if (fetchAgain) { fetchAgain = false; refresh(); }
    }
  }

  function swap(fresh, title) {
    const old = main();
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const said = old.dataset.announce;
    for (const open of old.querySelectorAll("details[open]")) {
      const twin = fresh.querySelector(`#${open.id}`);
      if (twin) twin.open = true;
    }
    old.replaceWith(document.adoptNode(fresh));
    document.title = title;
    dress();
    if (focused) {
      const twin = focused.id && document.getElementById(focused.id);
      (twin || main().querySelector("h1")).focus({ preventScroll: Boolean(twin) });
    }
    if (fresh.dataset.announce !== said) announce(fresh.dataset.announce);
  }

  function listen() {
    if (!window.EventSource) { startPolling(); return; }
    const events = new EventSource(main().dataset.events);
    events.onopen = () => {
      // Whatever happened while we were not listening.
      if (polling) refresh();
      stopPolling();
    };
    events.onmessage = (message) => {
      try {
        if (String(JSON.parse(message.data).version) !== main().dataset.version) refresh();
      } catch {
        refresh();
      }
    };
    // It reconnects by itself when it can; until then we ask now and then.
    events.onerror = startPolling;
  }

  function startPolling() {
    polling ??= setInterval(() => { if (!document.hidden) refresh(); }, RETRY_MS);
  }

  function stopPolling() {
    clearInterval(polling);
    polling = undefined;
  }

  // --- countdown

  function clock(milliseconds) {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return (hours ? `${hours}:${two(minutes)}` : `${minutes}`) + `:${two(seconds % 60)}`;
  }

  function tick() {
    const quote = document.querySelector("[data-until]");
    if (!quote) return;
    const { until, lastMinute } = quote.dataset;
    const rest = Number(until) - Date.now() - skew;
    document.getElementById("left").textContent = clock(rest);
    quote.querySelector(".left").hidden = false;
    if (rest > 0 && rest < 60_000 && warned !== until) { warned = until; announce(lastMinute); }
    if (rest <= 0 && Date.now() - askedAt > 5000) { askedAt = Date.now(); refresh(); }
  }

  // --- copying

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      // No clipboard on a plain http page: select the text and let the browser copy the selection.
      getSelection().selectAllChildren(source);
      if (!document.execCommand("copy")) return;
    }
    const label = button.textContent;
    if (label === button.dataset.copied) return;
    button.textContent = button.dataset.copied;
    announce(button.dataset.copied);
    setTimeout(() => { button.textContent = label; }, 2000);
  }

  // --- going back to the shop

  function leaveSoon() {
    clearTimeout(leaving);
    const after = Number(main().dataset.returnAfter);
    if (!after) return;
    if (stays) { document.getElementById("leaving").hidden = true; return; }
    leaving = setTimeout(() => { location.assign(document.getElementById("return").href); }, after * 1000);
  }

  function stay(link) {
    stays = true;
    clearTimeout(leaving);
    history.replaceState(null, "", link.href);
    document.getElementById("leaving").hidden = true;
    document.getElementById("return").focus();
  }

  // What each new <main> needs.
  function dress() {
    skew = Number(main().dataset.now) - Date.now();
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    tick();
    leaveSoon();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const link = event.target.closest("#stay");
    if (link) { event.preventDefault(); stay(link); }
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
  // Said once: a later version of the page has its own news.
  const here = new URL(location.href);
  if (here.searchParams.has("no_price")) {
    here.searchParams.delete("no_price");
    history.replaceState(null, "", here.href);
  }
  setInterval(tick, 1000);
  dress();
  listen();
})();
