// Reads a line of JSON [type, set], answers the phone's verdict: the other half of the parity test.
import { createInterface } from "node:readline";
import { validateSet } from "../../pwa/src/records/validate";

for await (const line of createInterface({ input: process.stdin })) {
  const [type, set] = JSON.parse(line) as [string, Record<string, unknown>];
  const found = validateSet(type, set).map(({ path, code }) => [path, code]);
  process.stdout.write(JSON.stringify(found) + "\n");
}
