/** The command's flags. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { CommandError } from "../../../embedded/command/commandError.ts";
import { readOptions } from "../../../embedded/command/options.ts";
import { temporaryFolder } from "./installed.ts";

function project(): string {
  const { folder, dispose } = temporaryFolder();
  onTestFinished(dispose);
  mkdirSync(path.join(folder, "convex"));
  mkdirSync(path.join(folder, "backend/functions"), { recursive: true });
  return folder;
}

test("[E22.2] without flags: the folder `convex`, port 3210 of this machine only, and a data folder in the project", () => {
  const folder = project();
  expect(readOptions([], folder)).toEqual({
    kind: "serve",
    functionsDir: path.join(folder, "convex"),
    host: "127.0.0.1",
    port: 3210,
    dataDir: path.join(folder, ".embedded-convex"),
    mode: "local",
    env: {},
    allowedOrigins: [],
    once: false,
  });
});

test("[E22.2] convex.json says where the functions are, and a flag goes before it", () => {
  const folder = project();
  writeFileSync(path.join(folder, "convex.json"), '{ "functions": "backend/functions/" }');
  expect(readOptions([], folder)).toMatchObject({ functionsDir: path.join(folder, "backend/functions") });
  expect(readOptions(["--functions", "convex"], folder)).toMatchObject({
    functionsDir: path.join(folder, "convex"),
  });
});

test("[E22.2] every flag", () => {
  const folder = project();
  writeFileSync(path.join(folder, "functions.env"), "KEY=value # a comment\nOTHER='two words'\n");
  const flags =
    "--port 0 --host 0.0.0.0 --data memory --mode cloud --env functions.env --once " +
    "--allow-origin https://app.example.org/page --allow-origin *";
  expect(readOptions(flags.split(" "), folder)).toMatchObject({
    host: "0.0.0.0",
    port: 0,
    dataDir: "memory",
    mode: "cloud",
    env: { KEY: "value", OTHER: "two words" },
    allowedOrigins: ["https://app.example.org", "*"],
    once: true,
  });
  expect(readOptions(["--help", "--functions", "nowhere"], folder)).toEqual({ kind: "help" });
  expect(readOptions(["-v"], folder)).toEqual({ kind: "version" });
});

describe("[E22.2] what cannot be meant is refused in one line that says what to write", () => {
  test.each<[string, RegExp]>([
    ["--prt 1", /Unknown option '--prt'\. "embedded-convex --help" lists the flags\.$/],
    ["start", /Unexpected argument 'start'\. "embedded-convex --help"/],
    ["--port", /'--port <value>' argument missing/],
    ["--port 80x", /--port is "80x"\. Give a number/],
    ["--port 65536", /--port is "65536"/],
    ["--port=-1", /--port is "-1"/],
    ["--functions nowhere", /no functions folder at .*nowhere\. Make it, or name another one/],
    ["--functions convex.json", /convex\.json is no folder/],
    ["--mode fast", /--mode is "fast"\. Give "local" or "cloud"\./],
    ["--env missing.env", /--env .*missing\.env cannot be read \(ENOENT\)/],
    ["--allow-origin app", /--allow-origin is "app"\. Give an address/],
  ])("%s", (flags, message) => {
    const folder = project();
    writeFileSync(path.join(folder, "convex.json"), "{}");
    const read = (): unknown => readOptions(flags.split(" "), folder);
    expect(read).toThrow(CommandError);
    expect(read).toThrow(message);
    expect(read).not.toThrow("\n");
  });

  test("a broken convex.json", () => {
    const folder = project();
    writeFileSync(path.join(folder, "convex.json"), "{ functions");
    expect(() => readOptions([], folder)).toThrow(/convex\.json is not JSON/);
  });
});
