/** An OpenID Connect provider behind `fetch`, which can say what no real one would: wrong nonces, foreign issuers, keys that are not its own. */
import { base64url, exportJWK, generateKeyPair, SignJWT } from "jose";
import { vi } from "vitest";

export const ISSUER = "https://id.example.org";
export const CLIENT_ID = "verbatim";

/** Made once: it takes half a second. */
const keys = generateKeyPair("RS256", { extractable: true });

type Json = Record<string, unknown>;
type Code = { nonce: string; challenge: string; redirectUri: string };

export class FakeIssuer {
  /** Of the person who signs in there next. */
  claims: Json = { sub: "ada", name: "Ada" };
  /** Claims that only the userinfo endpoint tells. */
  userinfo: Json = {};
  /** What the next ID tokens have in place of what is right. */
  wrong: Json = {};
  discovery: Json = {};
  isDown = false;
  tokenRequests = 0;
  private readonly codes = new Map<string, Code>();
  private signWith: CryptoKey | null = null;

  constructor() {
    vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) =>
      this.answer(new Request(input, init)),
    );
  }

  /** From now on ID tokens are signed with a key that is not published. */
  async forge(): Promise<void> {
    this.signWith = (await generateKeyPair("RS256")).privateKey;
  }

  /** The person says yes at the address to which they were sent: the parameters with which they are sent back. */
  authorize(address: string): string {
    const asked = new URL(address).searchParams;
    const code = `code-${this.codes.size}`;
    const [nonce, challenge, redirectUri] = ["nonce", "code_challenge", "redirect_uri"].map(
      (name) => asked.get(name) ?? "",
    ) as [string, string, string];
    this.codes.set(code, { nonce, challenge, redirectUri });
    return new URLSearchParams({ code, state: asked.get("state") ?? "", iss: ISSUER }).toString();
  }

  /** A code that has been lying about for too long. */
  expire(): void {
    this.codes.clear();
  }

  private async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (this.isDown) throw new TypeError("fetch failed");
    switch (pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({
          issuer: ISSUER,
          authorization_endpoint: `${ISSUER}/authorize`,
          token_endpoint: `${ISSUER}/token`,
          userinfo_endpoint: `${ISSUER}/userinfo`,
          jwks_uri: `${ISSUER}/jwks`,
          ...this.discovery,
        });
      case "/jwks": {
        const jwk = await exportJWK((await keys).publicKey);
        return Response.json({ keys: [{ ...jwk, alg: "RS256", use: "sig", kid: "1" }] });
      }
      case "/userinfo":
        return Response.json({ sub: this.claims["sub"], ...this.userinfo });
      case "/token":
        return await this.token(
          new URLSearchParams(await request.text()),
          request.headers.get("authorization"),
        );
      default:
        return new Response(null, { status: 404 });
    }
  }

  private async token(body: URLSearchParams, authorization: string | null): Promise<Response> {
    this.tokenRequests += 1;
    const code = this.codes.get(body.get("code") ?? "");
    this.codes.delete(body.get("code") ?? "");
    const verifier = new TextEncoder().encode(body.get("code_verifier") ?? "");
    const challenge = base64url.encode(new Uint8Array(await crypto.subtle.digest("SHA-256", verifier)));
    const isClient = authorization === `Basic ${btoa(`${CLIENT_ID}:secret`)}`;
    if (!code || !isClient || code.challenge !== challenge || code.redirectUri !== body.get("redirect_uri"))
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    const now = Math.floor(Date.now() / 1_000);
    const times = { iat: now, exp: now + 300 };
    const idToken = await new SignJWT({
      ...{ iss: ISSUER, aud: CLIENT_ID, nonce: code.nonce, ...times },
      ...{ ...this.claims, ...this.wrong },
    })
      .setProtectedHeader({ alg: "RS256", kid: "1" })
      .sign(this.signWith ?? (await keys).privateKey);
    return Response.json({ access_token: "at", token_type: "Bearer", id_token: idToken });
  }
}
