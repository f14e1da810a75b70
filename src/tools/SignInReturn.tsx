import { useAction } from "convex/react";
import { useEffect, useRef } from "react";
import { api } from "../../convex/_generated/api";
import { reportFailure } from "../app/failures.ts";
import { useToolTexts } from "../i18n/toolTexts.ts";
import { useSignedIn } from "../session/session.ts";
import { showToast } from "../ui/toasts.ts";
import { readBack, returnToPlace } from "./signIn.ts";

/**
 * Ends a sign-in to a tool server with what its page has sent back in this page's address. Shows nothing but a toast. A code counts once, and is
 * taken out of the address at once.
 */
export function SignInReturn({ search }: { search: string }) {
  const text = useToolTexts();
  const finish = useAction(api.mcpSignIn.finish);
  const signedIn = useSignedIn();
  const isDone = useRef(false);
  useEffect(returnToPlace, []);
  useEffect(() => {
    if (!signedIn || isDone.current) return;
    isDone.current = true;
    const back = readBack(search);
    if (back.kind === "refused") {
      showToast({ tone: "error", message: text.signInRefused });
      return;
    }
    const { code, state, issuer } = back;
    finish({ code, state, ...(issuer !== null && { issuer }) }).then(
      ({ server }) => showToast({ tone: "info", message: text.signedInTo(server) }),
      reportFailure,
    );
  }, [signedIn, finish, search, text]);
  return null;
}
