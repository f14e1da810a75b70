import { httpActionGeneric, httpRouter } from "convex/server";
import { ConvexError } from "convex/values";

const http = httpRouter();
http.route({
  path: "/fails",
  method: "POST",
  handler: httpActionGeneric(async () => {
    await Promise.resolve();
    throw new ConvexError({ code: "TEAPOT", size: 7n });
  }),
});
export default http;
