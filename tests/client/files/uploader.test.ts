/** Uploads from the choice to the draft, with a server that the test plays. */
import { Blob } from "node:buffer";
import type { ConvexReactClient } from "convex/react";
import { getFunctionName, type FunctionReference } from "convex/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { failure } from "../../../convex/shared/errors";
import { addUploads, cancelUpload, carryUploads } from "../../../src/files/uploader.ts";
import { retryUpload, uploadsStore } from "../../../src/files/uploads.ts";

type Call = { name: string; args: Record<string, unknown> };

/** Requests that the test answers; the newest last. */
const requests: FakeRequest[] = [];
class FakeRequest {
  status = 0;
  response: unknown = null;
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;
  onloadend?: () => void;
  readonly headers: Record<string, string> = {};
  aborted = false;

  constructor() {
    requests.push(this);
  }
  open(): void {}
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
  send(): void {}
  abort(): void {
    this.aborted = true;
    this.onabort?.();
    this.onloadend?.();
  }
  answer(storageId: string): void {
    Object.assign(this, { status: 200, response: { storageId } });
    this.onload?.();
    this.onloadend?.();
  }
  break(): void {
    this.onerror?.();
    this.onloadend?.();
  }
}

let calls: Call[];
const LEAVE = {
  url: "http://localhost/api/storage/upload?token=t",
  contentType: "text/plain; ticket=secret",
};

let answers: Record<string, () => unknown>;
const convex = {
  mutation: (reference: FunctionReference<"mutation">, args: Record<string, unknown>) => {
    const name = getFunctionName(reference);
    calls.push({ name, args });
    return Promise.resolve().then(() => answers[name]?.() ?? null);
  },
} as unknown as ConvexReactClient;

beforeEach(() => {
  requests.length = 0;
  calls = [];
  answers = {
    "attachments:generateUploadUrl": () => LEAVE,
    "attachments:add": () => "attachment",
  };
  uploadsStore.set([]);
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** jsdom's files cannot be read; Node's can. */
const text = (name: string) =>
  Object.assign(new Blob(["text"], { type: "text/plain" }), { name }) as unknown as File;
const PLACE = { draftKey: "new", taskId: null, files: [] };
/** Chosen, and carried as the page does with a session. */
async function choose(place: Parameters<typeof addUploads>[0], files: File[]): Promise<void> {
  await addUploads(place, files);
  carryUploads(convex);
}
const states = () => uploadsStore.get().map(({ filename, state }) => [filename, state.kind]);
const added = () => calls.filter(({ name }) => name === "attachments:add").map(({ args }) => args);
const until = (state: () => unknown, expected: unknown): Promise<void> =>
  expect.poll(state).toEqual(expected);

test("uploading → gone: announced, posted with the type that says whose it is, then attached", async () => {
  await choose(PLACE, [text("a.txt")]);
  await until(() => requests.length, 1);
  requests[0]!.upload.onprogress?.({ loaded: 1, total: 4 });
  expect(uploadsStore.get()[0]?.state).toEqual({ kind: "uploading", progress: 0.25 });
  expect(requests[0]!.headers).toEqual({ "Content-Type": "text/plain; ticket=secret" });
  expect(calls[0]?.args).toEqual({ filename: "a.txt", mediaType: "text/plain", size: 4 });
  requests[0]!.answer("s1");
  await until(states, []);
  expect(added()).toEqual([{ taskId: null, storageId: "s1", filename: "a.txt" }]);
});

test("two that were chosen together are attached in the order of the choice, whichever arrives first", async () => {
  await choose(PLACE, [text("a.txt"), text("b.txt")]);
  await until(() => requests.length, 2);
  requests[1]!.answer("s2");
  requests[0]!.answer("s1");
  await until(states, []);
  expect(added().map(({ filename }) => filename)).toEqual(["a.txt", "b.txt"]);
});

test("uploading → failed → uploading → gone: a retry posts again, and attaches once", async () => {
  await choose(PLACE, [text("a.txt")]);
  await until(() => requests.length, 1);
  requests[0]!.break();
  await until(states, [["a.txt", "failed"]]);
  const { id } = uploadsStore.get()[0]!;
  retryUpload(id);
  carryUploads(convex);
  carryUploads(convex);
  expect(states()).toEqual([["a.txt", "uploading"]]);
  await until(() => requests.length, 2);
  requests[1]!.answer("s1");
  await until(states, []);
  expect(added()).toHaveLength(1);
});

test("what the server refuses is the upload's failure, in words", async () => {
  answers["attachments:add"] = () => {
    throw failure("TOO_MANY_FILES", "30 files already wait here.");
  };
  await choose(PLACE, [text("a.txt")]);
  await until(() => requests.length, 1);
  requests[0]!.answer("s1");
  await until(states, [["a.txt", "failed"]]);
  expect(uploadsStore.get()[0]?.state).toMatchObject({
    message: expect.stringContaining("too many files") as string,
  });
});

test("without a session it waits, and goes when there is one", async () => {
  answers["attachments:generateUploadUrl"] = () => {
    throw failure("UNAUTHENTICATED", "Your session has ended.");
  };
  await choose(PLACE, [text("a.txt")]);
  await expect.poll(() => calls).toHaveLength(1);
  await Promise.resolve();
  expect(states()).toEqual([["a.txt", "uploading"]]);
  answers["attachments:generateUploadUrl"] = () => LEAVE;
  await vi.waitFor(() => {
    carryUploads(convex);
    expect(requests).toHaveLength(1);
  }, 15_000);
  requests[0]!.answer("s1");
  await until(states, []);
});

test("uploading → removed: the request is aborted and nothing is attached", async () => {
  await choose(PLACE, [text("a.txt")]);
  await until(() => requests.length, 1);
  cancelUpload(uploadsStore.get()[0]!.id);
  expect([states(), requests[0]!.aborted]).toEqual([[], true]);
  await Promise.resolve();
  expect(added()).toEqual([]);
});

test("removed while it is attached: it is taken off the draft again", async () => {
  let attach: (id: string) => void = () => undefined;
  answers["attachments:add"] = () => new Promise((resolve) => (attach = resolve));
  await choose(PLACE, [text("a.txt")]);
  await until(() => requests.length, 1);
  requests[0]!.answer("s1");
  await until(() => added().length, 1);
  cancelUpload(uploadsStore.get()[0]!.id);
  attach("attachment");
  await until(() => calls.at(-1), { name: "attachments:remove", args: { attachmentId: "attachment" } });
});

test("no more than ten files, with those that are there, and 25 MB together", async () => {
  const there = Array.from({ length: 9 }, () => ({ size: 1 }));
  await choose({ ...PLACE, files: there }, [text("a.txt"), text("b.txt")]);
  expect(states()).toEqual([["a.txt", "uploading"]]);
  uploadsStore.set([]);
  await choose({ ...PLACE, files: [{ size: 25 * 1024 * 1024 }] }, [text("a.txt")]);
  expect(states()).toEqual([]);
});
