import { evaluating, thrownBy } from "./evaluate.ts";

const list = (init?: unknown): string[][] => [...new Headers(init as HeadersInit)];
const loose = (value: unknown): string => value as string;

export const { inQuery: headers, inMutation: headersInMutation } = evaluating({
  "made of nothing": () => [list(), list(undefined), list({}), list([])],
  "made of pairs and objects": () => [
    list([
      ["name1", "value1"],
      ["name2", "value2"],
    ]),
    list({ name1: "value1", name2: 2 }),
  ],
  "made of others": () => {
    const first = new Headers({ a: "1" });
    const second = new Headers(first);
    first.set("a", "2");
    second.append("b", "3");
    return [list(first), list(second)];
  },
  "pairs that are none": () => [
    thrownBy(() => list([["name"]])),
    thrownBy(() => list([["invalidName", "value", "more"]])),
  ],
  "append joins": () => {
    const headers = new Headers({ "X-A": "1" });
    headers.append("x-a", "2");
    headers.append("X-B", loose(undefined));
    return [headers.get("X-a"), headers.get("x-b"), headers.get("x-c")];
  },
  "set replaces": () => {
    const headers = new Headers([
      ["a", "1"],
      ["A", "2"],
    ]);
    headers.set("a", "3");
    return [headers.get("A"), headers.has("a")];
  },
  "delete and has": () => {
    const headers = new Headers([
      ["a", "1"],
      ["A", "2"],
      ["b", "3"],
    ]);
    headers.delete("A");
    return [headers.has("a"), headers.has("B"), headers.get("a")];
  },
  "names are in lower case": () => [...new Headers({ "X-Test": "1", ACCEPT: "2" }).keys()],
  "invalid names": () =>
    ["", " ", "a b", "a:b", "ä", "a\n", "\0", "(", "{}", '"'].map((name) =>
      [
        thrownBy(() => new Headers([[name, "x"]])),
        ...(["append", "set", "get", "has", "delete"] as const).map((method) =>
          thrownBy(() => new Headers()[method](name, "x")),
        ),
      ].every((result) => result === "throws TypeError" || result.startsWith("throws TypeError")),
    ),
  "every character of a token": () => thrownBy(() => new Headers({ "!#$%&'*+-.^_`|~09azAZ": "x" })),
  getSetCookie: () => {
    const headers = new Headers([
      ["Set-Cookie", "a=b"],
      ["x", "1"],
      ["set-cookie", "c=d"],
      ["Set-Cookie", ""],
    ]);
    return [headers.getSetCookie(), headers.get("set-cookie"), new Headers().getSetCookie()];
  },
  iterators: () => {
    const headers = new Headers([
      ["b", "1"],
      ["a", "2"],
    ]);
    const each: unknown[] = [];
    headers.forEach((value, name, of) => each.push([name, value, of === headers]));
    return [[...headers.entries()], [...headers.keys()], [...headers.values()], each];
  },
  "the tag": () => Object.prototype.toString.call(new Headers()),
  // Convex's own ways.
  "Convex: fields in the order in which they came, each by itself": () =>
    list([
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ]),
  "Convex: set puts its field last": () => {
    const headers = new Headers([
      ["a", "1"],
      ["b", "2"],
    ]);
    headers.set("a", "3");
    return list(headers);
  },
  "Convex: values as they are": () =>
    list([
      ["a", " x\t"],
      ["b", "1\n2"],
    ]),
  "Convex: iterables other than arrays are objects": () => [list(new Map([["a", "b"]])), list(null)],
});
