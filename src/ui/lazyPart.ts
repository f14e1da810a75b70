import { lazy, type ComponentType } from "react";
import { untilLoaded } from "../lib/untilLoaded.ts";

/**
 * A part of the page that is loaded when it is first shown, and asked for again until it has arrived: `React.lazy` alone keeps a failure
 * for ever. `load` imports it.
 */
export const lazyPart = <Given>(load: () => Promise<ComponentType<Given>>) =>
  lazy(async () => ({ default: await untilLoaded(load) }));
