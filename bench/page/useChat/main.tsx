/** The AI SDK's chat hook with Verbatim's markdown renderer, and no more page than is needed: what it is compared with. */
import { useChat } from "@ai-sdk/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { StreamingMarkdown } from "../../../src/markdown/StreamingMarkdown.tsx";
import "../../../src/ui/base.css";
import "../../../src/ui/tokens.css";

/** ms between two updates of the page; without it, each piece of text is one. */
const throttle = new URLSearchParams(window.location.search).get("throttle");

function Chat() {
  const [text, setText] = useState("");
  const { messages, sendMessage, status } = useChat(
    throttle === null ? {} : { experimental_throttle: Number(throttle) },
  );
  return (
    <main style={{ height: "100dvh", overflow: "auto" }}>
      {messages.map((message, index) => {
        const live = status !== "ready" && index === messages.length - 1;
        return (
          <article key={message.id} data-status={live ? "streaming" : "complete"} data-role={message.role}>
            {message.parts.map((part, at) =>
              part.type === "text" ? <StreamingMarkdown key={at} text={part.text} live={live} /> : null,
            )}
          </article>
        );
      })}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text });
          setText("");
        }}
      >
        <input
          id="composer"
          aria-label="Message"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </form>
    </main>
  );
}

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Chat />);
