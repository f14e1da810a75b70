/** Which route of `http.ts` a request goes to, as `HttpRouter.lookup` decides it, without running any code. */
import type { ComponentBundle } from "../functions/types.ts";

/**
 * The route's path as the router lists it (`/exact` or `/prefix/*`), or `null` if there is none. An exact route
 * wins over a prefix, a longer prefix over a shorter one; `HEAD` is routed as `GET`.
 */
export function matchHttpRoute(
  bundle: Pick<ComponentBundle, "httpRoutes">,
  method: string,
  path: string,
): string | null {
  const routed = method === "HEAD" ? "GET" : method;
  let best: string | null = null;
  for (const [routePath, routeMethod] of bundle.httpRoutes) {
    if (routeMethod !== routed) continue;
    if (routePath === path) return routePath;
    const isPrefixRoute = routePath.endsWith("*");
    if (isPrefixRoute && path.startsWith(routePath.slice(0, -1)) && routePath.length > (best?.length ?? 0)) {
      best = routePath;
    }
  }
  return best;
}
