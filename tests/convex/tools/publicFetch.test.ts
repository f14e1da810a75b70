// @vitest-environment node
/** What the tool that reads pages may reach: names, redirects, and addresses in all their forms. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isPublicAddress } from "../../../convex/model/tools/web/publicAddress";
import type { Network } from "../../../convex/model/tools/web/checkedRequest";
import { publicFetch } from "../../../convex/model/tools/web/publicFetch";
import { readWebPage } from "../../../convex/model/tools/web/readWebPage";

describe("addresses of the public internet", () => {
  test.each(["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:800::200e"])(
    "%s is one",
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ...[
      "127.0.0.1",
      "127.8.8.8",
      "0.0.0.0",
      "0.1.2.3",
      "10.0.0.1",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.1.1",
    ],
    ...[
      "169.254.169.254",
      "100.64.0.1",
      "100.127.255.255",
      "192.0.0.1",
      "198.18.0.1",
      "224.0.0.1",
      "239.1.1.1",
    ],
    ...["240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1", "203.0.113.1"],
    ...[
      "::",
      "::1",
      "fe80::1",
      "fe80::1%eth0",
      "fc00::1",
      "fd12:3456::1",
      "fec0::1",
      "ff02::1",
      "2001:db8::1",
    ],
    ...["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:a00:1", "::ffff:8.8.8.8", "::127.0.0.1"],
    ...["64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378::1", "100::1"],
    ...["", "localhost", "127.1", "0x7f000001", "2130706433", "8.8.8.8.8", "8.8.8.8 "],
  ])("%j is none", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

/** In these tests one loopback address plays the public internet and another a machine that is not on it. */
const PUBLIC = "127.0.0.1";
const INTERNAL = "127.0.0.2";

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

let pages: Record<string, Answer> = {};
let internalRequests = 0;
let port = 0;
const publicServer = http.createServer((request, response) => {
  (pages[request.url ?? ""] ?? ((_, other) => other.writeHead(404).end()))(request, response);
});
const internalServer = http.createServer((_request, response) => {
  internalRequests += 1;
  response.end("secret");
});

beforeAll(async () => {
  publicServer.listen(0, PUBLIC);
  await once(publicServer, "listening");
  port = (publicServer.address() as AddressInfo).port;
  internalServer.listen(port, INTERNAL);
  await once(internalServer, "listening");
});
beforeEach(() => {
  pages = {};
  internalRequests = 0;
});
afterAll(() => {
  publicServer.closeAllConnections();
  publicServer.close();
  internalServer.close();
});

const html: Answer = (_request, response) => {
  response
    .setHeader("content-type", "text/html; charset=utf-8")
    .end("<title>A page</title><p>Its words.</p>");
};

/** `names`: what each resolves to, one answer after the other. */
function network(names: Record<string, string[]>): Network & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve: async (name) => {
      const address = names[name]?.[asked.filter((other) => other === name).length];
      asked.push(name);
      return address === undefined ? [] : [{ address, family: address.includes(":") ? 6 : 4 }];
    },
    isPublic: (address) => address === PUBLIC || isPublicAddress(address),
  };
}

const site = () => network({ "public.test": [PUBLIC, PUBLIC, PUBLIC, PUBLIC, PUBLIC, PUBLIC, PUBLIC] });

const read = (address: string, net: Network, signal = new AbortController().signal) =>
  readWebPage(address, signal, net);

const NOT_PUBLIC = "not on the public internet";

describe("reading a page", () => {
  test("its title and text", async () => {
    pages["/"] = html;
    expect(await read(`http://public.test:${port}/#part`, site())).toEqual({
      ...{ url: `http://public.test:${port}/`, title: "A page", text: "Its words.", isCut: false },
    });
  });

  test.each(["internal.test", INTERNAL, `[::ffff:${INTERNAL}]`, "0x7f.2", "2130706434", "127.2"])(
    "one at %s is refused, and nobody is asked for it",
    async (host) => {
      const net = network({ "internal.test": [INTERNAL] });
      await expect(read(`http://${host}:${port}/`, net)).rejects.toThrow(NOT_PUBLIC);
      expect(internalRequests).toBe(0);
    },
  );

  test.each([
    "http://localhost/",
    "http://[::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00::1]/",
  ])("%s is refused by the rules as they are", async (address) => {
    await expect(readWebPage(address, new AbortController().signal)).rejects.toThrow(NOT_PUBLIC);
  });

  test("a name with one address that is not public is refused, whatever its others are", async () => {
    const net = network({});
    net.resolve = async () => [
      { address: PUBLIC, family: 4 },
      { address: INTERNAL, family: 4 },
    ];
    await expect(read(`http://both.test:${port}/`, net)).rejects.toThrow(NOT_PUBLIC);
  });

  test("a redirect to an address that is not public is refused", async () => {
    for (const location of [`http://internal.test:${port}/`, `http://${INTERNAL}:${port}/`]) {
      pages["/"] = (_request, response) => response.writeHead(302, { location }).end();
      const net = network({ "public.test": [PUBLIC], "internal.test": [INTERNAL] });
      await expect(read(`http://public.test:${port}/`, net)).rejects.toThrow(NOT_PUBLIC);
    }
    expect(internalRequests).toBe(0);
  });

  test("a name that changes its address between check and use leads to the one that was checked", async () => {
    pages["/"] = html;
    const net = network({ "rebinding.test": [PUBLIC, INTERNAL, INTERNAL] });
    expect((await read(`http://rebinding.test:${port}/`, net)).title).toBe("A page");
    expect(net.asked).toEqual(["rebinding.test"]);
    expect(internalRequests).toBe(0);
  });

  test("a name that changes its address between a page and its redirect is refused", async () => {
    pages["/"] = (_request, response) => response.writeHead(301, { location: "/there" }).end();
    const net = network({ "rebinding.test": [PUBLIC, INTERNAL] });
    await expect(read(`http://rebinding.test:${port}/`, net)).rejects.toThrow(NOT_PUBLIC);
    expect(internalRequests).toBe(0);
  });

  test("redirects are followed five times", async () => {
    for (let i = 0; i < 7; i++) {
      pages[`/${i}`] = (_request, response) => response.writeHead(307, { location: `/${i + 1}` }).end();
    }
    pages["/7"] = html;
    expect((await read(`http://public.test:${port}/2`, site())).url).toBe(`http://public.test:${port}/7`);
    await expect(read(`http://public.test:${port}/1`, site())).rejects.toThrow("redirects too often");
  });

  test.each(["file:///etc/passwd", "ftp://public.test/", "data:text/html,x", "javascript:1", "no address"])(
    "%s is no page",
    async (address) => {
      await expect(read(address, site())).rejects.toThrow(/Only addresses with http|no web address/);
    },
  );

  test("neither user nor password of an address is sent", async () => {
    let sent: string | undefined = "none";
    pages["/"] = (request, response) => {
      sent = request.headers.authorization;
      html(request, response);
    };
    await read(`http://name:secret@public.test:${port}/`, site());
    expect(sent).toBeUndefined();
  });

  test.each(["image/png", "application/pdf", "application/octet-stream", ""])(
    "type %j is refused",
    async (type) => {
      pages["/"] = (_request, response) => {
        if (type !== "") response.setHeader("content-type", type);
        response.end("x");
      };
      await expect(read(`http://public.test:${port}/`, site())).rejects.toThrow("Only text can be read");
    },
  );

  test("a page that is too long is cut, also when it is packed", async () => {
    const long = "words ".repeat(2_000_000);
    pages["/plain"] = (_request, response) => response.setHeader("content-type", "text/plain").end(long);
    pages["/packed"] = (_request, response) => {
      response
        .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
        .end(gzipSync(long));
    };
    for (const path of ["plain", "packed"]) {
      const page = await read(`http://public.test:${port}/${path}`, site());
      expect(page.isCut).toBe(true);
      expect(page.text).toHaveLength(40_000);
    }
  });

  test("a server that says nothing, or never ends, is left when the time is over", async () => {
    const addresses = ["/silent", "/endless"];
    pages["/silent"] = () => undefined;
    pages["/endless"] = (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" }).write("and so on");
    };
    for (const path of addresses) {
      const fetching = publicFetch(`http://public.test:${port}${path}`, {
        ...{ signal: new AbortController().signal, accepts: () => true, network: site(), limitMs: 50 },
      });
      await expect(fetching).rejects.toThrow("was not there within");
    }
  });

  test("a read that is cancelled ends at once, and its connection with it", async () => {
    const abort = new AbortController();
    const closed = new Promise<void>((resolve) => {
      pages["/"] = (request) => {
        request.on("close", () => resolve());
        abort.abort();
      };
    });
    await expect(read(`http://public.test:${port}/`, site(), abort.signal)).rejects.toThrow();
    await closed;
  });

  test("what the network says is told without addresses", async () => {
    const net = network({});
    await expect(read("http://nowhere.test/", net)).rejects.toThrow("There is no such host.");
    pages["/"] = (_request, response) => response.writeHead(500).end();
    await expect(read(`http://public.test:${port}/`, site())).rejects.toThrow("answered with 500");
  });
});
