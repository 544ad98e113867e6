// "Pay here": Stripe's Payment Element on the shop's page, and its Address Element where the order is sent.
// Card data is typed into Stripe's frame only.

const STRIPE_LIMIT_MS = 5000;
/** For each section with an open form: the shop's answer, Stripe, and its elements, together and mounted. */
const openSections = new WeakMap();

const darkScheme = matchMedia("(prefers-color-scheme: dark)");

function elementAppearance() {
  return { theme: darkScheme.matches ? "night" : "stripe" };
}

// Many systems become dark in the evening, while the form is open.
darkScheme.addEventListener("change", () => {
  for (const section of document.querySelectorAll("[data-pay-here]")) {
    openSections.get(section)?.elements.update({ appearance: elementAppearance() });
  }
});

/** The form's fields, and those of the form with the Buy button, like a typed code. */
function startFields(form) {
  const fields = new URLSearchParams(new FormData(form)); // the shop takes no multipart forms
  const buyForm = nearest(form, "form.buy");
  for (const [name, value] of buyForm ? new FormData(buyForm) : []) {
    if (!fields.has(name)) fields.append(name, value);
  }
  return fields;
}

async function openSection(form) {
  const section = form.closest("[data-pay-here]");
  clearPaymentMessages(section);
  const stopWaiting = startWaiting(submitButton(form), form.dataset.busy);
  const request = { method: "POST", body: startFields(form), headers: { Accept: "application/json" } };
  const [answer, hasStripe] = await Promise.all([
    changeShop(takeTurn(), form.action, request),
    loadStripe(section.dataset.stripeJs, STRIPE_LIMIT_MS),
  ]);
  const attempt = answer && jsonIn(answer);
  const hasChanged = attempt?.client_secret && String(attempt.amount) !== section.dataset.amount;
  if (hasChanged) await endAttempt(attempt); // so that the page doesn't show its hold
  stopWaiting();
  if (attempt?.url) location.assign(attempt.url); // nothing to pay: Stripe's page completes the order
  else if (!attempt?.client_secret) await showRefusal(form, answer);
  else if (hasChanged) await showWhatChanged(form, section.dataset.changed);
  else if (!hasStripe) giveUp(form, attempt, section.dataset.blocked);
  else {
    try {
      mountElements(section, attempt);
    } catch (failure) {
      console.warn(failure); // like Stripe's sentence about a wrong key
      giveUp(form, attempt, section.dataset.failed);
    }
  }
}

function giveUp(form, attempt, message) {
  endAttempt(attempt);
  showMessage(submitButton(form), message);
}

function mountElements(section, attempt) {
  const stripe = window.Stripe(attempt.publishable_key);
  const elements = stripe.elements({
    clientSecret: attempt.client_secret,
    appearance: elementAppearance(),
    locale: document.documentElement.lang,
  });
  const mounted = [];
  const mount = (element, place) => {
    element.on("loaderror", ({ error }) => showPayError(section, error));
    element.mount(place);
    mounted.push(element);
  };
  const addressPlace = section.querySelector("[data-address]");
  addressPlace.hidden = !attempt.shipping_country;
  if (attempt.shipping_country) mount(elements.create("address", addressOptions(attempt)), addressPlace);
  mount(elements.create("payment"), section.querySelector("[data-element]"));
  openSections.set(section, { attempt, stripe, elements, mounted });
  showForm(section, "pay");
  section.querySelector("input[type=email]").focus();
}

/** Only the country that the shipping was calculated for. Completed addresses would need hosts outside the policy. */
function addressOptions(attempt) {
  const options = {
    mode: "shipping",
    allowedCountries: [attempt.shipping_country],
    autocomplete: { mode: "disabled" },
  };
  if (!attempt.asks_phone_number) return options;
  return { ...options, fields: { phone: "always" }, validation: { phone: { required: "always" } } };
}

/** Removes Stripe's elements from the section; returns what was open. */
function removeElements(section) {
  const opened = openSections.get(section);
  for (const element of opened?.mounted ?? []) element.destroy();
  openSections.delete(section);
  return opened;
}

function showForm(section, name) {
  section.querySelector("[data-start]").hidden = name !== "start";
  section.querySelector("[data-pay]").hidden = name !== "pay";
}

function showPayError(section, error) {
  showMessage(submitButton(section.querySelector("[data-pay]")), error.message || section.dataset.failed);
}

/** Frees what the attempt holds. A later press waits for it. */
async function endAttempt(attempt) {
  if (!attempt) return;
  const headers = { Accept: "application/json" };
  runningChanges += 1;
  await changeShop(takeTurn(), attempt.cancel_url, { method: "POST", headers });
  runningChanges -= 1;
}

function closeSection(section) {
  const opened = removeElements(section);
  clearPaymentMessages(section);
  showForm(section, "start");
  submitButton(section.querySelector("[data-start]")).focus();
  return opened?.attempt;
}

/** Closes the form. A page that said that the piece is reserved must not say so any more. */
async function endAndRefresh(section) {
  const part = section.closest("[data-refresh-from]");
  await endAttempt(closeSection(section));
  if (part?.querySelector(".own-hold")) await refresh(part);
}

async function pay(form) {
  const section = form.closest("[data-pay-here]");
  const { attempt, stripe, elements } = openSections.get(section);
  clearPaymentMessages(section);
  const stopWaiting = startWaiting(submitButton(form), form.dataset.busy);
  const email = form.elements.namedItem("email").value;
  const error = await confirm(stripe, elements, attempt.return_url, email);
  stopWaiting();
  const status = error.payment_intent?.status;
  if (["processing", "succeeded"].includes(status)) {
    location.assign(attempt.return_url); // already paid in another tab
  } else if (status === "canceled") {
    closeSection(section);
    showMessage(submitButton(section.querySelector("[data-start]")), section.dataset.ended);
  } else {
    showPayError(section, error);
  }
}

/** Checks the form and confirms the payment. Stripe leaves the page on success; otherwise returns the error. */
async function confirm(stripe, elements, returnUrl, email) {
  const confirmParams = {
    return_url: returnUrl,
    receipt_email: email,
    payment_method_data: { billing_details: { email } },
  };
  try {
    const { error: invalid } = await elements.submit();
    if (invalid) return invalid;
    const { error } = await stripe.confirmPayment({ elements, confirmParams });
    return error;
  } catch (failure) {
    return { message: failure.message };
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("[data-pay-here]")) return;
  event.preventDefault();
  whileBusy(form, form.matches("[data-start]") ? openSection : pay);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-close]") : null;
  if (button) endAndRefresh(button.closest("[data-pay-here]"));
});

/** The cart's form has a fingerprint, the item's only an amount. */
function isSamePayment(section, other) {
  const fingerprints = [section, other].map((each) => each.querySelector("[name=shown_fingerprint]")?.value);
  return fingerprints[0] === fingerprints[1] && section.dataset.amount === other.dataset.amount;
}

// Keep an open form when another currency's order changes; close it when its own order changes.
htmx.registerExtension("open-payment-form", {
  htmx_before_morph_node(section, { newNode }) {
    if (!openSections.has(section)) return true;
    if (isSamePayment(section, newNode)) return false;
    removeElements(section);
    return true;
  },
});
