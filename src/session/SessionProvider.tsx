import { ConvexAuthProvider } from "@convex-dev/auth/react";
import type { ReactNode } from "react";
import { convex } from "../app/convexClient.ts";
import { SessionContext } from "./session.ts";
import { SESSION_NAMESPACE, useSession } from "./useSession.ts";

/** The backend's client and the person's session, for everything inside. */
export function SessionProvider({ children }: { children: ReactNode }) {
  return (
    // A code in the address is the OpenID Connect provider's, for `account/ProviderReturn.tsx`.
    <ConvexAuthProvider client={convex} storageNamespace={SESSION_NAMESPACE} shouldHandleCode={false}>
      <Session>{children}</Session>
    </ConvexAuthProvider>
  );
}

const Session = ({ children }: { children: ReactNode }) => (
  <SessionContext value={useSession()}>{children}</SessionContext>
);
