// For a browser's page: makes and reads databases of released versions there.
import { read, recreate } from "./database";

Object.assign(globalThis, { read, recreate });
