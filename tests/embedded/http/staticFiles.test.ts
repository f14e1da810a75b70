import {
  contentSecurityPolicy,
  metaContentSecurityPolicy,
} from "../../../embedded/http/page/securityHeaders.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serveStaticFiles } from "../../../embedded/http/page/staticFiles.ts";
import { temporaryFolder } from "../served/backend.ts";

const HTML = `<!doctype html><script>document.documentElement.dataset.theme="dark"</script><script type="module" src="/assets/index-BxY12_aZ.js"></script>`;
const SCRIPT = `console.log("${"x".repeat(2000)}")`;

async function servePage(): Promise<string> {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, "assets"));
  writeFileSync(path.join(folder, "index.html"), HTML);
  writeFileSync(path.join(folder, "assets/index-BxY12_aZ.js"), SCRIPT);
  writeFileSync(path.join(folder, "apple-touch-icon.png"), "png");
  writeFileSync(path.join(folder, ".secret"), "secret");
  writeFileSync(path.join(path.dirname(folder), `${path.basename(folder)}-outside.txt`), "outside");
  const server = createServer(serveStaticFiles(folder)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Without the decoding that `fetch` does. */
const raw = async (url: string, headers: Record<string, string> = {}) => {
  const { get } = await import("node:http");
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve) => {
    get(url, { headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
  });
};

test("[E16.5] what has a hash in its name is kept for ever, all else is asked for again", async () => {
  const url = await servePage();
  const script = await raw(`${url}/assets/index-BxY12_aZ.js`);
  expect(script.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
  });
  expect((await raw(`${url}/apple-touch-icon.png`)).headers["cache-control"]).toBe("no-cache");
  const page = await raw(`${url}/`);
  expect(page.headers["cache-control"]).toBe("no-cache");
  expect((await raw(`${url}/`, { "if-none-match": String(page.headers["etag"]) })).status).toBe(304);
});

test("[E16.5] text is compressed as the browser likes it, once", async () => {
  const url = await servePage();
  const script = `${url}/assets/index-BxY12_aZ.js`;
  const brotli = await raw(script, { "accept-encoding": "gzip, deflate, br" });
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(brotliDecompressSync(brotli.body).toString()).toBe(SCRIPT);
  const gzip = await raw(script, { "accept-encoding": "br;q=0, gzip" });
  expect(gunzipSync(gzip.body).toString()).toBe(SCRIPT);
  expect((await raw(script)).body.toString()).toBe(SCRIPT);
});

test("[E16.5] a navigation to a path that is no file gets the page; a script that is missing does not", async () => {
  const url = await servePage();
  expect((await raw(`${url}/chat/123`, { accept: "text/html" })).body.toString()).toBe(HTML);
  expect((await raw(`${url}/chat/1.2`, { "sec-fetch-mode": "navigate" })).status).toBe(200);
  expect((await raw(`${url}/assets/gone.js`, { accept: "*/*" })).status).toBe(404);
  expect((await raw(`${url}/chat/123`, { "sec-fetch-mode": "cors", accept: "text/html" })).status).toBe(404);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
});

test("[E16.5] nothing hidden and nothing outside the folder is served", async () => {
  const url = await servePage();
  for (const target of [
    "/.secret",
    "/%2e%2e/x",
    "/..%2f..%2fetc/passwd",
    "/assets/..%2f.secret",
    "/%00",
    "/%",
  ]) {
    expect((await raw(url + target)).status).toBe(404);
  }
});

test("[E16.5] the page may run its own scripts only, and talk only to where it came from", async () => {
  const url = await servePage();
  const policy = String((await raw(`${url}/`)).headers["content-security-policy"]);
  expect(policy).toContain("default-src 'self'");
  expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[A-Za-z0-9+/]{43}='/);
  expect(policy.match(/sha256-/g)).toHaveLength(1);
  expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
  expect(policy).toContain(`connect-src 'self' ws://${new URL(url).host}`);
  expect(policy).toContain("frame-ancestors 'none'");
});

/** A policy's directives by name. */
const directivesOf = (policy: string) =>
  new Map(
    policy.split("; ").map((directive) => {
      const [name = "", ...sources] = directive.split(" ");
      return [name, sources] as const;
    }),
  );

test("[E16.5] the policy in a page is the header's, but for what a <meta> can't say and the socket's address", () => {
  const header = directivesOf(contentSecurityPolicy(HTML, "host.example"));
  const meta = directivesOf(metaContentSecurityPolicy(HTML, null));
  expect(header.get("frame-ancestors")).toEqual(["'none'"]);
  header.delete("frame-ancestors");
  expect(meta.get("connect-src")).toEqual(["'self'", "ws:", "wss:"]);
  header.delete("connect-src");
  meta.delete("connect-src");
  expect(meta).toEqual(header);
});

test("[E16.5] a page that was built for a deployment elsewhere talks to that one alone, and shows its files", () => {
  const meta = directivesOf(metaContentSecurityPolicy(HTML, "https://happy-cat.convex.cloud/"));
  const own = directivesOf(metaContentSecurityPolicy(HTML, null));
  const origin = "https://happy-cat.convex.cloud";
  expect(meta.get("connect-src")).toEqual(["'self'", origin, "wss://happy-cat.convex.cloud"]);
  for (const name of ["img-src", "media-src"])
    expect(meta.get(name)).toEqual([...(own.get(name) ?? []), origin]);
  expect(meta.get("script-src")).toEqual(own.get("script-src"));
});
