// Puts Stripe's card fields into the page, lets Stripe confirm the payment with all that the bank asks for, and goes on to our
// page, which asks Stripe itself how it went. What is typed in the fields stays in Stripe's frames.
"use strict";
(() => {
  const form = document.getElementById("card-fields");
  const mount = document.getElementById("fields-mount");
  const problem = document.getElementById("fields-error");
  const button = document.getElementById("pay");
  if (!form) return;
  const { key, secret, failed, busy = button.dataset.busy } = form.dataset;
  const idle = button.textContent;

  function say(words) {
    problem.textContent = words ?? "";
    problem.hidden = !words;
  }
  function work(working) {
    button.disabled = working;
    button.textContent = working ? busy : idle;
  }

  form.hidden = false;
  if (typeof Stripe !== "function") {
    say(failed);
    button.hidden = true;
    return;
  }
  // The fields are in frames, which know nothing of our style sheet.
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const style = () => {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const base = { color: colour("--ink"), iconColor: colour("--soft"), fontSize: "16px", "::placeholder": { color: colour("--soft") } };
    return { base, invalid: { color: colour("--bad"), iconColor: colour("--bad") } };
  };
  let card;
  let stripe;
  try {
    stripe = Stripe(key, { locale: document.documentElement.lang });
    card = stripe.elements().create("card", { style: style() });
    card.mount(mount);
  } catch {
    say(failed);
    button.hidden = true;
    return;
  }
  dark.addEventListener("change", () => card.update({ style: style() }));
  card.on("change", ({ error }) => say(error?.message));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    work(true);
    say();
    let answer;
    try {
      answer = await stripe.confirmCardPayment(secret, { payment_method: { card } });
    } catch {
      // Whether it was sent is not known: our page asks Stripe.
      answer = {};
    }
    // An intent that is no longer open was paid, or is being paid, by an earlier press.
    const open = ["requires_payment_method", "requires_confirmation", "requires_action"];
    const { error } = answer;
    const over = error?.payment_intent && !open.includes(error.payment_intent.status);
    if (error && !over) {
      work(false);
      say(error.message || failed);
      card.focus();
      return;
    }
    location.assign(form.dataset.return);
  });
})();
