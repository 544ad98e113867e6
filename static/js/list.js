// The list of items: results while a shopper types, and more items below the last one.

htmx.config.history = "reload"; // Back loads the page before the search, with its kept copy

let firstNew = null; // the place in the list of the item to focus

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

// Searching changes the address, to which another language leads back. A refused form has none.
document.addEventListener("submit", ({ target }) => {
  const next = target.matches(".languages") && target.elements.namedItem("next");
  if (next?.value) next.value = location.pathname + location.search;
});

// The pressed link goes away or leads further, so the focus moves to the first item that is new.
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-more]")) return;
  firstNew = document.querySelectorAll("#items > li").length;
});

document.addEventListener("htmx:after:swap", () => {
  const item = firstNew === null ? null : document.querySelectorAll("#items > li")[firstNew];
  if (!item) return;
  firstNew = null;
  item.querySelector("a").focus({ preventScroll: true });
});
