/** `URL` and `URLSearchParams`, with cases in the spirit of web-platform-tests (`url/`), and as Convex has them. */
import { describe, expect, test } from "vitest";
import { describeCases, runQuery } from "./cases.ts";

// `URL` in convex-backend's npm-packages/udf-runtime/src/00_url.ts.
describeCases(
  "URL (url/url-constructor.any.js, url-statics-canparse.any.js, url-searchparams.any.js, url-tojson.any.js)",
  "urls:urls",
  {
    "canParse and parse": [true, true, {}, false],
    "the constructor throws": "throws TypeError",
    "an invalid base throws": "throws TypeError",
    "href throws": ["throws TypeError", "http://a/"],
    "toString, toJSON and the tag": ["https://a/b?c#d", '{"url":"https://a/b?c#d"}', "[object URL]"],
    "searchParams is always the same, and moves with the URL": [
      "http://example.net/?a=b&c=d&e=f+g",
      [["x", "1"]],
      [],
      true,
    ],
    "changing the parameters encodes all of them": [
      "http://www.example.com/?a=b,c",
      "http://www.example.com/?a=b%2Cc&x=y",
    ],
    "without parameters there is no question mark": "http://a/#c",
    "an URL of an URL": "http://a/b",
    "searchParams cannot be set": "throws TypeError",
  },
);

// `URLSearchParams` in convex-backend's npm-packages/udf-runtime/src/00_url.ts.
describeCases("URLSearchParams (url/urlsearchparams-*.any.js, urlencoded-parser.any.js)", "urls:params", {
  nothing: ["", "", "", ""],
  "a leading question mark": ["a=b", "%3Fa=b"],
  "a copy": ["a=b&c=d&e=f", "a=b&c=d&g=h"],
  "empty parts": [
    ["a", ""],
    [" ", ""],
    ["a b", ""],
    [" c", ""],
    ["møø", ""],
  ],
  "plus, space and %20": [[["a", "b c"]], [["a b", "c"]], [["a", "b c"]], "query=%2B15"],
  "broken percent signs": [
    [
      ["id", "0"],
      ["value", "%"],
    ],
    [["b", "%2sf*"]],
    [["b", "%2*f*"]],
    [["b", "%*"]],
  ],
  "bytes that are no UTF-8": [[["a", "\ufffd"]], [["\ufffd\ufffd", "1"]], [["a", "\ufffdx"]]],
  "a byte order mark stays": [[["\ufefftest", "\ufeff"]], [["\ufefftest", "1"]], [["id", "\ufeff\ufffd"]]],
  "null characters": [[["a", "b\u0000c"]], "a%00b=c"],
  "characters of every size": [[["a", "b⎄"]], [["a💩b", "c"]], "a=b%F0%9F%92%A9c"],
  "halves of characters": ["a=%EF%BF%BD", "%EF%BF%BD=%EF%BF%BD%F0%9F%92%A9", [["a", "\ufffd"]]],
  pairs: [
    [
      ["a", "b"],
      ["c", "d"],
    ],
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  "pairs that are none": ["throws TypeError", "throws TypeError"],
  objects: [
    [["+", "%C2"]],
    [
      ["c", "x"],
      ["a", "?"],
    ],
    [["a\u0000b", "42"]],
  ],
  serialised: [
    "a=b+c&=b&a=&%3D=%26&b%2Bc=*-._&%21%27%28%29%7E=%25",
    "a+=+b+&a=b&c=d+&e=",
    "a%0Ab=c%0Dd&e%0A%0Df=g%0D%0Ah",
  ],
  "append takes anything": "null=undefined&1=%5Bobject+Object%5D",
  "get and getAll": ["1", null, "", "x", ["1", "2"], [], "n"],
  delete: ["c=d", "b=b&c=c", "a=a&b=b&c=c", "first="],
  iterators: [
    ["a", "b"],
    ["1", "2"],
    [
      ["a", "1"],
      ["b", "2"],
    ],
    ["a1true", "b2true"],
  ],
  "sort is stable": "a=b&a=a&z=b&z=a",
  "sort of characters": 3,
  "Convex: set puts the pair last": ["c=d&a=B", "c=d&a=B", "a=1&null=4"],
  "Convex: delete and has look at names only": ["c=&e=", true],
  "Convex: no size": null,
  "Convex: iterables other than arrays are objects": [[], [], [], []],
  "Convex: sorted as people sort": "a=&A=&%C3%A4=&b=&B=",
});

describe("URL (url/resources/urltestdata.json)", () => {
  const BASE = "http://example.org/foo/bar";
  type Parts = [
    href: string,
    origin: string,
    user: string,
    password: string,
    host: string,
    port: string,
    path: string,
    search: string,
    hash: string,
  ];
  const table: [input: string, base: string | undefined, parts: Parts | null][] = [
    [
      "http://example\t.\norg",
      BASE,
      ["http://example.org/", "http://example.org", "", "", "example.org", "", "/", "", ""],
    ],
    [
      "http://user:pass@foo:21/bar;par?b#c",
      BASE,
      [
        "http://user:pass@foo:21/bar;par?b#c",
        "http://foo:21",
        "user",
        "pass",
        "foo:21",
        "21",
        "/bar;par",
        "?b",
        "#c",
      ],
    ],
    [
      "https://test:@test",
      undefined,
      ["https://test@test/", "https://test", "test", "", "test", "", "/", "", ""],
    ],
    [
      "non-special://test:@test/x",
      undefined,
      ["non-special://test@test/x", "null", "test", "", "test", "", "/x", "", ""],
    ],
    [
      "http:foo.com",
      BASE,
      [
        "http://example.org/foo/foo.com",
        "http://example.org",
        "",
        "",
        "example.org",
        "",
        "/foo/foo.com",
        "",
        "",
      ],
    ],
    [
      "\t   :foo.com   \n",
      BASE,
      [
        "http://example.org/foo/:foo.com",
        "http://example.org",
        "",
        "",
        "example.org",
        "",
        "/foo/:foo.com",
        "",
        "",
      ],
    ],
    ["a:\t foo.com", BASE, ["a: foo.com", "null", "", "", "", "", " foo.com", "", ""]],
    [
      "http://f:21/ b ? d # e ",
      BASE,
      [
        "http://f:21/%20b%20?%20d%20#%20e",
        "http://f:21",
        "",
        "",
        "f:21",
        "21",
        "/%20b%20",
        "?%20d%20",
        "#%20e",
      ],
    ],
    ["http://f:00000000000000000000080/c", BASE, ["http://f/c", "http://f", "", "", "f", "", "/c", "", ""]],
    ["http://f:b/c", BASE, null],
    ["http://f:999999/c", BASE, null],
    ["http://f: 21 / b ? d # e ", BASE, null],
    [
      "",
      BASE,
      ["http://example.org/foo/bar", "http://example.org", "", "", "example.org", "", "/foo/bar", "", ""],
    ],
    ["", undefined, null],
    ["/path", undefined, null],
    ["\\\\x\\hello", BASE, ["http://x/hello", "http://x", "", "", "x", "", "/hello", "", ""]],
    [
      "?",
      BASE,
      ["http://example.org/foo/bar?", "http://example.org", "", "", "example.org", "", "/foo/bar", "", ""],
    ],
    ["http://::@c@d:2", BASE, ["http://:%3A%40c@d:2/", "http://d:2", "", "%3A%40c", "d:2", "2", "/", "", ""]],
    [
      "http://&a:foo(b]c@d:2/",
      BASE,
      ["http://&a:foo(b%5Dc@d:2/", "http://d:2", "&a", "foo(b%5Dc", "d:2", "2", "/", "", ""],
    ],
    [
      "http://example.com/foo/%2e%2E/./bar/..",
      undefined,
      ["http://example.com/", "http://example.com", "", "", "example.com", "", "/", "", ""],
    ],
    [
      "http://192.0x00A80001",
      undefined,
      ["http://192.168.0.1/", "http://192.168.0.1", "", "", "192.168.0.1", "", "/", "", ""],
    ],
    ["http://256.256.256.256", undefined, null],
    ["http://[1::2]:3:4", undefined, null],
    ["http://[::1%25]/", undefined, null],
    [
      "http://[0:0:0:0:0:0:13.1.68.3]",
      undefined,
      ["http://[::d01:4403]/", "http://[::d01:4403]", "", "", "[::d01:4403]", "", "/", "", ""],
    ],
    [
      "https://Faß.ExAmPlE/",
      undefined,
      [
        "https://xn--fa-hia.example/",
        "https://xn--fa-hia.example",
        "",
        "",
        "xn--fa-hia.example",
        "",
        "/",
        "",
        "",
      ],
    ],
    [
      "http://你好你好",
      undefined,
      ["http://xn--6qqa088eba/", "http://xn--6qqa088eba", "", "", "xn--6qqa088eba", "", "/", "", ""],
    ],
    ["https://xn--/", undefined, null],
    ["http://a b", undefined, null],
    ["http://ho%7Cst/", undefined, null],
    [
      "data:text/plain,a b#c d",
      undefined,
      ["data:text/plain,a b#c%20d", "null", "", "", "", "", "text/plain,a b", "", "#c%20d"],
    ],
    [
      "mailto:a@b?subject=ü",
      undefined,
      ["mailto:a@b?subject=%C3%BC", "null", "", "", "", "", "a@b", "?subject=%C3%BC", ""],
    ],
    ["file:///C|/../x", undefined, ["file:///C:/x", "null", "", "", "", "", "/C:/x", "", ""]],
    [
      "http://a/\ud83d\ude00?é#\u{10ffff}",
      undefined,
      [
        "http://a/%F0%9F%98%80?%C3%A9#%F4%8F%BF%BF",
        "http://a",
        "",
        "",
        "a",
        "",
        "/%F0%9F%98%80",
        "?%C3%A9",
        "#%F4%8F%BF%BF",
      ],
    ],
    ["blob:https://a/b", undefined, ["blob:https://a/b", "null", "", "", "", "", "https://a/b", "", ""]],
  ];

  test.each(table)("[E8.18] %j on %j", async (input, base, parts) => {
    const urls = [{ input, ...(base !== undefined && { base }) }];
    expect(await runQuery("urls:parse", { urls })).toEqual([parts]);
  });

  // url/resources/setters_tests.json; `op_url_update_url_info` in convex-backend's crates/isolate/src/ops/http.rs.
  test.each([
    ["a://example.net", "protocol", "b", "b://example.net"],
    ["http://example.net", "protocol", "b", "http://example.net/"],
    ["http://localhost:80/", "protocol", "https:", "https://localhost/"],
    ["sc://x/", "hostname", "\0", "sc://x/"],
    ["http://example.net:8080", "hostname", "example.com", "http://example.com:8080/"],
    ["http://example.net", "hostname", "0x7F000001", "http://127.0.0.1/"],
    ["mailto:me@example.net", "hostname", "example.com", "mailto:me@example.net"],
    ["http://example.net", "port", "8080", "http://example.net:8080/"],
    ["https://domain.com:3000", "port", "443", "https://domain.com/"],
    ["http://example.net:8080/path", "port", "65536", "http://example.net:8080/path"],
    ["http://example.net:8080", "port", "", "http://example.net/"],
    [
      "http://example.net/home?lang=fr#nav",
      "pathname",
      "\\a\\%2E\\b\\%2e.\\c",
      "http://example.net/a/c?lang=fr#nav",
    ],
    ["mailto:me@example.net", "pathname", "/foo", "mailto:me@example.net"],
    ["a:/", "pathname", "\0\x01\t\n\r\x1f !\"#$%&'()*", "a:/%00%01%1F%20!%22%23$%&'()*"],
    ["https://example.net?lang=en-US#nav", "search", "lang=fr", "https://example.net/?lang=fr#nav"],
    ["https://example.net?lang=en-US#nav", "search", "??lang=fr", "https://example.net/??lang=fr#nav"],
    ["https://example.net?lang=en-US#nav", "search", "", "https://example.net/#nav"],
    [
      "https://example.net?lang=en-US#nav",
      "hash",
      "#main é",
      "https://example.net/?lang=en-US#main%20%C3%A9",
    ],
    ["https://example.net#nav", "hash", "", "https://example.net/"],
    ["a:/", "href", "http://b", "http://b/"],
  ])("[E8.18] %s, its %s set to %j", async (href, part, value, expected) => {
    expect(await runQuery("urls:change", { changes: [{ href, part, value }] })).toEqual([expected]);
  });

  test.each(["host", "username", "password"])("[E8.18] Convex: %s cannot be set", async (part) => {
    await expect(
      runQuery("urls:change", { changes: [{ href: "http://a/", part, value: "b" }] }),
    ).rejects.toThrow(
      `Not implemented: set ${part} for URL. Consider calling an action defined in Node.js instead`,
    );
  });
});
