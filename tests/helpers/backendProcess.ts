/** The embedded backend with any functions folder, in a process of its own that can be killed. */
import { fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { BackendOptions } from "../../embedded/backend.ts";
import type { Metrics } from "../../embedded/engine/metrics.ts";
import { root } from "./server.ts";

export type ToBackend = { type: "close" } | { type: "metrics" };
export type FromBackend = { type: "ready"; url: string } | ({ type: "metrics" } & BackendFigures);

export type BackendFigures = {
  /** What its functions have done since its start. */
  metrics: Metrics;
  residentBytes: number;
  /** Microseconds of CPU since its start, all threads together. */
  cpuMicros: number;
};

/** Made by `tests/faults/globalSetup.ts`. */
const PROGRAM = path.join(root, "dist/test/backendMain.js");

export interface BackendProcess {
  readonly url: string;
  metrics(): Promise<BackendFigures>;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** A clean end. */
  close(): Promise<void>;
}

export async function startBackendProcess(
  options: Pick<
    BackendOptions,
    "functionsDir" | "buildDir" | "dataDir" | "port" | "env" | "limits" | "showErrors"
  >,
): Promise<BackendProcess> {
  const child = fork(PROGRAM, [JSON.stringify(options)], {
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const reply = async <Type extends FromBackend["type"]>(type: Type) => {
    const message = await new Promise<FromBackend>((resolve) => child.once("message", resolve));
    if (message.type !== type) throw new Error(`The backend said "${message.type}" when asked for "${type}"`);
    return message as Extract<FromBackend, { type: Type }>;
  };
  const { url } = await Promise.race([
    reply("ready"),
    exited.then(() => {
      throw new Error("The backend ended before it was ready");
    }),
  ]);
  return {
    url,
    metrics: () => {
      child.send({ type: "metrics" } satisfies ToBackend);
      return reply("metrics");
    },
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
