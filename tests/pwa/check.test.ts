// What records say together, on the phone: the cases that the server's twin is held to.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { learnLists } from "../../pwa/src/records/lists";
import type { Entry } from "../../pwa/src/records/declarations";
import { learnt } from "../../pwa/src/sync/lists";
import { findings, type Finding, type Judged } from "../../pwa/src/records/check";

interface Case {
  says: string;
  today: string;
  /** What the installation says over the built-in lists. */
  lists?: Record<string, Entry[]>;
  records: Judged[];
  findings: Finding[];
}

const CASES = JSON.parse(readFileSync("tests/sync/checks.json", "utf8")) as Case[];

test("The phone finds in every case what the server's checks find", () => {
  assert.ok(CASES.length > 5);
  for (const { says, today, lists, records, findings: expected } of CASES) {
    learnLists(says, learnt({}, { at: 1, entries: lists ?? {} }));
    assert.deepEqual(findings(records, today), expected, says);
  }
});
