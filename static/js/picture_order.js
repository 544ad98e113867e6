"use strict";

// Staff sort the stored pictures by dragging their heads, or with two buttons. Both write the numbers.
const NUMBER = "[name^=pictures-][name$=-position]";
const head = (row) => row.querySelector("h3");
const storedRows = () =>
  [...document.querySelectorAll("#pictures-group .has_original")].filter((row) => row.querySelector(NUMBER));

function place(row, other, isBefore) {
  if (isBefore) other.before(row);
  else other.after(row);
  storedRows().forEach((each, index) => { each.querySelector(NUMBER).value = index + 1; });
}

function addButton(row, label, sign, isUp) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button picture-move";
  button.textContent = sign;
  button.title = button.ariaLabel = label;
  button.addEventListener("click", () => {
    const rows = storedRows();
    const other = rows[rows.indexOf(row) + (isUp ? -1 : 1)];
    if (other) place(row, other, isUp);
    button.focus(); // a moved element loses it
  });
  head(row).insertBefore(button, head(row).querySelector(".delete"));
}

document.addEventListener("DOMContentLoaded", () => {
  const rows = storedRows();
  for (const row of rows.length > 1 ? rows : []) {
    const { moveUp, moveDown } = row.querySelector("input[type=file]").dataset;
    head(row).draggable = true;
    addButton(row, moveUp, "↑", true);
    addButton(row, moveDown, "↓", false);
  }
});

let dragged, before;
document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  dragged = storedRows().find((row) => head(row) === target);
  if (!dragged) return;
  before = storedRows().map((row) => [row, row.querySelector(NUMBER).value]);
  dataTransfer.setData("text/plain", ""); // Firefox drags nothing without data
});
document.addEventListener("dragover", (event) => {
  if (!dragged?.parentElement.contains(event.target)) return;
  event.preventDefault();
  const over = storedRows().find((row) => row.contains(event.target));
  if (!over || over === dragged) return;
  const { top, height } = over.getBoundingClientRect();
  place(dragged, over, event.clientY < top + height / 2);
});
document.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  dragged = undefined;
});
// Without a drop before it, the drag was cancelled, or ended outside of the pictures.
document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged = undefined;
  storedRows()[0].before(...before.map(([row]) => row));
  for (const [row, number] of before) row.querySelector(NUMBER).value = number;
});
