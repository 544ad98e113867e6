// The part of Stripe.js that a shop with hosted payment pages uses. It moves no money.
(() => {
  "use strict";

  const origin = new URL(document.currentScript.src).origin;

  class IntegrationError extends Error {
    name = "IntegrationError";
  }

  const checkKey = (key) => {
    if (typeof key !== "string" || key === "") {
      throw new IntegrationError("Please call Stripe() with your publishable key. You used an empty string.");
    }
    if (!key.startsWith("pk_test_")) {
      throw new IntegrationError("The local Stripe takes publishable test keys only (pk_test_...).");
    }
  };

  const askForAddress = async (key, sessionId) => {
    const path = `/v3/sessions/${encodeURIComponent(sessionId)}?key=${encodeURIComponent(key)}`;
    try {
      return await (await fetch(origin + path)).json();
    } catch {
      return { error: { type: "api_connection_error", message: "The local Stripe can't be reached." } };
    }
  };

  window.Stripe = (key) => {
    checkKey(key);
    return {
      async redirectToCheckout({ sessionId } = {}) {
        if (typeof sessionId !== "string") {
          throw new IntegrationError("stripe.redirectToCheckout: you must provide a sessionId.");
        }
        const { url, error } = await askForAddress(key, sessionId);
        if (error) return { error };
        window.location.assign(url);
        return new Promise(() => {}); // the page is leaving
      },
    };
  };
})();
