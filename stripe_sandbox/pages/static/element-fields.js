// The fields of the Payment Element: how they are formatted, and checked with Stripe's error codes.

export const digits = (text) => text.replace(/\D/g, "");

export const grouped = (text) => text.replace(/(.{4})(?=.)/g, "$1 ");

// Format 1234 as 12 / 34, but not while the buyer deletes characters.
export const slashed = (text, inputType = "") => {
  if (inputType.startsWith("delete")) return text;
  const typed = digits(text);
  const four = typed.length === 6 ? typed.slice(0, 2) + typed.slice(4) : typed.slice(0, 4); // 12/2034
  return four.length > 2 ? `${four.slice(0, 2)} / ${four.slice(2)}` : four;
};

const passesLuhn = (number) => {
  const doubled = [...number].reverse().map((digit, place) => Number(digit) * (place % 2 ? 2 : 1));
  return doubled.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
};

const passesModulo97 = (iban) => {
  const turned = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => letter.charCodeAt(0) - 55);
  return [...turned].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
};

export const checks = {
  number(text) {
    const number = digits(text);
    if (number.length < 13) return "incomplete_number";
    return passesLuhn(number) ? null : "invalid_number";
  },
  expiry(text) {
    const match = /^(0[1-9]|1[0-2]) ?\/ ?(\d\d)$/.exec(text.trim());
    if (!match) return "incomplete_expiry";
    const today = new Date();
    const months = (year, month) => year * 12 + month;
    const last = months(2000 + Number(match[2]), Number(match[1]));
    return last < months(today.getFullYear(), today.getMonth() + 1) ? "invalid_expiry_year_past" : null;
  },
  cvc: (text) => (digits(text).length < 3 ? "incomplete_cvc" : null),
  iban(text) {
    const iban = text.replace(/\s/g, "").toUpperCase();
    if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return "incomplete_iban";
    return passesModulo97(iban) ? null : "invalid_iban";
  },
};
