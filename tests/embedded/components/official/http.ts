import { httpActionGeneric, httpRouter } from "convex/server";
import { resend } from "./mails.ts";

const http = httpRouter();
http.route({
  path: "/resend-webhook",
  method: "POST",
  handler: httpActionGeneric((ctx, request) => resend.handleResendEventWebhook(ctx, request)),
});
export default http;
