import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clientLimits, DEFAULT_CLIENT_LIMITS } from "../../embedded/clientLimits.ts";
import { maxOpenFiles } from "../../embedded/openFiles.ts";
import { temporaryFolder } from "../helpers/server.ts";

test("[E16.9] connections get half of the open files that the system allows, and nobody more of them than before", () => {
  expect(clientLimits({}, 1024)).toMatchObject({
    connections: 512,
    connectionsPerAddress: 256,
    sockets: 256,
    anonymousSocketsPerAddress: 64,
    socketsPerPerson: 16,
  });
  expect(clientLimits({ connections: 100 }, 1024)).toMatchObject({ connections: 100, socketsPerPerson: 256 });
  expect(clientLimits({}, 524_288)).toEqual(DEFAULT_CLIENT_LIMITS);
  expect(clientLimits({}, Infinity)).toEqual(DEFAULT_CLIENT_LIMITS);
});

test("[E16.9] how many open files there may be is what the system says", async () => {
  const { folder, remove } = await temporaryFolder();
  onTestFinished(remove);
  const file = path.join(folder, "limits");
  const say = (count: string) =>
    writeFile(
      file,
      `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${count}                 4096                 files\n`,
    );
  await say("1024");
  expect(maxOpenFiles(file)).toBe(1024);
  await say("unlimited");
  expect(maxOpenFiles(file)).toBe(Infinity);
  expect(maxOpenFiles(path.join(folder, "none"))).toBe(Infinity);
});
