/** Where pushed code is kept: a folder for each push, and the name of the one that runs. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const FOLDER = "functions";
const CURRENT = "current";
/** In place of a data folder, where there is none. */
const WORK = "work";

export class PushFolder {
  private readonly directory: string;

  constructor(private readonly dataDir: string) {
    this.directory =
      dataDir === "memory"
        ? mkdtempSync(path.join(tmpdir(), "convex-functions-"))
        : path.join(dataDir, FOLDER);
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  /** A folder that has room for others: the data folder, or where one is kept in its place. */
  get besides(): string {
    return this.dataDir === "memory" ? path.join(this.directory, WORK) : this.dataDir;
  }

  /** Where the next push is compiled to. */
  newFolder(): string {
    const folder = path.join(this.directory, randomUUID());
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  }

  /** The folder of the last push that was finished, or `null`. */
  current(): string | null {
    const file = path.join(this.directory, CURRENT);
    if (!existsSync(file)) return null;
    const folder = path.join(this.directory, path.basename(readFileSync(file, "utf8").trim()));
    return existsSync(folder) ? folder : null;
  }

  /** Makes `folder` the one that a restart begins with. That of before stays: runs that have begun may still read it. */
  async makeCurrent(folder: string): Promise<void> {
    const before = this.current();
    const file = path.join(this.directory, CURRENT);
    await writeFile(`${file}.new`, `${path.basename(folder)}\n`, { flush: true });
    await rename(`${file}.new`, file);
    await this.sweep([folder, ...(before === null ? [] : [before])]);
  }

  /** Removes what was compiled and is not to be kept. For who holds the data folder's lock only. */
  async sweep(keptFolders: readonly string[]): Promise<void> {
    const kept = [CURRENT, WORK, ...keptFolders.map((folder) => path.basename(folder))];
    for (const name of await readdir(this.directory)) {
      if (!kept.includes(name)) await this.discard(path.join(this.directory, name));
    }
  }

  async discard(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }

  /** What was kept in memory's place goes with the process. */
  async close(): Promise<void> {
    if (this.dataDir === "memory") await this.discard(this.directory);
  }
}
