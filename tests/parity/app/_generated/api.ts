/** convex-test takes the folder that holds `_generated` for the root of the functions. */
import { anyApi } from "convex/server";

export const api = anyApi;
