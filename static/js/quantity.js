// − and + beside the quantity on an item's page. The shop checks the quantity when it is sent.

const MOST_PIECES = 999;

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-step]") : null;
  if (!button) return;
  const field = button.form.elements.namedItem("quantity");
  const wanted = (Number.parseInt(field.value, 10) || 0) + Number(button.dataset.step);
  field.value = Math.min(Math.max(wanted, 1), MOST_PIECES);
});
