// A sync from top to bottom over a link that does what links do here.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { effect } from "@preact/signals";
import { uuidv7 } from "uuidv7";
import { openBook } from "../../pwa/src/store/book";
import type { Waiting } from "../../pwa/src/store/types";
import type { Reply } from "../../pwa/src/sync/exchange";
import { fitting, type Outcome } from "../../pwa/src/sync/run";
import { AREA, held, livedIn, newPhone, OTHER_AREA, refusal, reply, respond, told, wireBytes } from "./phone";
import type { Answer, Asked } from "./phone";

const HTML = "<!doctype html><title>Free WiFi</title><form>Xin mời đăng nhập</form>";
const idsOf = (asked: Asked) => asked.body.changes.map((each) => each.id);

test("What waits goes packed, in order, and everything is read page by page", async (t) => {
  const phone = await newPhone(t);
  const sent = [await phone.save({ name: "a" }), await phone.save({ name: "b" })];
  const more = (cursor: string, more: boolean) => ({ [AREA]: { cursor, more, role: "officer" } });
  phone.centre.says(
    { areas: more("1", true), records: [told({ name: "c" })] },
    { areas: more("2", false), records: [told({ name: "d" })] },
  );
  assert.equal(await phone.sync(), "all_sent");
  const [first, second, ...none] = phone.centre.asked;
  assert.deepEqual([first!.packed, first!.token, none], [true, "Bearer token-1", []]);
  assert.deepEqual([first!.body.changes, second!.body.changes], [sent, []]);
  assert.deepEqual([first!.body.areas, second!.body.areas], [{ [AREA]: null }, { [AREA]: "1" }]);
  assert.deepEqual(await phone.meta("cursors"), { [AREA]: "2" });
  assert.equal(phone.book.all("farmer").length, 4);
  assert.equal(phone.book.lastTry.value?.outcome, "all_sent");
});

test("An area that was just given is read from then on", async (t) => {
  const phone = await newPhone(t);
  const areas = reply([], {}, { [AREA]: null, [OTHER_AREA]: null }).areas;
  phone.centre.says({ areas });
  await phone.sync();
  await phone.sync();
  assert.deepEqual(Object.keys(phone.book.areas.value).sort(), [AREA, OTHER_AREA].sort());
  assert.deepEqual(
    phone.centre.asked[1]!.body.areas,
    Object.fromEntries(Object.entries(areas).map(([id, { cursor }]) => [id, cursor])),
  );
});

// What is no answer --------------------------------------------------------------------------------------------------

// loss 15
test("A login page in place of the centre changes nothing", (t) =>
  changesNothing(t, "not_us", () => new Response(HTML, { headers: { "Content-Type": "text/html" } })));

// loss 15, 32
test("A login page that calls itself JSON changes nothing", (t) =>
  changesNothing(t, "not_us", () => new Response(HTML, { headers: { "Content-Type": "application/json" } })));

test("A 502 of a proxy changes nothing", (t) =>
  changesNothing(t, "server_trouble", () => new Response(HTML, { status: 502, headers: { "Content-Type": "text/html" } })));

test("A 502 that carries a whole reply changes nothing", (t) =>
  changesNothing(
    t,
    "server_trouble",
    (asked) =>
      new Response(JSON.stringify(good(asked)), { status: 502, headers: { "Content-Type": "application/json" } }),
  ));

test("JSON without the marks of the protocol changes nothing", (t) =>
  changesNothing(
    t,
    "not_us",
    ...[{}, [], null, "ok", { status: "ok", protocol: 1 }].map((body) => () => Response.json(body)),
  ));

test("A reply that lacks one mark changes nothing", (t) =>
  changesNothing(
    t,
    "not_us",
    ...(["protocol", "epoch", "accepted", "rejected", "areas", "records", "gone"] as const).map(
      (mark) => (asked: Asked) => {
        const { [mark]: _left, ...rest } = good(asked);
        return Response.json(rest);
      },
    ),
  ));

test("A reply of another protocol changes nothing", (t) =>
  changesNothing(t, "not_us", (asked) => Response.json({ ...good(asked), protocol: 2 })));

// loss 4
test("A reply that does not account for every change changes nothing", (t) =>
  changesNothing(
    t,
    "not_us",
    (asked) => ({ ...good(asked), accepted: asked.body.changes.length - 1 }),
    (asked) => ({ ...good(asked), accepted: asked.body.changes.length + 1 }),
    (asked) => ({ ...good(asked), accepted: asked.body.changes.length, rejected: [refusal(asked.body.changes[0]!)] }),
  ));

test("A body that is cut off changes nothing, wherever the cut is", (t) =>
  changesNothing(
    t,
    "not_us",
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((eighth) =>
      [true, false].map((packed) => (asked: Asked) => {
        const whole = respond(good(asked), packed);
        const bytes = wireBytes(good(asked), packed);
        return new Response(bytes.slice(0, Math.floor((bytes.length * eighth) / 8)), { headers: whole.headers });
      }),
    ),
  ));

// loss 12, 26
test("A link that dies in mid-answer changes nothing but the size of the next batch", (t) =>
  changesNothing(t, "offline", (asked) => {
    const { headers } = respond(good(asked), true);
    const bytes = wireBytes(good(asked), true);
    let pulls = 0;
    const pull = (to: ReadableStreamDefaultController) =>
      pulls++ ? to.error(new TypeError("terminated")) : to.enqueue(bytes.slice(0, 40));
    return new Response(new ReadableStream({ pull }), { headers });
  }));

// loss 26
test("A link that is not there changes nothing but the size of the next batch", (t) =>
  changesNothing(t, "offline", () => {
    throw new TypeError("fetch failed");
  }));

test("A centre in trouble changes nothing", (t) => changesNothing(t, "server_trouble", problem(503, "Being restored")));

test("A request that the centre refuses as a whole changes nothing", (t) =>
  changesNothing(t, "refused", problem(429, "Later")));

// loss 3
test("A 401 keeps everything, and nothing is sent until somebody signs in again", async (t) => {
  const phone = await livedIn(t);
  const before = await phone.dump("token", "lastTry");
  phone.centre.says(problem(401, "Sign in"));
  assert.equal(await phone.sync(), "signed_out");
  assert.equal(await phone.dump("token", "lastTry"), before);
  assert.deepEqual([await phone.meta("token"), phone.book.signedIn.value], [null, false]);
  const more = await phone.save({ name: "still here" });
  assert.equal(await phone.sync(), "signed_out");
  assert.equal(phone.centre.asked.length, 1);
  await phone.disk.put("meta", "token-2", "token");
  assert.equal(await phone.sync(), "all_sent");
  assert.equal(phone.centre.asked[1]!.token, "Bearer token-2");
  assert.ok((await phone.sentIds()).includes(more.id));
});

// What is said twice, late or at once --------------------------------------------------------------------------------

// loss 12, 21
test("A lost reply and a repeat leave one sent change and the base that the centre says", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Pâng" });
  phone.centre.says(() => {
    throw new TypeError("fetch failed");
  });
  assert.equal(await phone.sync(), "offline");
  assert.deepEqual(await phone.waitingIds(), [change.id]);
  assert.equal(phone.book.get(change.record)?.state, "here");
  // It was accepted all the same, and somebody else has gone on since: a repeat is always answered.
  const theirs = uuidv7();
  const heads = { [change.id]: ["name"], [theirs]: ["village"] };
  const now = told({ name: "Pâng", village: "Hụm" }, { id: change.record, seq: 2, heads });
  phone.centre.says({ records: [now] });
  assert.equal(await phone.sync(), "all_sent");
  const [first, second, ...none] = phone.centre.asked;
  assert.deepEqual([first!.body.changes, second!.body.changes, none], [[change], [change], []]);
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[], [change.id]]);
  assert.deepEqual((await phone.base(change.record))?.fields, now.fields);
  assert.deepEqual((await phone.base(change.record))?.heads, { name: [change.id], village: [theirs] });
});

// loss 6
test("A rejected change is told once, blocks no other, and is not sent again", async (t) => {
  const phone = await newPhone(t);
  const refused = await phone.save({ name: "Lò" });
  const accepted = await phone.save({ name: "Pâng" });
  phone.centre.says({ rejected: [refusal(refused)] });
  assert.equal(await phone.sync(), "some_refused");
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[refused.id], [accepted.id]]);
  assert.equal(phone.book.counts.value.refused, 1);
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(phone.centre.asked.map(idsOf), [[refused.id, accepted.id], []]);
  // It asks what became of it, once a sync; and says nothing of it where nothing was refused.
  assert.deepEqual(phone.centre.asked.map((each) => each.body.refused), [undefined, [refused.id]]);
  phone.centre.says({ settled: { [refused.id]: "mended" } });
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(phone.centre.asked.at(-1)?.body.refused, [refused.id]);
  assert.equal(phone.book.counts.value.refused, 0);
});

test("What is saved while a sync is under way is neither lost nor taken for sent", async (t) => {
  const phone = await newPhone(t);
  const first = await phone.save({ name: "Lò" });
  const { answer, reached, letGo } = held();
  const between: { waiting: string[]; sent: string[] } = { waiting: [], sent: [] };
  phone.centre.says(answer, async () => {
    Object.assign(between, { waiting: await phone.waitingIds(), sent: await phone.sentIds() });
    return {};
  });
  const syncing = phone.sync();
  await reached;
  assert.equal(phone.book.get(first.record)?.state, "going");
  const edit = await phone.save({ name: "Lò Pâng" }, first.record);
  const fresh = await phone.save({ name: "Ún" });
  assert.deepEqual(edit.over, { name: [first.id] });
  letGo();
  assert.equal(await syncing, "all_sent");
  assert.deepEqual(phone.centre.asked.map(idsOf), [[first.id], [edit.id, fresh.id]]);
  assert.deepEqual(between, { waiting: [edit.id, fresh.id], sent: [first.id] });
  assert.equal((await phone.base(first.record))?.fields["name"], "Lò Pâng");
  assert.equal(phone.book.get(fresh.record)?.state, "there");
});

// loss 13
test("Two syncs at once take turns, and nothing is sent twice", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  const { answer, reached, letGo } = held();
  phone.centre.says(answer);
  const both = [phone.sync(), phone.sync()];
  await reached;
  // Long enough, in turns of the event loop, for the second to have asked if nothing held it.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  assert.equal(phone.centre.asked.length, 1);
  letGo();
  assert.deepEqual(await Promise.all(both), ["all_sent", "all_sent"]);
  assert.deepEqual(phone.centre.asked.map(idsOf), [[change.id], []]);
});

test("A sync that fails lets the next one in", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(problem(503, "Being restored"));
  assert.deepEqual(await Promise.all([phone.sync(), phone.sync()]), ["server_trouble", "all_sent"]);
});

test("What the centre says of its trouble is kept as the last try", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(problem(503, "Being restored"));
  await phone.sync();
  const { outcome, detail } = phone.book.lastTry.value!;
  assert.deepEqual([outcome, detail], ["server_trouble", "Being restored"]);
});

test("A centre without this dictionary is asked again in plain JSON", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò Văn Pâng" });
  phone.centre.says(problem(415, "What is this?"), { records: [told({ name: "Ún" })] });
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(
    phone.centre.asked.map((each) => each.packed),
    [true, false],
  );
  assert.deepEqual(phone.centre.asked[1]!.body, phone.centre.asked[0]!.body);
  assert.deepEqual(await phone.sentIds(), [change.id]);
  assert.equal(phone.book.all("farmer").length, 2);
});

// loss 17
test("A new epoch is gone through in one sync: all is read and sent again, then what is lost goes", async (t) => {
  const phone = await livedIn(t);
  const epoch = uuidv7();
  const order = [...(await phone.sentIds()), ...(await phone.waitingIds())];
  const inHand = (await phone.outbox()).filter((each) => !each.refused).map((each) => each.change.id);
  const all = phone.book
    .all("farmer")
    .map((each) => each.id)
    .sort();
  const meanwhile: string[] = [];
  const again = told({ name: "Pâng of the backup" }, { id: phone.known });
  phone.centre.says({ epoch, records: [told({ name: "thrown away" })], gone: [{ id: phone.known }] }, () => {
    meanwhile.push(...phone.book.all("farmer").map((each) => each.id));
    return { epoch, records: [again] };
  });
  assert.equal(await phone.sync(), "all_sent");
  const [first, second, ...none] = phone.centre.asked;
  assert.deepEqual([idsOf(first!), idsOf(second!), none], [inHand, order, []]);
  assert.deepEqual([second!.body.epoch, second!.body.areas], [epoch, { [AREA]: null }]);
  assert.deepEqual(meanwhile.sort(), all);
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[], order.sort()]);
  assert.equal((await phone.base(phone.known))?.fields["name"], "Pâng of the backup");
  // Gone is what neither the centre nor this phone had made: the other farmer of the first reading.
  assert.deepEqual(
    phone.book
      .all("farmer")
      .map((each) => each.fields["name"])
      .sort(),
    ["Cà Văn Ún", "Pâng of the backup"],
  );
});

// Batches ------------------------------------------------------------------------------------------------------------

test("Batches grow on a link that carries them, each within its budget and in the order of editing", async (t) => {
  const phone = await newPhone(t);
  const made: string[] = [];
  for (let n = 0; n < 17; n++) made.push((await phone.save({ note: "x".repeat(600) })).id);
  await phone.disk.put("meta", 2000, "budget");
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(
    phone.centre.asked.map((each) => each.body.changes.length),
    [2, 5, 10],
  );
  assert.deepEqual(phone.centre.asked.flatMap(idsOf), made);
  for (const [turn, { body }] of phone.centre.asked.entries()) {
    const size = body.changes.reduce((sum, each) => sum + JSON.stringify(each).length, 0);
    assert.ok(size <= 2000 * 2 ** turn);
  }
  assert.deepEqual(
    phone.centre.asked.map((each) => each.body.limit),
    [50, 50, 80],
  );
  assert.equal(await phone.meta("budget"), 16_000);
  await phone.disk.put("meta", 300_000, "budget");
  await phone.sync();
  assert.equal(await phone.meta("budget"), 400_000);
});

test("Half as much is tried after a link that broke or took too long, down to a least", async (t) => {
  const phone = await newPhone(t);
  await phone.disk.put("meta", 8000, "budget");
  const timeout = () => {
    throw new DOMException("too long", "TimeoutError");
  };
  const offline = () => {
    throw new TypeError("fetch failed");
  };
  const found: [Outcome, unknown][] = [];
  for (const answer of [timeout, offline, offline, problem(503, "Being restored"), () => new Response(HTML)]) {
    phone.centre.says(answer);
    found.push([await phone.sync(), await phone.meta("budget")]);
  }
  const expected = [
    ["timeout", 4000],
    ["offline", 2000],
    ["offline", 2000],
    ["server_trouble", 2000],
    ["not_us", 2000],
  ];
  assert.deepEqual(found, expected);
});

// loss 6
test("A change that the centre finds too large to be sent at all needs a person, and holds up no other", async (t) => {
  const phone = await newPhone(t);
  const large = await phone.save({ note: "x".repeat(9000) });
  const others = [await phone.save({ name: "a" }), await phone.save({ name: "b" })];
  const answer = (asked: Asked) => (JSON.stringify(asked.body).length > 5000 ? problem(413, "Too large")(asked) : {});
  phone.centre.says(...Array.from({ length: 20 }, () => answer));
  assert.equal(await phone.sync(), "some_refused");
  assert.deepEqual((await phone.sentIds()).sort(), others.map((each) => each.id).sort());
  assert.deepEqual((await phone.outbox()).map((each) => [each.change.id, each.refused?.reason]), [[large.id, "too_large"]]);
});

test("One change larger than the budget still goes, alone", async (t) => {
  const phone = await newPhone(t);
  const large = await phone.save({ note: "x".repeat(9000) });
  const small = await phone.save({ note: "y" });
  await phone.disk.put("meta", 2000, "budget");
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(phone.centre.asked.map(idsOf), [[large.id], [small.id]]);
});

test("A batch is a thousand changes at most, and none that was refused", () => {
  const waiting = (n: number): Waiting => {
    const id = uuidv7();
    return { n, savedAt: 0, change: { id, record: id, type: "farmer", area: AREA, set: {}, schema: 1 } };
  };
  const outbox = Array.from({ length: 1200 }, (_, n) => waiting(n));
  outbox[0]!.refused = { reason: "forbidden", detail: {} };
  assert.deepEqual(fitting(outbox, 10_000_000), outbox.slice(1, 1001));
});

test("The phone tells how it is at most every six hours, and only an answer counts as told", async (t) => {
  const phone = await newPhone(t);
  await phone.save({ name: "Lò" });
  phone.centre.says(problem(503, "Being restored"));
  for (let turn = 0; turn < 3; turn++) await phone.sync();
  await phone.disk.put("meta", Date.now() - 6 * 3600_000, "reportedAt");
  await phone.sync();
  const reports = phone.centre.asked.map(
    (each) => each.body.report as { unsent: number; last_outcome: string } | undefined,
  );
  assert.deepEqual(
    reports.map((each) => each?.unsent),
    [1, 1, undefined, 0],
  );
  assert.equal(reports[1]?.last_outcome, "server_trouble");
});

// Helpers ------------------------------------------------------------------------------------------------------------

/** A reply with which everything would change, if it were taken. */
function good(asked: Asked): Reply {
  const { changes, areas } = asked.body;
  return reply(
    changes,
    { records: [told({ name: "news" })], gone: [{ id: changes[0]!.record }], people: { [uuidv7()]: "Mai" } },
    areas,
  );
}

function problem(status: number, detail: string): Answer {
  return () => Response.json({ detail }, { status, headers: { "Content-Type": "application/problem+json" } });
}

/** After each of *answers* the disk is as it was, but for the last try; only a broken link may lessen the batch. */
async function changesNothing(t: TestContext, outcome: Outcome, ...answers: Answer[]): Promise<void> {
  const phone = await livedIn(t);
  const except = outcome === "offline" ? ["lastTry", "budget"] : ["lastTry"];
  const before = await phone.dump(...except);
  const shown = phone.book.all("farmer");
  for (const [place, answer] of answers.entries()) {
    phone.centre.says(answer);
    assert.equal(await phone.sync(), outcome, `answer ${place}`);
    assert.equal(await phone.dump(...except), before, `answer ${place}`);
    assert.deepEqual(phone.book.all("farmer"), shown);
    assert.equal(phone.book.lastTry.value?.outcome, outcome);
  }
  assert.equal(phone.centre.asked.length, answers.length);
}

// A crowd ------------------------------------------------------------------------------------------------------------

const busy = (after: string) =>
  new Response(JSON.stringify({ code: "busy", detail: "Nhiều máy đang đọc" }), {
    status: 503,
    headers: { "Content-Type": "application/problem+json", "Retry-After": after },
  });

// loss 9
test("A phone that is told to come again does, and brings what was saved meanwhile", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(async () => {
    await phone.save({ name: "saved while waiting" });
    return busy("0");
  });
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual(phone.centre.asked.map((each) => each.body.changes.length), [0, 1]);
});

test("A phone that is told so for ever gives up, and keeps everything", async (t) => {
  const phone = await newPhone(t);
  await phone.save({ name: "a" });
  phone.centre.says(...Array.from({ length: 40 }, () => () => busy("0")));
  assert.equal(await phone.sync(), "server_trouble");
  assert.equal((await phone.waitingIds()).length, 1);
});

test("A 503 that names no time is trouble, not a turn to wait for", async (t) => {
  const phone = await newPhone(t);
  phone.centre.says(() => busy("soon"));
  assert.equal(await phone.sync(), "server_trouble");
  assert.equal(phone.centre.asked.length, 1);
});

// What stands beside a sync must not hold it up -----------------------------------------------------------------------

// loss 16
test("A browser that will not say how much room there is holds up no sync and no opening", async (t) => {
  const phone = await newPhone(t);
  await phone.save({ name: "a" });
  const storage = { estimate: () => Promise.reject(new DOMException("Internal error when calculating storage usage")) };
  Object.defineProperty(navigator, "storage", { value: storage, configurable: true });
  t.after(() => Reflect.deleteProperty(navigator, "storage"));
  assert.equal(await phone.sync(), "all_sent");
  assert.equal(phone.centre.asked[0]!.body.report !== undefined, true);
  const again = await openBook(phone.user);
  await again.opened;
  again.close();
});

// loss 16
test("A note for which the disk has no room throws no good answer away", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "a" });
  const put = IDBObjectStore.prototype.put;
  t.mock.method(IDBObjectStore.prototype, "put", function (this: IDBObjectStore, ...given: Parameters<typeof put>) {
    if (["budget", "reportedAt"].includes(String(given[1]))) throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, given);
  });
  assert.equal(await phone.sync(), "all_sent");
  assert.deepEqual([await phone.waitingIds(), await phone.sentIds()], [[], [change.id]]);
});

// loss 18
test("Of what the centre could not read this phone alone has a copy, and says so", async (t) => {
  const phone = await newPhone(t);
  await phone.save({ note: "a".repeat(9000) });
  phone.centre.says(problem(413, "Too large"));
  assert.equal(await phone.sync(), "some_refused");
  assert.equal((await phone.outbox())[0]!.refused?.onlyHere, true);
});

// loss 6
test("A refused change that is sent once more brings no old value back over what its author has said since", async (t) => {
  const phone = await newPhone(t);
  const known = told({ name: "Lò" });
  await phone.take({ records: [known] });
  const change = await phone.save({ name: "Lò Văn", village: "Xum", phone: "0912" }, known.id);
  await phone.take({ rejected: [refusal(change)] });
  await phone.save({ village: "Hụm" }, known.id);
  await phone.take();
  await phone.save({ phone: "0913" }, known.id);
  await phone.book.sendRefusedAgain(change.id);
  const again = (await phone.outbox()).find((each) => each.change.set["name"]);
  assert.deepEqual([again?.change.set, again?.refused], [{ name: "Lò Văn" }, undefined]);

  const other = await phone.save({ note: "một" }, known.id);
  await phone.take({ rejected: [refusal(other)] });
  await phone.save({ note: "hai" }, known.id);
  await phone.book.sendRefusedAgain(other.id);
  assert.deepEqual((await phone.outbox()).map((each) => each.change.set), [{ note: "hai" }]);
});

test("What waits and its number change together: nobody is told that all has gone while something waits", async (t) => {
  const phone = await newPhone(t);
  const change = await phone.save({ name: "Lò" });
  phone.centre.says({ rejected: [refusal(change)] });
  await phone.sync();
  const seen: [number, number][] = [];
  const stop = effect(() => void seen.push([phone.book.waiting.value.filter((each) => !each.refused).length, phone.book.counts.value.waiting]));
  await phone.book.sendRefusedAgain(change.id);
  stop();
  assert.deepEqual(seen.filter(([listed, counted]) => listed !== counted), []);
  assert.deepEqual(seen.at(-1), [1, 1]);
});
