// Shared by Buy and Pay here: loading Stripe.js, and what happens after a refusal.

const REFUSED = [404, 409, 422];

// The page says that the payment failed. After a reload it must not say it again.
if (new URLSearchParams(location.search).get("payment") === "failed") {
  history.replaceState(history.state, "", location.pathname);
}

let stripeScript;

/** Loads Stripe.js once and resolves to whether it is there in time. After a failure the next call tries again. */
async function loadStripe(src, limit) {
  if (typeof window.Stripe === "function") return true;
  stripeScript ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => resolve(true);
    script.onerror = () => resolve(false);
    document.head.append(script);
  });
  const isLoaded = await Promise.race([stripeScript, after(limit, false)]);
  if (!isLoaded) stripeScript = undefined;
  return isLoaded && typeof window.Stripe === "function";
}

function after(milliseconds, value) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

/** Clears the messages of Buy and of Pay here: only the last press has one. */
function clearPaymentMessages(form) {
  for (const selector of ["[data-buy]", "[data-pay-here]"]) {
    const messages = nearest(form, selector)?.querySelectorAll("[data-message]") ?? [];
    for (const message of messages) message.textContent = "";
  }
}

const busyForms = new WeakSet();

/** Runs `task` unless the form's last press still waits for its answer. */
async function whileBusy(form, task) {
  if (busyForms.has(form)) return;
  busyForms.add(form);
  try {
    await task(form);
  } finally {
    busyForms.delete(form);
  }
}

/** Says why the shop refused. The page may be out of date, so it shows what the shop has now. */
async function showRefusal(form, answer) {
  const error = answer && jsonIn(answer)?.error;
  if (!error || !REFUSED.includes(answer.response.status)) {
    return showMessage(submitButton(form), sentenceFor(answer));
  }
  const codeField = nearest(form, "[name=code]");
  if (error.code === "code_applied") codeField.value = "";
  await showWhatChanged(form, error.message);
  if (error.code === "code_refused" && codeField?.value) rememberRefused(codeField);
}

/** Sends the refused code along, so that the shop lets the next press of Buy go on without it. */
function rememberRefused(codeField) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "refused_code", value: codeField.value });
  codeField.form.append(input);
}

/** Shows what the shop has now, with the message at the button. Of a sold-out item only Buy is left. */
async function showWhatChanged(form, message) {
  const button = submitButton(form);
  const part = form.closest("[data-refresh-from]");
  const ids = [button.id, `buy-${form.elements.namedItem("currency")?.value}`];
  if (!part || !(await refresh(part))) return showMessage(button, message);
  const found = ids.map((id) => document.getElementById(id)).find(Boolean);
  if (!found) return showAbove(part, message);
  showMessage(found, message);
  focusOn(found.disabled ? nearest(found, "[data-message]") : found);
}

function submitButton(form) {
  return form.querySelector("[data-buy-button]") ?? form.querySelector("button");
}

/** Shows a message where no button is left. */
function showAbove(part, message) {
  const element = document.createElement("p");
  element.className = "message";
  element.setAttribute("role", "alert");
  element.textContent = message;
  part.prepend(element);
  focusOn(element);
}

function focusOn(element) {
  if (!element.matches("button")) element.tabIndex = -1;
  element.focus();
}

/** Replaces a part of the page by what the shop shows now; resolves to whether it could. */
async function refresh(part) {
  const before = amountsIn(part);
  const answer = await askShop(part.dataset.refreshFrom, { headers: { "HX-Request": "true" } });
  if (!isFragment(answer)) return false;
  await htmx.swap({ text: answer.text, target: part, swap: "outerMorph", sourceElement: part });
  for (const [id, amount] of amountsIn(part)) {
    const hasChanged = before.has(id) && before.get(id) !== amount;
    document.getElementById(id).classList.toggle("changed", hasChanged);
  }
  return true;
}

function amountsIn(part) {
  const elements = [...part.querySelectorAll("[id][data-amount]")];
  return new Map(elements.map((each) => [each.id, each.dataset.amount]));
}
