import { failure } from "../../../shared/errors";

/** Where the pages of servers send people back to, at every address of this page. `src/tools/ConnectedPage.tsx` is there. */
const PATH = "/connected";

/**
 * The address to come back to, for a page of this origin. It must be one of the server's own, `SITE_URL` or that of the deployment, so that nobody
 * can have codes sent elsewhere. A machine's own names are as good as each other. Errors: INVALID_INPUT.
 */
export function redirectUrlFor(origin: string): string {
  const site = process.env["SITE_URL"]?.trim() || process.env["CONVEX_SITE_URL"] || "";
  if (URL.canParse(origin) && URL.canParse(site) && isSamePage(new URL(origin), new URL(site))) {
    return `${new URL(origin).origin}${PATH}`;
  }
  throw failure(
    "INVALID_INPUT",
    `Please open this page at ${site} to sign in: that is the address that the server knows it by (SITE_URL).`,
  );
}

const LOCAL = ["localhost", "127.0.0.1", "[::1]"];

function isSamePage(page: URL, site: URL): boolean {
  if (page.origin === site.origin) return true;
  const areLocal = LOCAL.includes(page.hostname) && LOCAL.includes(site.hostname);
  return areLocal && page.port === site.port && page.protocol === site.protocol;
}
