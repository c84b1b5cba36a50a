// Tells the gateway the viewer's time zone, so that times are shown in it; copies what is to be copied; types with the keypad. Follows live
// figures by server-sent events, and asks for them now and then where there is no stream. Everything works without.
'use strict';
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  if (zone) document.cookie = `lockgate-zone=${encodeURIComponent(zone)}; Path=/; SameSite=Lax; Max-Age=31536000${secure}`;
  for (const button of document.querySelectorAll('[data-copy]')) {
    button.hidden = !navigator.clipboard;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  }
  // on a phone the navigation is a strip
  document.querySelector('.side nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  const amount = document.querySelector('#till [name="amount"]');
  for (const key of amount ? document.querySelectorAll('[data-key]') : []) {
    key.addEventListener('click', (event) => {
      event.preventDefault();
      const typed = amount.value;
      const next = key.dataset.key === 'back' ? typed.slice(0, -1) : typed + key.dataset.key;
      if (/^\d{0,12}(\.\d{0,2})?$/.test(next)) amount.value = next === '.' ? '0.' : next;
    });
  }

  // live figures: what is read or used just now is not taken from under the reader
  const region = () => document.querySelector('[data-live]');
  let stream, asking, stale = false;
  const busy = () => document.hidden || region().contains(document.activeElement);
  const refresh = () => {
    stale = busy();
    if (!stale) window.htmx?.trigger(region(), 'live');
  };
  const follow = () => {
    clearInterval(asking);
    stream = new EventSource(region().dataset.live);
    stream.onmessage = refresh;
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      clearInterval(asking);
      asking = setInterval(refresh, 30000);
    };
  };
  if (region()) {
    follow();
    document.addEventListener('visibilitychange', () => {
      stream.close();
      clearInterval(asking);
      if (document.hidden) return;
      follow();
      refresh();
    });
    document.addEventListener('focusout', () => setTimeout(() => { if (stale) refresh(); }));
    // tables that were opened stay open
    let opened = [];
    const tables = () => [...(region()?.querySelectorAll('details') ?? [])];
    document.addEventListener('htmx:beforeSwap', ({ detail }) => {
      opened = tables().map((one) => one.open);
      // signed out meanwhile: the answer is another page
      if (detail.target === region() && !detail.serverResponse.includes(`id="${region().id}"`)) {
        detail.shouldSwap = false;
        location.reload();
      }
    });
    document.addEventListener('htmx:afterSwap', () => tables().forEach((one, at) => { one.open = opened[at] ?? one.open; }));
  }
})();
