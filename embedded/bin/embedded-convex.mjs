#!/usr/bin/env node
// @ts-check
/**
 * The command `embedded-convex`. Plain JavaScript with nothing imported that an old Node could break, so that it gets a
 * sentence, not a stack.
 */
import { existsSync } from "node:fs";

const OLDEST_NODE = { major: 20, minor: 19 };
/** Errors whose message is a sentence for the person who ran the command. */
const EXPLAINED = new Set(["CommandError", "BuildError", "StorageError", "ListenError"]);

/** @param {string} message */
function refuse(message) {
  console.error(message);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor)) {
  refuse(
    `embedded-convex needs Node ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer; this is ${process.versions.node}. ` +
      "Install a newer one from nodejs.org.",
  );
}

const command = new URL("../dist/command.js", import.meta.url);
if (!existsSync(command)) {
  refuse(
    'embedded-convex is not built here. Run "npm run build --workspace embedded-convex" in its repository.',
  );
}
try {
  const { run } = await import(command.href);
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  if (EXPLAINED.has(error.name)) refuse(error.message);
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
    refuse(`${error.message}\nSomething is not installed. Run "npm install" and try again.`);
  }
  refuse(`embedded-convex could not be started: ${error.stack}`);
}
