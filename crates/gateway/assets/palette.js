// The palette (Ctrl or Cmd K, or its button) and the keys that lead to pages. Without script its button is a link to the same search.
'use strict';
(() => {
  const [palette, help] = [document.getElementById('palette'), document.getElementById('keys')];
  if (!palette?.showModal) return;
  const input = palette.querySelector('input');
  let fresh = false, wanted = false;
  const options = () => [...palette.querySelectorAll('[role="option"]')];
  const chosen = () => palette.querySelector('[aria-selected="true"]');
  const choose = (option) => {
    for (const one of options()) one.setAttribute('aria-selected', String(one === option));
    input.setAttribute('aria-expanded', String(Boolean(option)));
    input.setAttribute('aria-activedescendant', option?.id ?? '');
    option?.scrollIntoView({ block: 'nearest' });
  };
  // htmx comes with the first need; before the page is whole it would miss its own start
  let coming;
  const load = async () => {
    if (document.readyState !== 'complete') await new Promise((whole) => addEventListener('load', whole, { once: true }));
    await new Promise((loaded, failed) => {
      const script = document.createElement('script');
      Object.assign(script, { src: palette.dataset.htmx, integrity: palette.dataset.integrity, onload: loaded, onerror: failed });
      document.head.append(script);
    });
  };
  const ask = async (element) => {
    if (!window.htmx) await (coming ??= load());
    htmx.trigger(element, 'open');
  };
  const open = () => {
    help.close();
    input.value = '';
    fresh = wanted = false;
    palette.showModal();
    ask(input).catch(() => { location.href = '/account/find'; });
  };
  input.addEventListener('input', () => { fresh = wanted = false; });
  // an answer to what was typed before is not one to what is typed now
  palette.addEventListener('htmx:beforeSwap', (event) => {
    if (event.detail.requestConfig.parameters.q !== input.value) event.detail.shouldSwap = false;
  });
  palette.addEventListener('htmx:afterSwap', () => {
    fresh = true;
    choose(options()[0]);
    if (wanted) chosen()?.click();
  });
  input.addEventListener('keydown', (event) => {
    const all = options(), at = all.indexOf(chosen());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) choose(all[(at + step + all.length) % all.length]);
    else if (event.key === 'Enter' && !event.isComposing) fresh ? chosen()?.click() : wanted = true;
    else if (!step) return;
    event.preventDefault();
  });
  for (const dialog of [palette, help]) dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  for (const button of document.querySelectorAll('[data-palette]')) {
    const keys = button.querySelector('kbd');
    keys.hidden = false;
    if (/Mac|iP/.test(navigator.platform)) keys.textContent = '⌘ K';
    button.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }

  let since = -Infinity;
  document.addEventListener('keydown', (event) => {
    // where letters are not Latin, the place of the key counts
    const key = /^[ -~]$/.test(event.key) ? event.key.toLowerCase() : /^Key.$/.test(event.code) ? event.code[3].toLowerCase() : '';
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key === 'k') {
      event.preventDefault();
      if (palette.open) palette.close(); else open();
      return;
    }
    if (!('keys' in document.body.dataset) || !key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input, select, textarea, dialog, [contenteditable]')) return;
    const after = event.timeStamp - since < 1500;
    since = key === 'g' && !after ? event.timeStamp : -Infinity;
    if (after) document.querySelector(`nav [data-go="${CSS.escape(key)}"]`)?.click();
    else if (key === '/') {
      event.preventDefault();
      const field = document.querySelector('main [role="search"] input');
      if (field) field.focus(); else open();
    } else if (key === '?') {
      help.showModal();
      ask(help.firstElementChild).catch(() => { location.href = '/account/keys'; });
    }
  });
})();
