// Where the keyboard goes when a swap takes the focused element away.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body || !document.activeElement) {
    document.getElementById("title")?.focus({ preventScroll: true });
  }
});

// A page that the browser kept from before a payment would show an old cart.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
