import { evaluating, thrownBy } from "./evaluate.ts";

const A = "https://a.test/";
const loose = (value: unknown): never => value as never;
const post = (body: unknown, headers: Record<string, string> = {}) =>
  new Request(A, { method: "POST", body: body as string, headers });
const bytes = new TextEncoder().encode("bytes");

const BODIES = {
  text: "te\u2764t",
  params: new URLSearchParams("a=1 2"),
  blob: new Blob(["blob"], { type: "Text/Plain" }),
  untyped: new Blob(["blob"]),
  buffer: bytes.buffer,
  view: bytes.subarray(1, 3),
  data: new DataView(bytes.buffer, 2),
};

/** How a body is read in each way. */
const readings = async (make: () => Body) => ({
  text: await make().text(),
  bytes: new Uint8Array(await make().arrayBuffer()),
  blob: await (async () => {
    const blob = await make().blob();
    return [blob.type, await blob.text()];
  })(),
});

export const { inQuery: requests, inMutation: requestsInMutation } = evaluating({
  defaults: () => {
    const request = new Request("https://a.test/b#c");
    return [
      request.method,
      request.url,
      [...request.headers],
      request.body,
      request.bodyUsed,
      request.signal.aborted,
    ];
  },
  URLs: () => ["relative", "//a", "", loose(undefined)].map((url) => thrownBy(() => new Request(url))),
  "an URL object": () => new Request(new URL(A)).url,
  methods: () =>
    ["get", "Head", "pOst", "put", "delete", "options", "patch", "chicken"].map(
      (method) => new Request(A, { method }).method,
    ),
  "a body of GET": () => [
    thrownBy(() => new Request(A, { body: "x" })),
    thrownBy(() => new Request(A, { method: "HEAD", body: "" })),
    thrownBy(() => new Request(A, { body: null })),
  ],
  "types of bodies": () => Object.values(BODIES).map((body) => post(body).headers.get("content-type")),
  "a type that is given stays": () => post("x", { "Content-Type": "a/b" }).headers.get("content-type"),
  reading: async () =>
    Promise.all(Object.values(BODIES).map(async (body) => (await readings(() => post(body))).text)),
  json: async () => [(await post('{"a":[1]}').json()) as unknown, await thrownLater(post("{").json())],
  "read once": async () => {
    const request = post("x");
    const before = request.bodyUsed;
    await request.text();
    return [
      before,
      request.bodyUsed,
      await thrownLater(request.text()),
      await thrownLater(request.arrayBuffer()),
      thrownBy(() => request.clone()),
    ];
  },
  "no body can be read often": async () => {
    const request = new Request(A);
    return [
      await request.text(),
      await request.text(),
      request.bodyUsed,
      await (await request.blob()).text(),
    ];
  },
  clone: async () => {
    const request = post("x", { a: "1" });
    const copy = request.clone();
    copy.headers.set("a", "2");
    return [
      await request.text(),
      await copy.text(),
      copy.method,
      request.headers.get("a"),
      copy.headers.get("a"),
    ];
  },
  "a request of a request takes its body": async () => {
    const first = post("x", { a: "1" });
    const second = new Request(first);
    return [
      first.bodyUsed,
      second.bodyUsed,
      second.method,
      second.headers.get("a"),
      await second.text(),
      thrownBy(() => new Request(first)),
    ];
  },
  "a request of a request with another body leaves it": async () => {
    const first = post("x");
    const second = new Request(first, { body: "y", headers: { b: "2" } });
    return [first.bodyUsed, await first.text(), await second.text(), [...second.headers]];
  },
  "the signal": () => {
    const controller = new AbortController();
    const request = new Request(A, { signal: controller.signal });
    controller.abort();
    return [
      request.signal === controller.signal,
      request.signal.aborted,
      new Request(A, { signal: null }).signal.aborted,
    ];
  },
  "form data of urlencoded text": async () => {
    const form = await post(new URLSearchParams("a=1&b=%20&a=2")).formData();
    return [[...form], form.getAll("a")];
  },
  // Convex's own ways.
  "Convex: only http and https": () =>
    ["data:,x", "blob:https://a/b", "file:///a"].map((url) => thrownBy(() => new Request(url))),
  "Convex: what requests do not have": () =>
    (["mode", "credentials", "cache", "redirect", "referrer", "keepalive"] as const).map((name) =>
      thrownBy(() => new Request(A)[name]),
    ),
  "Convex: other bodies": () => [thrownBy(() => post(5)), thrownBy(() => post({}))],
  "Convex: no bytes()": () => "bytes" in new Request(A),
});

const status = (given: unknown): unknown => new Response(null, { status: given as number }).status;

export const { inQuery: responses, inMutation: responsesInMutation } = evaluating({
  defaults: () => {
    const response = new Response();
    const { status, statusText, ok, type, url, redirected, body, bodyUsed } = response;
    return [status, statusText, ok, type, url, redirected, body, bodyUsed, [...response.headers]];
  },
  init: () => {
    const { status, statusText, ok, headers } = new Response("x", {
      status: 404,
      statusText: "Lost",
      headers: { a: "1" },
    });
    return [status, statusText, ok, [...headers]];
  },
  statuses: () => [0, 100, 199, 600, 1000, NaN, 200.5, -1].map((given) => thrownBy(() => status(given))),
  "types of bodies": () =>
    Object.values(BODIES).map((body) => new Response(body).headers.get("content-type")),
  reading: async () =>
    await readings(() => new Response("te\u2764t", { headers: { "content-type": "A/B; c=D" } })),
  "a byte order mark is not text": async () => [
    await new Response("\ufeffx").text(),
    await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 0x78, 0xff])).text(),
  ],
  "read once": async () => {
    const response = new Response("x");
    await response.text();
    return [response.bodyUsed, await thrownLater(response.json()), thrownBy(() => response.clone())];
  },
  empty: async () => {
    const blob = await new Response().blob();
    return [
      await new Response().text(),
      blob.size,
      blob.type,
      (await new Response().arrayBuffer()).byteLength,
      await thrownLater(new Response().json()),
    ];
  },
  clone: async () => {
    const response = new Response("x", { status: 201, statusText: "s", headers: { a: "1" } });
    const copy = response.clone();
    return [copy.status, copy.statusText, [...copy.headers], await copy.text(), await response.text()];
  },
  json: async () => {
    const response = Response.json({ a: 1 }, { status: 400 });
    return [
      response.status,
      response.headers.get("content-type"),
      await response.text(),
      await Response.json(null).text(),
    ];
  },
  "json of what is none": () => [thrownBy(() => Response.json(undefined)), thrownBy(() => Response.json(1n))],
  redirect: () => {
    const response = Response.redirect(A);
    return [
      response.status,
      response.headers.get("location"),
      Response.redirect(new URL(A), 308).status,
      thrownBy(() => Response.redirect(A, 100)),
    ];
  },
  // Convex's own ways.
  "Convex: statuses as text": () => status("404"),
  "Convex: 204 may have a body": async () => await new Response("x", { status: 204 }).text(),
  "Convex: json always has its type": () =>
    Response.json(1, { headers: { "content-type": "a/b" } }).headers.get("content-type"),
  "Convex: redirect takes any text": () => Response.redirect("/relative").headers.get("location"),
  "Convex: error is a 500": () => [Response.error().status, Response.error().type],
  "Convex: other bodies": () => [
    thrownBy(() => new Response(loose(5))),
    thrownBy(() => new Response(loose({}))),
  ],
});

export const { inQuery: blobs, inMutation: blobsInMutation } = evaluating({
  nothing: () => [new Blob().size, new Blob().type, new Blob([]).size],
  parts: async () =>
    await new Blob([
      "a",
      bytes,
      bytes.buffer,
      new Blob(["b"]),
      bytes.subarray(4),
      new Uint16Array([0x4141]),
    ]).text(),
  "parts are copied": async () => {
    const own = new Uint8Array([97]);
    const blob = new Blob([own]);
    own[0] = 98;
    return await blob.text();
  },
  types: () =>
    ["", "Text/PLAIN", "te\u00e4t", "a\nb", loose(null), loose(undefined)].map(
      (type) => new Blob([], { type }).type,
    ),
  slices: async () =>
    await Promise.all(
      ([[], [0, 3], [2], [-2], [1, -1], [3, 1], [9], [0, 99], [-99, 2]] as [number?, number?][]).map(
        async ([start, end]) => await new Blob(["012", "345"]).slice(start, end).text(),
      ),
    ),
  "a slice's type": () => [
    new Blob(["a"], { type: "a/b" }).slice(0, 1).type,
    new Blob(["a"]).slice(0, 1, "C/D").type,
  ],
  files: () => {
    const file = new File(["abc"], "na/me.txt", { type: "A/B", lastModified: 5 });
    return [
      file.name,
      file.size,
      file.type,
      file.lastModified,
      file instanceof Blob,
      Object.prototype.toString.call(file),
    ];
  },
  "invalid bytes": async () => await new Blob([new Uint8Array([0xc0, 0x41])]).text(),
  "form data": () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("b", new Blob(["x"]));
    form.append("c", new File(["y"], "f.txt"), "g.txt");
    form.append("a", "2");
    form.set("a", "3");
    return [...form].map(([name, value]) => [name, typeof value === "string" ? value : value.name]);
  },
  // Convex's own ways.
  "Convex: other parts": () => thrownBy(() => new Blob([5 as unknown as string])),
  "Convex: streams are refused here": () => thrownBy(() => new Blob(["a"]).stream()),
});

async function thrownLater(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => "nothing",
    (error: unknown) => `throws ${(error as Error).name}`,
  );
}
