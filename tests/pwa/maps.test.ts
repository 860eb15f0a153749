// A map comes onto the phone over links that break, from a real server, and is read from where it is kept.
import "./phone";
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { bring, offered, Stopped, type Centre } from "../../pwa/src/map/fetching";
import { begun, bytesHere, mapsDatabase, PackSource, remove, type Offer } from "../../pwa/src/map/packs";

const PIECE = 1000;
const CONTENT = randomBytes(4321);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const PIECES = [0, 1, 2, 3, 4].map((each) => sha256(CONTENT.subarray(each * PIECE, (each + 1) * PIECE)));

let counted = 0;

function offer(): Offer {
  counted += 1;
  const id = `01900000-0000-7000-8000-${String(counted).padStart(12, "0")}`;
  return { id, area: "a", name: "Đồi", size: CONTENT.length, sha256: sha256(CONTENT), tiles: "mvt", min_zoom: 10, max_zoom: 15, bounds: [104, 21, 105, 22], attribution: "" };
}

type Carry = (asked: IncomingMessage, answer: ServerResponse, bytes: Buffer) => void;

/** A centre that has the map; *carry* says what becomes of the bytes on their way. */
async function serve(map: Offer, carry: Carry): Promise<Centre & { asked: string[]; close: () => void }> {
  const asked: string[] = [];
  const server = createServer((request, answer) => {
    if (!request.url!.endsWith("/file")) return void answer.setHeader("Content-Type", "application/json").end(JSON.stringify({ ...map, piece_bytes: PIECE, pieces: PIECES }));
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range!)!;
    asked.push(`${from}-${to}`);
    const bytes = CONTENT.subarray(Number(from), Number(to) + 1);
    answer.writeHead(206, { "Content-Range": `bytes ${from}-${to}/${CONTENT.length}`, "Content-Length": bytes.length });
    carry(request, answer, bytes);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { root, token: "t", language: "vi", asked, close: () => void server.close() };
}

const whole: Carry = (_asked, answer, bytes) => void answer.end(bytes);

/** What is kept of a map, read as whoever draws it does. */
async function read(map: Offer, offset = 0, length = CONTENT.length): Promise<Buffer> {
  const pack = (await begun()).find((each) => each.id === map.id)!;
  return Buffer.from((await new PackSource(pack).getBytes(offset, length)).data);
}

async function trouble(work: Promise<unknown>): Promise<string> {
  const error = await work.then(() => null, (error: unknown) => error);
  assert.ok(error instanceof Stopped, String(error));
  return error.trouble;
}

test("A map comes in pieces and is what the centre has", async () => {
  const map = offer();
  const centre = await serve(map, whole);
  const told: number[] = [];
  await bring(centre, map, (bytes) => told.push(bytes));
  assert.deepEqual(await read(map), CONTENT);
  assert.equal(told.at(-1), CONTENT.length);
  assert.ok((await begun()).find((each) => each.id === map.id)!.complete);
  centre.close();
});

test("A link that is cut at any byte loses none, and none is asked for twice", async () => {
  const map = offer();
  let seed = 3;
  const centre = await serve(map, (_asked, answer, bytes) => {
    seed = (seed * 7919) % 997;
    const some = bytes.subarray(0, seed % (bytes.length + 1));
    if (some.length === bytes.length) return void answer.end(bytes);
    answer.write(some, () => setTimeout(() => answer.destroy(), 5));
  });
  let tries = 0;
  for (let done = false; !done && tries < 200; tries++) done = await bring(centre, map, () => undefined).then(() => true, () => false);
  assert.deepEqual(await read(map), CONTENT);
  assert.ok(tries > 3, "it was cut");
  let next = 0;
  for (const each of centre.asked) {
    const [from, to] = each.split("-").map(Number);
    assert.ok(from! >= next, `${each} after ${next}`);
    next = from!;
    assert.ok(to! < CONTENT.length);
  }
  centre.close();
});

test("A map that is not whole says how much of it is here, also after the app was ended", async () => {
  const map = offer();
  const centre = await serve(map, (_asked, answer, bytes) => void answer.write(bytes.subarray(0, 300), () => setTimeout(() => answer.destroy(), 5)));
  assert.equal(await trouble(bring(centre, map, () => undefined)), "offline");
  const [pack] = (await begun()).filter((each) => each.id === map.id);
  assert.equal(pack!.complete, false);
  assert.equal(await bytesHere(pack!), 300);
  centre.close();
});

test("A piece that is not what it should be is fetched anew, and not for ever", async () => {
  const map = offer();
  let damaged = 2;
  const centre = await serve(map, (_asked, answer, bytes) => void answer.end(damaged-- > 0 ? Buffer.alloc(bytes.length) : bytes));
  await bring(centre, map, () => undefined);
  assert.deepEqual(await read(map), CONTENT);
  damaged = Infinity;
  await remove(map.id);
  assert.equal(await trouble(bring(centre, map, () => undefined)), "damaged");
  centre.close();
});

test("A page that is not the centre's is no map and no offer", async () => {
  const map = offer();
  const server = createServer((_asked, answer) => void answer.setHeader("Content-Type", "text/html").end("<h1>Free WiFi</h1>"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const centre = { root: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: "t", language: "vi" };
  assert.equal(await trouble(bring(centre, map, () => undefined)), "offline");
  assert.equal(await trouble(offered(centre)), "offline");
  assert.equal((await begun()).some((each) => each.id === map.id), false);
  server.close();
});

test("What the centre says is told apart: signed out, gone, busy", async () => {
  for (const [status, said] of [[401, "signed_out"], [404, "gone"], [503, "busy"]] as const) {
    const server = createServer((_asked, answer) => void answer.writeHead(status, { "Content-Type": "application/problem+json", "Retry-After": "7" }).end("{}"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const centre = { root: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: "t", language: "vi" };
    assert.equal(await trouble(bring(centre, offer(), () => undefined)), said);
    server.close();
  }
});

test("Any range is read as it stands in the file", async () => {
  const map = offer();
  const centre = await serve(map, whole);
  await bring(centre, map, () => undefined);
  for (const [offset, length] of [[0, 127], [990, 20], [1000, 1000], [500, 3000], [4300, 500], [4321, 10]] as const)
    assert.deepEqual(await read(map, offset, length), CONTENT.subarray(offset, offset + length));
  centre.close();
});

test("A map that is taken away leaves nothing behind, and others alone", async () => {
  const [one, other] = [offer(), offer()];
  for (const map of [one, other]) {
    const centre = await serve(map, whole);
    await bring(centre, map, () => undefined);
    centre.close();
  }
  await remove(one.id);
  const keys = await (await mapsDatabase()).getAllKeys("pieces");
  assert.ok(!keys.some(([pack]) => pack === one.id));
  assert.deepEqual(await read(other), CONTENT);
});
