import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";

/** Names and origins that are kept in mind as refused, so that each is logged once. A hostile client may make up any number. */
const MAX_LOGGED = 256;
/** In `allowedOrigins`: pages of any origin. */
const ANY_ORIGIN = "*";

export type AccessOptions = {
  host: string;
  /** `*` among them stands for all. */
  allowedOrigins: readonly string[];
  /** May pages that other programs on this machine serve use the backend, such as an app's development server? */
  allowLocalPages?: boolean;
  /** Told of each refused name and origin once. */
  onRefused?: (reason: string) => void;
};

/** Who may talk to the backend from a browser (E16). */
export interface Access {
  /** `null` if the request may come in, else why not and what to do. Guards against DNS rebinding. */
  refuseHost(request: IncomingMessage): string | null;
  /** `null` if the page that sent the request may use the API and the sync socket, else why not and what to do. */
  refuseOrigin(request: IncomingMessage): string | null;
}

/**
 * `Host`: a page of another name that resolves to this machine would count as same-origin, so only names that are
 * ours are answered: loopback names, bare addresses (no name to rebind), this machine's name, and those of `allowedOrigins`.
 * `Origin`: the page's own, or one of `allowedOrigins`. A request without one comes from a foreign page only if the browser says so.
 */
export function createAccess(options: AccessOptions): Access {
  const { allowLocalPages = false } = options;
  const allowsAny = options.allowedOrigins.includes(ANY_ORIGIN);
  const origins = new Set(
    options.allowedOrigins.filter((origin) => origin !== ANY_ORIGIN).map(parseAllowedOrigin),
  );
  const refuse = logOnce(options.onRefused);
  const machine = hostname().toLowerCase();
  const names = new Set([
    options.host.toLowerCase(),
    machine,
    `${machine}.local`,
    ...[...origins].map((origin) => new URL(origin).hostname),
  ]);
  return {
    refuseHost: (request) => {
      const host = parseHost(request);
      if (
        host !== null &&
        (isLoopback(host.hostname) || isAddress(host.hostname) || names.has(host.hostname))
      ) {
        return null;
      }
      return refuse(
        `This backend does not answer to the name "${request.headers.host ?? ""}". ` +
          "If the name is yours, add its origin to the allowed origins.",
      );
    },
    refuseOrigin: (request) => {
      const { origin } = request.headers;
      if (allowsAny) return null;
      if (origin === undefined) {
        // Pictures and other parts of pages are asked for without an origin; those of allowed pages may be.
        const isForeign = request.headers["sec-fetch-site"] === "cross-site" && !isNavigation(request);
        return isForeign && origins.size === 0
          ? refuse("Pages of other sites may not use this backend.")
          : null;
      }
      if (origins.has(origin)) return null;
      const host = parseHost(request);
      if (host !== null && isSameServer(origin, host)) return null;
      if (allowLocalPages && URL.canParse(origin) && isLoopback(new URL(origin).hostname)) return null;
      return refuse(
        `Pages of ${origin} may not use this backend. If that page is yours, add its origin to the allowed origins.`,
      );
    },
  };
}

/** Passes each reason on the first time it comes, and returns it. */
function logOnce(log: (reason: string) => void = () => {}): (reason: string) => string {
  const logged = new Set<string>();
  return (reason) => {
    if (logged.size < MAX_LOGGED && !logged.has(reason)) {
      logged.add(reason);
      log(reason);
    }
    return reason;
  };
}

/** Does the client run on this machine? Behind a proxy on it, the name that was asked for tells that it does not. */
export function isFromThisMachine(request: IncomingMessage): boolean {
  const address = (request.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const host = parseHost(request);
  return (address === "::1" || isLoopback(address)) && host !== null && isLoopback(host.hostname);
}

function parseAllowedOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null || url.origin === "null") {
    throw new Error(`"${origin}" is not an origin. Write it as https://chat.example.org`);
  }
  return url.origin;
}

/** A link was followed, or an address opened: the page that has it gets nothing of the answer. */
const isNavigation = ({ headers }: IncomingMessage): boolean => headers["sec-fetch-mode"] === "navigate";

/** `null` also for two names: a proxy in front may have looked at the other one (RFC 9112, 3.2). */
export function parseHost({ headers: { host }, headersDistinct }: IncomingMessage): URL | null {
  if ((headersDistinct["host"]?.length ?? 0) > 1) return null;
  return host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
}

/** Is the page from this server? The scheme does not count: a proxy in front may speak TLS. */
export function isSameServer(origin: string, host: URL): boolean {
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.host === host.host) return true;
  return page.port === host.port && isLoopback(page.hostname) && isLoopback(host.hostname);
}

/** Does a host name, as it stands in a URL, mean this machine alone? Only whole addresses and reserved names: `127.0.0.1.example.org` is somebody's. */
export function isLoopback(name: string): boolean {
  if (name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || name === "::1") return true;
  return isIP(name) === 4 && name.startsWith("127.");
}

const isAddress = (name: string): boolean => isIP(name.replace(/^\[|\]$/g, "")) !== 0;
