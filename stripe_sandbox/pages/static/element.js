// The script in the frame of the Payment Element. It has the card number and makes the payment.
import { checks, digits, grouped, slashed } from "./element-fields.js";
import { complain, connect, field, form, tell, validate, words } from "./frame.js";

const { key, secret, api, windows } = document.documentElement.dataset;
let billing = {};

const method = () => new FormData(form).get("method");
// A voucher or a bank transfer has no fields.
const FIELDS = { card: ["number", "expiry", "cvc"], sepa_debit: ["iban"] };
const shown = () => FIELDS[method()] ?? [];
const wrong = (name) => checks[name](field(name).value);

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
  const invalid = validate(shown(), wrong);
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

if (form) {
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
}
connect("payment", {
  confirm,
  start: (options) => (billing = options.defaultValues?.billingDetails ?? {}),
  submit: () => validate(shown(), wrong),
  focus: () => (field(shown()[0])?.focus(), {}),
});
