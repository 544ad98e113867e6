// Move the focus to the heading when a swap removes the focused element.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body || !document.activeElement) {
    document.getElementById("title")?.focus({ preventScroll: true });
  }
});

// A page from the browser's back-forward cache would show the cart from before a payment.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
