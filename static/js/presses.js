// A double click or a held key is one press; a press that takes long is visible.

// Not plus and minus. After a removal, the next line's button is under the pointer.
const PRESSED_ONCE = '.add, .code, [data-buy], [data-pay-here], form[action$="/remove"]';
const WAITING_MS = 300;

function isRepeated(event) {
  if (!(event.target instanceof Element) || !event.target.closest(PRESSED_ONCE)) return false;
  if (event.target.closest("[data-step]")) return false;
  const isOnButton = event.target.closest("button") !== null;
  if (event.type === "click") return isOnButton && event.detail > 1;
  return event.repeat && (event.key === "Enter" || (event.key === " " && isOnButton));
}

for (const type of ["click", "keydown"]) {
  const stopRepeated = (event) => {
    if (!isRepeated(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener(type, stopRepeated, { capture: true });
}

/** For each button, how many of its presses wait for an answer. */
const waitingPresses = new WeakMap();

/** Marks the button after WAITING_MS; returns the function that ends the wait. */
function startWaiting(button, busyLabel) {
  const label = button.textContent;
  const timer = setTimeout(() => {
    button.setAttribute("aria-busy", "true");
    if (busyLabel) button.textContent = busyLabel;
  }, WAITING_MS);
  waitingPresses.set(button, (waitingPresses.get(button) ?? 0) + 1);
  return () => {
    clearTimeout(timer);
    waitingPresses.set(button, waitingPresses.get(button) - 1);
    if (waitingPresses.get(button)) return;
    button.removeAttribute("aria-busy");
    if (busyLabel) button.textContent = label;
  };
}
