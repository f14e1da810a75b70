/** Which files the prompt has that is being written, and whether it can be sent. */
import { afterEach, describe, expect, test } from "vitest";
import { reachable } from "../../../src/app/convexUrl.ts";
import { draftFiles, readiness, type Attachment } from "../../../src/files/draftFiles.ts";
import { pastedFiles } from "../../../src/files/pastedFiles.ts";
import { localOf, rememberLocal } from "../../../src/files/previews.ts";
import type { Upload, UploadState } from "../../../src/files/uploads.ts";
import { stopWaiting, waitingSends, waitToSend } from "../../../src/files/waitingSends.ts";
import { entry } from "../support/messages.ts";

const attachment = (id: string): Attachment => ({
  _id: id as Attachment["_id"],
  ...{ filename: `${id}.txt`, mediaType: "text/plain", size: 1, url: null },
});

const upload = (id: string, state: UploadState): Upload => ({
  ...{
    id,
    draftKey: "new",
    taskId: null,
    file: new Blob(["x"]),
    filename: id,
    mediaType: "text/plain",
    state,
  },
});
const UPLOADING: UploadState = { kind: "uploading", progress: 0.5 };
const FAILED: UploadState = { kind: "failed", message: "no" };

describe("a draft's files", () => {
  test("the server's, then this tab's uploads; those of a prompt on its way are not in the draft any more", () => {
    const sent = { ...entry("c1"), files: [attachment("a")] };
    const files = draftFiles([attachment("a"), attachment("b")], [upload("u", UPLOADING)], [sent]);
    expect(files.map(({ kind, key }) => [kind, key])).toEqual([
      ["attached", "b"],
      ["upload", "u"],
    ]);
  });

  test("a file keeps its key when its upload becomes the server's", () => {
    rememberLocal("c", { key: "upload-1", url: null });
    expect(draftFiles([attachment("c")], [], []).map(({ key }) => key)).toEqual(["upload-1"]);
  });

  test("only so many pictures are remembered; the oldest is then shown from the server", () => {
    for (let i = 0; i < 50; i++) rememberLocal(`p${i}`, { key: `u${i}`, url: null });
    expect([localOf("p9"), localOf("p10")?.key]).toEqual([undefined, "u10"]);
  });

  test.each([
    ["nothing", [], "ready"],
    ["an upload that runs", [UPLOADING], "uploading"],
    ["an upload that failed, beside one that runs", [UPLOADING, FAILED], "failed"],
  ] as const)("[G13] with %s it is %s", (_what, states, expected) => {
    const uploads = states.map((state, index) => upload(String(index), state));
    expect(readiness(draftFiles([attachment("a")], uploads, []))).toBe(expected);
  });
});

describe("[G13] a Send that waits for files", () => {
  afterEach(() => stopWaiting("new"));

  test("is remembered for its draft, with what to do about a live reply, until it is taken back", () => {
    waitToSend("new", "queue");
    waitToSend("other", "reject");
    expect([...waitingSends.get()]).toEqual([
      ["new", "queue"],
      ["other", "reject"],
    ]);
    stopWaiting("other");
    const before = waitingSends.get();
    stopWaiting("unknown");
    expect(waitingSends.get()).toBe(before);
    expect([...before.keys()]).toEqual(["new"]);
  });
});

describe("a paste", () => {
  const file = new File(["x"], "a.png");
  const data = (types: string[]) => ({ types, files: [file] as unknown as FileList });

  test("of a picture is a file; of text with a picture of it, text", () => {
    expect(pastedFiles(data(["Files"]))).toEqual([file]);
    expect(pastedFiles(data(["text/html", "Files"]))).toEqual([file]);
    expect(pastedFiles(data(["text/plain", "text/html", "Files"]))).toEqual([]);
    expect(pastedFiles(null)).toEqual([]);
  });
});

test("a deployment's address is taken by the way in which this page reaches it", () => {
  expect(reachable("http://127.0.0.1:3210/api/storage/x?y=1", "http://localhost:3210")).toBe(
    "http://localhost:3210/api/storage/x?y=1",
  );
});
