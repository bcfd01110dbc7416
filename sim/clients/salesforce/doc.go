// Package salesforce judges the simulated org by clients that others wrote:
// go-salesforce, jsforce, the sf command line and the Pub/Sub API client. Each
// test reads back what a client did from the org's ledger, or by another call.
package salesforce
