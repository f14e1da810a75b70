/** A Node program as a child process, and what it prints. */
import { spawn } from "node:child_process";
import { onTestFinished } from "vitest";

/** What ran, and what it left. */
export type Ran = { code: number | null; stdout: string; stderr: string };

export type Command = {
  /** Everything that it has printed so far. */
  printed(): string;
  /** Resolves when it has printed `text`; rejects if it ends before. */
  untilPrinted(text: string | RegExp): Promise<void>;
  ended: Promise<Ran>;
  /** As Ctrl-C does. */
  interrupt(): Promise<Ran>;
};

/** Starts `node <args>` in `folder`, with nothing of this process's environment but `PATH`. It ends with the test. */
export function startProgram(
  args: readonly string[],
  folder: string,
  env: Record<string, string> = {},
): Command {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: folder, NO_COLOR: "1", CI: "1", ...env },
  });
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  const wake = (): void => watchers.forEach((watcher) => watcher());
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    wake();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    wake();
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  const printed = (): string => `${stdout}\n${stderr}`;
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    printed,
    untilPrinted: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (typeof text === "string" ? !printed().includes(text) : !text.test(printed())) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        void ended.then(() => reject(new Error(`It ended without printing ${String(text)}:\n${printed()}`)));
        look();
      }),
    ended,
    interrupt: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}
