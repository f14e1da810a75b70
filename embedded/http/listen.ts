import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Connections that the system keeps until they are accepted, as many as Linux allows by default. When there is no room, it lets a newcomer
 * try again after 1, 3 and 7 s; Node.js's own 511 are used up by one client that connects again and again.
 */
const BACKLOG = 4096;

/** The address cannot be listened on. The message says what to do. */
export class ListenError extends Error {
  override name = "ListenError";
}

/** Starts to listen, or throws a `ListenError` whose message says what to do. Returns the port (which was 0 for "any"). */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      reject(new ListenError(explain(error, host, port), { cause: error }));
    };
    server.once("error", onError);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off("error", onError);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** The origin under which this machine itself reaches the server. */
export function originOf(host: string, port: number): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const name = isEverywhere ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case "EADDRINUSE":
      return (
        `Port ${port} on ${host} is in use. Stop the program that uses it (perhaps another copy of this one), ` +
        `or choose another port, for example PORT=${port + 1}.`
      );
    case "EACCES":
      return `Port ${port} may not be opened by this user. Choose one above 1023, for example PORT=3210.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return (
        `HOST=${host} is not an address of this machine. Use 127.0.0.1 for this machine only, or 0.0.0.0 to let other ` +
        "machines in."
      );
    default:
      return `Cannot listen on ${host}:${port}: ${message}`;
  }
}
