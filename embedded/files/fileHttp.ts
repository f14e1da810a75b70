/** Files over HTTP: `POST /api/storage/upload?token=…` and `GET /api/storage/<uuid>`. */
import type { Engine } from "../engine/types.ts";
import { UserError } from "../functions/types.ts";
import { tooLarge, type ByteRange, type FileStore } from "./fileStore.ts";
import { storeFile } from "./storeFile.ts";
import { checkUploadToken, findFileByUuid, redeemUploadToken, UUID, type StoredBytes } from "./syscalls.ts";

/** Seconds that a browser may keep a file: 30 days, as on Convex. The bytes behind a URL never change. */
const MAX_AGE_S = 30 * 24 * 60 * 60;
/**
 * A file comes from the page's own origin and anybody may have uploaded it: it must not be able to run script there.
 * So it is sandboxed, its type is not guessed, and what a browser could show as a document is downloaded instead.
 */
const CONTENT_SECURITY_POLICY = "default-src 'none'; sandbox";
const SHOWN_INLINE =
  /^(image\/(png|jpeg|gif|webp|avif|bmp|x-icon)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)(\s*;|$)/i;
/**
 * Served under their own type, these could be loaded as part of the page, which may load what comes from its origin. As text they
 * can't: `nosniff` has browsers refuse scripts and styles of another type.
 */
const CODE_TYPES =
  /^\s*(?:(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script[\w.]*|text\/css)\s*(?:;|$)/i;
/** What a browser says that it wants of an address, where a file of a person never is what it should be. */
const NOT_A_FILE = new Set([
  ...["script", "style", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet"],
  ...["xslt", "manifest", "object", "embed", "json"],
]);
const BYTES = "bytes=";
const RANGE = /^(|\+?\d+)-(|\+?\d+)$/;
/** The first number that a range can't name. */
const TOO_LARGE = 2n ** 64n;

export interface FileHttp {
  upload(request: Request): Promise<Response>;
  /** For `GET` and `HEAD`. */
  download(request: Request, uuid: string): Promise<Download>;
}

/** A response whose body is read from a file as its client reads it. */
export type Download = {
  status: number;
  headers: Headers;
  body: AsyncIterable<Uint8Array> | null;
};

/** `maxBytes`: of one uploaded file. */
export function createFileHttp({
  engine,
  store,
  maxBytes,
}: {
  engine: Engine;
  store: FileStore;
  maxBytes: number;
}): FileHttp {
  return {
    async upload(request) {
      const token = new URL(request.url).searchParams.get("token") ?? "";
      // Looked at before the body is read, and used up with the document's transaction: of two uploads one wins.
      const component = checkUploadToken(engine.database.begin("query").system, token);
      await engine.durable();
      if (component === null) return invalidToken();
      if (Number(request.headers.get("content-length") ?? 0) > maxBytes)
        return problem(413, "FileTooLarge", tooLarge(maxBytes));
      const file = {
        body: request.body === null ? [] : iterate(request.body),
        contentType: request.headers.get("content-type"),
        sha256: digestOf(request.headers.get("digest")),
      };
      try {
        const storageId = await storeFile(
          store,
          (work) => engine.transact(work),
          file,
          (tx) => {
            const component = redeemUploadToken(tx.system, token);
            if (component === null) throw new UserError(TOKEN_MESSAGE, INVALID_TOKEN);
            return component;
          },
          maxBytes,
        );
        return Response.json({ storageId });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        if (error.code === INVALID_TOKEN) return invalidToken();
        return problem(error.code === "FileTooLarge" ? 413 : 400, error.code ?? "BadUpload", error.message);
      }
    },

    async download(request, uuid) {
      if (NOT_A_FILE.has(request.headers.get("sec-fetch-dest") ?? "")) {
        return problem(403, "NotAScript", "A stored file can't be part of a page");
      }
      // Words and codes: `storage_get` in Convex's `crates/local_backend/src/storage.rs`, `get_file` in `crates/application/src/lib.rs`.
      if (!UUID.test(uuid)) return problem(400, "InvalidStoragePath", invalidPath(uuid));
      const file = findFileByUuid(engine.database.begin("query").system, uuid);
      await engine.durable();
      if (file === null) return problem(404, "FileNotFound", `File ${uuid} not found`);
      return respond(request, file, store);
    },
  };
}

const invalidPath = (path: string): string =>
  `Invalid storage path: "${path}". Please use \`storage.getUrl(storageId: Id<"_storage">)\` to generate a valid URL to retrieve files. See https://docs.convex.dev/file-storage/serve-files for more details`;

/** Convex's for a token that it can't read (`check_store_file_authorization` in `crates/keybroker/src/broker.rs`). */
const INVALID_TOKEN = "StorageTokenInvalid";
const TOKEN_MESSAGE = "The upload URL is unknown, was used before or has expired. Generate a new one.";

function invalidToken(): Response {
  return problem(401, INVALID_TOKEN, TOKEN_MESSAGE);
}

function problem(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status });
}

function respond(request: Request, file: StoredBytes, store: FileStore): Download {
  const headers = new Headers({
    "accept-ranges": "bytes",
    "cache-control": `private, max-age=${MAX_AGE_S}`,
    "content-disposition": SHOWN_INLINE.test(file.contentType ?? "") ? "inline" : "attachment",
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    ...(file.contentType !== null && { "content-type": servedType(file.contentType) }),
  });
  // Other units are not known, which is as if nothing was asked for (RFC 9110, 14.2).
  const asked = request.headers.get("range");
  const wanted = asked?.startsWith(BYTES) === true ? rangesIn(asked) : null;
  // A response cannot say which part of nothing it is: all of it is sent, as by Convex (`ContentRange` in its
  // `crates/file_storage/src/core.rs`).
  const isWhole = wanted === null || (file.size === 0 && wanted.length === 1);
  const range = isWhole ? null : satisfied(wanted, file.size);
  if (!isWhole && range === null) {
    return { status: 416, headers: new Headers({ "content-range": `bytes */${file.size}` }), body: null };
  }
  if (range === null) {
    headers.set("content-length", String(file.size));
    headers.set("digest", `sha-256=${file.sha256}`);
  } else {
    headers.set("content-length", String(range.end - range.start + 1));
    headers.set("content-range", `bytes ${range.start}-${range.end}/${file.size}`);
  }
  const isEmpty = request.method === "HEAD" || file.size === 0;
  const body = isEmpty ? null : store.read(file.uuid, range ?? undefined);
  return { status: range === null ? 200 : 206, headers, body };
}

const servedType = (contentType: string): string =>
  CODE_TYPES.test(contentType) ? "text/plain; charset=utf-8" : contentType;

type AskedRange = { first: string; last: string };

/** What can't be read is passed over, as by `satisfiable_ranges` in `src/common/range.rs` of the `headers` crate, which Convex uses. */
function rangesIn(header: string): AskedRange[] {
  return header
    .slice(BYTES.length)
    .split(",")
    .flatMap((spec) => {
      const [whole, first = "", last = ""] = RANGE.exec(spec.trim()) ?? [];
      const isReadable = whole !== undefined && BigInt(first) < TOO_LARGE && BigInt(last) < TOO_LARGE;
      return isReadable ? [{ first, last }] : [];
    });
}

/** One range, as Convex allows; `null` for none that can be satisfied. The last bytes are told as RFC 9110 says. */
function satisfied(ranges: readonly AskedRange[], size: number): ByteRange | null {
  const [asked, ...others] = ranges;
  if (asked === undefined || others.length > 0) return null;
  const { first, last } = asked;
  const isSuffix = first === "" && last !== "";
  const start = isSuffix ? Math.max(0, size - Number(last)) : Number(first);
  const end = isSuffix || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end ? { start, end } : null;
}

/** `Digest: sha-256=<base64>`, which the Convex client sends. */
function digestOf(header: string | null): string | null {
  return /(?:^|,)\s*sha-256=([^,\s]+)/i.exec(header ?? "")?.[1] ?? null;
}

async function* iterate(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
