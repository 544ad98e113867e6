// The parts of Stripe.js for hosted pages and for payments within a page. It moves no money.
// The server joins it with elements.js, within a function, and fills in the addresses.

const API = "{{ api }}";
const LEAVING = new Promise(() => {}); // never resolves: the browser leaves the page

class IntegrationError extends Error {
  name = "IntegrationError";
}

const ensure = (isRight, message) => {
  if (!isRight) throw new IntegrationError(message);
};

const checkKey = (key) => {
  ensure(
    typeof key === "string" && key !== "",
    "Please call Stripe() with your publishable key. You used an empty string.",
  );
  ensure(key.startsWith("pk_test_"), "The local Stripe takes publishable test keys only (pk_test_...).");
};

const checkSecret = (secret) => {
  const isOne = typeof secret === "string" && /^pi_[A-Za-z0-9]+_secret_[A-Za-z0-9]+$/.test(secret);
  ensure(isOne, "The client secret must be of the form ${id}_secret_${secret}, like that of a PaymentIntent.");
};

const ask = async (path, options) => {
  try {
    return await (await fetch(API + path, options)).json();
  } catch {
    return { error: { type: "api_connection_error", message: "The local Stripe can't be reached." } };
  }
};

const asIntent = (body) => (body.error ? { error: body.error } : { paymentIntent: body });

// Redirect the buyer to the bank, or back to the shop.
const follow = (intent, returnUrl, redirect) => {
  const action = intent.next_action?.redirect_to_url;
  if (!action && redirect === "if_required") return { paymentIntent: intent };
  const address = new URL(action ? action.url : returnUrl);
  if (!action) {
    address.searchParams.set("payment_intent", intent.id);
    address.searchParams.set("payment_intent_client_secret", intent.client_secret);
    address.searchParams.set("redirect_status", intent.status === "succeeded" ? "succeeded" : "pending");
  }
  window.location.assign(address);
  return LEAVING;
};

window.Stripe = (key) => {
  checkKey(key);
  const authorization = { Authorization: `Bearer ${key}` };

  const readIntent = async (secret) => {
    checkSecret(secret);
    const [id] = secret.split("_secret_");
    const query = new URLSearchParams({ client_secret: secret });
    return asIntent(await ask(`/v1/payment_intents/${id}?${query}`, { headers: authorization }));
  };

  const confirmDirectly = async (secret, params) => {
    checkSecret(secret);
    ensure(typeof params.payment_method === "string", "Without elements, confirmParams needs a payment_method.");
    const [id] = secret.split("_secret_");
    const { payment_method, return_url, receipt_email, ...others } = params;
    ensure(Object.keys(others).length === 0, `Without elements, the local Stripe can't send ${Object.keys(others)}.`);
    const body = new URLSearchParams({ client_secret: secret, payment_method, return_url });
    if (receipt_email) body.set("receipt_email", receipt_email);
    const options = { method: "POST", headers: authorization, body };
    return asIntent(await ask(`/v1/payment_intents/${id}/confirm`, options));
  };

  return {
    elements: (options) => makeElements(key, options),
    retrievePaymentIntent: readIntent,

    async confirmPayment({ elements, clientSecret, confirmParams = {}, redirect = "always" } = {}) {
      ensure(elements || clientSecret, "stripe.confirmPayment(): expected `elements` or `clientSecret`.");
      ensure(["always", "if_required"].includes(redirect), 'redirect must be "always" or "if_required".');
      ensure(
        confirmParams.return_url || redirect === "if_required",
        "stripe.confirmPayment(): the `confirmParams.return_url` argument is required unless passing " +
          "`redirect: 'if_required'`.",
      );
      const params = { ...confirmParams, return_url: confirmParams.return_url ?? window.location.href };
      const result = elements
        ? await elements.localStripe.confirm(params)
        : await confirmDirectly(clientSecret, params);
      return result.error ? result : follow(result.paymentIntent, params.return_url, redirect);
    },

    async redirectToCheckout({ sessionId } = {}) {
      ensure(typeof sessionId === "string", "stripe.redirectToCheckout: you must provide a sessionId.");
      const path = `/v3/sessions/${encodeURIComponent(sessionId)}?key=${encodeURIComponent(key)}`;
      const { url, error } = await ask(path);
      if (error) return { error };
      window.location.assign(url);
      return LEAVING;
    },
  };
};
