// Pages that no link leads to: those of mails, those that are not there or not for everybody, and what forms answer: once, or with what is wrong.
import { createHmac } from "node:crypto";

const NEWCOMER = { email: "newcomer@example.com", password: "nine tea kettles whistle" };

// The code of an authenticator app, so many steps from now.
function code(secret, steps = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// Opens a page, and looks at what its form answers.
const wrong = async (visiting, path, fields, action = path) => {
  await visiting.goto(path);
  await visiting.answered(`${path} (wrong)`, action, fields, 422);
};

export async function asNobody(visiting, gateway) {
  const { email } = gateway.merchant_login;
  const passwords = { "new-password": "short", again: "another" };
  await visiting.open("/account/nothing", 404);
  await visiting.open("/confirm/again");
  for (const path of ["/reset", "/confirm", "/join"]) await visiting.open(`${path}?token=nonsense`, 422, `${path} (over)`);
  await wrong(visiting, "/login", { email, password: "not the password" });
  await wrong(visiting, "/signup", { company: "", email: "no address", ...passwords });
  await visiting.goto("/confirm/again");
  await visiting.answered("/confirm/again (sent)", "/confirm/again", { email });
  await visiting.goto("/forgot");
  await visiting.answered("/forgot (sent)", "/forgot", { email });
  await visiting.open(await gateway.mailed(email, "/reset?token="), 200, "/reset");
  await visiting.answered("/reset (wrong)", "/reset", passwords, 422);
  await visiting.open(await gateway.mailed("new@example.com", "/join?token="), 200, "/join");
  await visiting.answered("/join (wrong)", "/join", passwords, 422);
}

// Somebody who signs up: a merchant who has nothing yet, and a second step to sign in.
export async function newcomer(visiting, gateway) {
  const { email, password } = NEWCOMER;
  await visiting.goto("/signup");
  await visiting.answered("/signup (sent)", "/signup", { company: "Tea <b>and</b> more", email, "new-password": password, again: password });
  await visiting.goto("/login");
  await visiting.answered("/login (unconfirmed)", "/login", NEWCOMER, 422);
  await visiting.open(await gateway.mailed(email, "/confirm?token="), 200, "/confirm");
  await visiting.answered("/confirm (wrong)", "/confirm", { password: "not the password" }, 422);
  await visiting.answered("/client/", "/confirm", { password });
  for (const path of ["/client/api", "/client/balances", "/client/callbacks", "/client/payouts/new", "/client/profile"]) await visiting.open(path);
  await wrong(visiting, "/client/profile", { wallet: "0x1234" }, "/client/profile/wallet");
  await wrong(visiting, "/account/second-factor", { code: "000000" });
  const secret = (await visiting.page.locator("main code").innerText()).trim();
  await visiting.answered("/account/recovery-codes (shown)", "/account/second-factor", { code: code(secret) });
  await visiting.open("/account/second-factor");
  await visiting.open("/account/recovery-codes");
  await visiting.answered("/account/recovery-codes (wrong)", "/account/recovery-codes", { password: "not the password" }, 422);
  await (await visiting.filled("/logout"))();
  await visiting.answered("/login/code", "/login", NEWCOMER);
  await visiting.answered("/login/code (wrong)", "/login/code", { code: "000000" }, 422);
}

export async function asMerchant(visiting, gateway) {
  await visiting.open("/client/nothing", 404);
  await visiting.open("/operator/", 403);
  await visiting.open("/account/recovery-codes");
  await visiting.open("/client/invoices?q=nobody%40example.com", 200, "/client/invoices (nothing found)");
  await visiting.open("/client/invoices?state=opened", 200, "/client/invoices (filtered)");
  await visiting.open("/docs/api?q=refund", 200, "/docs/api (search)");
  // what is shown once
  for (const [path, action] of [["api", "keys"], ["api", "keys/rotate"], ["callbacks", "secret"], ["callbacks", "secret/rotate"], ["callbacks", "test"]]) {
    await visiting.goto(`/client/${path}`);
    await visiting.answered(`/client/${path}/${action} (shown)`, `/client/${path}/${action}`);
  }
  await wrong(visiting, "/client/api", { entry: "example.com" }, "/client/api/addresses");
  await wrong(visiting, "/client/callbacks", { url: "ftp://shop.example" }, "/client/callbacks/url");
  await wrong(visiting, "/client/invoices/new", { amount: "abc", email: "nobody" });
  await wrong(visiting, "/client/links", { title: "", amount: "abc", expires: "2000-01-01" });
  await wrong(visiting, "/client/payouts/funds", { amount: "abc", tx_hash: "0x" });
  await wrong(visiting, "/client/payouts/new", { amount: "abc", firstname: "", card_number: "4242", expiry: "13/20" });
  await wrong(visiting, "/client/pos", { amount: "abc" });
  await wrong(visiting, "/client/profile", { name: "", website: "javascript:alert(1)" });
  await wrong(visiting, "/client/profile/branding", {}, "/client/profile/branding/logo");
  await wrong(visiting, "/client/team", { email: "no address" }, "/client/team/invite");
  await wrong(visiting, "/account/password", { password: "guessed", "new-password": "short", again: "another" });
  // an invitation of somebody who has an account, and is not the one who looks at it
  const { email } = gateway.operator_login;
  await visiting.goto("/client/team");
  await (await visiting.filled("/client/team/invite", { email }))();
  await visiting.open(await gateway.mailed(email, "/join?token="), 200, "/join (another's)");
}

export async function asOperator(visiting, gateway) {
  const shop = `/operator/merchants/${gateway.merchant_number}`;
  await visiting.open("/operator/nothing", 404);
  await visiting.open(`/operator/claim?merchant=${gateway.merchant_number}&invoice=1`, 200, "/operator/claim (asked)");
  for (const path of ["merchants", "users"]) await visiting.open(`/operator/${path}?q=nobody%40at.all`, 200, `/operator/${path} (nothing found)`);
  await visiting.goto("/operator/providers/new");
  const kind = await visiting.page.locator("#f-kind option").last().getAttribute("value");
  await visiting.open(`/operator/providers/new?kind=${kind}`, 200, "/operator/providers/new (chosen)");
  await visiting.answered("/operator/providers/new (wrong)", "/operator/providers", {}, 422);
  await wrong(visiting, shop, { fee: "abc" }, `${shop}/terms`);
  await wrong(visiting, `${shop}/settlement`, { threshold: "abc" });
  await wrong(visiting, "/operator/announcement", { text: "" });
  // a merchant's pages as he sees them, and one that is closed to him
  await visiting.goto(shop);
  await visiting.answered("/client/ (support)", "/account/look");
  await visiting.open("/client/invoices/new", 403);
}
