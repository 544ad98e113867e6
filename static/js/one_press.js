"use strict";

// A double click or a held Enter sends a form of the admin once: twice would add two items.
function isRepeated({ type, target, detail, repeat, key }) {
  if (type === "click") return detail > 1 && target.type === "submit";
  return repeat && key === "Enter" && target.form && !target.matches("textarea");
}

for (const type of ["click", "keydown"]) {
  const stopRepeated = (event) => {
    if (isRepeated(event)) event.preventDefault();
  };
  document.addEventListener(type, stopRepeated, { capture: true });
}
