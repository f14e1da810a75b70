import { z } from "zod";
import { parseJson } from "../../../providers/wire/json";
import { openKey, sealKey, type SealedKey } from "../../keys/sealedKey";
import { signInUse, tryUse, type Owner } from "./signInUse";

/** What is sealed of a sign-in, and of a try: for actions alone. With the names that `@ai-sdk/mcp` gives them. */

const zTokens = z.object({
  access_token: z.string(),
  token_type: z.string(),
  expires_in: z.number().optional(),
  scope: z.string().optional(),
  refresh_token: z.string().optional(),
  /** Who gave them, and takes the refresh token. */
  authorization_server: z.string().optional(),
  token_endpoint: z.string().optional(),
});

const zClient = z.object({
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_id_issued_at: z.number().optional(),
  client_secret_expires_at: z.number().optional(),
  issuer: z.string().optional(),
  authorization_server: z.string().optional(),
  token_endpoint: z.string().optional(),
});

const zSignIn = z.object({
  client: zClient,
  redirectUrl: z.string(),
  /** Where the server says who signs people in to it. */
  resourceMetadataUrl: z.string().optional(),
  scope: z.string().optional(),
  tokens: zTokens,
  /** When the access token ends, milliseconds since the epoch. Null: when it is refused. */
  endsAt: z.number().nullable(),
});
export type SignInData = z.infer<typeof zSignIn>;

const zTry = zSignIn.omit({ tokens: true, endsAt: true }).extend({
  codeVerifier: z.string(),
  server: z.object({ authorizationServerUrl: z.string(), tokenEndpoint: z.string() }),
});
export type TryData = z.infer<typeof zTry>;

/** The sign-in with these tokens, from now on. `before`: the try, or the sign-in that is renewed. */
export function signInDataOf(
  { client, redirectUrl, resourceMetadataUrl, scope }: TryData | SignInData,
  tokens: SignInData["tokens"],
): SignInData {
  return {
    ...{ client, redirectUrl, tokens },
    ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl }),
    ...(scope !== undefined && { scope }),
    endsAt: tokens.expires_in === undefined ? null : Date.now() + tokens.expires_in * 1_000,
  };
}

/** Null when the server has no secret to seal with. */
export const sealSignIn = (data: SignInData, owner: Owner): Promise<SealedKey | null> =>
  sealKey(JSON.stringify(data), signInUse(owner));

/** Null when it cannot be read, or was for another server. */
export async function openSignIn(sealed: SealedKey, owner: Owner): Promise<SignInData | null> {
  const text = await openKey(sealed, signInUse(owner));
  return text === null ? null : (zSignIn.safeParse(parseJson(text)).data ?? null);
}

/** Null when the server has no secret to seal with. */
export const sealTry = (data: TryData, owner: Owner): Promise<SealedKey | null> =>
  sealKey(JSON.stringify(data), tryUse(owner));

/** Null when it cannot be read, or was for another server. */
export async function openTry(sealed: SealedKey, owner: Owner): Promise<TryData | null> {
  const text = await openKey(sealed, tryUse(owner));
  return text === null ? null : (zTry.safeParse(parseJson(text)).data ?? null);
}
