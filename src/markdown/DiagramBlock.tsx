import { useId, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { isDark } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import styles from "./DiagramBlock.module.css";

type Diagram = { kind: "text" } | { kind: "drawing" } | { kind: "drawn"; image: string } | { kind: "failed" };

/** Drawn as an image: nothing in the SVG can run, load or style anything of this page. */
async function draw(id: string, source: string): Promise<string> {
  const { createMermaidPlugin } = await import("@streamdown/mermaid");
  const mermaid = createMermaidPlugin({
    config: { theme: isDark() ? "dark" : "neutral", htmlLabels: false },
  }).getMermaid();
  const { svg } = await mermaid.render(id, source);
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** A mermaid diagram: its text at first, drawn when asked. */
export function DiagramBlock({ source }: { source: string }) {
  const text = useText();
  const id = `diagram${useId().replace(/\W/g, "")}`;
  const [diagram, setDiagram] = useState<Diagram>({ kind: "text" });
  const show = () => {
    setDiagram({ kind: "drawing" });
    draw(id, source).then(
      (image) => setDiagram({ kind: "drawn", image }),
      () => setDiagram({ kind: "failed" }),
    );
  };
  return (
    <div className={styles.diagram}>
      {diagram.kind === "drawn" ? (
        <img className={styles.image} src={diagram.image} alt={text.diagram} />
      ) : (
        <CodeBlock code={source} language="mermaid" incomplete={false} />
      )}
      {diagram.kind === "failed" && <p role="status">{text.diagramFailed}</p>}
      {diagram.kind === "drawn" ? (
        <Button look="quiet" onClick={() => setDiagram({ kind: "text" })}>
          {text.showCode}
        </Button>
      ) : (
        <Button look="quiet" onClick={show} disabled={diagram.kind === "drawing"}>
          {text.showDiagram}
        </Button>
      )}
    </div>
  );
}
