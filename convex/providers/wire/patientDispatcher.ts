/** Where Node's `fetch` keeps what sends its requests, for all copies of undici in a process: `lib/global.js` there. */
const DISPATCHER = Symbol.for("undici.globalDispatcher.1");

type Agent = new (options: { headersTimeout: number; bodyTimeout: number }) => object;

let own: { Agent: Agent; dispatcher: object } | null = null;

/**
 * Node's `fetch` gives up a request whose server has sent no header, or no byte, for five minutes, whatever our own limits say: Ollama
 * sends its header with the first word. This is what `fetch` takes to wait as long as it is let. Nothing where there is no such
 * thing (Convex's runtime), or where somebody has put their own in its place, a proxy for example.
 */
export function patientDispatcher(): { dispatcher?: object } {
  // It is there once any part of `fetch` was used.
  new Response();
  const current: unknown = Reflect.get(globalThis, DISPATCHER);
  if (typeof current !== "object" || current === null) return {};
  const Agent = current.constructor as Agent;
  if (Agent.name !== "Agent") return {};
  if (own?.Agent !== Agent) own = { Agent, dispatcher: new Agent({ headersTimeout: 0, bodyTimeout: 0 }) };
  return { dispatcher: own.dispatcher };
}
