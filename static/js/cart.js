function hasFocusedElement() {
  return Boolean(document.activeElement) && document.activeElement !== document.body;
}

// Move the focus to the heading when a swap removes the focused element.
let hadFocusedElement = false;
document.addEventListener("htmx:before:swap", () => {
  hadFocusedElement = hasFocusedElement();
});
document.addEventListener("htmx:after:swap", () => {
  if (hadFocusedElement && !hasFocusedElement()) {
    document.getElementById("title")?.focus({ preventScroll: true });
  }
});

// A page from the browser's back-forward cache would show the cart from before a payment.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

/** Waits until the changes before it are answered, then leaves the page. */
async function leaveInTurn(pressed, leave) {
  const stopWaiting = startWaiting(pressed);
  const endTurn = await takeTurn();
  stopWaiting();
  endTurn?.();
  leave();
}

function leavesThisPage(link) {
  const isOnThisPage = link.hash && link.href.split("#")[0] === location.href.split("#")[0];
  return link.origin === location.origin && !link.target && !link.hasAttribute("download") && !isOnThisPage;
}

// Leaving at once would lose the answer to a change, and with it the cookie of a new visitor's cart.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  const isOthers = event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!runningChanges || !link || event.button || isOthers || !leavesThisPage(link)) return;
  event.preventDefault();
  const address = link.href;
  leaveInTurn(link, () => location.assign(address));
});

// "Stop paying" is a plain form. It ends the payment that an earlier press may still be starting.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches('form[action$="/cancel"]')) return;
  event.preventDefault();
  leaveInTurn(event.submitter ?? form, () => form.submit());
});
