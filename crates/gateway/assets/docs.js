// "Try it" of the API's pages: sends the call to this gateway, with the key that was typed and no cookie, and shows the answer as text. Nothing is kept.
'use strict';
(() => {
  const key = document.getElementById('key');
  if (!key) return;
  document.getElementById('try-key').hidden = false;
  const LONGEST = 100000;
  const request = (form) => {
    const { method, path } = form.dataset;
    const query = new URLSearchParams();
    const headers = new Headers();
    let way = path, body;
    for (const field of form.querySelectorAll('[data-in]')) {
      const { in: place, name } = field.dataset, value = field.value.trim();
      if (place === 'body') body = value;
      else if (place === 'path') {
        // a step up would make it another call
        if (/^\.*$/.test(value)) throw new Error(name);
        way = way.replace(`{${name}}`, encodeURIComponent(value));
      } else if (value && place === 'query') query.append(name, value);
      else if (value && place === 'header') headers.set(name, value);
    }
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    if ('key' in form.dataset && key.value) headers.set('API-KEY', key.value.trim());
    const asked = query.toString();
    return [way + (asked && `?${asked}`), { method, headers, body, credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' }];
  };
  const told = async (form) => {
    const [url, options] = request(form);
    const answer = await fetch(url, options);
    const text = (await answer.text()).slice(0, LONGEST);
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: as it is */ }
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
    return [`${options.method} ${url}`, `${answer.status} ${answer.statusText}`, ...headers, '', shown].join('\n');
  };
  for (const form of document.querySelectorAll('[data-try]')) {
    form.hidden = false;
    const [button, out] = [form.querySelector('button'), form.querySelector('[role="status"]')];
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      button.disabled = true;
      const text = await told(form).catch((error) => String(error));
      button.disabled = false;
      out.hidden = false;
      out.querySelector('code').textContent = text;
    });
  }
})();
