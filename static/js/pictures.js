"use strict";

// A file that the shop would refuse is not sent, so that the page keeps what was typed.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[data-most-bytes]")) return;
  target.parentElement.querySelector(".picture-refused")?.remove();
  const refusal = refusalOf(target);
  if (!refusal) return spread(target);
  target.value = "";
  const message = document.createElement("p");
  message.className = "picture-refused";
  message.setAttribute("role", "alert");
  message.textContent = refusal;
  target.before(message);
});

// Several files chosen in the row of a new picture become several pictures.
const NEW_ROWS = ".inline-group .inline-related:not(.has_original) input[data-most-bytes]";
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll(NEW_ROWS)) input.multiple = true;
});

function spread(input) {
  const [first, ...others] = input.files;
  if (!others.length) return;
  give(input, first);
  const group = input.closest(".inline-group");
  for (const file of others) {
    group.querySelector(".add-row a").click();
    give([...group.querySelectorAll(".inline-related:not(.empty-form) input[type=file]")].at(-1), file);
  }
}

function give(input, file) {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  input.files = transfer.files;
}

const bytesOf = (files) => files.reduce((sum, file) => sum + file.size, 0);

function refusalOf(input) {
  const { mostBytes, mostTogether, tooLarge, tooLargeTogether, tooMany } = input.dataset;
  const files = [...input.files];
  if (files.some((file) => file.size > Number(mostBytes))) return tooLarge;
  if (files.length > 1 && files.length > 1 + freeRows(input)) return tooMany;
  const all = [...input.form.querySelectorAll("input[type=file]")].flatMap(({ files }) => [...files]);
  return bytesOf(all) > Number(mostTogether) ? tooLargeTogether : "";
}

function freeRows(input) {
  const group = input.closest(".inline-group");
  const number = (name) => Number(group.querySelector(`input[name$=${name}]`).value);
  return number("MAX_NUM_FORMS") - number("TOTAL_FORMS");
}
