/** `npm run admin-key`: prints the key with which the `convex` CLI administers this machine's Verbatim. */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openAdminKey } from "../embedded/admin/adminKey.ts";
import { readSettings } from "./settings.ts";

const { dataDir } = readSettings(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
console.log(openAdminKey(dataDir).text);
