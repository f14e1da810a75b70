/** Serves the `useChat` page as the AI SDK's documentation has it: the page, and one route that streams an answer. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import react from "@vitejs/plugin-react";
import { convertToModelMessages, streamText } from "ai";
import type { UIMessage } from "ai";
import { build } from "vite";

const source = fileURLToPath(new URL("useChat", import.meta.url));
const built = fileURLToPath(new URL("../../dist/bench/useChat", import.meta.url));

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
};

export interface UseChatServer {
  readonly url: string;
  close(): void;
}

export async function startUseChatServer(providerUrl: string): Promise<UseChatServer> {
  await build({
    root: source,
    configFile: false,
    logLevel: "error",
    plugins: [react()],
    worker: { format: "es" },
    build: { outDir: built, emptyOutDir: true, chunkSizeWarningLimit: 2_000 },
  });
  const provider = createOpenAICompatible({ name: "bench", baseURL: providerUrl, apiKey: "bench" });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { messages } = JSON.parse(body) as { messages: UIMessage[] };
    await streamText({
      model: provider.chatModel("test-model"),
      messages: await convertToModelMessages(messages),
    }).pipeUIMessageStreamToResponse(response);
  };
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/api/chat") return answer(request, response);
    const file = path.join(built, path.normalize(pathname === "/" ? "/index.html" : pathname));
    response.setHeader("content-type", MEDIA_TYPES[path.extname(file)] ?? "application/octet-stream");
    response.end(await readFile(file));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
