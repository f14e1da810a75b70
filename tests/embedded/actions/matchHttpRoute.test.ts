import { httpActionGeneric, httpRouter, type RoutableMethod } from "convex/server";
import { describe, expect, test } from "vitest";
import { matchHttpRoute } from "../../../embedded/actions/matchHttpRoute.ts";

/** The router of `convex/server` is the model: it decides again, inside the run. */
const router = httpRouter();
const handler = httpActionGeneric(() => Promise.resolve(new Response()));
router.route({ path: "/", method: "GET", handler });
router.route({ path: "/a", method: "GET", handler });
router.route({ path: "/a/exact", method: "GET", handler });
router.route({ path: "/a", method: "POST", handler });
router.route({ pathPrefix: "/a/", method: "GET", handler });
router.route({ pathPrefix: "/a/b/", method: "GET", handler });
router.route({ pathPrefix: "/", method: "OPTIONS", handler });

const httpRoutes = router.getRoutes().map(([path, method]) => [path, method] as const);

describe("[E10.1] which route a request goes to", () => {
  const paths = ["/", "/a", "/a/", "/a/exact", "/a/exact/", "/a/b", "/a/b/", "/a/b/c", "/ab", "/b", "/a*"];
  const methods = ["GET", "HEAD", "POST", "OPTIONS", "PUT"];
  test.each(methods.flatMap((method) => paths.map((path) => [method, path] as const)))(
    "%s %s",
    (method, path) => {
      const expected = router.lookup(path, method as RoutableMethod)?.[2] ?? null;
      expect(matchHttpRoute({ httpRoutes }, method, path)).toBe(expected);
    },
  );
});
