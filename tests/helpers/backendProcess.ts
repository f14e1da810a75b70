/** The embedded backend with any functions folder, in a process of its own that can be killed. */
import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { BackendOptions } from "../../embedded/backend.ts";
import { root } from "./server.ts";

export type ToBackend = { type: "close" };
export type FromBackend = { type: "ready"; url: string };

/** Made by `tests/faults/globalSetup.ts`. */
const PROGRAM = path.join(root, "dist/test/backendMain.js");

export interface BackendProcess {
  readonly url: string;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** A clean end. */
  close(): Promise<void>;
}

export async function startBackendProcess(
  options: Pick<BackendOptions, "functionsDir" | "buildDir" | "dataDir" | "port" | "env">,
): Promise<BackendProcess> {
  const child = fork(PROGRAM, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const url = await Promise.race([
    new Promise<string>((resolve) => {
      child.on("message", (message: FromBackend) => resolve(message.url));
    }),
    exited.then(() => {
      throw new Error("The backend ended before it was ready");
    }),
  ]);
  return {
    url,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    close: async () => {
      child.send({ type: "close" } satisfies ToBackend);
      await exited;
    },
  };
}
