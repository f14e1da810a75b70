/** convex-test takes the folder that holds `_generated` for the root of the functions. */
import { anyApi, componentsGeneric } from "convex/server";

export const api = anyApi;
export const components = componentsGeneric();
