// Reads a line of JSON, a ring; answers its area in ha: the other half of the parity test.
import { createInterface } from "node:readline";
import { areaHa } from "../../pwa/src/map/geometry";
import { roughlyHa, type Position } from "../../pwa/src/map/ring";

for await (const line of createInterface({ input: process.stdin })) {
  const ring = JSON.parse(line) as Position[];
  process.stdout.write(JSON.stringify([areaHa(ring), roughlyHa(ring.slice(0, -1))]) + "\n");
}
