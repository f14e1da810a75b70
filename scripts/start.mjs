// @ts-check
/**
 * `npm start`, and with `--dev` `npm run dev`: builds what is missing or stale, then runs it. Plain JavaScript with
 * nothing imported that an old Node or a missing `npm install` could break, so that those get a sentence, not a stack.
 */

const OLDEST_NODE = { major: 20, minor: 19 };
const isDevelopment = process.argv.includes("--dev");
/** Errors whose message is a sentence for the person who starts Verbatim. */
const EXPLAINED = new Set(["StartError", "BuildError", "StorageError", "ListenError"]);

/** @param {string} message */
function refuse(message) {
  console.error(message);
  process.exit(1);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE.major || (major === OLDEST_NODE.major && minor < OLDEST_NODE.minor)) {
  refuse(
    `Verbatim needs Node ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer; this is ${process.versions.node}. ` +
      "Install a newer one from nodejs.org.",
  );
}

try {
  const { buildStale, root } = await import("./build.mjs");
  if (!(await buildStale({ page: !isDevelopment }))) process.exit(1);
  const { run } = await import(new URL("../dist/server/main.js", import.meta.url).href);
  await run({ root, isDevelopment });
} catch (error) {
  if (!(error instanceof Error)) throw error;
  if (EXPLAINED.has(error.name)) refuse(error.message);
  if ("code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
    refuse(`${error.message}\nSomething is not installed. Run "npm install" and try again.`);
  }
  refuse(`Verbatim could not be started: ${error.stack}`);
}
