/** The package as others get it: packed, and in a project elsewhere. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const EXAMPLE = path.join(ROOT, "embedded/examples/messages");

type Manifest = { dependencies: Record<string, string>; peerDependencies: Record<string, string> };

const npm = (folder: string, ...args: string[]): string =>
  execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** A temporary folder that `dispose` removes. */
export function temporaryFolder(): { folder: string; dispose: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), "embedded-convex-"));
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Packs the package into `folder`, and returns the tarball. */
export function pack(folder: string): string {
  npm(path.join(ROOT, "embedded"), "pack", "--silent", "--pack-destination", folder);
  const { version } = JSON.parse(readFileSync(path.join(ROOT, "embedded/package.json"), "utf8")) as {
    version: string;
  };
  return path.join(folder, `embedded-convex-${version}.tgz`);
}

/** A project with the example app, which has not been generated yet, in a folder below `folder`. */
export function makeProject(folder: string): string {
  const project = path.join(folder, "project");
  cpSync(EXAMPLE, project, {
    recursive: true,
    filter: (file) => !/_generated|node_modules|\.embedded/.test(file),
  });
  return project;
}

/** Puts the tarball into the project's `node_modules` as `npm install` would, but takes what it depends on from this repository. */
export function installOffline(project: string, tarball: string): void {
  const modules = path.join(project, "node_modules");
  const target = path.join(modules, "embedded-convex");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);
  const manifest = JSON.parse(readFileSync(path.join(target, "package.json"), "utf8")) as Manifest;
  const needed = [
    ...Object.keys(manifest.dependencies),
    ...Object.keys(manifest.peerDependencies),
    ...["vitest", "typescript", "@types/node"],
  ];
  for (const name of needed) {
    const link = path.join(modules, name);
    mkdirSync(path.dirname(link), { recursive: true });
    if (!existsSync(link)) symlinkSync(path.join(ROOT, "node_modules", name), link);
  }
}

/** `npm install` of the tarball, by the registry. */
export function installFromRegistry(project: string, tarball: string): void {
  const file = path.join(project, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as { devDependencies: Record<string, string> };
  manifest.devDependencies["embedded-convex"] = `file:${tarball}`;
  manifest.devDependencies["typescript"] = "6.0.3";
  manifest.devDependencies["@types/node"] = "20.19.43";
  writeFileSync(file, JSON.stringify(manifest));
  npm(project, "install", "--no-audit", "--no-fund");
}
