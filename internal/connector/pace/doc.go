// Package pace keeps the calls of one account (an org or a portal) within the
// vendor's limits and within our own daily share. It is an http.RoundTripper:
// what every connection of the account sends goes through one Transport, so
// that paging, bisecting, searches and token refreshes count as well.
//
// A connector labels each request with a Bucket (Config.Classify); the caller
// labels the context with a priority (connector.WithPriority). Waiting honours
// the context. A call that cannot go soon is refused with a *connector.Error
// that was surely not sent.
package pace
