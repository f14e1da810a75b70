export default {
  providers: [
    { domain: process.env["CONVEX_SITE_URL"], applicationID: "convex" },
    {
      type: "customJwt",
      issuer: "https://custom.example",
      jwks: `data:application/json,${encodeURIComponent(process.env["JWKS"] ?? '{"keys":[]}')}`,
      algorithm: "ES256",
      applicationID: "app",
    },
    // Nobody answers there: no client asks that port.
    { domain: "http://127.0.0.1:9", applicationID: "unreachable" },
    // Issuers that answer with their status.
    ...[404, 410, 425, 429, 503].map((status) => ({
      domain: `${process.env["CONVEX_SITE_URL"]}/status/${status}`,
      applicationID: "convex",
    })),
  ],
};
