// Package api is the JSON API of the daemon, version 1, under /api/v1: how connections
// stand, records with why they did or did not sync, issues and runs, and the actions that
// the console and the command line have. /api/v1/openapi.json describes it in OpenAPI 3.1.
//
// Programs use it by tokens, which admins make in the console: each has a role, and its
// name stands in the audit log. Errors are problem details (RFC 9457) with a code and with
// what to do. The API decides nothing: it asks by the functions of the desk, as the console
// does.
package api
