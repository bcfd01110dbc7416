// Package hubspot speaks to one HubSpot portal: records in batches, search,
// associations, properties, owners, lists, webhooks and the webhooks journal.
//
// Requests are built and answers parsed by plain functions; transport.go is the
// only place that sends. Facts come from HubSpot's developer documentation (CRM
// API guides, usage guidelines, error handling, webhooks, request validation,
// webhooks journal); the comments name the guide.
//
// The client classifies and never retries, except for one resend after an
// expired token, which the portal has surely not processed.
package hubspot
