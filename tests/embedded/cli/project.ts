import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const CLI = path.join(ROOT, "node_modules/convex/bin/main.js");
const APP = fileURLToPath(new URL("./fixtures/app", import.meta.url));

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

export type Deployment = { url: string; adminKey: string };

/** A Convex project in a folder of its own, and the official CLI in it. */
export class Project {
  constructor(
    readonly folder: string,
    readonly deployment: Deployment,
  ) {}

  /** A copy of the test's app. */
  static copy(deployment: Deployment, app: string = APP): Project {
    const folder = mkdtempSync(path.join(tmpdir(), "cli-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    cpSync(app, path.join(folder, "convex"), { recursive: true });
    symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(
      path.join(folder, "package.json"),
      JSON.stringify({ name: "cli-test", type: "module", dependencies: { convex: "*" } }),
    );
    return new Project(folder, deployment);
  }

  /** Runs `npx convex <args>` to its end. */
  convex(...args: string[]): Promise<Ran> {
    return this.start(...args).ended;
  }

  /** As `convex`; throws what it printed if it failed. */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.convex(...args);
    if (code !== 0)
      throw new Error(`convex ${args.join(" ")} ended with ${String(code)}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  start(...args: string[]): Command {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"],
        HOME: this.folder,
        NO_COLOR: "1",
        CI: "1",
        CONVEX_SELF_HOSTED_URL: this.deployment.url,
        CONVEX_SELF_HOSTED_ADMIN_KEY: this.deployment.adminKey,
      },
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
          void ended.then(() =>
            reject(new Error(`It ended without printing ${String(text)}:\n${printed()}`)),
          );
          look();
        }),
      ended,
      interrupt: () => {
        child.kill("SIGINT");
        return ended;
      },
    };
  }
}
