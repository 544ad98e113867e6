// The list of items: results while a shopper types, and more items below the last one.

htmx.config.history = "reload"; // Back loads the page before the search, with its kept copy

let firstNew = null; // the place in the list of the item to focus
let addressBefore = null; // of the entry in the history before the search, if this page pushed it

function shownItems() {
  return document.querySelectorAll("#items > li");
}

/** Asks once. A later request of the form cancels this one, which then says nothing. */
async function askForItems(element, address, request) {
  const stopWaiting = element.matches("[data-more]") ? startWaiting(element) : null;
  const answer = await askShop(address, request);
  stopWaiting?.();
  const place = element.querySelector("input") ?? element;
  if (!isFragment(answer) || !element.matches("[data-more]")) firstNew = null;
  if (isFragment(answer)) clearMessage(place);
  else if (!request.signal?.aborted) showMessage(place, sentenceFor(answer));
  return fragmentOf(answer);
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector(".sort[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector(".sort[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});

// Searching changes the address, to which another language leads back. A refused form has none.
document.addEventListener("submit", ({ target }) => {
  const next = target.matches(".languages") && target.elements.namedItem("next");
  if (next?.value) next.value = location.pathname + location.search;
});

// The pressed link goes away or leads further, so the focus moves to the first item that is new.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-more]")) return;
  firstNew = shownItems().length;
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (detail.ctx.target?.id === "items") keepLength();
  const item = firstNew === null ? null : shownItems()[firstNew];
  if (!item) return;
  firstNew = null;
  item.querySelector("a").focus({ preventScroll: true });
});

/** Keeps in the history how long the list is; its address stays that of its first page. */
function keepLength() {
  const height = document.getElementById("results").offsetHeight;
  history.replaceState({ ...history.state, shown: shownItems().length, height }, "");
}

/** After Back or a reload, adds the items that were shown before. */
async function showAgain() {
  const { shown = 0, height } = history.state ?? {};
  const results = document.getElementById("results");
  if (!results || shownItems().length >= shown) return;
  results.style.minHeight = `${height}px`; // so that the browser finds the place where the shopper was
  for (;;) {
    const more = document.querySelector("[data-more]");
    if (!more || shownItems().length >= shown) break;
    await htmx.ajax("GET", more.getAttribute("href"), { source: more });
    if (more.isConnected) break; // no answer has replaced it
  }
  results.style.minHeight = "";
}
showAgain();

// An emptied search leads back to the list from before it: after a second entry of the history with
// one address, Back would seem to do nothing.
document.addEventListener("htmx:before:history:update", (event) => {
  const { type, path } = event.detail.history;
  const address = location.pathname + location.search;
  const isEmptied = type === "replace" && path === addressBefore;
  if (isEmptied || path === address) event.preventDefault();
  else if (type === "push") addressBefore = address;
  if (isEmptied) goBackWithoutReload();
});

/** The answer of the shop already shows the list from before, and the field keeps its focus. */
function goBackWithoutReload() {
  addressBefore = null;
  const keepFocus = (event) => event.intercept({ focusReset: "manual" });
  window.navigation?.addEventListener("navigate", keepFocus, { once: true });
  const stopReload = (event) => event.preventDefault();
  document.addEventListener("htmx:before:history:restore", stopReload, { once: true });
  history.back();
}
