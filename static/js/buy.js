// The Buy button: gets a Checkout Session from the shop and goes to Stripe's page.
// Without JavaScript the form is posted, and the shop redirects.

const REDIRECT_LIMIT_MS = 2000;
const LEAVING_MS = 10000;

/** Redirects with Stripe.js if it can; resolves to whether the browser is leaving the page. */
async function redirectWithStripe(src, checkout) {
  const deadline = after(REDIRECT_LIMIT_MS, false);
  if (!(await loadStripe(src, REDIRECT_LIMIT_MS))) return false;
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

/** The cart's form is posted. The item's is asked for with GET, as everybody can ask for a session. */
function requestSession(form, fields) {
  const headers = { Accept: "application/json" };
  if (fields.has("shown_fingerprint")) {
    return askShop(form.action, { method: "POST", body: fields, headers });
  }
  const address = new URL(form.action);
  address.search = fields;
  return askShop(address, { headers });
}

async function buy(form) {
  clearPaymentMessages(form);
  const stopWaiting = startWaiting(submitButton(form), form.dataset.busy);
  loadStripe(form.dataset.stripeJs, LIMIT_MS);
  const fields = new URLSearchParams(new FormData(form)); // what the buyer has seen at the press
  const endTurn = await takeTurn();
  const answer = endTurn && (await requestSession(form, fields));
  const checkout = answer && jsonIn(answer);
  if (!checkout?.url) {
    endTurn?.();
    stopWaiting();
    await showRefusal(form, answer);
    return;
  }
  // A press that waits would end this session. Its turn doesn't come: the page goes away first.
  setTimeout(endTurn, LEAVING_MS);
  if (!(await redirectWithStripe(form.dataset.stripeJs, checkout))) location.assign(checkout.url);
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
  if (!form || event.submitter?.hasAttribute("formaction")) return; // Apply is in the same form
  event.preventDefault();
  whileBusy(form, buy);
});
for (const type of ["pointerover", "focusin"]) {
  document.addEventListener(type, (event) => {
    const form = buyForm(event);
    if (form) preconnect(form);
  });
}
