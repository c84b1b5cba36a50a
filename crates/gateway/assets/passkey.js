// Asks the browser for a passkey when a form that needs one is sent: the challenge comes from the gateway, the answer goes into the form.
// Without this script the page says that passkeys need it.
'use strict';
(() => {
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const listed = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));
  const answer = (made, response) => JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, extensions: {} });
  async function create(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials: listed(options.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = made.response;
    return answer(made, { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) });
  }
  async function get(options) {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
    const made = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
    const signed = { authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature) };
    return answer(made, userHandle?.byteLength ? { ...signed, userHandle: text(userHandle) } : signed);
  }
  for (const form of document.querySelectorAll('form[data-challenge]')) {
    const wrong = form.querySelector('[data-wrong]');
    const say = (words) => {
      wrong.textContent = words;
      wrong.hidden = false;
    };
    form.hidden = false;
    form.nextElementSibling.hidden = true;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      wrong.hidden = true;
      try {
        const body = new URLSearchParams(new FormData(form));
        const answered = await (await fetch(form.dataset.challenge, { method: 'POST', body })).json();
        if (!answered.publicKey) return say(answered.wrong);
        form.elements.credential.value = await (form.elements.name ? create : get)(answered.publicKey);
      } catch {
        return say(form.dataset.failed);
      }
      if (form.elements.password) form.elements.password.value = '';
      form.submit();
    });
  }
})();
