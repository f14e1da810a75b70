/** `Headers`, `Request`, `Response` and `Blob`, with cases in the spirit of web-platform-tests (`fetch/api/`, `FileAPI/`), and as Convex has them. */
import { describeCases } from "./cases.ts";

const notImplemented = (what: string): string =>
  `throws Not implemented: ${what}. Consider calling an action defined in Node.js instead ` +
  "(https://docs.convex.dev/functions/actions).";

// convex-backend's npm-packages/udf-runtime/src/20_headers.ts.
describeCases(
  "Headers (fetch/api/headers/headers-basic.any.js, headers-casing, headers-errors, header-setcookie.any.js)",
  "headers:headers",
  {
    "made of nothing": [[], [], [], []],
    "made of pairs and objects": [
      [
        ["name1", "value1"],
        ["name2", "value2"],
      ],
      [
        ["name1", "value1"],
        ["name2", "2"],
      ],
    ],
    "made of others": [
      [["a", "2"]],
      [
        ["a", "1"],
        ["b", "3"],
      ],
    ],
    "pairs that are none": ["throws TypeError", "throws TypeError"],
    "append joins": ["1, 2", "undefined", null],
    "set replaces": ["3", true],
    "delete and has": [false, true, null],
    "names are in lower case": ["x-test", "accept"],
    "invalid names": [true, true, true, true, true, true, true, true, true, true],
    "every character of a token": "nothing",
    getSetCookie: [["a=b", "c=d", ""], "a=b, c=d, ", []],
    iterators: [
      [
        ["b", "1"],
        ["a", "2"],
      ],
      ["b", "a"],
      ["1", "2"],
      [
        ["b", "1", true],
        ["a", "2", true],
      ],
    ],
    "the tag": "[object Headers]",
    "Convex: fields in the order in which they came, each by itself": [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
    "Convex: set puts its field last": [
      ["b", "2"],
      ["a", "3"],
    ],
    "Convex: values as they are": [
      ["a", " x\t"],
      ["b", "1\n2"],
    ],
    "Convex: iterables other than arrays are objects": [[], []],
  },
);

// convex-backend's npm-packages/udf-runtime/src/23_request.ts.
describeCases(
  "Request (fetch/api/request/request-structure.any.js, request-init-*, request-consume.any.js, request-disturbed)",
  "messages:requests",
  {
    defaults: ["GET", "https://a.test/b#c", [], null, false, false],
    URLs: ["throws TypeError", "throws TypeError", "throws TypeError", "throws TypeError"],
    "an URL object": "https://a.test/",
    methods: ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "chicken"],
    "a body of GET": ["throws TypeError", "throws TypeError", "nothing"],
    "types of bodies": [
      "text/plain;charset=UTF-8",
      "application/x-www-form-urlencoded;charset=UTF-8",
      "text/plain",
      null,
      null,
      null,
      null,
    ],
    "a type that is given stays": "a/b",
    reading: ["te❤t", "a=1+2", "blob", "blob", "bytes", "yt", "tes"],
    json: [{ a: [1] }, "throws SyntaxError"],
    "read once": [false, true, "throws TypeError", "throws TypeError", "throws TypeError"],
    "no body can be read often": ["", "", false, ""],
    clone: ["x", "x", "POST", "1", "2"],
    "a request of a request takes its body": [true, false, "POST", "1", "x", "throws TypeError"],
    "a request of a request with another body leaves it": [
      false,
      "x",
      "y",
      [
        ["b", "2"],
        ["content-type", "text/plain;charset=UTF-8"],
      ],
    ],
    "the signal": [true, true, false],
    "form data of urlencoded text": [
      [
        ["a", "1"],
        ["b", " "],
        ["a", "2"],
      ],
      ["1", "2"],
    ],
    "Convex: only http and https": ["throws TypeError", "throws TypeError", "throws TypeError"],
    "Convex: what requests do not have": [
      notImplemented("get mode for Request"),
      notImplemented("get credentials for Request"),
      notImplemented("get cache for Request"),
      notImplemented("get redirect for Request"),
      notImplemented("get referrer for Request"),
      notImplemented("get keepalive for Request"),
    ],
    "Convex: other bodies": [
      notImplemented(
        "constructor with body type other than string | ArrayBuffer | Blob | ReadableStream | null for Request",
      ),
      notImplemented(
        "constructor with body type other than string | ArrayBuffer | Blob | ReadableStream | null for Request",
      ),
    ],
    "Convex: no bytes()": false,
  },
);

// convex-backend's npm-packages/udf-runtime/src/23_response.ts.
describeCases(
  "Response (fetch/api/response/response-init-*, response-clone, response-consume*, response-static-*.any.js)",
  "messages:responses",
  {
    defaults: [200, "", true, "default", "", false, null, false, []],
    init: [
      404,
      "Lost",
      false,
      [
        ["a", "1"],
        ["content-type", "text/plain;charset=UTF-8"],
      ],
    ],
    statuses: [
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
      "throws RangeError",
    ],
    "types of bodies": ["text/plain;charset=UTF-8", null, "text/plain", null, null, null, null],
    reading: { blob: ["a/b; c=d", "te❤t"], bytes: [116, 101, 226, 157, 164, 116], text: "te❤t" },
    "a byte order mark is not text": ["x", "x\ufffd"],
    "read once": [true, "throws TypeError", "throws TypeError"],
    empty: ["", 0, "", 0, "throws SyntaxError"],
    clone: [
      201,
      "s",
      [
        ["a", "1"],
        ["content-type", "text/plain;charset=UTF-8"],
      ],
      "x",
      "x",
    ],
    json: [400, "application/json", '{"a":1}', "null"],
    "json of what is none": ["throws TypeError", "throws TypeError"],
    redirect: [302, "https://a.test/", 308, "throws RangeError"],
    "Convex: statuses as text": 404,
    "Convex: 204 may have a body": "x",
    "Convex: json always has its type": "application/json",
    "Convex: redirect takes any text": "/relative",
    "Convex: error is a 500": [500, "default"],
    "Convex: other bodies": [
      notImplemented(
        "constructor with body type other than string | ArrayBuffer | Blob | ReadableStream | null for Response",
      ),
      notImplemented(
        "constructor with body type other than string | ArrayBuffer | Blob | ReadableStream | null for Response",
      ),
    ],
  },
);

// convex-backend's npm-packages/udf-runtime/src/09_file.ts and 21_formdata.ts.
describeCases(
  "Blob, File and FormData (FileAPI/blob/Blob-constructor.any.js, Blob-slice, Blob-text.any.js)",
  "messages:blobs",
  {
    nothing: [0, "", 0],
    parts: "abytesbytesbsAA",
    "parts are copied": "a",
    types: ["", "text/plain", "", "", "", ""],
    slices: ["012345", "012", "2345", "45", "1234", "", "", "012345", "01"],
    "a slice's type": ["", "c/d"],
    files: ["na/me.txt", 3, "a/b", 5, true, "[object File]"],
    "invalid bytes": "\ufffdA",
    "form data": [
      ["a", "3"],
      ["b", "blob"],
      ["c", "g.txt"],
    ],
    "Convex: other parts": notImplemented(
      "constructor with unsupported Blob part for Blob: Only ArrayBuffer, Blob and string supported",
    ),
    "Convex: streams are refused here":
      "throws Streams are not supported in queries and mutations by the embedded backend. Use them in an action, or read the whole body with text(), json() or arrayBuffer().",
  },
);
