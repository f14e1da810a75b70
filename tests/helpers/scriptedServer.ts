/** Every provider's own format in one test server on loopback, each under a path of its own. What it answers goes by the words of the prompt. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PROVIDER_SCRIPTS, SCRIPT_NAMES, type ScriptName } from "./providerScripts/index.ts";

/** What a server repeats in its errors, and must be seen nowhere: it is the key of each entry. */
export const SCRIPTED_KEY = "scripted-key-0001";

export type ScriptedServer = {
  /** The entries of `verbatim.config.json` that connect all of them. */
  entries: readonly object[];
  /** Providers that answer everything with 503. */
  readonly down: Set<ScriptName>;
  close(): Promise<void>;
};

/**
 * Prompts: "tool NAME JSON" calls a tool first, "refuse" ends by a filter, "break" is an error in mid-answer, "fail N" the provider's N-th
 * refusal, "load N" lets a server load its model for N requests; any other gets everything that an answer can hold.
 */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const down = new Set<ScriptName>();
  const loading = new Map<string, number>();

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "";
    const name = path.split("/")[1] as ScriptName;
    const script = PROVIDER_SCRIPTS[name];
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const json = (status: number, value: unknown, headers: Record<string, string> = {}) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(text);
    };
    const stream = (text: string) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).end(text);
    if (down.has(name)) return json(503, { error: { code: 503, message: "Down for maintenance" } });
    if (/models(\?|$)/.test(path)) return json(200, script.list);
    const [, command, more = ""] =
      /.*"(?:text|content)":"(tool|refuse|break|fail|load)(?: ((?:[^"\\]|\\.)*))?"/s.exec(body) ?? [];
    const hasResult = /tool_result|function_call_output|"role":"tool"|functionResponse/.test(body);
    switch (command) {
      case "tool": {
        const [tool = "", ...input] = (JSON.parse(`"${more}"`) as string).split(" ");
        return stream(hasResult ? script.rich : script.tool(tool, JSON.parse(input.join(" ")) as object));
      }
      case "refuse":
        return stream(script.refusal);
      case "break":
        return stream(script.broken(SCRIPTED_KEY));
      case "fail": {
        const refusal = script.refusals(SCRIPTED_KEY)[Number(more)];
        return json(refusal?.status ?? 500, refusal?.body ?? "", refusal?.headers);
      }
      case "load": {
        const asked = (loading.get(name) ?? 0) + 1;
        loading.set(name, asked);
        if (asked > Number(more)) return stream(script.rich);
        return json(503, { error: { code: 503, message: "Loading model", type: "unavailable_error" } });
      }
      default:
        return stream(script.rich);
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    entries: SCRIPT_NAMES.map((name) => ({
      ...{ id: name, ...PROVIDER_SCRIPTS[name].config, name },
      ...{ baseURL: `http://127.0.0.1:${port}/${name}/v1`, apiKey: SCRIPTED_KEY },
      defaultModel: PROVIDER_SCRIPTS[name].model,
    })),
    down,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
