// Reads a line of JSON [what, text]: packs the text into base64, or unpacks it from there.
import { createInterface } from "node:readline";
import { pack, unpack } from "../../pwa/src/sync/packing";

for await (const line of createInterface({ input: process.stdin })) {
  const [what, text] = JSON.parse(line) as ["pack" | "unpack", string];
  const packed = what === "pack" ? pack(text) : null;
  const answer = what === "unpack" ? await unpack(Buffer.from(text, "base64")) : packed && Buffer.from(packed).toString("base64");
  process.stdout.write(JSON.stringify(answer) + "\n");
}
