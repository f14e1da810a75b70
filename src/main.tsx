import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/newsreader/wght.css";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/shell.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App.tsx";
import { loadTurns } from "./chat/turnsPart.ts";
import { dateFormats } from "./lib/dateFormats.ts";
import { whenIdle } from "./lib/whenIdle.ts";
import { preloadMarkdown } from "./markdown/loadRenderer.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void loadTurns();
preloadMarkdown();
// A browser's first use of dates takes it 30 ms on a fast computer: not while the first prompt is sent.
whenIdle(dateFormats);
