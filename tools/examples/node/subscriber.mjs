// Prints every alert of a unit and below, none lost and none twice: redress-protocol(7), "Feed".
//
//   npm install
//   node subscriber.mjs ipc:///run/redress/feed ipc:///run/redress/desk bank [CURSOR]
//
// The feed says that there is news, the desk gives it in order. CURSOR is the number printed last.
import { decode, encode } from "@msgpack/msgpack";
import { Dealer, Subscriber } from "zeromq";

const [feedAt, deskAt, unit, cursor = "0"] = process.argv.slice(2);
if (unit === undefined) {
  console.error("usage: subscriber.mjs FEED DESK UNIT [CURSOR]");
  process.exit(64);
}
const feed = new Subscriber();
const desk = new Dealer({ linger: 0, receiveTimeout: 5000 });
feed.connect(feedAt);
desk.connect(deskAt);
feed.subscribe(`${unit}/`, "~heartbeat");

let number = 0;
// An answer that does not come was that of a daemon that died: the question is asked again.
async function call(method, params) {
  for (;;) {
    const asked = ++number;
    await desk.send(encode([0, asked, method, [params]]));
    try {
      for (;;) {
        const [, answered, error, result] = decode((await desk.receive())[0]);
        if (answered !== asked) {
          continue; // of a question that was given up
        }
        if (error !== null) {
          throw new Error(`${error.code}: ${error.message}`);
        }
        return result;
      }
    } catch (failure) {
      if (failure.code !== "EAGAIN") {
        throw failure;
      }
    }
  }
}

let seen = Number(cursor);
for await (const [, body] of feed) {
  const news = decode(body);
  while (seen < news.seq) {
    const answer = await call("feed.replay", { unit, after: seen, min_alert: news.seq });
    for (const alert of answer.rows) {
      console.log(alert.seq, alert.severity, alert.type, alert.title);
    }
    seen = answer.head; // to be kept: the next start goes on from here
  }
}
