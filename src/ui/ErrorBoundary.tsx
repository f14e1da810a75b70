import { Component, createContext, useContext, type ReactNode } from "react";
import { texts } from "../i18n/catalogue.ts";
import { Backoff } from "../lib/backoff.ts";
import { Button } from "./Button.tsx";
import styles from "./ErrorBoundary.module.css";

interface Props {
  /** A new value (another chat) gives the part a new chance by itself. */
  resetKey?: string;
  fallback?: ReactNode;
  children: ReactNode;
}

/** `isSaid`: a failure that is soon over is not worth a word. */
type State = { readonly kind: "shown" } | { readonly kind: "failed"; readonly isSaid: boolean };

/** ms between the attempts to show a part whose query failed: most heal before one has read about it. */
const RETRY = { firstMs: 1_000, longestMs: 30_000 };

/** ms after which a part that was shown again has healed: its next failure is a new one. */
const HEALED_AFTER_MS = 60_000;

/** As the Convex client words what a query threw: that may work the next time, which no fault of the page's own does. */
const isQueryFailure = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("[CONVEX Q");

/** A new value (another session) gives every part inside a new chance. */
export const ResetContext = createContext("");

/**
 * Keeps a part that fails from taking the rest of the page with it. A query that failed is asked again, at growing intervals, until it
 * works: the server may have been too busy. React itself logs the error.
 */
export function ErrorBoundary({ resetKey = "", ...rest }: Props) {
  return <Boundary resetKey={`${useContext(ResetContext)} ${resetKey}`} {...rest} />;
}

class Boundary extends Component<Props, State> {
  override state: State = { kind: "shown" };
  private backoff = new Backoff(RETRY);
  private failures = 0;
  private failedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  static getDerivedStateFromError(error: unknown): State {
    return { kind: "failed", isSaid: !isQueryFailure(error) };
  }

  override componentDidCatch(error: unknown) {
    if (!isQueryFailure(error)) return;
    if (performance.now() - this.failedAt > HEALED_AFTER_MS) this.forget();
    this.failedAt = performance.now();
    this.failures += 1;
    if (this.failures > 1) this.setState({ kind: "failed", isSaid: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(this.tryAgain, this.backoff.next());
  }

  override componentDidUpdate(previous: Props) {
    if (this.state.kind !== "failed" || previous.resetKey === this.props.resetKey) return;
    this.forget();
    this.tryAgain();
  }

  override componentWillUnmount() {
    clearTimeout(this.timer);
  }

  private readonly tryAgain = () => {
    clearTimeout(this.timer);
    this.setState({ kind: "shown" });
  };

  private forget() {
    this.backoff = new Backoff(RETRY);
    this.failures = 0;
  }

  override render() {
    if (this.state.kind === "shown") return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback;
    if (!this.state.isSaid) return null;
    return (
      // Spoken once, however often it is tried again.
      <div className={styles.failed} role={this.failures > 2 ? undefined : "alert"}>
        <p>{texts().partFailed}</p>
        <Button onClick={this.tryAgain}>{texts().tryAgain}</Button>
      </div>
    );
  }
}
