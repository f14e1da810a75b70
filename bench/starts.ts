/** How long a built Verbatim takes to its first answered query, what it holds idle, and what a browser must load first. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ConvexHttpClient } from "convex/browser";
import { buildStale, root } from "../scripts/build.mjs";
import { freePort, startServer, temporaryFolder } from "../tests/helpers/server.ts";
import { api } from "../convex/_generated/api.js";
import { percentile } from "./lib/statistics.ts";
import { formatKb, formatMs, formatTable } from "./lib/table.ts";

const ROUNDS = 5;

export async function benchStarts(): Promise<string> {
  if (!(await buildStale({ page: true }))) throw new Error("Verbatim could not be built");
  const { folder, remove } = await temporaryFolder();
  const times: number[] = [];
  const resident: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const port = await freePort();
    const begun = performance.now();
    const server = await startServer({ dataDir: folder, port });
    // Anyone may ask it: it says that nobody is signed in.
    await new ConvexHttpClient(server.url).query(api.auth.isAuthenticated, {});
    times.push(performance.now() - begun);
    resident.push(residentBytes(server.pid));
    await server.terminate();
  }
  await remove();
  return formatTable(
    "Start of a built Verbatim",
    [
      "process start to first answered query, median",
      "memory idle",
      "page's first JavaScript, gzip",
      "its first CSS",
    ],
    [
      [
        formatMs(percentile(times, 0.5)),
        `${(percentile(resident, 0.5) / 1e6).toFixed(0)} MB`,
        formatKb(firstLoad("js")),
        formatKb(firstLoad("css")),
      ],
    ],
  );
}

/** Linux only: what the process holds in memory. */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) * 1024;
}

/** What `index.html` names, compressed: scripts, the modules that it preloads, style sheets. */
function firstLoad(extension: "js" | "css"): number {
  const page = path.join(root, "dist/page");
  const html = readFileSync(path.join(page, "index.html"), "utf8");
  const named = readdirSync(path.join(page, "assets")).filter(
    (file) => file.endsWith(`.${extension}`) && html.includes(`/assets/${file}`),
  );
  return named.reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(page, "assets", file))).byteLength,
    0,
  );
}
