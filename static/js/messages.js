// Messages beside the button that was pressed. The sentences come from the templates.

/** Returns the first match in the nearest ancestor that contains one. */
function nearest(element, selector) {
  for (let each = element; each; each = each.parentElement) {
    const found = each.querySelector(selector);
    if (found) return found;
  }
  return null;
}

function showMessage(button, message) {
  const element = nearest(button, "[data-message]");
  if (element) element.textContent = message;
  // A screen reader reads an element with role=alert by itself.
  if (element?.getAttribute("role") !== "alert") announce(message);
}

function announce(message) {
  document.getElementById("announcement").textContent = message;
}

/** Removes the message of an earlier press. */
function clearMessage(button) {
  const element = nearest(button, "[data-message]");
  if (element) element.textContent = "";
}
