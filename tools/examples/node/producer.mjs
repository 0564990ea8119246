// Sends one contact and prints what the agent on the phone must know: redress-protocol(7), "Intake".
//
//   npm install
//   node producer.mjs ipc:///run/redress/intake C-78 bank/loans "refund, or I go to the regulator"
//
// Status 0: taken, now or before; 2: refused, standard error says why; 3: nobody answered.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { decode, encode } from "@msgpack/msgpack";
import { Dealer } from "zeromq";

const TRIES = 10;
const ANSWER_MS = 5000;

// The receipt. The same id goes out again until it is answered: redress never takes it twice.
async function send(endpoint, event) {
  for (let tries = 0; tries < TRIES; tries++) {
    const intake = new Dealer({ linger: 0, receiveTimeout: ANSWER_MS });
    intake.connect(endpoint);
    try {
      for (;;) {
        await intake.send(encode(event));
        const receipt = decode((await intake.receive())[0]);
        if (receipt.status !== "busy") {
          return receipt;
        }
        await sleep(receipt.retry_after);
      }
    } catch (error) {
      if (error.code !== "EAGAIN") {
        throw error;
      }
    } finally {
      intake.close();
    }
  }
  return undefined;
}

const [endpoint, customer, unit, text] = process.argv.slice(2);
if (unit === undefined) {
  console.error("usage: producer.mjs INTAKE CUSTOMER UNIT [TEXT]");
  process.exit(64);
}
const call = randomUUID();
const receipt = await send(endpoint, {
  id: call,
  source: "node",
  type: "contact.received",
  subject: `call ${call}`,
  time: new Date(), // an instant of MessagePack; text of RFC 3339 will do as well
  data: { customer, channel: "regulator", unit, text, phone: null }, // null is absent
});
if (receipt === undefined) {
  console.error("redress does not answer");
  process.exit(3);
}
if (receipt.status === "rejected") {
  console.error(`${receipt.error.code} ${receipt.error.field ?? ""}: ${receipt.error.message}`);
  process.exit(2);
}
console.log(receipt.status, receipt.case ?? "", receipt.warning?.level ?? "");
for (const reason of receipt.warning?.reasons ?? []) {
  console.log(reason.points, reason.code, reason.detail);
}
for (const action of receipt.warning?.actions ?? []) {
  console.log(action);
}
