// Tells the gateway the viewer's time zone, so that times are shown in it; copies what is to be copied; types with the keypad. Everything works without.
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
  const amount = document.querySelector('#till [name="amount"]');
  for (const key of amount ? document.querySelectorAll('[data-key]') : []) {
    key.addEventListener('click', (event) => {
      event.preventDefault();
      const typed = amount.value;
      const next = key.dataset.key === 'back' ? typed.slice(0, -1) : typed + key.dataset.key;
      if (/^\d{0,12}(\.\d{0,2})?$/.test(next)) amount.value = next === '.' ? '0.' : next;
    });
  }
})();
