import { useAuthActions } from "@convex-dev/auth/react";
import { useContext, useEffect, useRef, useState } from "react";
import { failureData } from "../../convex/shared/errors";
import { failureText } from "../app/failures.ts";
import { navigate } from "../app/route.ts";
import { noteSession } from "../session/lastSession.ts";
import { SessionContext } from "../session/session.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./Account.module.css";
import { takeReturn } from "./providerTrip.ts";
import { useAccountText } from "./texts.ts";

/** Signs in whom the provider has sent back, and goes on where they were; else says why not. */
export function ProviderReturn({ onGiveUp }: { onGiveUp: () => void }) {
  const text = useAccountText();
  const { signIn } = useAuthActions();
  // A page that signs in without a question does so first: else it would do so over this.
  const isSettled = useContext(SessionContext).kind !== "signingIn";
  const hasBegun = useRef(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    if (!isSettled || hasBegun.current) return;
    hasBegun.current = true;
    const errors: Partial<Record<string, string>> = text.errors;
    const finish = async () => {
      const trip = takeReturn();
      if (trip === null) {
        setProblem(text.errors.SIGN_IN_ENDED);
        return;
      }
      const { query, secret, right, from } = trip;
      try {
        await signIn("oidc", { query, secret, ...(right !== null && { right }) });
        noteSession("account");
      } catch (error) {
        const code = failureData(error)?.code ?? "";
        setProblem(code === "NOT_ALLOWED" ? text.notInvited : (errors[code] ?? failureText(error)));
        return;
      }
      // The session that was here before is over, and what was opened with it: the page begins anew, as somebody else.
      window.location.replace(window.location.origin + from);
    };
    void finish();
  }, [isSettled, signIn, text]);

  if (problem === null) return <p className={styles.words}>{text.wait}</p>;
  return (
    <>
      <p role="alert" className={styles.problem}>
        {problem}
      </p>
      <div className={styles.buttons}>
        <Button
          look="primary"
          onClick={() => {
            navigate({ kind: "newChat" }, "replace");
            onGiveUp();
          }}
        >
          {text.again}
        </Button>
      </div>
    </>
  );
}
