import type { Page } from "playwright-core";

/**
 * Lets the send of `prompt` reach the server, and nothing of the server reach the page after it: the connection breaks,
 * or stays and is silent. For `Person.openTab`; connections made later are whole.
 */
export function loseResponseTo(prompt: string, how: "disconnect" | "silence") {
  let lost = false;
  const prepare = (page: Page) =>
    page.routeWebSocket(/\/sync$/, (socket) => {
      const server = socket.connectToServer();
      let broken = false;
      socket.onMessage((message) => {
        server.send(message);
        if (lost || !message.includes("messages:send") || !message.includes(prompt)) return;
        lost = true;
        broken = true;
        if (how === "disconnect") void socket.close({ code: 1012 });
      });
      server.onMessage((message) => {
        if (!broken) socket.send(message);
        else if (how === "disconnect") void server.close();
      });
    });
  return { prepare, lost: () => lost };
}
