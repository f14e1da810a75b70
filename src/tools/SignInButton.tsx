import { useAction } from "convex/react";
import { useState } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { useToolTexts } from "../i18n/toolTexts.ts";
import { Button } from "../ui/Button.tsx";
import { goToServer } from "./signIn.ts";

/** Goes to the page of a tool server, where the person signs in. */
export function SignInButton({
  server,
  again,
  look = "plain",
}: {
  server: string;
  /** They were signed in, and the server has ended it. */
  again: boolean;
  look?: "plain" | "primary";
}) {
  const text = useToolTexts();
  const begin = useAction(api.mcpSignIn.begin);
  const [isLeaving, setLeaving] = useState(false);
  const leave = () => {
    setLeaving(true);
    begin({ server, origin: window.location.origin }).then(
      ({ url }) => goToServer(url),
      (error: unknown) => {
        setLeaving(false);
        reportFailure(error);
      },
    );
  };
  return (
    <Button
      look={look}
      disabled={isLeaving}
      aria-label={again ? text.signInAgainTo(server) : text.signInTo(server)}
      onClick={leave}
    >
      {isLeaving ? text.leaving : again ? text.signInAgain : text.signIn}
    </Button>
  );
}
