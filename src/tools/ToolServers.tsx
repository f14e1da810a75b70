import { useMutation } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { useToolTexts, type ToolTexts } from "../i18n/toolTexts.ts";
import { useViewerQuery } from "../session/session.ts";
import styles from "../settings/YourKeys.module.css";
import { Button } from "../ui/Button.tsx";
import { SignInButton } from "./SignInButton.tsx";

type SignIn = NonNullable<FunctionReturnType<typeof api.toolChoice.offered>[number]["signIn"]>;

/** A person's sign-ins to tool servers, in the settings. Not there where no server asks for one. */
export function ToolServers() {
  const text = useToolTexts();
  const offered = useViewerQuery(api.toolChoice.offered, {}) ?? [];
  const signOut = useMutation(api.mcp.signOut);
  const servers = offered.flatMap(({ name, signIn }) => (signIn === null ? [] : [{ name, signIn }]));
  if (servers.length === 0) return null;
  return (
    <section className={styles.keys} aria-label={text.servers}>
      <h3 className={styles.title}>{text.servers}</h3>
      <p className={styles.hint}>{text.serversHint}</p>
      {servers.map(({ name, signIn }) => (
        <div key={name} className={styles.row}>
          <div className={styles.words}>
            <span>{name}</span>
            <span className={styles.state} data-lost={signIn === "again"}>
              {stateText(signIn, text)}
            </span>
          </div>
          <div className={styles.actions}>
            {signIn !== "done" && <SignInButton server={name} again={signIn === "again"} />}
            {signIn !== "needed" && (
              <Button
                look="danger"
                aria-label={text.signOutOf(name)}
                onClick={() => void signOut({ server: name }).catch(reportFailure)}
              >
                {text.signOut}
              </Button>
            )}
          </div>
        </div>
      ))}
    </section>
  );
}

function stateText(signIn: SignIn, text: ToolTexts): string {
  switch (signIn) {
    case "needed":
      return text.notSignedIn;
    case "done":
      return text.signedIn;
    case "again":
      return text.hasEnded;
    default:
      return signIn satisfies never;
  }
}
