import type { Page, WebSocketRoute } from "playwright-core";

/**
 * Stands between a page and its server: what the server says can be held back and let go, or be told differently.
 * For `Person.openTab`.
 */
export class ServerValve {
  private held: (() => void)[] | null = null;
  private readonly connections = new Set<() => void>();
  private away = false;

  /** `retell` changes what the server says, one JSON value a message. */
  constructor(private readonly retell: ((message: unknown) => void) | null = null) {}

  readonly prepare = (page: Page): Promise<void> =>
    page.routeWebSocket(/\/sync$/, (socket) => this.connect(socket));

  /** From now on the page hears nothing; what it says arrives. */
  hold(): void {
    this.held ??= [];
  }

  /** The page hears all that was held back, and from now on everything. */
  release(): void {
    const waiting = this.held ?? [];
    this.held = null;
    for (const pass of waiting) pass();
  }

  /** Breaks the connection, as a network does. The page may make another. */
  cut(): void {
    for (const close of this.connections) close();
    this.connections.clear();
  }

  /** No connection is to be had until `comeBack`. */
  goAway(): void {
    this.away = true;
    this.cut();
  }

  comeBack(): void {
    this.away = false;
  }

  private connect(socket: WebSocketRoute): void {
    if (this.away) {
      void socket.close({ code: 1012 });
      return;
    }
    const server = socket.connectToServer();
    this.connections.add(() => {
      void socket.close({ code: 1012 });
      void server.close();
    });
    socket.onMessage((message) => server.send(message));
    server.onMessage((message) => {
      const pass = (): void => socket.send(this.retold(message));
      if (this.held === null) pass();
      else this.held.push(pass);
    });
  }

  private retold(message: string | Buffer): string | Buffer {
    if (this.retell === null || typeof message !== "string") return message;
    const value: unknown = JSON.parse(message);
    this.retell(value);
    return JSON.stringify(value);
  }
}
