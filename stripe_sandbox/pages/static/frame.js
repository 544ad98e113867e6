// What the frames of all Elements share. They exchange messages only with the page that created them.

const { parent: page, words: json } = document.documentElement.dataset;

export const words = JSON.parse(json);
export const form = document.querySelector("form");
export const field = (name) => document.getElementById(name);
export const tell = (kind, detail) => window.parent.postMessage({ stripe: "element", kind, detail }, page);

export const complain = (name, code) => {
  const note = field(`${name}-error`);
  note.hidden = !code;
  note.textContent = code ? words[code] : "";
  field(name).setAttribute("aria-invalid", String(Boolean(code)));
};

// Show what is wrong with these fields. `wrong` returns the code of a field's error, or null.
export const validate = (names, wrong) => {
  const found = names.map((name) => [name, wrong(name)]);
  for (const [name, code] of found) complain(name, code);
  const first = found.find(([, code]) => code);
  if (!first) return {};
  field(first[0]).focus();
  return { error: { type: "validation_error", code: first[1], message: words[first[1]] } };
};

const VARIABLES = {
  borderRadius: "--radius",
  colorBackground: "--paper",
  colorDanger: "--wrong",
  colorPrimary: "--accent",
  colorText: "--ink",
  colorTextSecondary: "--quiet",
  fontFamily: "--font",
  fontSizeBase: "--size",
};

const dress = ({ theme = "stripe", variables = {} } = {}) => {
  document.documentElement.dataset.theme = theme === "night" ? "night" : "stripe";
  for (const [name, property] of Object.entries(VARIABLES)) {
    if (variables[name]) document.documentElement.style.setProperty(property, variables[name]);
    else document.documentElement.style.removeProperty(property);
  }
  return {};
};

// Answer the page. `start` gets the options of the Element, the other functions what the page asks.
export const connect = (elementType, { start, ...others }) => {
  const begin = ({ appearance, options }) => {
    dress(appearance);
    const failure = document.querySelector("[data-error]");
    if (failure) {
      tell("loaderror", { elementType, error: JSON.parse(failure.dataset.error) });
    } else {
      start(options);
      tell("ready", { elementType });
    }
    return {};
  };
  const answers = { ...others, dress, start: begin };

  window.addEventListener("message", async ({ origin, source, data }) => {
    if (origin !== page || source !== window.parent || data?.stripe !== "page") return;
    tell("reply", { id: data.id, answer: await answers[data.ask](data.detail) });
  });
  form?.addEventListener("submit", (event) => event.preventDefault());
  form?.addEventListener("focusin", () => tell("focus", { elementType }));
  form?.addEventListener("focusout", () => tell("blur", { elementType }));
  new ResizeObserver(() => tell("resize", document.body.offsetHeight)).observe(document.body);
  tell("loaded", {});
};
