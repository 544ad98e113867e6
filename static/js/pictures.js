"use strict";

// A file that the shop would refuse is not sent, so that the page keeps what was typed.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[data-most-bytes]")) return;
  target.parentElement.querySelector(".picture-refused")?.remove();
  const refusal = refusalOf(target);
  if (!refusal) return;
  target.value = "";
  const message = document.createElement("p");
  message.className = "picture-refused";
  message.setAttribute("role", "alert");
  message.textContent = refusal;
  target.before(message);
});

const bytesOf = (inputs) =>
  inputs.flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);

function refusalOf(input) {
  const { mostBytes, mostTogether, tooLarge, tooLargeTogether } = input.dataset;
  if (bytesOf([input]) > Number(mostBytes)) return tooLarge;
  const all = [...input.form.querySelectorAll("input[type=file]")];
  return bytesOf(all) > Number(mostTogether) ? tooLargeTogether : "";
}
