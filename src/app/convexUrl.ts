/** The page is served by its backend, unless it was built for a deployment elsewhere. */
export const CONVEX_URL = import.meta.env.VITE_CONVEX_URL ?? window.location.origin;

/**
 * A deployment's own address as this page reaches the deployment: it gives its addresses by the name that it knows itself by,
 * which behind a proxy, or as `localhost` beside 127.0.0.1, is another origin than the page's.
 */
export function reachable(url: string, deployment: string = CONVEX_URL): string {
  const { pathname, search } = new URL(url);
  return new URL(pathname + search, deployment).href;
}
