import { useConvex } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useEffect, useState } from "react";
import { api } from "../../../convex/_generated/api";

type State = FunctionReturnType<typeof api.modelProviders.check>[number];

/** By the ids of providers; null until they have been asked for the first time. */
export type ProviderStates = ReadonlyMap<string, State> | "failed" | null;

/** How the providers are: asked at once, whenever `providers` is another text, and by `check`. Null for `providers` asks nobody. */
export function useProviderStates(providers: string | null): {
  states: ProviderStates;
  isChecking: boolean;
  check: () => void;
} {
  const convex = useConvex();
  const [checks, setChecks] = useState(0);
  const [answer, setAnswer] = useState<{ to: string | null; states: ProviderStates }>({
    to: null,
    states: null,
  });
  const question = providers === null ? null : `${checks} ${providers}`;
  useEffect(() => {
    if (question === null) return;
    let wanted = true;
    convex.action(api.modelProviders.check, {}).then(
      (all) => wanted && setAnswer({ to: question, states: new Map(all.map((state) => [state.id, state])) }),
      () => wanted && setAnswer({ to: question, states: "failed" }),
    );
    return () => {
      wanted = false;
    };
  }, [convex, question]);
  return {
    states: answer.states,
    isChecking: question !== answer.to,
    check: () => setChecks((count) => count + 1),
  };
}
