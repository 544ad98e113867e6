// The small pictures of an item scroll the row of large ones. Without JavaScript they are links into it.

const largePictures = document.querySelector(".large-pictures");
const smallPictures = [...document.querySelectorAll(".small-pictures a")];

function markShownPicture() {
  const shown = Math.round(largePictures.scrollLeft / largePictures.clientWidth);
  for (const [place, link] of smallPictures.entries()) {
    link.ariaCurrent = place === shown ? "true" : null;
  }
}

markShownPicture();
largePictures.addEventListener("scroll", markShownPicture);

// Following the link would add to the history: Back would lead from picture to picture.
for (const [place, link] of smallPictures.entries()) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    largePictures.scrollLeft = largePictures.clientWidth * place;
  });
}
