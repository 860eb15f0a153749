// What records say together, on the phone: the cases that the server's twin is held to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { findings, type Finding, type Judged } from "../../pwa/src/records/check";

interface Case {
  says: string;
  today: string;
  records: Judged[];
  findings: Finding[];
}

const CASES = JSON.parse(readFileSync("tests/sync/checks.json", "utf8")) as Case[];

test("The phone finds in every case what the server's checks find", () => {
  assert.ok(CASES.length > 5);
  for (const { says, today, records, findings: expected } of CASES) assert.deepEqual(findings(records, today), expected, says);
});
