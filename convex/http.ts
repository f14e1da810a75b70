import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";
import { auth } from "./auth";
import { chatStream } from "./model/chatStream/chatStream";
import { preflight } from "./model/chatStream/responses";

const http = httpRouter();

// The OpenID configuration and the public keys with which the backend checks the guests' tokens.
auth.addHttpRoutes(http);

/** A prompt in, the answer's text out: for scripts. See `README.md`. */
http.route({ path: "/chat-stream", method: "POST", handler: httpAction(chatStream) });
http.route({
  path: "/chat-stream",
  method: "OPTIONS",
  handler: httpAction(() => Promise.resolve(preflight())),
});

export default http;
