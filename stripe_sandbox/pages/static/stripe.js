// The parts of Stripe.js for hosted pages and for a Payment Element. It moves no money.
(() => {
  "use strict";

  // The server fills these in.
  const API = "{{ api }}";
  const FRAMES = "{{ frames }}";
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

  class PaymentElement {
    #frame = null;
    #listeners = {};
    #waiting = new Map();
    #asked = 0;
    #started = Promise.withResolvers();

    constructor(key, settings, options) {
      Object.assign(this, { key, settings, options });
    }

    mount(place) {
      const node = typeof place === "string" ? document.querySelector(place) : place;
      ensure(node instanceof Element, `The selector you specified (${place}) applies to no DOM elements.`);
      this.unmount();
      this.#frame = this.#build();
      window.addEventListener("message", this.#hear);
      node.replaceChildren(this.#frame);
    }

    unmount() {
      window.removeEventListener("message", this.#hear);
      this.#frame?.remove();
      this.#frame = null;
      this.#started = Promise.withResolvers();
    }

    destroy() {
      this.unmount();
      this.settings.element = null;
    }

    on(event, listener) {
      (this.#listeners[event] ??= []).push(listener);
      return this;
    }

    off(event, listener) {
      const kept = (each) => listener !== undefined && each !== listener;
      this.#listeners[event] = (this.#listeners[event] ?? []).filter(kept);
      return this;
    }

    focus() {
      this.request("focus");
    }

    dress() {
      if (!this.#frame) return;
      this.#frame.style.colorScheme = this.#theme() === "night" ? "dark" : "light";
      this.#send("dress", this.settings.appearance);
    }

    // The frame's answer, once it has loaded.
    async request(what, detail) {
      ensure(this.#frame, "Please make sure the Element you are attempting to use is still mounted.");
      const failure = await this.#started.promise;
      return failure ? { error: failure } : this.#send(what, detail);
    }

    #theme() {
      return this.settings.appearance?.theme ?? "stripe";
    }

    #build() {
      const { clientSecret, locale } = this.settings;
      const frame = document.createElement("iframe");
      frame.src = `${FRAMES}/v3/elements/payment?${new URLSearchParams({
        key: this.key,
        client_secret: clientSecret,
        parent: window.location.origin,
        theme: this.#theme(),
        locale: !locale || locale === "auto" ? navigator.language : locale,
      })}`;
      frame.title = "Secure payment input frame";
      // Set single properties: a content security policy without inline styles allows that.
      const look = { border: "0", display: "block", width: "100%", height: "0", background: "transparent" };
      Object.assign(frame.style, look, { colorScheme: this.#theme() === "night" ? "dark" : "light" });
      return frame;
    }

    #send(what, detail) {
      const id = ++this.#asked;
      this.#frame.contentWindow.postMessage({ stripe: "page", ask: what, id, detail }, FRAMES);
      return new Promise((resolve) => this.#waiting.set(id, resolve));
    }

    #hear = ({ origin: from, source, data }) => {
      if (from !== FRAMES || source !== this.#frame?.contentWindow || data?.stripe !== "element") return;
      const { kind, detail } = data;
      if (kind === "loaded") this.#send("start", { appearance: this.settings.appearance, options: this.options });
      else if (kind === "resize") this.#frame.style.height = `${detail}px`;
      else if (kind === "reply") this.#waiting.get(detail.id)?.(detail.answer);
      else this.#emit(kind, detail);
    };

    #emit(kind, detail) {
      if (kind === "ready") this.#started.resolve(null);
      if (kind === "loaderror") this.#started.resolve(detail.error);
      for (const listener of this.#listeners[kind] ?? []) listener(detail);
    }
  }

  const makeElements = (key, { clientSecret, appearance, locale } = {}) => {
    checkSecret(clientSecret);
    const settings = { clientSecret, appearance, locale, element: null };
    const mounted = () => {
      ensure(settings.element, "elements should have a mounted Payment Element.");
      return settings.element;
    };
    return {
      create(type, options = {}) {
        ensure(type === "payment", `The local Stripe has an Element 'payment', but no '${type}'.`);
        ensure(!settings.element, "Can only create one Element of type payment.");
        settings.element = new PaymentElement(key, settings, JSON.parse(JSON.stringify(options)));
        return settings.element;
      },
      getElement: (type) => (type === "payment" ? settings.element : null),
      update(changes) {
        Object.assign(settings, changes);
        settings.element?.dress();
      },
      fetchUpdates: async () => ({}),
      submit: async () => mounted().request("submit"),
      // Not in Stripe's API; for confirmPayment.
      localStripe: { clientSecret, confirm: async (params) => mounted().request("confirm", params) },
    };
  };

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
      const { payment_method, return_url, receipt_email } = params;
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
})();
