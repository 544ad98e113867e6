// Shared by Buy and Pay here: loading Stripe.js, requests to the shop, busy buttons, messages.

let stripeScript;

/** Loads Stripe.js once and resolves to whether it loaded. After a failure the next call tries again. */
function loadStripe(src) {
  stripeScript ??= new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => resolve(true);
    script.onerror = () => {
      stripeScript = undefined;
      resolve(false);
    };
    document.head.append(script);
  });
  return stripeScript;
}

/** Returns the shop's JSON answer, or an error in the same form if the shop can't be reached. */
async function askShop(address, options, unreachable) {
  try {
    const response = await fetch(address, { ...options, headers: { Accept: "application/json" } });
    return await response.json();
  } catch {
    return { error: { message: unreachable } };
  }
}

function setBusy(form, busy) {
  const button = form.querySelector("button");
  button.dataset.label ??= button.textContent;
  button.setAttribute("aria-disabled", String(busy));
  button.textContent = busy ? form.dataset.busy : button.dataset.label;
}

function show(form, message) {
  form.querySelector("[data-message]").textContent = message;
}

function isBusy(form) {
  return form.querySelector("button").getAttribute("aria-disabled") === "true";
}
