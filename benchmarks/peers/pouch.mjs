// PouchDB as its users run it: `pouch.mjs serve PORT` is the centre, `pouch.mjs phone URL WORKLOAD` a phone that
// does one step for each line it reads (fill, day, nothing, first) and prints what it took; `pouch.mjs far NAME` a phone on
// a bad link, with a database of that name, whose lines are JSON.
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
} else if (process.argv[2] === "far") {
  // With the browser's fetch, as in an app; Node's build of PouchDB would bring its own.
  const name = process.argv[3];
  // One address whatever link leads there: where PouchDB has got to is kept by address.
  const CENTRE = "http://centre";
  const through = (root) => (url, options) => fetch(String(url).replace(CENTRE, root), options);
  const far = (root) => new PouchDB(`${CENTRE}/${name}`, { fetch: through(root) });
  const phone = new Memory("phone");
  const put = async ({ record, type, fields }) => {
    const held = await phone.get(record).catch(() => ({ _id: record, type }));
    await phone.put({ ...held, ...fields });
  };
  const steps = {
    fill: async ({ entries, root }) => {
      await phone.bulkDocs(entries.map(({ record, type, fields }) => ({ _id: record, type, ...fields })));
      await phone.sync(far(root));
    },
    work: async ({ entries }) => {
      for (const each of entries) await put(each);
    },
    sync: ({ root }) => phone.sync(far(root)),
    // Over a link that breaks: PouchDB's own way of trying again.
    keep: ({ root, wanted }) =>
      new Promise((resolve) => {
        let written = 0;
        const going = phone.replicate.to(far(root), { live: true, retry: true });
        going.on("change", ({ docs_written: docs }) => {
          written = docs;
          if (written >= wanted) going.cancel();
        });
        going.on("complete", resolve);
      }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const given = JSON.parse(line);
    const start = performance.now();
    await steps[given.step](given);
    console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000 }));
  }
  process.exit(0);
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
