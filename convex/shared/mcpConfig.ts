import { isRecord, isText, isWebAddress, type ConfigFault } from "./configFault";

/**
 * The MCP servers that the owner has connected, as other programs have them under `mcpServers`: an object of servers by their names. In
 * `verbatim.config.json`, or as JSON in `VERBATIM_MCP_SERVERS`. Only servers with an address: nothing is started here.
 */

/** Which calls a person must approve. `unlessReadOnly` believes the server about which of its tools change nothing. */
const APPROVALS = ["always", "unlessReadOnly", "never"] as const;

export type McpServer = {
  name: string;
  url: string;
  headers?: Record<string, string>;
  approval: (typeof APPROVALS)[number];
  /** The tools that are offered; all if it is not said. */
  tools?: string[];
  /** Asks `tokenUrl` for a token by its own credentials, or by a refresh token of the owner's. */
  oauth?: {
    tokenUrl: string;
    clientId: string;
    clientSecret?: string;
    refreshToken?: string;
    scope?: string;
  };
  /** Each person signs in to it in their browser. Empty: Verbatim registers itself there (RFC 7591). */
  signIn?: SignIn;
};

/** What Verbatim is to the server that people sign in at. */
type SignIn = {
  clientId?: string;
  clientSecret?: string;
  /** Whose client it is. A secret is sent to no other server, and only this one may have an address of a private network. */
  issuer?: string;
  scope?: string;
};

/** As it is written down. */
type WrittenServer = Omit<McpServer, "name" | "approval" | "signIn"> &
  Partial<Pick<McpServer, "approval">> & { signIn?: boolean | SignIn };

/** Part of the names of tools and of what is stored of a choice: short, and without "_", which divides it from a tool's name. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/i;
const TYPES = ["http", "streamable-http"];
const FIELDS = ["type", "url", "headers", "approval", "tools", "oauth", "signIn"];
const OAUTH_FIELDS = ["tokenUrl", "clientId", "clientSecret", "refreshToken", "scope"];
const SIGN_IN_FIELDS = ["clientId", "clientSecret", "issuer", "scope"];

/** More at once would be more tools than models take. */
const MAX_SERVERS = 20;

/** Reads the object of servers. Those with a fault are left out; no message repeats a value, which may be a secret. */
export function readMcpConfig(value: unknown): { servers: McpServer[]; faults: ConfigFault[] } {
  if (!isRecord(value)) {
    return { servers: [], faults: [{ path: [], message: 'It must be { "name": { "url": … }, … }.' }] };
  }
  const servers: McpServer[] = [];
  const faults: ConfigFault[] = [];
  const entries = Object.entries(value);
  if (entries.length > MAX_SERVERS) {
    faults.push({ path: [], message: `There may be ${MAX_SERVERS} servers at most.` });
  }
  for (const [name, entry] of entries.slice(0, MAX_SERVERS)) {
    const found = faultsOf(name, entry).map((fault) => ({ ...fault, path: [name, ...fault.path] }));
    faults.push(...found);
    if (found.length > 0) continue;
    // Checked field by field.
    const { url, headers, approval = "always", tools, oauth, signIn = false } = entry as WrittenServer;
    servers.push({
      ...{ name, url, approval },
      ...(headers !== undefined && { headers }),
      ...(tools !== undefined && { tools }),
      ...(oauth !== undefined && { oauth }),
      ...(signIn !== false && { signIn: signIn === true ? {} : signIn }),
    });
  }
  return { servers, faults };
}

function faultsOf(name: string, entry: unknown): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const fault = (path: ConfigFault["path"], message: string) => void faults.push({ path, message });
  if (!NAME.test(name)) {
    fault([], 'Its name must have 1 to 24 letters, digits and "-", for example "issue-tracker".');
  }
  if (!isRecord(entry)) {
    fault([], 'A server is { "url": …, … }.');
    return faults;
  }
  for (const field of Object.keys(entry)) {
    if (!FIELDS.includes(field))
      fault([field], `There is no field "${field}". There are: ${FIELDS.join(", ")}.`);
  }
  const { type, url, headers, approval, tools, oauth, signIn } = entry;
  if (type !== undefined && !TYPES.some((known) => known === type)) {
    fault(["type"], 'It must be "http": servers that a command starts are not supported.');
  }
  if (!isWebAddress(url))
    fault(["url"], "It must be a web address, for example https://tools.example.com/mcp.");
  if (headers !== undefined && !(isRecord(headers) && Object.values(headers).every(isString))) {
    fault(["headers"], 'It must be headers by their names: { "Authorization": … }.');
  }
  if (approval !== undefined && !APPROVALS.some((known) => known === approval)) {
    fault(["approval"], `It must be one of ${APPROVALS.join(", ")}.`);
  }
  if (tools !== undefined && !(Array.isArray(tools) && (tools as unknown[]).every(isText))) {
    fault(["tools"], 'It must be a list of names, for example ["search"].');
  }
  if (oauth !== undefined) {
    faults.push(...faultsOfOauth(oauth).map((found) => ({ ...found, path: ["oauth", ...found.path] })));
  }
  if (signIn !== undefined && typeof signIn !== "boolean") {
    faults.push(...faultsOfSignIn(signIn).map((found) => ({ ...found, path: ["signIn", ...found.path] })));
  }
  if (signIn !== undefined && signIn !== false && oauth !== undefined) {
    fault(["signIn"], 'A server has "oauth", for everybody, or "signIn", for each person, and not both.');
  }
  return faults;
}

function faultsOfOauth(oauth: unknown): ConfigFault[] {
  if (!isRecord(oauth)) return [{ path: [], message: 'It must be { "tokenUrl": …, "clientId": …, … }.' }];
  return [...new Set([...OAUTH_FIELDS, ...Object.keys(oauth)])].flatMap((field): ConfigFault[] => {
    const value = oauth[field];
    if (!OAUTH_FIELDS.includes(field)) {
      const message = `There is no field "${field}". There are: ${OAUTH_FIELDS.join(", ")}.`;
      return [{ path: [field], message }];
    }
    if (field === "tokenUrl") {
      return isWebAddress(value) ? [] : [{ path: [field], message: "It must be a web address." }];
    }
    const isMissing = value === undefined && field !== "clientId";
    return isMissing || isString(value) ? [] : [{ path: [field], message: "It must be a text." }];
  });
}

function faultsOfSignIn(signIn: unknown): ConfigFault[] {
  if (!isRecord(signIn)) return [{ path: [], message: 'It must be true, or { "clientId": …, … }.' }];
  const faults = Object.entries(signIn).flatMap(([field, value]): ConfigFault[] => {
    if (!SIGN_IN_FIELDS.includes(field)) {
      const message = `There is no field "${field}". There are: ${SIGN_IN_FIELDS.join(", ")}.`;
      return [{ path: [field], message }];
    }
    if (field === "issuer")
      return isWebAddress(value) ? [] : [{ path: [field], message: "It must be a web address." }];
    return isText(value) ? [] : [{ path: [field], message: "It must be a text." }];
  });
  const { clientId, clientSecret, issuer } = signIn;
  if (clientSecret !== undefined && (clientId === undefined || issuer === undefined)) {
    faults.push({ path: ["clientSecret"], message: 'It needs "clientId" and "issuer".' });
  }
  return faults;
}

const isString = (value: unknown): boolean => typeof value === "string";
