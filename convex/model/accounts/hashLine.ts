import { failure } from "../../shared/errors";

/** Passwords of one network that may wait. Each takes about a quarter of a second, and whoever waits holds an action. */
const MAX_WAITING_OF_NETWORK = 16;

/** Until there is room again, milliseconds. */
const RETRY_AFTER_MS = 4_000;

/**
 * The line in which passwords are hashed, one at a time. A hash takes one of the four threads that this process also checks tokens, compresses,
 * syncs files and looks names up with: a stranger who tries two hundred passwords at once must not hold all of that up. Networks take
 * turns, so that nobody waits for all that another one tries.
 */
export class HashLine {
  /** Whoever's turn is next comes first. */
  private readonly waiting = new Map<string, (() => void)[]>();
  private isBusy = false;

  /** Runs `work` when it is its turn. Errors: RATE_LIMITED, when too many of the network wait, and those of `work`. */
  async run<T>(network: string, work: () => Promise<T>): Promise<T> {
    await this.untilTurn(network);
    try {
      return await work();
    } finally {
      this.callNext();
    }
  }

  private untilTurn(network: string): Promise<void> {
    if (!this.isBusy) {
      this.isBusy = true;
      return Promise.resolve();
    }
    const ofNetwork = this.waiting.get(network) ?? [];
    if (ofNetwork.length >= MAX_WAITING_OF_NETWORK) {
      throw failure(
        "RATE_LIMITED",
        "Too many people of your network are signing in. Please try again soon.",
        {
          retryAfterMs: RETRY_AFTER_MS,
          scope: "address",
        },
      );
    }
    this.waiting.set(network, ofNetwork);
    return new Promise((resolve) => ofNetwork.push(resolve));
  }

  private callNext(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.isBusy = false;
      return;
    }
    const [network, ofNetwork] = next;
    this.waiting.delete(network);
    const [call, ...rest] = ofNetwork;
    // Others have their turn before this network's next one.
    if (rest.length > 0) this.waiting.set(network, rest);
    call?.();
  }
}
