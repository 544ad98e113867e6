// What both ways of paying share: Stripe.js, a button at work, a question to the shop.

let stripeScript;

/** Loads Stripe.js once; resolves to whether it came. The next call tries again if it did not. */
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

/** The shop's JSON; a shop that can't be reached answers with an error too. */
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
