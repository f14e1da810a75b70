import { Component, createContext, useContext, type ReactNode } from "react";
import { texts } from "../i18n/catalogue.ts";
import { Button } from "./Button.tsx";
import styles from "./ErrorBoundary.module.css";

interface Props {
  /** A new value (another chat) gives the part a new chance by itself. */
  resetKey?: string;
  fallback?: ReactNode;
  children: ReactNode;
}

/** A new value (another session) gives every part inside a new chance. */
export const ResetContext = createContext("");

/** Keeps a part that fails from taking the rest of the page with it. React itself logs the error. */
export function ErrorBoundary({ resetKey = "", ...rest }: Props) {
  return <Boundary resetKey={`${useContext(ResetContext)} ${resetKey}`} {...rest} />;
}

class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override componentDidUpdate(previous: Props) {
    if (this.state.failed && previous.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    if (this.props.fallback !== undefined) return this.props.fallback;
    return (
      <div className={styles.failed} role="alert">
        <p>{texts().partFailed}</p>
        <Button onClick={() => this.setState({ failed: false })}>{texts().tryAgain}</Button>
      </div>
    );
  }
}
