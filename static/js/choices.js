// The choices of country and shipping rate in the cart.

/** Shows the stored shipping again where the shop refused another one, or didn't answer. */
function showShipping({ form, body }) {
  const choices = [...form.querySelectorAll(".shipping-form :is(option, input)")];
  const shown = new FormData(form);
  const isSent = ["country", "shipping_rate"].every((name) => shown.get(name) === body.get(name));
  if (!isSent) return;
  for (const each of choices) {
    if (each.matches("option")) each.selected = each.defaultSelected;
    else each.checked = each.defaultChecked;
  }
}

document.addEventListener("htmx:finally:request", ({ detail }) => {
  if (detail.ctx.isChange) showShipping(detail.ctx.request);
});
