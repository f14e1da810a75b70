import { useEffect, useState } from "react";
import type { PluginConfig } from "streamdown";

type MathPlugin = NonNullable<PluginConfig["math"]>;

let loaded: MathPlugin | null = null;

async function load(): Promise<MathPlugin> {
  const [{ createMathPlugin }] = await Promise.all([
    import("@streamdown/math"),
    import("katex/dist/katex.min.css"),
  ]);
  loaded = createMathPlugin({ errorColor: "var(--ink-soft)" });
  return loaded;
}

/** The maths renderer, loaded the first time that an answer may hold maths; formulas are source text until then. */
export function useMathPlugin(wanted: boolean): MathPlugin | null {
  const [plugin, setPlugin] = useState(loaded);
  useEffect(() => {
    if (!wanted || plugin !== null) return;
    let current = true;
    load().then(
      (math) => current && setPlugin(math),
      () => undefined,
    );
    return () => {
      current = false;
    };
  }, [wanted, plugin]);
  return wanted ? plugin : null;
}
