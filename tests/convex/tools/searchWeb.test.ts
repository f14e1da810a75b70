// @vitest-environment node
/** Web search, tried against servers that answer as SearXNG, Brave and Tavily do. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SearchEngine } from "../../../convex/model/tools/toolSettings";
import { searchWeb } from "../../../convex/model/tools/web/searchWeb";
import { startSearchServer, type EngineKind, type SearchServer } from "../../helpers/searchServers.ts";

let server: SearchServer;
const realFetch = globalThis.fetch;
beforeEach(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  server = await startSearchServer();
  // Brave and Tavily have one address each, which stands for this server here.
  vi.stubGlobal("fetch", (input: string, init?: RequestInit) =>
    realFetch(input.replace(/^https:\/\/api\.(search\.brave|tavily)\.com/, new URL(server.url).origin), init),
  );
});
afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await server.close();
});

const KEY = "key-of-the-engine";

const engineOf = (kind: EngineKind): SearchEngine =>
  kind === "searxng" ? { kind, url: server.url } : { kind, key: KEY };

const search = (kind: EngineKind, query = "green tea", signal = new AbortController().signal) =>
  searchWeb(engineOf(kind), query, signal);

const KINDS: EngineKind[] = ["searxng", "brave", "tavily"];

describe.each(KINDS)("%s", (kind) => {
  test("pages: title, address and beginning, each once, eight at most, with the key and in the engine's own form", async () => {
    const page = (n: number) => ({ title: `Tea ${n}`, url: `https://tea.test/${n}`, text: `About ${n}` });
    server.behaviour.pages = [page(1), page(1), ...Array.from({ length: 12 }, (_, i) => page(i + 2))];
    const found = await search(kind, "grüner Tee & 茶 “x”");
    expect(found).toEqual(Array.from({ length: 8 }, (_, i) => page(i + 1)));
    const key = { searxng: null, brave: KEY, tavily: `Bearer ${KEY}` }[kind];
    const count = kind === "searxng" ? null : "8";
    expect(server.asked).toEqual([{ engine: kind, query: "grüner Tee & 茶 “x”", key, count }]);
  });

  test("nothing found is an answer", async () => {
    expect(await search(kind)).toEqual([]);
  });

  test.each([
    ["key", kind === "searxng" ? "format json" : "does not accept this server's key"],
    ["rateLimit", "no more requests at the moment"],
    ["usedUp", kind === "searxng" ? "no more requests" : "used up"],
    ["html", "could not be read"],
    ["broken", "could not be read"],
    ["error", "(500)"],
  ] as const)("%s is told in words, without address and key", async (failure, words) => {
    server.behaviour.failure = failure;
    const error = await search(kind).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toContain(words);
    expect(message).not.toMatch(/127\.0\.0\.1|key-of/);
  });

  test("pages that lead nowhere are left out, and long ones cut", async () => {
    server.behaviour.pages = [
      { title: "Bad", url: "javascript:alert(1)", text: "" },
      { title: "T".repeat(500), url: "https://tea.test/", text: "x".repeat(2_000) },
    ];
    const [only, ...others] = await search(kind);
    expect(others).toEqual([]);
    expect([only?.title.length, only?.text.length]).toEqual([200, 600]);
  });

  test("a search that is given up, and an engine that is not there", async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(search(kind, "tea", abort.signal)).rejects.toThrow(/abort/i);
    await server.close();
    await expect(search(kind)).rejects.toThrow("could not be reached");
    server = await startSearchServer();
  });
});

test("Brave marks words as HTML does: the marks are taken out, and what they stand for is read", async () => {
  server.behaviour.pages = [
    {
      title: "Tea &amp; Co",
      url: "https://tea.test/",
      text: "<strong>Green</strong> tea isn&#x27;t &quot;black&quot;; 1 &lt; 2",
    },
  ];
  expect(await search("brave")).toEqual([
    { title: "Tea & Co", url: "https://tea.test/", text: `Green tea isn't "black"; 1 < 2` },
  ]);
});

test("SearXNG whose engines are all silent has not looked: that is no empty result", async () => {
  server.behaviour.silent = [
    ["google", "Suspended: too many requests"],
    ["brave", "timeout"],
  ];
  await expect(search("searxng")).rejects.toThrow("None of the search engines behind it answered");
  server.behaviour.pages = [{ title: "Tea", url: "https://tea.test/", text: "" }];
  expect(await search("searxng")).toHaveLength(1);
});
