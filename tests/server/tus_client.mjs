// The official tus client sends a picture: node tus_client.mjs HOW PORT TOKEN FILE SHA256. Prints what came of it, as JSON.
// HOW: whole · with-creation (first bytes in the POST) · pauses (aborted after each chunk, then begun again) ·
// cuts (through a link that breaks after so many bytes) · given-up (terminated half-way) · refused (under another's hash).
import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { Upload } from "tus-js-client";

const [how, port, token, file, sha256] = process.argv.slice(2);
const picture = await readFile(file);
const requests = [];

/** A link to the centre; its first connections break after so many bytes from the client. */
async function link(budgets) {
  const server = createServer((client) => {
    const centre = connect(Number(port), "127.0.0.1");
    let left = budgets.shift() ?? Infinity;
    client.on("data", (bytes) => {
      centre.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) {
        centre.end();
        client.destroy();
      }
    });
    centre.on("data", (bytes) => client.destroyed || client.write(bytes));
    for (const [one, other] of [[client, centre], [centre, client]]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.end());
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}

const breaking = await link(how === "cuts" ? [2000, 30_000, 61, 9000, 70_001, 20_000] : []);
const outcome = await new Promise((done) => {
  const upload = new Upload(picture, {
    endpoint: `http://127.0.0.1:${breaking.address().port}/api/v1/photos`,
    headers: { Authorization: `Bearer ${token}` },
    metadata: { sha256, mime: "image/png" },
    chunkSize: how === "cuts" ? Infinity : 40_000,
    retryDelays: Array(20).fill(10),
    uploadDataDuringCreation: how === "with-creation",
    onBeforeRequest: (request) => requests.push(request.getMethod()),
    onSuccess: () => done({ url: upload.url }),
    onError: (error) => done({ status: error.originalResponse?.getStatus(), body: error.originalResponse?.getBody() }),
    onChunkComplete: (_size, offset) => {
      if (offset >= picture.length) return;
      if (how === "pauses") void upload.abort().then(() => upload.start());
      if (how === "given-up") void upload.abort(true).then(() => done({ url: upload.url }));
    },
  });
  upload.start();
});
breaking.close();
console.log(JSON.stringify({ ...outcome, requests }));
process.exit(0);
