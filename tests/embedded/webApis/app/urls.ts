import { queryGeneric } from "convex/server";
import { v } from "convex/values";
import { evaluating, thrownBy } from "./evaluate.ts";

/** All parts of URLs, or `null` for what is none. */
export const parse = queryGeneric({
  args: { urls: v.array(v.object({ input: v.string(), base: v.optional(v.string()) })) },
  handler: (_ctx, { urls }) =>
    urls.map(({ input, base }) => {
      const url = URL.parse(input, base);
      if (url === null) return null;
      const { href, origin, username, password, host, port, pathname, search, hash } = url;
      return [href, origin, username, password, host, port, pathname, search, hash];
    }),
});

/** The `href` of each URL after one of its parts was set. */
export const change = queryGeneric({
  args: { changes: v.array(v.object({ href: v.string(), part: v.string(), value: v.string() })) },
  handler: (_ctx, { changes }) =>
    changes.map(({ href, part, value }) => {
      const url = new URL(href);
      (url as unknown as Record<string, string>)[part] = value;
      return url.href;
    }),
});

const text = (init?: unknown): string => new URLSearchParams(init as string).toString();
const pairs = (init: unknown): string[][] => [...new URLSearchParams(init as string)];
const changed = (init: string, change: (params: URLSearchParams) => void): string => {
  const params = new URLSearchParams(init);
  change(params);
  return params.toString();
};
const loose = (value: unknown): string => value as string;

export const { inQuery: urls, inMutation: urlsInMutation } = evaluating({
  "canParse and parse": () => [
    URL.canParse("a:b"),
    URL.canParse("aaa:b", undefined),
    URL.parse("undefined:"),
    URL.canParse("/a"),
  ],
  "the constructor throws": () => new URL("/path"),
  "an invalid base throws": () => new URL("https://a/", "b"),
  "href throws": () => {
    const url = new URL("http://a/");
    return [thrownBy(() => (url.href = "b")), url.href];
  },
  "toString, toJSON and the tag": () => {
    const url = new URL("https://a/b?c#d");
    return [String(url), JSON.stringify({ url }), Object.prototype.toString.call(url)];
  },
  "searchParams is always the same, and moves with the URL": () => {
    const url = new URL("http://example.net?a=b&c=d");
    const params = url.searchParams;
    params.append("e", "f g");
    const after = url.href;
    url.search = "?x=1";
    const searched = [...params];
    url.href = "http://example.org/";
    return [after, searched, [...params], params === url.searchParams];
  },
  "changing the parameters encodes all of them": () => {
    const url = new URL("http://www.example.com/?a=b,c");
    const before = url.href;
    url.searchParams.append("x", "y");
    return [before, url.href];
  },
  "without parameters there is no question mark": () => {
    const url = new URL("http://a/?b#c");
    url.searchParams.delete("b");
    return url.href;
  },
  "an URL of an URL": () => new URL(new URL("http://a/b"), new URL("http://c/")).href,
  "searchParams cannot be set": () =>
    thrownBy(() => ((new URL("http://a/") as { searchParams: unknown }).searchParams = "")),
});

export const { inQuery: params, inMutation: paramsInMutation } = evaluating({
  nothing: () => [text(), text(""), text({}), text([])],
  "a leading question mark": () => [text("?a=b"), text("??a=b")],
  "a copy": () => {
    const seed = new URLSearchParams("a=b&c=d");
    const copy = new URLSearchParams(seed);
    seed.append("e", "f");
    copy.append("g", "h");
    return [seed.toString(), copy.toString()];
  },
  "empty parts": () => pairs("&a&&& &&&&&a+b=& c&m%c3%b8%c3%b8"),
  "plus, space and %20": () => [pairs("a=b+c"), pairs("a b=c"), pairs("a=b%20c"), text({ query: "+15" })],
  "broken percent signs": () => [
    pairs("id=0&value=%"),
    pairs("b=%2sf%2a"),
    pairs("b=%2%2af%2a"),
    pairs("b=%%2a"),
  ],
  "bytes that are no UTF-8": () => [pairs("a=%f0%9f%92"), pairs("%FE%FF=1"), pairs("a=%C2x")],
  "a byte order mark stays": () => [
    pairs("%EF%BB%BFtest=%EF%BB%BF"),
    pairs("\ufefftest=1"),
    pairs("id=%EF%BB%BF%FF"),
  ],
  "null characters": () => [pairs("a=b\0c"), text([["a\0b", "c"]])],
  "characters of every size": () => [pairs("a=b\u2384"), pairs("a%f0%9f%92%a9b=c"), text([["a", "b💩c"]])],
  "halves of characters": () => [
    text([["a", "\ud83d"]]),
    text([["\udc53", "\ud83d\ud83d\udca9"]]),
    pairs("a=\udc53"),
  ],
  pairs: () => [
    pairs([
      ["a", "b"],
      ["c", "d"],
    ]),
    pairs(["ab", "cd"]),
  ],
  "pairs that are none": () => [thrownBy(() => pairs([[1]])), thrownBy(() => pairs([[1, 2, 3]]))],
  objects: () => [pairs({ "+": "%C2" }), pairs({ c: "x", a: "?" }), pairs({ "a\0b": "42" })],
  serialised: () => [
    text([
      ["a", "b c"],
      ["", "b"],
      ["a", ""],
      ["=", "&"],
      ["b+c", "*-._"],
      ["!'()~", "%"],
    ]),
    text("a = b &a=b&c=d%20&&e&&"),
    text([
      ["a\nb", "c\rd"],
      ["e\n\rf", "g\r\nh"],
    ]),
  ],
  "append takes anything": () =>
    changed("", (params) => {
      params.append(loose(null), loose(undefined));
      params.append(loose(1), loose({}));
    }),
  "get and getAll": () => {
    const params = new URLSearchParams("a=1&a=2&b=&=x&null=n");
    return [
      params.get("a"),
      params.get("c"),
      params.get("b"),
      params.get(""),
      params.getAll("a"),
      params.getAll("c"),
      params.get(loose(null)),
    ];
  },
  delete: () => [
    changed("a=b&c=d", (params) => params.delete("a")),
    changed("a=a&b=b&a=a&c=c", (params) => params.delete("a")),
    changed("a=a&=&b=b&c=c", (params) => params.delete("")),
    changed("first&null=1", (params) => params.delete(loose(null))),
  ],
  iterators: () => {
    const params = new URLSearchParams("a=1&b=2");
    const each: string[] = [];
    params.forEach((value, name, of) => each.push(name + value + String(of === params)));
    return [[...params.keys()], [...params.values()], [...params.entries()], each];
  },
  "sort is stable": () => changed("z=b&a=b&z=a&a=a", (params) => params.sort()),
  "sort of characters": () => [...new URLSearchParams("\ufffd=x&\ufffc&\ufffd=a")].length,
  // Convex's own ways.
  "Convex: set puts the pair last": () => [
    changed("a=b&c=d", (params) => params.set("a", "B")),
    changed("a=b&c=d&a=e", (params) => params.set("a", "B")),
    changed("a=1", (params) => params.set(loose(null), loose(4))),
  ],
  "Convex: delete and has look at names only": () => {
    const params = new URLSearchParams("a=b&a=d&c&e&");
    params.delete.call(params, "a", "b");
    return [params.toString(), params.has.call(params, "c", "not it")];
  },
  "Convex: no size": () => (new URLSearchParams("a&b") as { size?: number }).size,
  "Convex: iterables other than arrays are objects": () => [
    pairs(new Map([["a", "b"]])),
    pairs(new Set(["ab"])),
    pairs(null),
    pairs(5),
  ],
  "Convex: sorted as people sort": () => changed("b&B&a&ä&A", (params) => params.sort()),
});
