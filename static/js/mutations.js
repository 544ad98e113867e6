// What the shop adds to each request of htmx: a turn, an id of the press, and errors in place.

htmx.config.defaultTimeout = 0; // requests.js has the limit: a press may also wait for its turn

const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 30000;
/** The last press of each element: its id and values, and whether its answer was lost. */
const lastPresses = new WeakMap();

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only with https
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}

/** Enter in a changed field fires two events, "change" and then "submit". They are one press. */
function isSecondEvent(previous, values, type) {
  return type === "submit" && previous?.type === "change" && previous.isWaiting && previous.values === values;
}

/** Returns the press behind a request, or null if it was already sent. */
function pressOf({ sourceElement, sourceEvent, request }) {
  request.body.delete("submission_id");
  const values = new URLSearchParams(request.body).toString();
  const previous = lastPresses.get(sourceElement);
  if (isSecondEvent(previous, values, sourceEvent.type)) return null;
  // After a lost answer the same press again keeps its id, so that the shop doesn't count it twice.
  const id = previous?.isLost && previous.values === values ? previous.id : newId();
  const press = { id, values, type: sourceEvent.type, isWaiting: true, isLost: false };
  lastPresses.set(sourceElement, press);
  return press;
}

/** The visible button or choice that was pressed; otherwise the form's field, where Enter was pressed. */
function pressedElement({ sourceElement, sourceEvent, request }) {
  const button = request.submitter ?? sourceEvent.target.closest("button, select, [type=radio]");
  if (button?.offsetParent) return button;
  return sourceElement.querySelector("input:not([type=hidden])") ?? sourceElement;
}

function needsCookies({ sourceElement }) {
  return sourceElement.matches(".add") && !navigator.cookieEnabled;
}

/** Sends as `was` what the page shows now: an earlier press may have changed it since this one. */
function updateWas({ form, body }) {
  if (body.has("was")) body.set("was", form.elements.namedItem("was").value);
}

/** Shows the quantity of the answer in a focused field too, unless another one was typed meanwhile. */
function showQuantity({ form, body }) {
  const field = form.elements.namedItem("quantity");
  if (field && field.value === body.get("quantity")) field.value = field.defaultValue;
}

/** Prepares a change; returns false if there is nothing to send. */
function prepareChange(ctx) {
  const button = pressedElement(ctx);
  if (needsCookies(ctx)) {
    showMessage(button, document.body.dataset.noCookies);
    return false;
  }
  const press = pressOf(ctx);
  if (!press) return false;
  ctx.request.body.set("submission_id", press.id);
  clearMessage(button);
  const stopWaiting = startWaiting(button);
  ctx.isChange = true;
  runningChanges += 1;
  const turn = takeTurn(); // now, and not when htmx sends it: presses keep their order
  ctx.fetch = async (address, request) => {
    ctx.endTurn = await turn;
    updateWas(ctx.request);
    const answer = ctx.endTurn && (await askShop(address, request));
    stopWaiting();
    press.isWaiting = false;
    press.isLost = !isFragment(answer) && !(answer && jsonIn(answer));
    if (!isFragment(answer)) showMessage(button, sentenceFor(answer));
    return fragmentOf(answer);
  };
  return true;
}

/** Returns the response for htmx, which swaps nothing and stays silent after an AbortError. */
function fragmentOf(answer) {
  if (isFragment(answer)) return new Response(answer.text, answer.response);
  throw new DOMException("There is no fragment to swap in.", "AbortError");
}

/** Asks until the shop answers, as long as the page shows the element that asks. */
async function poll(element, address, request) {
  let pause = FIRST_PAUSE_MS;
  while (element.isConnected) {
    const answer = await askShop(address, request);
    if (isFragment(answer)) return fragmentOf(answer);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
  return fragmentOf(null);
}

htmx.registerExtension("shop-requests", {
  htmx_config_request(element, { ctx }) {
    if (ctx.request.method === "POST") return prepareChange(ctx);
    const ask = element.matches("[data-list]") ? askForItems : poll;
    ctx.fetch = (address, request) => ask(element, address, request);
    return true;
  },
  htmx_after_request(element, { ctx }) {
    const isApplied = element.matches("[data-apply]") && ctx.response.raw.ok;
    if (isApplied) ctx.request.form.elements.namedItem("code").value = "";
  },
  // The toast of an earlier press would lie below the new one.
  htmx_before_swap(element, { ctx }) {
    if (ctx.isChange) for (const each of document.querySelectorAll(".toast")) each.remove();
  },
  // The turn ends after the swap, so that the next change starts from the new page.
  htmx_finally_request(element, { ctx }) {
    if (!ctx.isChange) return;
    runningChanges -= 1;
    if (ctx.status === "swapped") showQuantity(ctx.request);
    ctx.endTurn?.();
  },
  // Another press of the button may still wait when the answer to the first one is swapped in, and
  // what the buyer has unfolded stays open.
  htmx_before_morph_attr: (element, { attrName, newValue }) =>
    attrName !== "aria-busy" && !(attrName === "open" && newValue === null),
});
