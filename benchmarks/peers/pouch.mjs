// PouchDB as its users run it: `pouch.mjs serve PORT` is the centre, `pouch.mjs phone URL WORKLOAD` a phone that
// does one step for each line it reads (fill, day, nothing, first) and prints what it took.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import PouchDB from "pouchdb";
import memory from "pouchdb-adapter-memory";

PouchDB.plugin(memory);
const Memory = PouchDB.defaults({ adapter: "memory" });

if (process.argv[2] === "serve") {
  const { default: express } = await import("express");
  const { default: expressPouchDB } = await import("express-pouchdb");
  const app = express();
  const home = process.argv[4];
  app.use("/", expressPouchDB(PouchDB.defaults({ prefix: `${home}/` }), { mode: "minimumForPouchDB", overrideMode: { include: [] }, inMemoryConfig: true, logPath: `${home}/log.txt` }));
  app.listen(Number(process.argv[3]), "127.0.0.1");
} else {
  const [, , , url, file] = process.argv;
  const { base, created, edits } = JSON.parse(readFileSync(file, "utf8"));
  const far = () => new PouchDB(`${url}/nuong`);
  let phone = new Memory("phone");
  const steps = {
    fill: async () => {
      await phone.bulkDocs(base);
      await phone.sync(far());
      await phone.sync(far()); // so that its own pushes are behind its pull's checkpoint
    },
    work: async () => {
      await phone.bulkDocs(created);
      for (const { _id, ...fields } of edits) await phone.put({ ...(await phone.get(_id)), ...fields });
    },
    day: () => phone.sync(far()),
    nothing: () => phone.sync(far()),
    first: async () => {
      phone = new Memory("second");
      await phone.replicate.from(far());
      const { doc_count: count } = await phone.info();
      if (count < base.length) throw new Error(`only ${count} records arrived`);
    },
  };
  for await (const step of createInterface({ input: process.stdin })) {
    const start = performance.now();
    await steps[step]();
    console.log(JSON.stringify({ step, seconds: (performance.now() - start) / 1000 }));
  }
  process.exit(0);
}
