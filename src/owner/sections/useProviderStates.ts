import { useConvex } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { useCallback, useEffect, useRef, useState } from "react";
import { api } from "../../../convex/_generated/api";

type State = FunctionReturnType<typeof api.modelProviders.check>[number];

/** By the ids of providers; null until they have been asked for the first time. */
export type ProviderStates = ReadonlyMap<string, State> | "failed" | null;

/** How the providers are: asked at once, whenever `providers` is another text, and by `check`. */
export function useProviderStates(providers: string | null): {
  states: ProviderStates;
  isChecking: boolean;
  check: () => void;
} {
  const convex = useConvex();
  const [states, setStates] = useState<ProviderStates>(null);
  const [isChecking, setChecking] = useState(false);
  const newest = useRef(0);
  const check = useCallback(() => {
    const turn = ++newest.current;
    const finish = (next: ProviderStates) => {
      if (turn !== newest.current) return;
      setStates(next);
      setChecking(false);
    };
    setChecking(true);
    convex.action(api.modelProviders.check, {}).then(
      (all) => finish(new Map(all.map((state) => [state.id, state]))),
      () => finish("failed"),
    );
  }, [convex]);
  useEffect(() => {
    if (providers !== null) check();
    return () => void newest.current++;
  }, [providers, check]);
  return { states, isChecking, check };
}
