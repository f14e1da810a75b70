import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ConvexHttpClient } from "convex/browser";
import { onTestFinished } from "vitest";
import { startProgram } from "./program.ts";
import type { Command, Ran } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** What `convex/bin/main.js` imports, and nothing else. Run by itself it starts in half the time: Node.js looks for no exports in its 6 MB. */
const CLI = path.join(ROOT, "node_modules/convex/dist/cli.bundle.cjs");
const APP = fileURLToPath(new URL("./fixtures/app", import.meta.url));

export type Deployment = { url: string; adminKey: string };

/** A Convex project in a folder of its own, and the official CLI in it. */
export class Project {
  constructor(
    readonly folder: string,
    readonly deployment: Deployment,
    private readonly env: Record<string, string> = {},
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

  /** The same, with these variables for the CLI. */
  with(env: Record<string, string>): Project {
    return new Project(this.folder, this.deployment, { ...this.env, ...env });
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

  /** Calls public functions where the CLI is not what is tried: a process of its takes a second. */
  client(): ConvexHttpClient {
    return new ConvexHttpClient(this.deployment.url);
  }

  start(...args: string[]): Command {
    return startProgram([CLI, ...args], this.folder, {
      CONVEX_SELF_HOSTED_URL: this.deployment.url,
      CONVEX_SELF_HOSTED_ADMIN_KEY: this.deployment.adminKey,
      ...this.env,
    });
  }
}
