import { httpRouter } from "convex/server";
import { auth } from "./auth";

const http = httpRouter();

// The OpenID configuration and the public keys with which the backend checks the guests' tokens.
auth.addHttpRoutes(http);

export default http;
