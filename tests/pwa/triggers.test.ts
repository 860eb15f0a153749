// When a sync is tried again by itself: after a link that broke, without an event that says that it is back.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { patience, syncing, Triggers } from "../../pwa/src/sync/triggers";
import { newPhone, type Answer, type Phone } from "./phone";

const LONGEST = 5 * 60_000;
const broken: Answer = () => {
  throw new TypeError("the link broke");
};

/** The app open on a phone; what happens at each try is what the centre is told to say. */
async function opened(t: TestContext): Promise<{ phone: Phone; triggers: Triggers }> {
  const page = { visibilityState: "visible", addEventListener() {}, removeEventListener() {} };
  Object.assign(globalThis, { document: page, addEventListener() {}, removeEventListener() {} });
  Object.assign(navigator, { onLine: true });
  const phone = await newPhone(t);
  await phone.save({ name: "Lò Văn Pâng" });
  const triggers = new Triggers(phone.book, "https://centre.test/", "test", () => "vi");
  t.after(() => triggers.end());
  return { phone, triggers };
}

test("Each wait is about twice the one before, up to five minutes, and never the same for two phones", () => {
  for (let failures = 1; failures < 40; failures++) {
    const whole = Math.min(LONGEST, 1000 * 2 ** (failures - 1));
    assert.equal(patience(failures, 1), whole);
    assert.equal(patience(failures, 0), whole / 2);
  }
  assert.notEqual(patience(3), patience(3));
});

test("After a link that broke the app tries again by itself until all is sent", async (t) => {
  const { phone, triggers } = await opened(t);
  phone.centre.says(broken, broken);
  const waits = timers(t);
  assert.equal(await triggers.now(), "offline");
  await waits.run(1);
  await waits.run(2);
  assert.equal(phone.centre.asked.length, 3);
  assert.deepEqual(await phone.waitingIds(), []);
  assert.equal(waits.pending(), 0, "nothing is tried again once all is through");
});

test("A try that got something through begins with the shortest wait again", async (t) => {
  const { phone, triggers } = await opened(t);
  phone.centre.says(broken, broken, broken);
  const waits = timers(t);
  await triggers.now();
  await waits.run(1);
  await waits.run(2);
  await phone.disk.put("meta", 1, "budget"); // one change at a time
  await phone.save({ name: "Quàng Thị É" });
  phone.centre.says({}, broken);
  await waits.run(3);
  assert.equal(waits.failures(), 1);
});

test("A person who has signed out or closed the app is tried for no more", async (t) => {
  const { phone, triggers } = await opened(t);
  phone.centre.says(broken);
  const waits = timers(t);
  await triggers.now();
  triggers.end();
  assert.equal(waits.pending(), 0);
});

test("What a person must do something about is not tried again by itself", async (t) => {
  const { phone, triggers } = await opened(t);
  const problem = { status: 401, headers: { "Content-Type": "application/problem+json" } };
  phone.centre.says(() => new Response("{}", problem));
  const waits = timers(t);
  assert.equal(await triggers.now(), "signed_out");
  assert.equal(waits.pending(), 0);
});

/** The clock of the waits: which one is pending, and its end when the test says so. */
function timers(t: TestContext) {
  const real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const open = new Map<object, { work: () => void; ms: number }>();
  // What the database waits for is its own affair, and so is the minute that a request has.
  const ours = (ms = 0) => ms >= 500 && ms !== 60_000;
  globalThis.setTimeout = ((work: () => void, ms?: number, ...more: unknown[]) => {
    if (!ours(ms)) return real.set(work, ms, ...more);
    const handle = {};
    open.set(handle, { work, ms: ms! });
    return handle;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((handle: object) => open.delete(handle) || real.clear(handle as never)) as typeof clearTimeout;
  t.after(() => Object.assign(globalThis, { setTimeout: real.set, clearTimeout: real.clear }));
  const failures = () => Math.ceil(Math.log2([...open.values()][0]!.ms / 1000)) + 1;
  const quiet = async () => {
    while (syncing.value) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    pending: () => open.size,
    failures,
    /** End the one wait that there is, after so many failures, and see the try through. */
    async run(expected: number): Promise<void> {
      assert.deepEqual([open.size, failures()], [1, expected]);
      const [handle, { work }] = [...open][0]!;
      open.delete(handle);
      work();
      await quiet();
    },
  };
}
