import { Suspense, useContext, useEffect, useId, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { useIsDark } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { lazyPart } from "../ui/lazyPart.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import styles from "./DiagramBlock.module.css";
import { drawDiagram } from "./drawDiagram.ts";
import markdown from "./Markdown.module.css";
import { OnPaper } from "./paper.ts";

const PictureSheet = lazyPart(async () => (await import("../files/PictureSheet.tsx")).PictureSheet);

/** Characters and lines of a diagram that is drawn unasked: laying out many nodes takes seconds in one piece. */
const MAX_SOURCE = 3_000;
const MAX_LINES = 60;

const isHeavy = (source: string): boolean =>
  source.length > MAX_SOURCE || source.split(/[\n;]/).length > MAX_LINES;

type Drawing =
  { kind: "asked" } | { kind: "drawing" } | { kind: "drawn"; image: string } | { kind: "failed" };

/** A mermaid diagram, drawn in the colours of the page; a press enlarges it. Its text is there while it is not drawn, and on demand. */
export function DiagramBlock({ source }: { source: string }) {
  const text = useText();
  const isDark = useIsDark();
  const dark = !useContext(OnPaper) && isDark;
  const id = `diagram${useId().replace(/\W/g, "")}`;
  const [drawing, setDrawing] = useState<Drawing>(() => ({
    kind: isHeavy(source) ? "asked" : "drawing",
  }));
  const [asText, setAsText] = useState(false);
  const [enlarged, setEnlarged] = useState(false);

  const asking = drawing.kind === "asked";
  useEffect(() => {
    if (asking) return;
    let current = true;
    drawDiagram(id, source, dark).then(
      (image) => current && setDrawing({ kind: "drawn", image }),
      () => current && setDrawing({ kind: "failed" }),
    );
    return () => {
      current = false;
    };
  }, [id, source, dark, asking]);

  const image = drawing.kind === "drawn" && !asText ? drawing.image : null;
  return (
    <div className={styles.diagram} data-plain={drawing.kind === "drawing" ? "waiting" : undefined}>
      {image === null ? (
        <CodeBlock code={source} language="mermaid" incomplete={false} />
      ) : (
        <button
          type="button"
          className={styles.enlarge}
          aria-label={text.enlargeDiagram}
          onClick={() => setEnlarged(true)}
        >
          <img className={styles.image} src={image} alt={text.diagram} />
        </button>
      )}
      {asking && (
        <div className={markdown.heavy} role="note">
          <span>{text.heavyDiagram}</span>
          <Button look="quiet" data-opens="" onClick={() => setDrawing({ kind: "drawing" })}>
            {text.showAnyway}
          </Button>
        </div>
      )}
      {drawing.kind === "failed" && (
        <p className={styles.failed} role="status">
          {text.diagramFailed}
        </p>
      )}
      {drawing.kind === "drawn" && (
        <Button look="quiet" data-opens="" onClick={() => setAsText(!asText)}>
          {asText ? text.showDiagram : text.showCode}
        </Button>
      )}
      {enlarged && image !== null && (
        <Suspense fallback={null}>
          <PictureSheet
            filename={`${text.diagram}.svg`}
            src={image}
            scales
            onClose={() => setEnlarged(false)}
          />
        </Suspense>
      )}
    </div>
  );
}
