import { httpActionGeneric, httpRouter, makeFunctionReference } from "convex/server";

const http = httpRouter();

http.route({
  path: "/greet",
  method: "GET",
  handler: httpActionGeneric(async (ctx) => {
    const identity = await ctx.auth.getUserIdentity();
    return new Response(`hello ${identity?.subject ?? "nobody"}`, { headers: { "x-made-by": "app" } });
  }),
});

http.route({ path: "/anyone", method: "GET", handler: httpActionGeneric(async () => new Response("hello")) });

http.route({
  path: "/length",
  method: "POST",
  handler: httpActionGeneric(async (_ctx, request) => new Response(String((await request.text()).length))),
});

http.route({
  path: "/asked",
  method: "GET",
  handler: httpActionGeneric(async (ctx) => Response.json(await ctx.meta.getRequestMetadata())),
});

http.route({
  path: "/fail",
  method: "GET",
  handler: httpActionGeneric(async () => {
    throw new Error("in a file of the server");
  }),
});

http.route({
  path: "/mine",
  method: "GET",
  handler: httpActionGeneric(async (ctx) =>
    Response.json(await ctx.runQuery(makeFunctionReference<"query">("messages:mine"), {})),
  ),
});

http.route({
  pathPrefix: "/status/",
  method: "GET",
  handler: httpActionGeneric((_ctx, { url }) => {
    const [, status] = /\/status\/(\d+)/.exec(url) ?? [];
    return Promise.resolve(new Response("not here", { status: Number(status) }));
  }),
});

http.route({
  path: "/.well-known/openid-configuration",
  method: "GET",
  handler: httpActionGeneric(async () =>
    Response.json({
      issuer: process.env["CONVEX_SITE_URL"],
      jwks_uri: `${process.env["CONVEX_SITE_URL"] ?? ""}/.well-known/jwks.json`,
    }),
  ),
});

http.route({
  path: "/.well-known/jwks.json",
  method: "GET",
  handler: httpActionGeneric(
    async () =>
      new Response(process.env["JWKS"] ?? '{"keys":[]}', { headers: { "content-type": "application/json" } }),
  ),
});

export default http;
