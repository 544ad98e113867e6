// The script of the window with a saved card. It gives the card to the frame that has opened it.
const CARD = { number: "4242 4242 4242 4242", expiry: "12 / 40", cvc: "123" };

document.querySelector("button").addEventListener("click", () => {
  window.opener.postMessage({ stripe: "saved-card", card: CARD }, document.documentElement.dataset.frames);
  window.close();
});
