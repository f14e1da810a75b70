/** The real server with a model provider that does as told, and people who use it. */
import { ChatClient } from "../helpers/chatClient.ts";
import type { ChatClientOptions } from "../helpers/chatClient.ts";
import { announceNetwork } from "../helpers/network.ts";
import { startOpenaiServer } from "../helpers/openaiServer.ts";
import type { OpenaiServer } from "../helpers/openaiServer.ts";
import { freePort, startServer, temporaryFolder } from "../helpers/server.ts";
import type { RunningServer } from "../helpers/server.ts";

export class Chat {
  private readonly clients = new Set<ChatClient>();

  private constructor(
    readonly provider: OpenaiServer,
    readonly dataDir: string,
    private readonly port: number,
    private readonly env: Record<string, string>,
    private readonly removeFolder: () => Promise<void>,
    /** The running process; another one after `restart`. */
    public server: RunningServer,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Chat> {
    const provider = await startOpenaiServer();
    const { folder, remove } = await temporaryFolder();
    const port = await freePort();
    const settings = { OPENAI_BASE_URL: provider.url, ...env };
    const server = await startServer({ dataDir: folder, port, env: settings });
    return new Chat(provider, folder, port, settings, remove, server);
  }

  /** A new guest, or with another client's `token` the same person in another tab. */
  async open(options?: ChatClientOptions): Promise<ChatClient> {
    const client = await ChatClient.open(this.server.url, options);
    this.clients.add(client);
    return client;
  }

  /** Starts the server again on the same port and data, after it was killed or terminated. */
  async restart(): Promise<void> {
    this.server = await startServer({ dataDir: this.dataDir, port: this.port, env: this.env });
    announceNetwork();
  }

  /** Closes the clients opened so far; for between tests. */
  async closeClients(): Promise<void> {
    await Promise.all([...this.clients].map((client) => client.close()));
    this.clients.clear();
  }

  async close(): Promise<void> {
    await this.closeClients();
    await this.server.terminate();
    await this.provider.close();
    await this.removeFolder();
  }
}
