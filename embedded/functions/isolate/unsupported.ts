/** What queries and mutations must not do, and what this runtime lacks: each fails by name and says what to do. */

const notAllowed = (what: string): Error =>
  new Error(
    `Can't use ${what} in queries and mutations. Please consider using an action. ` +
      "See https://docs.convex.dev/functions/actions for more details.",
  );

/** Classes that packages may extend or mention while they are loaded, but that cannot be made in here. */
const UNSUPPORTED_CLASSES = [
  "ReadableStream",
  "ReadableStreamDefaultReader",
  "WritableStream",
  "TransformStream",
  "TextEncoderStream",
  "TextDecoderStream",
  "CompressionStream",
  "DecompressionStream",
  "ByteLengthQueuingStrategy",
  "CountQueuingStrategy",
] as const;

export function installUnsupported(global: Record<string, unknown>): void {
  global["fetch"] = async (): Promise<never> => {
    throw notAllowed("fetch()");
  };
  for (const name of ["setTimeout", "setInterval"]) {
    global[name] = () => {
      throw notAllowed(name);
    };
  }
  global["clearTimeout"] = global["clearInterval"] = () => undefined;
  for (const name of UNSUPPORTED_CLASSES) {
    global[name] = refusingClass(
      name,
      `${name} is not supported in queries and mutations by the embedded backend. Use it in an action instead.`,
    );
  }
  // Called by what the bundler makes of `import()`.
  global["convexRefuseImport"] = () => new TypeError("dynamic module import unsupported");
  global["AsyncLocalStorage"] = AsyncLocalStorage;
  global["AsyncResource"] = refusingClass("AsyncResource", ASYNC_CONTEXT_UNSUPPORTED);
}

/** A class that can be extended, but not made. */
function refusingClass(name: string, message: string): unknown {
  const refuse = function (): never {
    throw new Error(message);
  };
  Object.defineProperty(refuse, "name", { value: name });
  return refuse;
}

const ASYNC_CONTEXT_UNSUPPORTED =
  "AsyncLocalStorage is not supported in queries and mutations by the embedded backend. Pass the value as an argument instead.";

/** Packages make one while they are loaded, and ask it. Only following a value through promises is not possible. */
class AsyncLocalStorage {
  getStore(): undefined {
    return undefined;
  }
  disable(): void {
    // There is nothing to forget.
  }
  run(): never {
    throw new Error(ASYNC_CONTEXT_UNSUPPORTED);
  }
  enterWith(): never {
    throw new Error(ASYNC_CONTEXT_UNSUPPORTED);
  }
  exit<A extends unknown[], R>(callback: (...args: A) => R, ...args: A): R {
    return callback(...args);
  }
}
