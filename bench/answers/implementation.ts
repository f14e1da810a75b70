/** A way to stream an answer from a provider to viewers through Convex. */
export interface Implementation {
  readonly name: string;
  /** The functions folder, from the project's root. */
  readonly functions: string;
  /** Settings of the functions besides those of all. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends a prompt. */
  ask(url: string): Promise<Answer>;
}

export interface Answer {
  /** Opens a viewer of this answer; `seen` gets the length of the text shown, each time that it grows. */
  view(webSocketConstructor: typeof WebSocket, seen: (length: number) => void): Promise<Viewer>;
  /** Has the provider asked. Resolves when the generator is done. */
  generate(): Promise<void>;
  close(): Promise<void>;
}

export interface Viewer {
  close(): Promise<void>;
}
