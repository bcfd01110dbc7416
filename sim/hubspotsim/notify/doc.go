// Package notify tells applications what changed in a portal, in HubSpot's two
// ways: webhooks (signed batches pushed to a target URL, retried) and the
// webhooks journal (entries that an application fetches by offset).
//
// Neither blocks a commit: Publish only queues. Facts follow HubSpot's webhooks
// guide, its request-validation guide and the Webhooks v3 and Webhooks Journal
// 2026-03 specifications.
package notify
