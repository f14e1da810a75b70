/** The world as a query or mutation sees it: time, chance, globals, limits, cryptography. */
import { AsyncLocalStorage, executionAsyncId } from "node:async_hooks";
import { generateKeyPairSync } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ENV, errorOf, startFixture, valueOf, type Backend } from "./harness.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await startFixture();
});
afterEach(() => {
  vi.useRealTimers();
});

type World = {
  before: number;
  after: number;
  fromNew: number;
  fromText: number;
  isDate: boolean;
  parsed: number;
  random: number[];
  uuid: string;
  bytes: number[];
};

describe("determinism", () => {
  test("[E8.6] time stands still during a call, and is the backend's clock", () => {
    vi.useFakeTimers({ now: 1_700_000_000_123, toFake: ["Date"] });
    const world = valueOf(backend.query("world:timeAndChance")) as World;
    expect(world).toMatchObject({
      before: 1_700_000_000_123,
      after: 1_700_000_000_123,
      fromNew: 1_700_000_000_123,
      fromText: 1_700_000_000_000,
      isDate: true,
      parsed: Date.UTC(2020, 0, 1),
    });
  });

  test("[E8.6] chance differs from call to call and is well-formed", () => {
    const [first, second] = [1, 2].map(() => valueOf(backend.query("world:timeAndChance")) as World);
    for (const { random, uuid } of [first!, second!]) {
      for (const number of random) expect(number >= 0 && number < 1).toBe(true);
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(first!.random).not.toEqual(second!.random);
    expect(first!.uuid).not.toBe(second!.uuid);
    expect(first!.bytes).not.toEqual(second!.bytes);
  });

  // convex-backend's npm-packages/udf-runtime/src/27_performance.ts, and for the clocks its
  // crates/isolate/src/environment/helpers/performance.rs.
  test("[E8.17] performance: marks and measures of this call; the clock stands still in queries and goes in mutations", () => {
    const expected = {
      between: [2, 3],
      names: ["mark begin", "mark given", "measure between"],
      detail: { a: [1] },
      afterClear: 1,
      failures: ["SyntaxError", "TypeError", "TypeError", "TypeError"],
      classes: [true, true],
    };
    vi.useFakeTimers({ now: 1_700_000_000_123, toFake: ["Date"] });
    const query = { ...expected, stoodStill: true, origin: 1_700_000_000_123 };
    expect(valueOf(backend.query("world:performanceOfQuery"))).toEqual(query);
    expect(valueOf(backend.query("world:performanceOfQuery"))).toEqual(query);
    expect(valueOf(backend.mutation("world:performanceOfMutation"))).toEqual({ ...expected, tenths: true });
  });

  // `AsyncOpRequest` in convex-backend's crates/isolate/src/environment/async_op.rs. Convex has streams
  // (npm-packages/udf-runtime/src/06_streams.ts) and async_hooks (04_async_hooks.ts), bodies of FormData (21_formdata.ts), and
  // no wrapKey (00_crypto.ts).
  test.each([
    ["fetch", "Can't use fetch() in queries and mutations. Please consider using an action."],
    ["setTimeout", "Can't use setTimeout in queries and mutations. Please consider using an action."],
    ["setInterval", "Can't use setInterval in queries and mutations. Please consider using an action."],
    ["ReadableStream", "ReadableStream is not supported in queries and mutations by the embedded backend."],
    ["TransformStream", "TransformStream is not supported in queries and mutations by the embedded backend."],
    ["body", "Streams are not supported in queries and mutations by the embedded backend."],
    [
      "AsyncLocalStorage",
      "AsyncLocalStorage is not supported in queries and mutations by the embedded backend.",
    ],
    ["FormData", "A FormData body is not supported in queries and mutations."],
    ["multipart", "Can't use formData() in queries and mutations. Please consider using an action."],
    ["wrapKey", "crypto.subtle.wrapKey is not supported in queries and mutations by the embedded backend."],
  ])("[E8.7] [E15.3] %s is refused by name, with what to do instead", (what, message) => {
    expect(errorOf(backend.query("world:forbidden", { what }))).toContain(message);
  });

  // `--disallow-code-generation-from-strings` in convex-backend's crates/isolate/src/client.rs.
  test.each(["new Function", "eval"])("[E8.7] text is not made code: %s", (what) => {
    expect(errorOf(backend.query("world:forbidden", { what }))).toContain(
      "Uncaught EvalError: Code generation from strings disallowed for this context",
    );
  });

  // Convex's npm-packages/udf-runtime/src/setup.ts does not set them up.
  test.each(["queueMicrotask", "MessageChannel", "WebSocket"])(
    "[E8.7] as on Convex there is no %s",
    (what) => {
      expect(valueOf(backend.query("world:forbidden", { what }))).toBe("undefined");
    },
  );

  test.each(["require", "setImmediate", "Buffer", "global", "WebAssemblyX"])(
    "[E8.7] nothing of Node.js is there: %s",
    (what) => {
      expect(valueOf(backend.query("world:forbidden", { what }))).toBe("undefined");
    },
  );
});

describe("web APIs", () => {
  test("those that need no network work, and make objects of the function's own world", () => {
    expect(valueOf(backend.query("world:webApis"))).toEqual({
      href: "https://user:pw@example.com:8080/b/a?x=1&y=+z&new=%C3%BC%26%3D",
      y: " z",
      badUrl: false,
      bytes: [...Buffer.from("grüße 🎉")],
      isOwnArray: true,
      text: "grüße 🎉",
      base64: btoa("hello\xff"),
      binary: atob("aGVsbG//"),
      json: { a: 1 },
      header: "1",
      reason: "why",
      clone: true,
      blob: "ab",
      params: "a=1+2&b=%C3%A4",
    });
  });

  // `URLSearchParams` in convex-backend's npm-packages/udf-runtime/src/00_url.ts: `has` and `delete` look at names only.
  test("[E8.13] URLSearchParams takes anything for text", () => {
    expect(valueOf(backend.query("world:searchParams"))).toEqual({
      text: "number=1&flag=true&nothing=null&7=8",
      values: ["string", "string", "string", "string"],
      has: [true, true, true],
      get: ["8", ["8"]],
      pairs: "1=2",
      afterDelete: "flag=true&nothing=null&7=8",
    });
  });

  // `pump_message_loop` in `run_inner`, convex-backend's crates/isolate/src/environment/udf/mod.rs.
  test("[E8.13] WebAssembly is compiled and instantiated within a query", () => {
    expect(valueOf(backend.query("world:webAssembly"))).toEqual([5, 9, true, "CompileError", true]);
  });

  test("[E8.10] variables of modules may keep their values, and are may not", () => {
    const counts = [1, 2, 3].map(() => valueOf(backend.query("world:moduleState")) as number);
    expect(counts.every((count) => count >= 1 && count <= 3)).toBe(true);
  });

  test("[E14.1] process.env: what is set, nothing else, and a function cannot change it", () => {
    const expected = [ENV.SECRET, null, ENV.CONVEX_SITE_URL];
    expect(valueOf(backend.query("world:env"))).toEqual(expected);
    expect(valueOf(backend.query("world:env"))).toEqual(expected);
  });
});

describe("cryptography", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ format: "pem", type: "pkcs8" }) as string;
  const spki = publicKey.export({ format: "pem", type: "spki" }) as string;

  test.each(["jose5", "jose6"])(
    "%s signs RS256 tokens inside of a mutation that others can verify",
    async (version) => {
      const token = valueOf(backend.mutation("signing:signRs256", { version, pkcs8 })) as string;
      expect(decodeProtectedHeader(token)).toEqual({ alg: "RS256" });
      expect((await jwtVerify(token, publicKey)).payload).toMatchObject({
        sub: "user",
        iss: "https://issuer",
      });
    },
  );

  const rounds = ["jose5", "jose6"].flatMap((version) =>
    ["HS256", "HS512", "RS256", "PS256", "ES256", "ES384", "EdDSA"].map((alg) => [version, alg] as const),
  );
  test.each(rounds)(
    "%s makes, exports, imports and uses keys for %s; a changed token is refused",
    (version, alg) => {
      const { sub, tampered } = valueOf(
        backend.query("signing:roundTrip", {
          version,
          alg,
          ...(/^[RP]S/.test(alg) && { rsa: { pkcs8, spki } }),
        }),
      ) as {
        sub: string;
        tampered: string;
      };
      expect(sub).toBe("me");
      expect(tampered).toMatch(/^JWSSignatureVerificationFailed/);
    },
  );

  test("[E8.8] digests, AES-GCM, PBKDF2 and HKDF give what the standards say; misuse is refused", () => {
    expect(valueOf(backend.query("signing:primitives"))).toEqual({
      digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      isOwnBuffer: true,
      opened: "abc",
      verified: true,
      notExportable: "InvalidAccessError",
      raw: 32,
      derived: "ac1490535c4a8b396de387991a69745b1ae03e5b43f9f5eb9184bc8cc818ef93",
      expanded: "fb71ed960a6eb96efbefdc6ff8675415",
      wrongUsage: "InvalidAccessError",
      otherVector: "NotSupportedError: AES-GCM IV must be 96 bits",
      otherTag: "NotSupportedError: tag length must be 128 bits",
      unsupported: "NotSupportedError",
    });
  });
});

describe("the time limit of user code", () => {
  const LIMIT = "Function execution timed out (maximum duration: 1s)\n";

  // An AsyncLocalStorage in use makes Node.js watch every promise. It aborts the process if an operation that it saw begin
  // is not the one that ends.
  test.each(["sync", "microtasks", "rejections"])(
    "[E8.5] a loop that never ends (%s) is cut off with Convex's sentence, and has written nothing; who traces asynchronous operations goes on",
    async (how) => {
      await new AsyncLocalStorage<string>().run("traced", async () => {
        await setImmediate();
        const operation = executionAsyncId();
        expect(errorOf(backend.mutation("basic:loops", { how }))).toBe(LIMIT);
        expect(executionAsyncId()).toBe(operation);
      });
      expect(valueOf(backend.query("notes:list"))).toEqual([]);
    },
  );

  // Which limit is reached first, that of the function's own code or that of the database's work for it, depends on
  // the machine.
  test.each(["syscalls", "catching"])(
    "[E8.5] a loop that asks the database without end (%s) gets no more answers, and has written nothing",
    (how) => {
      expect([LIMIT, "Your request timed out performing too many system operations.\n"]).toContain(
        errorOf(backend.mutation("basic:loops", { how })),
      );
      expect(valueOf(backend.query("notes:list"))).toEqual([]);
    },
  );

  test("[E8.5] in a batch, only the job with the loop is cut off; those before and after run", () => {
    const results: unknown[] = [];
    const echo = (value: number) => () => void results.push(valueOf(backend.query("basic:echo", { value })));
    const terminated: number[] = [];
    backend.executor.guard(
      [echo(1), () => void backend.mutation("basic:loops", { how: "sync" }), echo(2)],
      (index) => void terminated.push(index),
    );
    expect(results).toEqual([1, 2]);
    expect(terminated).toEqual([1]);
  });

  test("[E8.5] a loop inside of a called function ends the whole call", () => {
    expect(errorOf(backend.mutation("nested:callsLoop"))).toBe(LIMIT);
  });

  test("an error of the backend itself, in a job, is not taken for the guard's", () => {
    expect(() =>
      backend.executor.guard(
        [
          () => {
            throw new RangeError("a defect");
          },
        ],
        () => undefined,
      ),
    ).toThrow("a defect");
    expect(valueOf(backend.query("basic:echo", { value: 1 }))).toBe(1);
  });
});
