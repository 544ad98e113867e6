// The Elements, frames of another origin in the shop's page. It is one script with stripe.js.

const FRAMES = "{{ frames }}";
const MAPS = "{{ maps }}";
const COUNTRIES = "{{ countries }}".split(" ");

class StripeElement {
  #frame = null;
  #listeners = {};
  #waiting = new Map();
  #asked = 0;
  #started = Promise.withResolvers();

  constructor(type, key, settings, options) {
    Object.assign(this, { type, key, settings, options });
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
    this.settings.elements.delete(this.type);
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
    const { locale } = this.settings;
    const frame = document.createElement("iframe");
    frame.src = `${FRAMES}/v3/elements/${this.type}?${new URLSearchParams({
      ...this.query(),
      key: this.key,
      parent: window.location.origin,
      theme: this.#theme(),
      locale: !locale || locale === "auto" ? navigator.language : locale,
    })}`;
    frame.title = `Secure ${this.type} input frame`;
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

class PaymentElement extends StripeElement {
  query() {
    return { client_secret: this.settings.clientSecret };
  }
}

class AddressElement extends StripeElement {
  constructor(type, key, settings, options) {
    checkAddressOptions(options);
    super(type, key, settings, options);
  }

  query() {
    const { allowedCountries, fields, validation } = this.options;
    return {
      countries: (allowedCountries ?? COUNTRIES).join(" "),
      phone: fields?.phone === "always" ? (validation?.phone?.required ?? "auto") : "never",
    };
  }

  mount(place) {
    super.mount(place);
    if (this.options.autocomplete?.mode !== "disabled") loadMaps();
  }

  async getValue() {
    return this.request("value");
  }
}

// Like Stripe.js, load the service that completes addresses from another host.
const loadMaps = () => {
  const script = document.createElement("script");
  script.src = `${MAPS}/maps/api/js`;
  document.head.append(script);
};

const PHONE_CHOICES = ["always", "auto", "never"];
const ADDRESS_OPTIONS = {
  mode: ["shipping"],
  "autocomplete.mode": ["automatic", "disabled"],
  "fields.phone": PHONE_CHOICES,
  "validation.phone.required": PHONE_CHOICES,
};
const DEFAULTS = /^defaultValues\.(name|phone|address\.(line1|line2|city|state|postal_code|country))$/;

// Every option with its path: ["fields.phone", "always"].
const leaves = (options, above = "") =>
  Object.entries(options).flatMap(([name, value]) => {
    const path = above + name;
    const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
    return isObject ? leaves(value, `${path}.`) : [[path, value]];
  });

const checkAddressOptions = (options) => {
  ensure(options.mode, "elements.create('address'): the option mode is required, 'shipping' or 'billing'.");
  for (const [path, value] of leaves(options)) {
    const isKnown = path in ADDRESS_OPTIONS ? ADDRESS_OPTIONS[path].includes(value) : DEFAULTS.test(path);
    const message = `The local Stripe does not implement the option ${path}: ${value} of an Address Element yet.`;
    ensure(path === "allowedCountries" || isKnown, message);
  }
  const { allowedCountries: allowed = null, fields, validation } = options;
  const areKnown = Array.isArray(allowed) && allowed.length > 0 && allowed.every((each) => COUNTRIES.includes(each));
  ensure(allowed === null || areKnown, `allowedCountries must be countries that Stripe knows: ${allowed}.`);
  ensure(
    !validation?.phone || fields?.phone === "always",
    "validation.phone can be set only if fields.phone is 'always'.",
  );
};

const ELEMENTS = { payment: PaymentElement, address: AddressElement };

const makeElements = (key, { clientSecret, appearance, locale } = {}) => {
  checkSecret(clientSecret);
  const elements = new Map();
  const settings = { clientSecret, appearance, locale, elements };
  const payment = () => {
    ensure(elements.has("payment"), "elements should have a mounted Payment Element.");
    return elements.get("payment");
  };
  // The address of the Address Element goes along, unless the shop gives another one.
  const confirm = async (params) => {
    const { error, shipping } = (await elements.get("address")?.request("shipping")) ?? {};
    if (error) return { error };
    return payment().request("confirm", shipping ? { shipping, ...params } : params);
  };
  return {
    create(type, options = {}) {
      ensure(type in ELEMENTS, `The local Stripe has Elements 'payment' and 'address', but no '${type}'.`);
      ensure(!elements.has(type), `Can only create one Element of type ${type}.`);
      const copied = JSON.parse(JSON.stringify(options));
      elements.set(type, new ELEMENTS[type](type, key, settings, copied));
      return elements.get(type);
    },
    getElement: (type) => elements.get(type) ?? null,
    update(changes) {
      Object.assign(settings, changes);
      for (const element of elements.values()) element.dress();
    },
    fetchUpdates: async () => ({}),
    // Every Element shows what is wrong. The first one is asked last, so that it keeps the focus.
    async submit() {
      payment();
      let first = {};
      for (const element of [...elements.values()].reverse()) {
        const answer = await element.request("submit");
        if (answer.error) first = answer;
      }
      return first;
    },
    // Not in Stripe's API; for confirmPayment.
    localStripe: { clientSecret, confirm },
  };
};
