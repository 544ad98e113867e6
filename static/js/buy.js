// The Buy button: gets a Checkout Session from the shop and goes to Stripe's page.
// Without JavaScript the form is posted, and the shop redirects.

const STRIPE_WAIT_MS = 2000;

function afterStripeWait(value) {
  return new Promise((resolve) => setTimeout(resolve, STRIPE_WAIT_MS, value));
}

/** Redirects with Stripe.js if it can; resolves to whether the browser is leaving the page. */
async function redirectWithStripe(src, checkout) {
  const deadline = afterStripeWait(false);
  if (!(await Promise.race([loadStripe(src), deadline]))) return false;
  if (typeof window.Stripe !== "function") return false;
  try {
    const stripe = window.Stripe(checkout.publishable_key);
    if (typeof stripe.redirectToCheckout !== "function") return false;
    const leaving = new Promise((resolve) => addEventListener("pagehide", () => resolve(true)));
    const result = stripe.redirectToCheckout({ sessionId: checkout.id }).then(() => false);
    return await Promise.race([leaving, result, deadline]);
  } catch {
    return false;
  }
}

function checkoutAddress(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form));
  return address;
}

async function buy(form) {
  setBusy(form, true);
  show(form, "");
  loadStripe(form.dataset.stripeJs);
  const answer = await askShop(checkoutAddress(form), {}, form.dataset.unreachable);
  if (answer.error) {
    show(form, answer.error.message);
    setBusy(form, false);
    return;
  }
  if (!(await redirectWithStripe(form.dataset.stripeJs, answer))) location.assign(answer.url);
}

function preconnect(form) {
  if (form.dataset.preconnected) return;
  form.dataset.preconnected = "yes";
  const link = document.createElement("link");
  link.rel = "preconnect";
  link.href = new URL(form.dataset.stripeJs).origin;
  document.head.append(link);
}

function buyForm(event) {
  return event.target instanceof Element ? event.target.closest("form[data-buy]") : null;
}

// Listen on the document, since htmx replaces the cart's form.
document.addEventListener("submit", (event) => {
  const form = buyForm(event);
  if (!form) return;
  event.preventDefault();
  if (!isBusy(form)) buy(form);
});
for (const type of ["pointerover", "focusin"]) {
  document.addEventListener(type, (event) => {
    const form = buyForm(event);
    if (form) preconnect(form);
  });
}
