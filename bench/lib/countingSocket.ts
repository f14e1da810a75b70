/** WebSockets for the official clients that count what comes in: as JSON text, and as bytes on the wire. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import WebSocket from "ws";

/** As if through a proxy: for clients of the same machine the backend does not compress. An address of documentation. */
const REMOTE_HOST = "192.0.2.1";

export interface ByteCounter {
  /** For `webSocketConstructor` of one client. */
  readonly webSocketConstructor: typeof globalThis.WebSocket;
  /** Characters of all messages received; the protocol's JSON is nearly all ASCII. */
  readonly rawBytes: number;
  /** Bytes received on the connection: compressed, with frames and TCP's payload only. */
  readonly wireBytes: number;
}

export function createByteCounter(): ByteCounter {
  let rawBytes = 0;
  const connections: Socket[] = [];
  class CountingWebSocket extends WebSocket {
    constructor(url: string | URL) {
      super(url, { headers: { host: REMOTE_HOST } });
      this.on("upgrade", (response: IncomingMessage) => connections.push(response.socket));
      this.on("message", (data: Buffer) => (rawBytes += data.byteLength));
    }
  }
  return {
    webSocketConstructor: CountingWebSocket as unknown as typeof globalThis.WebSocket,
    get rawBytes() {
      return rawBytes;
    },
    get wireBytes() {
      return connections.reduce((sum, connection) => sum + connection.bytesRead, 0);
    },
  };
}
