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
  let leads = false; // the payer has pressed: whatever there is to continue with is gone to at once
  let leftFor; // where that was
  let away = 0; // until when a form's answer, or the place to continue at, is on its way: news would call that off

  function announce(text) {
    if (!text) return;
    // Emptied first, so that the same words twice are still a change.
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 50);
  }

  // --- live updates

  async function refresh() {
    if (Date.now() < away) return;
    if (fetching) { fetchAgain = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.ok) {
        const next = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = next.querySelector("main[data-version]");
        const { version, state } = main().dataset;
        const changed = fresh && (fresh.dataset.version !== version || fresh.dataset.state !== state);
        if (changed && Date.now() >= away && !isHeld(fresh)) {
          // Another page may need other scripts, and other headers for them.
          if (needs(next) === needs(document)) swap(fresh, next.title); else location.reload();
        }
      }
    } catch {
      startPolling();
    } finally {
      fetching = false;
      if (fetchAgain) { fetchAgain = false; refresh(); }
    }
  }

  function onTheWay(milliseconds) {
    away = Date.now() + milliseconds;
    setTimeout(refresh, milliseconds + 100);
  }

  const needs = (page) => page.querySelector("form[data-needs]")?.dataset.needs;

  // What a payer is typing or correcting, or a provider's fields that are in use, stay until there is another thing to do.
  function isHeld(fresh) {
    const held = main().querySelector("[data-hold]");
    const twin = fresh.querySelector("[data-hold]");
    return held && fresh.dataset.state === main().dataset.state && (!twin || twin.dataset.hold === held.dataset.hold);
  }

  function swap(fresh, title) {
    const old = main();
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const said = old.dataset.announce;
    for (const open of old.querySelectorAll("details[open]")) {
      const twin = fresh.querySelector(`#${open.id}`);
      if (twin) twin.open = true;
    }
    for (const input of old.querySelectorAll("input[id]")) {
      const twin = fresh.querySelector(`#${input.id}`);
      if (twin) twin.value = input.value;
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

  // --- forms are sent once

  function sent(form, button) {
    onTheWay(30_000);
    // Later, since a button that is disabled now would not be sent.
    setTimeout(() => {
      for (const each of form.querySelectorAll("button")) each.disabled = true;
      const { busy } = button?.dataset ?? {};
      if (!busy) return;
      button.dataset.idle = button.textContent;
      button.textContent = busy;
      announce(busy);
    });
  }

  function sendable(form) {
    for (const button of form.querySelectorAll("button")) {
      button.disabled = false;
      if (button.dataset.idle) button.textContent = button.dataset.idle;
    }
  }

  // What each new <main> needs.
  function dress() {
    skew = Number(main().dataset.now) - Date.now();
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    // At a desk the code is scanned, so it is open; the style sheet has the same, for browsers that can.
    const code = document.getElementById("code");
    if (code && matchMedia("(pointer: fine)").matches) code.open = true;
    tick();
    leaveSoon();
    leadOn();
  }

  // Once for each place there is to continue at: who comes back from it is not sent there again.
  function leadOn() {
    const link = document.getElementById("continue");
    if (!leads || !link || link.href === leftFor) return;
    leftFor = link.href;
    onTheWay(5000);
    location.assign(leftFor);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const link = event.target.closest("#stay");
    if (link) { event.preventDefault(); stay(link); }
  });
  document.addEventListener("submit", (event) => { if (event.target.getAttribute("method") === "post") sent(event.target, event.submitter); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    leads = false;
    away = 0;
    for (const form of document.forms) sendable(form);
    refresh();
  });
  // An answer to a form stands at an address that cannot be loaded again.
  let here = new URL(location.href);
  if (!here.searchParams.has("token")) here = new URL(main().dataset.page, here);
  // The page's own refresh leads on too, but not once its address was changed, and not when there is nothing to continue with yet.
  leads = here.searchParams.has("go");
  // Said, or done, once: a later version of the page has its own news.
  for (const once of ["no_price", "unavailable", "go"]) here.searchParams.delete(once);
  if (here.href !== location.href) history.replaceState(null, "", here.href);
  setInterval(tick, 1000);
  dress();
  listen();
})();
