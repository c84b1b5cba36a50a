// A stand-in for Stripe.js in these tests: the few calls our page makes, a field in place of Stripe's frame, and answers by what is
// typed there. It stands at Stripe's address, so that the page's own policy decides whether it may run.
export const STRIPE_SCRIPT = "https://js.stripe.com/v3/";

const SOURCE = `
window.stripeCalls = [];
window.Stripe = (key, { locale }) => {
  stripeCalls.push(["Stripe", key, locale]);
  const field = document.createElement("input");
  field.id = "stand-in";
  field.setAttribute("aria-label", "Card number");
  const card = {
    mount: (place) => place.append(field),
    update: () => {},
    focus: () => field.focus(),
    on: (what, tell) => field.addEventListener("input", () => tell({ error: /x/.test(field.value) ? { message: "Your card number is invalid." } : undefined })),
  };
  return {
    elements: () => ({ create: (kind, options) => { stripeCalls.push(["create", kind, typeof options.style.base.color]); return card; } }),
    confirmCardPayment: async (secret, data) => {
      stripeCalls.push(["confirm", secret, data.payment_method.card === card]);
      // one that is declined waits until it was looked at
      await new Promise((later) => { window.stripeAnswers = later; if (field.value !== "declined") setTimeout(later, 200); });
      if (field.value === "broken") throw new Error("no answer");
      if (field.value === "twice") return { error: { message: "already", payment_intent: { status: "succeeded" } } };
      if (field.value === "declined") return { error: { message: "Your card was declined.", payment_intent: { status: "requires_payment_method" } } };
      return { paymentIntent: { status: "succeeded" } };
    },
  };
};`;

export const answerAsStripe = (context) => context.route(STRIPE_SCRIPT, (route) => route.fulfill({ contentType: "text/javascript", body: SOURCE }));
