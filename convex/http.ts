import { httpRouter } from "convex/server";
import { httpAction } from "./_generated/server";
import { auth } from "./auth";
import { chatStream } from "./model/chatStream/chatStream";
import { preflight } from "./model/chatStream/responses";
import { completion } from "./model/completions/completion";
import { preflight as preflightOfCompletions } from "./model/completions/completionErrors";
import { modelObjects } from "./model/completions/modelObjects";

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

// OpenAI's protocol: for editors and scripts that know it. See `README.md`.
http.route({ path: "/v1/chat/completions", method: "POST", handler: httpAction(completion) });
http.route({ path: "/v1/models", method: "GET", handler: httpAction(modelObjects) });
for (const path of ["/v1/chat/completions", "/v1/models"])
  http.route({
    path,
    method: "OPTIONS",
    handler: httpAction(() => Promise.resolve(preflightOfCompletions())),
  });

export default http;
