// What Lighthouse says of one address, as a line of JSON: node lighthouse.mjs <address> <port of Chromium's debugger>
import lighthouse from "lighthouse";

const CATEGORIES = ["performance", "accessibility", "best-practices"];

const [address, port] = process.argv.slice(2);
const { lhr } = await lighthouse(address, { port: Number(port), logLevel: "error", onlyCategories: CATEGORIES });
if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
console.log(JSON.stringify(Object.fromEntries(CATEGORIES.map((name) => [name, Math.round(lhr.categories[name].score * 100)]))));
