import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createFileHttp, type FileHttp } from "../../../embedded/files/fileHttp.ts";
import { startFileJanitor } from "../../../embedded/files/fileJanitor.ts";
import { createMemoryFileStore, type FileStore } from "../../../embedded/files/fileStore.ts";
import type { Deployment } from "../../../embedded/functions/types.ts";
import { silentLog } from "../../../embedded/log.ts";
import { buildApp, openApp, ORIGIN, type App } from "../actions/openApp.ts";

const HOUR_MS = 60 * 60 * 1000;

let deployment: Deployment;
let removeDeployment: () => void;
beforeAll(async () => {
  [deployment, removeDeployment] = await buildApp();
});
afterAll(() => {
  removeDeployment();
});

let app: App;
let http: FileHttp;
let store: FileStore;
beforeEach(() => {
  store = createMemoryFileStore();
  app = openApp({ deployment, mode: "inProcess", fileStore: store });
  http = createFileHttp({ engine: app.engine, store, maxBytes: 2 ** 30 });
});
afterEach(() => app.close());

const uploadUrl = async (): Promise<string> => (await app.mutation("notes:uploadUrl")) as string;

function post(url: string, body: BodyInit | null, headers: Record<string, string> = {}): Promise<Response> {
  return http.upload(new Request(url, { method: "POST", body, headers }));
}

async function upload(text: string, type = "text/plain"): Promise<string> {
  const response = await post(await uploadUrl(), text, { "content-type": type });
  return ((await response.json()) as { storageId: string }).storageId;
}

type FileView = {
  document: { sha256: string; size: number; contentType: string | null } | null;
  url: string | null;
};
const view = async (id: string): Promise<FileView> => (await app.query("notes:file", { id })) as FileView;

async function get(id: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  const url = (await view(id)).url as string;
  return download(new Request(url, { method, headers }), url.split("/").pop() as string);
}

async function download(request: Request, uuid: string): Promise<Response> {
  const { status, headers, body } = await http.download(request, uuid);
  return new Response(body && (await buffer(body)), { status, headers });
}

describe("[E12] uploads", () => {
  test("[E12.1] a file becomes a document of `_storage`, as Convex shows it", async () => {
    const id = await upload("hello");
    const { document } = await view(id);
    expect(document).toEqual({
      _id: id,
      _creationTime: expect.any(Number) as number,
      sha256: createHash("sha256").update("hello").digest("base64"),
      size: 5,
      contentType: "text/plain",
    });
  });

  test("[E12.2] an upload URL is good for one file", async () => {
    const url = await uploadUrl();
    expect((await post(url, "one")).status).toBe(200);
    const second = await post(url, "two");
    expect(second.status).toBe(401);
    expect(await second.json()).toMatchObject({ code: "StorageTokenInvalid" });
    expect(await store.list()).toHaveLength(1);
  });

  test("[E12.2] of two uploads at once to one URL, one wins and nothing is kept of the other", async () => {
    const url = await uploadUrl();
    const responses = await Promise.all([post(url, "one"), post(url, "two")]);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await store.list()).toHaveLength(1);
  });

  test("[E12.2] an upload URL expires after an hour, and a guessed one is none", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const url = await uploadUrl();
    vi.advanceTimersByTime(HOUR_MS);
    expect((await post(url, "late")).status).toBe(401);
    vi.useRealTimers();
    expect((await post(`${ORIGIN}/api/storage/upload?token=guess`, "x")).status).toBe(401);
    expect((await post(`${ORIGIN}/api/storage/upload`, "x")).status).toBe(401);
    expect(await store.list()).toEqual([]);
  });

  test("[E12.2] tokens that were never used are removed in time", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    for (let i = 0; i < 20; i++) await uploadUrl();
    vi.advanceTimersByTime(HOUR_MS);
    for (let i = 0; i < 3; i++) await uploadUrl();
    const rows = app.database.begin("query").system.query("", "_upload_tokens", "by_expiry", []);
    expect(rows).toHaveLength(3);
    vi.useRealTimers();
  });

  test("[E12.3] a digest that does not fit is refused; the URL can be used again", async () => {
    const url = await uploadUrl();
    const sha256 = createHash("sha256").update("other").digest("base64");
    const refused = await post(url, "hello", { digest: `sha-256=${sha256}` });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      {
        code: "Sha256Mismatch",
        message: expect.stringContaining(`Sha256 mismatch. Expected: ${sha256} Actual: `),
      },
    ]);
    expect(await store.list()).toEqual([]);
    expect((await post(url, "other", { digest: `sha-256=${sha256}` })).status).toBe(200);
  });
});

describe("[E12.4] downloads", () => {
  test("the bytes, their type, length and digest", async () => {
    const response = await get(await upload("hello"));
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("hello");
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/plain",
      "content-length": "5",
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=2592000",
      digest: `sha-256=${createHash("sha256").update("hello").digest("base64")}`,
    });
  });

  // `storage_get` in convex-backend's crates/local_backend/src/storage.rs, and src/common/range.rs of the `headers` crate.
  test.each([
    ["bytes=0-1", 206, "he", "bytes 0-1/5"],
    ["bytes=3-", 206, "lo", "bytes 3-4/5"],
    ["bytes=-2", 206, "lo", "bytes 3-4/5"],
    ["bytes=-9", 206, "hello", "bytes 0-4/5"],
    ["bytes=2-99", 206, "llo", "bytes 2-4/5"],
    ["bytes=5-", 416, "", "bytes */5"],
    ["bytes=3-2", 416, "", "bytes */5"],
    ["bytes=-0", 416, "", "bytes */5"],
    ["bytes=0-1,3-4", 416, "", "bytes */5"],
    ["bytes=-", 206, "hello", "bytes 0-4/5"],
    ["bytes= 1-2 ", 206, "el", "bytes 1-2/5"],
    ["bytes=0-1,letters", 206, "he", "bytes 0-1/5"],
    ["bytes=1-2-3", 416, "", "bytes */5"],
    ["bytes=letters", 416, "", "bytes */5"],
    ["bytes=", 416, "", "bytes */5"],
    ["bytes=0-1,", 206, "he", "bytes 0-1/5"],
    ["bytes=0-1, bytes=2-3", 206, "he", "bytes 0-1/5"],
    ["bytes=+1-+2", 206, "el", "bytes 1-2/5"],
    ["bytes=0-18446744073709551615", 206, "hello", "bytes 0-4/5"],
    ["bytes=0-18446744073709551616", 416, "", "bytes */5"],
    ["Bytes=0-1", 200, "hello", null],
    ["lines=1-2", 200, "hello", null],
  ])("[E12.4] Range: %s → %i", async (range, status, text, contentRange) => {
    const response = await get(await upload("hello"), { range });
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get("content-range")).toBe(contentRange);
  });

  // The same file: neither knows `If-Range`, since what is behind an address never changes, and a part has no digest.
  test("[E12.4] a part has no digest, `HEAD` tells it without the bytes, and `If-Range` is not looked at", async () => {
    const url = await upload("hello");
    for (const condition of ['"tag"', "Thu, 01 Jan 1970 00:00:00 GMT"]) {
      const part = await get(url, { range: "bytes=1-2", "if-range": condition });
      expect([part.status, await part.text(), part.headers.get("digest")]).toEqual([206, "el", null]);
    }
    const head = await get(url, { range: "bytes=1-2" }, "HEAD");
    const told = ["content-range", "content-length"].map((name) => head.headers.get(name));
    expect([head.status, head.body, ...told]).toEqual([206, null, "bytes 1-2/5", "2"]);
  });

  // The same file: an empty file has no `content_range`.
  test.each([
    ["bytes=0-", 200, null],
    ["bytes=0-99", 200, null],
    ["bytes=-5", 200, null],
    ["bytes=0-1,3-4", 416, "bytes */0"],
  ])("[E12.4] Range of an empty file: %s → %i", async (range, status, contentRange) => {
    const response = await get(await upload(""), { range });
    expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(await response.text()).toBe("");
  });

  test("HEAD has no body; an empty file has an empty one", async () => {
    const head = await get(await upload("hello"), {}, "HEAD");
    expect([head.status, head.headers.get("content-length"), head.body]).toEqual([200, "5", null]);
    expect(await (await get(await upload(""))).text()).toBe("");
  });

  test.each([
    ["text/html", "attachment"],
    ["image/svg+xml", "attachment"],
    ["application/xhtml+xml", "attachment"],
    ["text/plainx", "attachment"],
    ["image/png", "inline"],
    ["text/plain; charset=utf-8", "inline"],
    ["video/mp4", "inline"],
  ])("[E12.5] %s is sandboxed, taken for what it says, and %s", async (type, disposition) => {
    const response = await get(await upload("<script>alert(1)</script>", type));
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-disposition")).toBe(disposition);
  });

  test.each([
    ...[
      "text/javascript",
      "application/javascript; charset=utf-8",
      "text/ecmascript",
      "application/x-javascript",
    ],
    ...["text/jscript", "text/livescript", "text/javascript1.5", " Text/JavaScript", "text/css"],
  ])(
    "[E12.5] %s is served as text: with nosniff no browser takes it for a script or a style",
    async (type) => {
      const response = await get(await upload("alert(1)", type));
      expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
      expect(await response.text()).toBe("alert(1)");
    },
  );

  test.each(["script", "style", "worker", "serviceworker", "manifest", "object"])(
    "[E12.5] what a browser wants as a %s of a page is refused",
    async (destination) => {
      const id = await upload("alert(1)", "text/plain");
      const response = await get(id, { "sec-fetch-dest": destination });
      expect([response.status, await response.json()]).toMatchObject([403, { code: "NotAScript" }]);
      expect((await get(id, { "sec-fetch-dest": "image" })).status).toBe(200);
      expect((await get(id, { "sec-fetch-dest": "empty" })).status).toBe(200);
    },
  );

  test("[E12.4] a path that is no file's is a 400 and an unknown file a 404, in Convex's words", async () => {
    const path = await download(new Request(`${ORIGIN}/api/storage/nonsense`), "nonsense");
    expect([path.status, await path.json()]).toMatchObject([
      400,
      {
        code: "InvalidStoragePath",
        message: expect.stringMatching(/^Invalid storage path: "nonsense"\. Please use/),
      },
    ]);
    const uuid = "00000000-0000-4000-8000-000000000000";
    const response = await download(new Request(`${ORIGIN}/api/storage/${uuid}`), uuid);
    expect([response.status, await response.json()]).toEqual([
      404,
      { code: "FileNotFound", message: `File ${uuid} not found` },
    ]);
  });
});

describe("[E12.6] deletion", () => {
  test("document and URL are gone at once, and the bytes soon", async () => {
    const janitor = await startFileJanitor(app.engine, store, silentLog);
    const id = await upload("hello");
    const kept = await upload("kept");
    await app.mutation("notes:removeFile", { id, fail: false });
    expect(await view(id)).toEqual({ document: null, url: null });
    await janitor.whenIdle();
    expect(await store.list()).toHaveLength(1);
    expect(await (await get(kept)).text()).toBe("kept");
    await janitor.close();
  });

  test("[E12.6] a mutation that throws deleted nothing", async () => {
    const janitor = await startFileJanitor(app.engine, store, silentLog);
    const id = await upload("hello");
    await expect(app.mutation("notes:removeFile", { id, fail: true })).rejects.toThrow("taken back");
    await janitor.whenIdle();
    expect(await (await get(id)).text()).toBe("hello");
    await janitor.close();
  });

  test("deleting what is gone is an error", async () => {
    const id = await upload("hello");
    await app.mutation("notes:removeFile", { id, fail: false });
    await expect(app.mutation("notes:removeFile", { id, fail: false })).rejects.toThrow(
      `storage id ${id} not found`,
    );
  });

  test("[E12.7] [E5] bytes without a document, and of documents deleted before a crash, are swept at the start", async () => {
    const deleted = await upload("deleted");
    const kept = await upload("kept");
    await app.mutation("notes:removeFile", { id: deleted, fail: false });
    await store.write([Buffer.from("of an upload that a crash cut off")], 100);
    expect(await store.list()).toHaveLength(3);
    const janitor = await startFileJanitor(app.engine, store, silentLog);
    await janitor.whenIdle();
    expect(await store.list()).toHaveLength(1);
    expect(await (await get(kept)).text()).toBe("kept");
    expect(app.database.begin("query").system.query("", "_deleted_files", "by_uuid", [])).toEqual([]);
    await janitor.close();
  });
});
