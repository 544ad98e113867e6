// "Pay here": Stripe's Payment Element on the shop's page. Card data is typed into Stripe's frame only.

/** For each section with an open form: the shop's answer, Stripe and its elements. */
const openSections = new WeakMap();

function elementAppearance() {
  return { theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe" };
}

function messageOf(error, section) {
  return error.message || section.dataset.failed;
}

async function openSection(section) {
  const form = section.querySelector("[data-start]");
  setBusy(form, true);
  show(section, "");
  const request = { method: "POST", body: new FormData(form) };
  const [answer, hasStripe] = await Promise.all([
    askShop(form.action, request, section.dataset.unreachable),
    loadStripe(section.dataset.stripeJs),
  ]);
  const error = errorIn(section, answer, hasStripe);
  if (error) {
    show(section, error);
  } else if (answer.url) {
    location.assign(answer.url); // nothing to pay: Stripe's page completes the order
    return;
  } else {
    mountElement(section, answer);
  }
  setBusy(form, false);
}

function errorIn(section, answer, hasStripe) {
  if (answer.error) return answer.error.message;
  if (answer.url) return "";
  if (String(answer.amount) !== section.dataset.amount) return section.dataset.changed;
  return hasStripe && typeof window.Stripe === "function" ? "" : section.dataset.blocked;
}

function mountElement(section, answer) {
  const stripe = window.Stripe(answer.publishable_key);
  const elements = stripe.elements({
    clientSecret: answer.client_secret,
    appearance: elementAppearance(),
    locale: document.documentElement.lang,
  });
  const element = elements.create("payment");
  element.on("loaderror", ({ error }) => show(section, messageOf(error, section)));
  element.mount(section.querySelector("[data-element]"));
  openSections.set(section, { answer, stripe, elements, element });
  showForm(section, "pay");
  section.querySelector("input[type=email]").focus();
}

function showForm(section, name) {
  section.querySelector("[data-start]").hidden = name !== "start";
  section.querySelector("[data-pay]").hidden = name !== "pay";
}

function closeSection(section) {
  openSections.get(section)?.element.destroy();
  openSections.delete(section);
  show(section, "");
  showForm(section, "start");
  section.querySelector("[data-start] button").focus();
}

async function pay(section) {
  const form = section.querySelector("[data-pay]");
  const email = form.elements.namedItem("email").value;
  const { answer, stripe, elements } = openSections.get(section);
  setBusy(form, true);
  show(section, "");
  const { error: invalid } = await elements.submit();
  const error = invalid ?? (await confirm(stripe, elements, answer.return_url, email));
  setBusy(form, false);
  const status = error.payment_intent?.status;
  if (["processing", "succeeded"].includes(status)) {
    location.assign(answer.return_url); // already paid in another tab
  } else if (status === "canceled") {
    closeSection(section);
    show(section, section.dataset.ended);
  } else {
    show(section, messageOf(error, section));
  }
}

/** Confirms the payment. Stripe leaves the page on success; otherwise returns the error. */
async function confirm(stripe, elements, returnUrl, email) {
  const confirmParams = {
    return_url: returnUrl,
    receipt_email: email,
    payment_method_data: { billing_details: { email } },
  };
  try {
    const { error } = await stripe.confirmPayment({ elements, confirmParams });
    return error;
  } catch (failure) {
    return { message: failure.message };
  }
}

document.addEventListener("submit", (event) => {
  const section = event.target.closest("[data-pay-here]");
  if (!section) return;
  event.preventDefault();
  if (isBusy(event.target)) return;
  if (event.target.matches("[data-start]")) openSection(section);
  else pay(section);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-close]") : null;
  if (button) closeSection(button.closest("[data-pay-here]"));
});

function shownFingerprint(section) {
  return section.querySelector("[name=shown_fingerprint]")?.value;
}

// Keep an open form when another currency's order changes; close it when its own order changes.
htmx.registerExtension("open-payment-form", {
  htmx_before_morph_node(section, { newNode }) {
    if (!openSections.has(section)) return true;
    if (shownFingerprint(section) === shownFingerprint(newNode)) return false;
    openSections.get(section).element.destroy();
    openSections.delete(section);
    return true;
  },
});
