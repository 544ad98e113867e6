// Requests to the shop. Changes run one after the other over all tabs; each is given up after 15 s.

const LIMIT_MS = 15000;
/** How many changes of this page a click on a link would cut off. Buy isn't one: it leaves the page itself. */
let runningChanges = 0;

/** Joins the queue of changes. Resolves to the function that ends the turn, or to null after LIMIT_MS. */
function takeTurn() {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  return lockAllTabs(limit.signal)
    .catch(() => (limit.signal.aborted ? null : lockThisPage(limit.signal)))
    .finally(() => clearTimeout(timer));
}

function lockAllTabs(signal) {
  return new Promise((resolve, reject) => {
    const untilReleased = () => new Promise((release) => resolve(release));
    navigator.locks.request("minicart", { signal }, untilReleased).catch(reject);
  });
}

let lastTurn = Promise.resolve();

/** Browsers have no Web Locks without https, and none where they block the shop's cookies. */
async function lockThisPage(signal) {
  const previous = lastTurn;
  let release;
  lastTurn = new Promise((resolve) => {
    release = resolve;
  });
  const aborted = new Promise((resolve) => signal.addEventListener("abort", () => resolve("aborted")));
  if ((await Promise.race([previous, aborted])) !== "aborted") return release;
  previous.then(release); // the turns behind this one still wait for the ones before it
  return null;
}

/** Resolves to the whole answer, or to null if none came or htmx has cancelled the request. */
async function askShop(address, request) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LIMIT_MS);
  try {
    const signal = request.signal ? AbortSignal.any([limit.signal, request.signal]) : limit.signal;
    const response = await fetch(address, { ...request, signal });
    return { response, text: await response.text() };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a change in its turn: the next one starts when this one's answer, with its cookie, is here. */
async function changeShop(turn, address, request) {
  const endTurn = await turn;
  if (!endTurn) return null;
  try {
    return await askShop(address, request);
  } finally {
    endTurn();
  }
}

/** Whether the shop means the answer for the page; a proxy's error page lacks the header. */
function isFragment(answer) {
  return Boolean(answer?.response.headers.has("X-Fragment"));
}

function jsonIn(answer) {
  try {
    return JSON.parse(answer.text);
  } catch {
    return null;
  }
}

/** Returns what to tell the buyer about an answer that can't be used. */
function sentenceFor(answer) {
  if (!answer) return document.body.dataset.unreachable;
  return jsonIn(answer)?.error?.message ?? document.body.dataset.failed;
}
