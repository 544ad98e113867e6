// The script in the frame of the Payment Element. It has the card number and makes the payment.
// It exchanges messages only with the page that created it.
import { checks, digits, grouped, slashed } from "./element-fields.js";

const { parent: page, key, secret, api, windows, words: json } = document.documentElement.dataset;
const words = JSON.parse(json);
const form = document.querySelector("form");
const field = (name) => document.getElementById(name);
const tell = (kind, detail) => window.parent.postMessage({ stripe: "element", kind, detail }, page);
let billing = {};

const method = () => new FormData(form).get("method");
// A voucher or a bank transfer has no fields.
const FIELDS = { card: ["number", "expiry", "cvc"], sepa_debit: ["iban"] };
const shown = () => FIELDS[method()] ?? [];
const wrong = (name) => checks[name](field(name).value);

const complain = (name, code) => {
  const note = field(`${name}-error`);
  note.hidden = !code;
  note.textContent = code ? words[code] : "";
  field(name).setAttribute("aria-invalid", String(Boolean(code)));
};

const changed = () => {
  const empty = shown().length > 0 && shown().every((name) => field(name).value === "");
  const complete = shown().every((name) => !wrong(name));
  tell("change", { elementType: "payment", collapsed: false, complete, empty, value: { type: method() } });
};

const format = ({ target }) => {
  if (target.selectionStart !== target.value.length) return; // keep the cursor position
  if (target.id === "number") target.value = grouped(digits(target.value));
  if (target.id === "iban") target.value = grouped(target.value.replace(/\s/g, "").toUpperCase());
};

const validate = () => {
  const found = shown().map((name) => [name, wrong(name)]);
  for (const [name, code] of found) complain(name, code);
  const first = found.find(([, code]) => code);
  if (!first) return {};
  field(first[0]).focus();
  return { error: { type: "validation_error", code: first[1], message: words[first[1]] } };
};

const details = () => {
  if (!shown().length) return {};
  if (method() === "sepa_debit") return { sepa_debit: { iban: field("iban").value } };
  const [month, year] = field("expiry").value.split("/").map((part) => part.trim());
  const card = { number: digits(field("number").value), exp_month: month, exp_year: year, cvc: field("cvc").value };
  return { card };
};

const encode = (value, name, into = new URLSearchParams()) => {
  if (value !== null && typeof value === "object") {
    for (const [each, inner] of Object.entries(value)) encode(inner, name ? `${name}[${each}]` : each, into);
  } else if (value !== undefined && value !== null) {
    into.append(name, value);
  }
  return into;
};

const confirm = async ({ payment_method_data: sent = {}, ...others }) => {
  const invalid = validate();
  if (invalid.error) return invalid;
  const known = { ...billing, ...sent.billing_details };
  const payment_method_data = { ...sent, type: method(), ...details(), billing_details: known };
  const [id] = secret.split("_secret_");
  try {
    const answer = await fetch(`${api}/v1/payment_intents/${id}/confirm`, {
      method: "POST",
      headers: { Authorization: `Bearer ${key}` },
      body: encode({ ...others, client_secret: secret, payment_method_data }),
    });
    const body = await answer.json();
    return body.error ? { error: body.error } : { paymentIntent: body };
  } catch {
    return { error: { type: "api_connection_error", message: "The local Stripe can't be reached." } };
  }
};

// Open the window of a saved card, as Link does. The shop's opener policy must allow it.
const openSavedCard = () => {
  const address = `${windows}/v3/saved_card?locale=${document.documentElement.lang}`;
  const opened = window.open(address, "", "popup,width=400,height=300");
  const note = field("saved-error");
  note.hidden = Boolean(opened);
  note.textContent = opened ? "" : words.no_window;
};

const useSavedCard = ({ origin, data }) => {
  if (origin !== windows || data?.stripe !== "saved-card") return;
  for (const [name, value] of Object.entries(data.card)) {
    field(name).value = value;
    complain(name, null);
  }
  changed();
};

const VARIABLES = {
  borderRadius: "--radius",
  colorBackground: "--paper",
  colorDanger: "--wrong",
  colorPrimary: "--accent",
  colorText: "--ink",
  colorTextSecondary: "--quiet",
  fontFamily: "--font",
  fontSizeBase: "--size",
};

const dress = ({ theme = "stripe", variables = {} } = {}) => {
  document.documentElement.dataset.theme = theme === "night" ? "night" : "stripe";
  for (const [name, property] of Object.entries(VARIABLES)) {
    if (variables[name]) document.documentElement.style.setProperty(property, variables[name]);
    else document.documentElement.style.removeProperty(property);
  }
  return {};
};

const start = ({ appearance, options }) => {
  dress(appearance);
  billing = options.defaultValues?.billingDetails ?? {};
  const failure = document.querySelector("[data-error]");
  if (failure) tell("loaderror", { elementType: "payment", error: JSON.parse(failure.dataset.error) });
  else tell("ready", { elementType: "payment" });
  return {};
};

const ANSWERS = { confirm, dress, start, submit: validate, focus: () => (field(shown()[0])?.focus(), {}) };

window.addEventListener("message", async ({ origin, source, data }) => {
  if (origin !== page || source !== window.parent || data?.stripe !== "page") return;
  tell("reply", { id: data.id, answer: await ANSWERS[data.ask](data.detail) });
});

if (form) {
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    format(event);
    if (event.target.id === "expiry") event.target.value = slashed(event.target.value, event.inputType);
    if (event.target.id === "cvc") event.target.value = digits(event.target.value);
    if (field(`${event.target.id}-error`)) complain(event.target.id, null);
    changed();
  });
  form.addEventListener("change", ({ target }) => {
    if (target.value && checks[target.id]) complain(target.id, wrong(target.id));
  });
  field("saved")?.addEventListener("click", openSavedCard);
  window.addEventListener("message", useSavedCard);
  form.addEventListener("focusin", () => tell("focus", { elementType: "payment" }));
  form.addEventListener("focusout", () => tell("blur", { elementType: "payment" }));
}
new ResizeObserver(() => tell("resize", document.body.offsetHeight)).observe(document.body);
tell("loaded", {});
