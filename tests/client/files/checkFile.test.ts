/** What may be attached, by type, bytes and size. */
import { Blob } from "node:buffer";
import { describe, expect, test } from "vitest";
import { essenceOf, fileKind, formatBytes } from "../../../convex/shared/files";
import { checkFile } from "../../../src/files/checkFile.ts";

const MEBIBYTE = 1024 * 1024;

/** jsdom's files cannot be read; Node's can. */
const file = (name: string, type: string, content: string | Uint8Array): File =>
  Object.assign(new Blob([content], { type }), { name, lastModified: 0 }) as unknown as File;

describe("checkFile", () => {
  test.each([
    ["a.png", "image/png", "x", "image/png"],
    ["a.webp", "image/webp", "x", "image/webp"],
    ["a.pdf", "application/pdf", "x", "application/pdf"],
    ["a.PDF", "", "x", "application/pdf"],
    ["a.md", "text/markdown", "# Hi", "text/markdown"],
    ["a.json", "application/json", "{}", "application/json"],
    ["main.ts", "video/mp2t", "const a = 1;", "text/plain"],
    ["Makefile", "", "all:\n", "text/plain"],
    ["a.svg", "image/svg+xml", "<svg/>", "text/plain"],
    ["umlauts.txt", "text/plain", "für dich", "text/plain"],
  ])("%s (%s) is attached as %s", async (name, type, content, mediaType) => {
    expect(await checkFile(file(name, type, content))).toEqual({ ok: true, mediaType });
  });

  test.each([
    ["a program", "a.exe", "application/octet-stream", new Uint8Array([77, 90, 0, 0])],
    ["a picture that models do not take", "a.heic", "image/heic", new Uint8Array([0, 0, 0, 24])],
    ["text of another encoding", "latin1.txt", "text/plain", new Uint8Array([102, 252, 114])],
    ["text of two bytes a character", "utf16.txt", "text/plain", new Uint8Array([255, 254, 65, 0])],
  ])("%s is refused", async (_what, name, type, bytes) => {
    expect(await checkFile(file(name, type, bytes))).toEqual({ ok: false, reason: "type" });
  });

  test("an empty file is refused, and one beyond the limit of its kind, which is told", async () => {
    expect(await checkFile(file("a.txt", "text/plain", ""))).toEqual({ ok: false, reason: "empty" });
    const large = "x".repeat(MEBIBYTE + 1);
    expect(await checkFile(file("a.txt", "text/plain", large))).toEqual({
      ...{ ok: false, reason: "size", kind: "text", limit: MEBIBYTE },
    });
    expect(await checkFile(file("a.log", "", large))).toMatchObject({ reason: "size" });
    expect(await checkFile(file("a.png", "image/png", large))).toMatchObject({ ok: true });
  });
});

test("kinds by media type, with and without parameters", () => {
  expect(essenceOf("Text/Plain; charset=utf-8")).toBe("text/plain");
  expect(["image/png", "text/html", "application/pdf"].map(fileKind)).toEqual(["image", "text", "pdf"]);
  expect(["image/svg+xml", "application/zip", ""].map(fileKind)).toEqual([null, null, null]);
});

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_536, "1.5 kB"],
  [900_000, "879 kB"],
  [10 * MEBIBYTE, "10 MB"],
])("%i bytes are %s", (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});
