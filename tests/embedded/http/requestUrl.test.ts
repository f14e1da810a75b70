import { expect, test } from "vitest";
import { urlOf } from "../../../embedded/http/requestUrl.ts";

const ORIGIN = "https://chat.example";

test.each([
  ["/a?b=c", `${ORIGIN}/a?b=c`],
  ["//evil.example/a", `${ORIGIN}//evil.example/a`],
  ["http://evil.example/a?b", `${ORIGIN}/a?b`],
  ["data:text/html,x", `${ORIGIN}/`],
  ["/../../etc/passwd", `${ORIGIN}/etc/passwd`],
  ["*", `${ORIGIN}/`],
  ["", `${ORIGIN}/`],
])("[E10.2] a request line that names %s is for the server's own origin", (url, expected) => {
  expect(urlOf({ url }, ORIGIN).href).toBe(expected);
});
