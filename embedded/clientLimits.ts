/**
 * What one client, one address, and everybody together may use of the server (E16). Whoever has no identity has limits of their own:
 * in an app that knows its people nobody needs more than it takes to sign in; an app without sign-in works within them too.
 */
export type ClientLimits = {
  /** Bytes of all buffers that clients fill together (`memoryAccount.ts`). */
  bufferBytes: number;
  /** Connections at once: every client's socket, and the short ones beside them. */
  connections: number;
  /** Connections at once of one address that is no trusted proxy. */
  connectionsPerAddress: number;
  /** Connections that such an address may open in a second, in the long run (`http/arrivals.ts`). */
  newConnectionsPerSecond: number;
  /** Clients (sockets of the sync protocol) at once. */
  sockets: number;
  /** Sockets of one address whose clients have not signed in. Beyond that the longest silent one is closed. */
  anonymousSocketsPerAddress: number;
  /** Sockets of one person. */
  socketsPerPerson: number;
  /** Bytes of an uploaded file. */
  fileBytes: number;
  /** Lines a second that a caller's functions may add to the log, after as many at once. */
  logLinesPerSecond: number;
  person: ConnectionLimits;
  anonymous: ConnectionLimits;
};

/** Of one connection. */
export type ConnectionLimits = {
  /** Bytes of one message or of the body of one function call. */
  messageBytes: number;
  /** Queries that it may watch at once: more than any page has components. Each costs memory, and time when what it reads changes. */
  queries: number;
  /** Mutations, and actions, that it may have running or in line. */
  calls: number;
  /** Bytes of messages that it may have waiting and running. */
  waitingBytes: number;
  /** Bytes that may wait for it to read them, above which it is cut off. */
  unreadBytes: number;
};

const MEBIBYTE = 1024 * 1024;

export const DEFAULT_CLIENT_LIMITS: ClientLimits = {
  bufferBytes: 256 * MEBIBYTE,
  connections: 8192,
  connectionsPerAddress: 4096,
  // Hundreds of people behind one address, all of whom come back after a restart.
  newConnectionsPerSecond: 200,
  // Each costs about 50 KB, as much again for compression if it is another machine's, and a file descriptor.
  sockets: 4096,
  anonymousSocketsPerAddress: 1024,
  socketsPerPerson: 256,
  fileBytes: 1024 * MEBIBYTE,
  logLinesPerSecond: 20,
  person: {
    // A function's arguments, 16 MiB at Convex, and their envelope.
    messageBytes: 20 * MEBIBYTE,
    queries: 2000,
    // Convex's own.
    calls: 1000,
    waitingBytes: 32 * MEBIBYTE,
    // Responses, unlike transitions, cannot be merged. One may have 16 MiB.
    unreadBytes: 32 * MEBIBYTE,
  },
  anonymous: {
    messageBytes: 2 * MEBIBYTE,
    queries: 500,
    calls: 500,
    waitingBytes: 4 * MEBIBYTE,
    unreadBytes: 20 * MEBIBYTE,
  },
};

const COUNTED_BY_OPEN_FILES = [
  "connections",
  "connectionsPerAddress",
  "sockets",
  "anonymousSocketsPerAddress",
  "socketsPerPerson",
] as const;

/** What may be chosen; the rest is as by default. */
export type ClientLimitOptions = Partial<Omit<ClientLimits, "person" | "anonymous">> & {
  person?: Partial<ConnectionLimits>;
  anonymous?: Partial<ConnectionLimits>;
};

/**
 * The limits that were chosen. `openFiles`: how many files and sockets the system lets the server have open. Connections get half of them, so
 * that the database, uploads and what actions fetch never find none left.
 */
export function clientLimits(
  { person, anonymous, ...rest }: ClientLimitOptions = {},
  openFiles = Infinity,
): ClientLimits {
  const limits: ClientLimits = {
    ...DEFAULT_CLIENT_LIMITS,
    ...rest,
    person: { ...DEFAULT_CLIENT_LIMITS.person, ...person },
    anonymous: { ...DEFAULT_CLIENT_LIMITS.anonymous, ...anonymous },
  };
  const share = Math.min(1, openFiles / 2 / limits.connections);
  // All of them: one address must not be able to take what is left.
  for (const count of COUNTED_BY_OPEN_FILES) limits[count] = Math.max(1, Math.floor(limits[count] * share));
  return limits;
}
