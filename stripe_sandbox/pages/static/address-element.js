// The script in the frame of the Address Element.
import { complain, connect, field, form, tell, validate } from "./frame.js";

const ADDRESS = ["line1", "line2", "city", "state", "postal_code", "country"];

const typed = (name) => field(name)?.value.trim() ?? "";
const wrong = (name) => (typed(name) ? null : `incomplete_${name}`);
const filled = (fields) => Object.fromEntries(Object.entries(fields).filter(([, text]) => text));

// Which fields the chosen country needs.
const required = () => {
  const more = field("country").selectedOptions[0].dataset.required.split(" ").filter(Boolean);
  return ["name", "line1", "city", ...more, ...(field("phone")?.required ? ["phone"] : [])];
};

const value = () => {
  const address = Object.fromEntries(ADDRESS.map((name) => [name, typed(name)]));
  return {
    name: typed("name"),
    address: { ...address, line2: address.line2 || null },
    ...(field("phone") && { phone: typed("phone") }),
  };
};

const state = () => ({ complete: !required().some(wrong), isNewAddress: true, value: value() });

const changed = () => {
  const empty = [...form.querySelectorAll("input")].every((input) => input.value === "");
  tell("change", { elementType: "address", elementMode: "shipping", empty, ...state() });
};

const check = () => validate(required(), wrong);

// What a payment sends: Stripe refuses empty texts.
const shipping = () => {
  const invalid = check();
  const { name, phone, address } = value();
  return invalid.error ? invalid : { shipping: filled({ name, phone, address: filled(address) }) };
};

const start = ({ defaultValues: { address = {}, ...others } = {} }) => {
  for (const [name, text] of Object.entries(filled({ ...others, ...address }))) {
    const isOffered = name !== "country" || [...field(name).options].some((each) => each.value === text);
    if (field(name) && isOffered) field(name).value = text;
  }
};

form?.addEventListener("input", ({ target }) => {
  complain(target.id, null);
  changed();
});
connect("address", {
  shipping,
  start,
  submit: check,
  value: () => (check(), state()),
  focus: () => (field("name").focus(), {}),
});
