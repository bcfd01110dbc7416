// Package hubspot judges the simulated portal by HubSpot's own Node.js client.
// The scripts check what they read back over the API; the tests then judge by
// the portal's records and its ledger.
package hubspot
