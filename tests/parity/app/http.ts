import { httpActionGeneric, httpRouter } from "convex/server";

const http = httpRouter();

http.route({
  path: "/echo",
  method: "POST",
  handler: httpActionGeneric(
    async (_ctx, request) =>
      new Response(`${request.headers.get("x-name") ?? ""}: ${await request.text()}`, {
        status: 201,
        headers: { "x-kind": "echo" },
      }),
  ),
});

http.route({
  pathPrefix: "/under/",
  method: "GET",
  handler: httpActionGeneric((_ctx, request) => Promise.resolve(new Response(new URL(request.url).pathname))),
});

export default http;
