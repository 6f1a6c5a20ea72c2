// Shows the API's OpenAPI document with Swagger UI, which calls nobody but this stage.

window.SwaggerUIBundle({
  url: "/.local-stage/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: false,
  validatorUrl: null,
});
