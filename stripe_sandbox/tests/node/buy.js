// Makes a coupon, a session and an intent at a local Stripe, and prints what was read back as JSON.
import Stripe from "stripe";

const [address] = process.argv.slice(2);
const { hostname, port } = new URL(address);
const stripe = new Stripe("sk_test_main", { host: hostname, port, protocol: "http", telemetry: false });

const coupon = await stripe.coupons.create({ percent_off: 25, name: "Summer" });
const price_data = { currency: "usd", unit_amount: 1999, product_data: { name: "Mug" } };
const session = await stripe.checkout.sessions.create({
  mode: "payment",
  success_url: "https://shop.example/return?session_id={CHECKOUT_SESSION_ID}",
  line_items: [{ price_data, quantity: 1 }],
  discounts: [{ coupon: coupon.id }],
  metadata: { order: "7K3F-9QXM" },
});
const found = await stripe.checkout.sessions.retrieve(session.id, { expand: ["line_items", "discounts.coupon"] });
const made = await stripe.paymentIntents.create({ amount: 1999, currency: "usd" });
const paid = await stripe.paymentIntents.confirm(made.id, {
  payment_method: "pm_card_visa",
  return_url: "https://shop.example/return",
});
const refusal = await stripe.coupons.retrieve("GONE").catch((error) => error);
const events = [];
for await (const event of stripe.events.list({ limit: 1 })) events.push(event.type);

console.log(
  JSON.stringify({
    total: found.amount_total,
    lines: found.line_items.data.map((line) => line.description),
    discount: found.discounts[0].coupon.name,
    order: found.metadata.order,
    leaves_out: !("branding_settings" in found),
    intent: paid.status,
    refusal: [refusal.type, refusal.code, refusal.statusCode],
    events,
  }),
);
