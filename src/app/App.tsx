import { ChatPage } from "../chat/ChatPage.tsx";
import { useOutboxSender } from "../composer/useOutboxSender.ts";
import { useLanguage } from "../i18n/catalogue.ts";
import { SessionProvider } from "../session/SessionProvider.tsx";
import { Sidebar } from "../sidebar/Sidebar.tsx";
import { ErrorBoundary } from "../ui/ErrorBoundary.tsx";
import { Toasts } from "../ui/Toasts.tsx";
import { Frame } from "./Frame.tsx";
import { Overlays } from "./Overlays.tsx";
import { formatRoute, useRoute } from "./route.ts";
import { useShortcuts } from "./useShortcuts.ts";

export const App = () => (
  <ErrorBoundary>
    <SessionProvider>
      <Page />
    </SessionProvider>
  </ErrorBoundary>
);

function Page() {
  const route = useRoute();
  useLanguage();
  useShortcuts();
  useOutboxSender();
  return (
    <>
      <Frame
        side={
          <ErrorBoundary>
            <Sidebar />
          </ErrorBoundary>
        }
        main={
          <ErrorBoundary resetKey={formatRoute(route)}>
            <ChatPage route={route} />
          </ErrorBoundary>
        }
      />
      <ErrorBoundary fallback={null}>
        <Overlays />
      </ErrorBoundary>
      <Toasts />
    </>
  );
}
