// A running sandbox, by its sandbox.json: what a merchant's server and its tests would ask of it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export async function sandbox(file) {
  const about = JSON.parse(await readFile(file, "utf8"));
  const json = { "content-type": "application/json" };
  async function control(path, body) {
    const answer = await fetch(`${about.base_url}/sandbox/${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });
    const value = await answer.json();
    assert.ok(answer.ok, `${path}: ${value.error}`);
    return value;
  }
  async function api(path, body) {
    const options = body && { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(about.base_url + path, { headers: { ...json, "API-KEY": about.api_key }, ...options });
    const value = await answer.json();
    assert.equal(value.errorCode, 0, `${path}: ${JSON.stringify(value)}`);
    return value;
  }
  return {
    ...about,
    control,
    api,
    // The new invoice's page and id.
    async create(amount, more = {}) {
      const { redirectUrl } = await api("/api/btn-create-invoice/get/", { email: "customer@example.com", amount, devise: "USD", ...more });
      const { list } = await api("/api/client-invoice-history/get/?order=DESC");
      return { url: redirectUrl, id: list[0].id };
    },
    pay: (id, order) => control(`invoices/${id}/pay`, order),
    // The newest link of this kind that was mailed to somebody.
    async mailed(to, part) {
      for (let left = 600; left > 0; left--) {
        const { mails } = await (await fetch(`${about.base_url}/sandbox/mails`)).json();
        const link = mails.filter((mail) => mail.to === to).flatMap((mail) => mail.body.split(/\s+/)).filter((word) => word.includes(part)).pop();
        if (link) return link;
        await new Promise((again) => setTimeout(again, 100));
      }
      throw new Error(`no mail to ${to} with ${part}`);
    },
  };
}
