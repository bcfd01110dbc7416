package pubsub

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// refusal is an error of the service before it has an rpc id: a gRPC code, Salesforce's error code and a text.
type refusal struct {
	code    codes.Code
	name    string // after sfdc.platform.eventbus.grpc.
	message string
}

const errorPrefix = "sfdc.platform.eventbus.grpc."

// The errors of the Pub/Sub API ("Pub/Sub API Error Codes"). The names after fetch.request and topic are not documented.
var (
	errAuth        = &refusal{codes.Unauthenticated, "service.auth.error", "An authentication exception occurred."}
	errAuthRefresh = &refusal{codes.Unauthenticated, "service.auth.refresh.invalid", "The authentication refresh is invalid."}
	errUnavailable = &refusal{codes.Unavailable, "service.unavailable", "The service is temporarily unavailable."}
	errStreams     = &refusal{codes.ResourceExhausted, "concurrent.client.limit.exceeded", "The maximum number of concurrent clients is exceeded."}
	errQuota       = &refusal{codes.ResourceExhausted, "subscription.limit.exceeded", "You have exceeded the event delivery limit for your org."}
	errCorrupted   = &refusal{codes.InvalidArgument, "subscription.fetch.replayid.corrupted", "The Replay ID is corrupted."}
	errReplay      = &refusal{codes.InvalidArgument, "subscription.fetch.replayid.validation.failed", "The Replay ID validation failed."}
	errRequested   = &refusal{codes.InvalidArgument, "subscription.fetch.request.invalid", "The number of requested events must be greater than zero."}
	errOtherTopic  = &refusal{codes.InvalidArgument, "subscription.fetch.request.invalid", "The topic of a subscription can not be changed."}
	errTopic       = &refusal{codes.NotFound, "topic.not.found", "The topic does not exist, or you do not have access to it."}
	errSchema      = &refusal{codes.NotFound, "schema.not.found", "The schema does not exist, or you do not have access to it."}
	errNoPublish   = &refusal{codes.PermissionDenied, "publish.topic.denied", "Publishing to this topic is not permitted."}
	errManaged     = &refusal{codes.NotFound, "managed.subscription.not.found", "The managed subscription does not exist."}
	errStopped     = &refusal{codes.FailedPrecondition, "managed.subscription.stopped", "The managed subscription is in STOP state."}
)

// Error gives the text without rpc id.
func (r *refusal) Error() string { return r.message }

// status renders the refusal as the trailers and the gRPC status that Salesforce sends.
func (r *refusal) status(rpcID string) (metadata.MD, error) {
	return metadata.Pairs("error-code", errorPrefix+r.name, "rpc-id", rpcID),
		status.Error(r.code, fmt.Sprintf("%s rpcId: %s", r.message, rpcID))
}

// authorize checks the metadata of a call.
func (b *Bus) authorize(ctx context.Context) *refusal {
	md, _ := metadata.FromIncomingContext(ctx)
	token, instance, tenant := first(md, "accesstoken"), first(md, "instanceurl"), first(md, "tenantid")
	if token == "" || instance == "" || tenant == "" {
		return errAuth
	}
	if b.opt.Authorize != nil && b.opt.Authorize(token, instance, tenant) != nil {
		return errAuth
	}
	return nil
}

// reauthorize checks a token that a running stream brings, with the rest of its metadata.
func (b *Bus) reauthorize(ctx context.Context, token string) *refusal {
	md, _ := metadata.FromIncomingContext(ctx)
	if token == "" || b.opt.Authorize == nil || b.opt.Authorize(token, first(md, "instanceurl"), first(md, "tenantid")) == nil {
		return nil
	}
	return errAuthRefresh
}

func first(md metadata.MD, key string) string {
	if all := md.Get(key); len(all) > 0 {
		return all[0]
	}
	return ""
}
