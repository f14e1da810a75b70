import { Suspense, useContext, useState } from "react";
import { ChatPage } from "../chat/ChatPage.tsx";
import { useOutboxSender } from "../composer/useOutboxSender.ts";
import { useUploadSender } from "../files/useUploadSender.ts";
import { useLanguage } from "../i18n/catalogue.ts";
import { SessionContext } from "../session/session.ts";
import { SessionProvider } from "../session/SessionProvider.tsx";
import { ArchivePage, useIsArchivePage } from "../sidebar/ArchivePage.tsx";
import { KeptChats } from "../sidebar/keptChats.ts";
import { Sidebar } from "../sidebar/Sidebar.tsx";
import type { Chat } from "../sidebar/types.ts";
import { takeSignInReturn } from "../tools/takeReturn.ts";
import { ErrorBoundary, ResetContext } from "../ui/ErrorBoundary.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { Frame } from "./Frame.tsx";
import { Overlays } from "./Overlays.tsx";
import { formatRoute, useRoute, type Route } from "./route.ts";
import { useShortcuts } from "./useShortcuts.ts";

const LeftInstructions = lazyPart(
  async () => (await import("../settings/LeftInstructions.tsx")).LeftInstructions,
);

const SignInReturn = lazyPart(async () => (await import("../tools/SignInReturn.tsx")).SignInReturn);

const signInReturn = takeSignInReturn();

export const App = () => (
  <ErrorBoundary>
    <SessionProvider>
      <Page />
    </SessionProvider>
  </ErrorBoundary>
);

/** Where in a chat one is makes it no other page. */
const withoutPlace = (route: Route): Route =>
  route.kind === "chat" ? { kind: "chat", taskId: route.taskId } : route;

const DoorPage = lazyPart(async () => (await import("../account/DoorPage.tsx")).DoorPage);

const OwnerPage = lazyPart(async () => (await import("../owner/OwnerPage.tsx")).OwnerPage);

/** Addresses of invitations, of links for a new password, and of coming back from a provider, whose page comes first, whoever one is. */
const isLinkPage = () => /^\/(join|reset|oidc)\/?$/.test(window.location.pathname);

function Page() {
  const route = useRoute();
  const isArchivePage = useIsArchivePage();
  useLanguage();
  useShortcuts();
  useOutboxSender();
  useUploadSender();
  const sessionState = useContext(SessionContext);
  const session = sessionState.kind;
  // Another session begins with none.
  const [keptChats, setKeptChats] = useState(() => ({ session, lists: new Map<boolean, readonly Chat[]>() }));
  if (keptChats.session !== session) setKeptChats({ session, lists: new Map() });
  const [hasLink, setHasLink] = useState(isLinkPage);
  if (sessionState.kind === "locked" || hasLink)
    return (
      <>
        <Suspense fallback={null}>
          <DoorPage
            hasEnded={sessionState.kind === "locked" && sessionState.hasEnded}
            goOnAsGuest={sessionState.kind === "locked" ? sessionState.goOnAsGuest : null}
            onDone={() => setHasLink(false)}
          />
        </Suspense>
        <Toasts />
      </>
    );
  return (
    <ResetContext value={session}>
      <KeptChats value={keptChats.lists}>
        <Frame
          side={
            <ErrorBoundary>
              <Sidebar />
            </ErrorBoundary>
          }
          main={
            <ErrorBoundary resetKey={formatRoute(withoutPlace(route))}>
              {route.kind === "owner" ? (
                <Suspense fallback={null}>
                  <OwnerPage section={route.section} />
                </Suspense>
              ) : isArchivePage ? (
                <ArchivePage />
              ) : (
                <ChatPage route={route} />
              )}
            </ErrorBoundary>
          }
        />
        <ErrorBoundary fallback={null}>
          <Overlays />
          <Suspense fallback={null}>
            <LeftInstructions />
            {signInReturn !== null && <SignInReturn search={signInReturn} />}
          </Suspense>
        </ErrorBoundary>
        <Toasts />
      </KeptChats>
    </ResetContext>
  );
}
