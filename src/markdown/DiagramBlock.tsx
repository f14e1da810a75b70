import { lazy, Suspense, useEffect, useId, useState } from "react";
import { useText } from "../i18n/catalogue.ts";
import { useIsDark } from "../preferences/preferences.ts";
import { Button } from "../ui/Button.tsx";
import { CodeBlock } from "./CodeBlock.tsx";
import styles from "./DiagramBlock.module.css";
import { drawDiagram } from "./drawDiagram.ts";

const PictureSheet = lazy(async () => ({
  default: (await import("../files/PictureSheet.tsx")).PictureSheet,
}));

type Drawing = { kind: "drawing" } | { kind: "drawn"; image: string } | { kind: "failed" };

/** A mermaid diagram, drawn in the colours of the page; a press enlarges it. Its text is there while it is not drawn, and on demand. */
export function DiagramBlock({ source }: { source: string }) {
  const text = useText();
  const dark = useIsDark();
  const id = `diagram${useId().replace(/\W/g, "")}`;
  const [drawing, setDrawing] = useState<Drawing>({ kind: "drawing" });
  const [asText, setAsText] = useState(false);
  const [enlarged, setEnlarged] = useState(false);

  useEffect(() => {
    let current = true;
    drawDiagram(id, source, dark).then(
      (image) => current && setDrawing({ kind: "drawn", image }),
      () => current && setDrawing({ kind: "failed" }),
    );
    return () => {
      current = false;
    };
  }, [id, source, dark]);

  const image = drawing.kind === "drawn" && !asText ? drawing.image : null;
  return (
    <div className={styles.diagram}>
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
      {drawing.kind === "failed" && <p role="status">{text.diagramFailed}</p>}
      {drawing.kind === "drawn" && (
        <Button look="quiet" onClick={() => setAsText(!asText)}>
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
