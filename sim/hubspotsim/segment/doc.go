// Package segment evaluates a portal's lists (the product calls them segments):
// it parses and checks filter trees, decides whether a record matches, and keeps
// who is a member of which list since when.
//
// Evaluation of active lists is asynchronous, as in the product: a changed
// record is queued and its membership follows only after Options.Lag. Between
// the two moments a reader sees the old membership.
//
// Facts follow HubSpot's "List filters overview" and the Lists v3 specification.
package segment
