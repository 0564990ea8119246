// @msgpack/msgpack or msgpackr, whichever is named: lines of what an event holds in, events behind
// their lengths out.
import { createInterface } from "node:readline";

const library = await import(process.argv[2]);
// msgpackr writes undefined as an extension of its own unless it is told not to
const encode = library.Packr
  ? (event) => new library.Packr({ encodeUndefinedAsNil: true, useRecords: false }).pack(event)
  : library.encode;
for await (const line of createInterface({ input: process.stdin })) {
  const [id, type, subject, key, form, value] = line.split("\t");
  const made = { nil: null, empty: "", number: Number(value), text: value, bytes: Buffer.from(value) }[form];
  const bytes = Buffer.from(encode({
    id, source: "encoder", type, subject, time: undefined,
    data: { customer: `c-${id}`, channel: "phone", unit: "xj/urumqi/d3", [key]: made },
  }));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  process.stdout.write(Buffer.concat([size, bytes]));
}
