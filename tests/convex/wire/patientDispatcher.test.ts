/** [G12] How long a server may be silent is our setting, not that of Node's `fetch`. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { patientDispatcher } from "../../../convex/providers/wire/patientDispatcher";
import { tolerantFetch } from "../../../convex/providers/wire/tolerantFetch";

const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
const before: unknown = Reflect.get(globalThis, DISPATCHER);

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.set(globalThis, DISPATCHER, before);
});

/** As undici names it. */
class Agent {
  constructor(readonly options: unknown = {}) {}
}

describe("Node's own limits", () => {
  test("are off for requests to a model", async () => {
    Reflect.set(globalThis, DISPATCHER, new Agent());
    const fetched = vi.fn((_url: string, _init: RequestInit & { dispatcher?: unknown }) =>
      Promise.resolve(new Response("data: [DONE]\n\n")),
    );
    vi.stubGlobal("fetch", fetched);
    const ask = tolerantFetch("chat", { onBytes: () => undefined });
    await ask("http://model.test/v1/chat/completions", { method: "POST", body: "{}" });
    expect(fetched.mock.calls[0]?.[1].dispatcher).toEqual(new Agent({ headersTimeout: 0, bodyTimeout: 0 }));
    expect(patientDispatcher().dispatcher, "one for all, so that connections are used again").toBe(
      fetched.mock.calls[0]?.[1].dispatcher,
    );
  });

  test("are left alone where somebody else sends the requests, and where there is no such thing", () => {
    class ProxyAgent extends Agent {}
    Reflect.set(globalThis, DISPATCHER, new ProxyAgent());
    expect(patientDispatcher()).toEqual({});
    Reflect.set(globalThis, DISPATCHER, null);
    expect(patientDispatcher()).toEqual({});
  });
});
