// Package pubsub is the event bus of the simulated org: Change Data Capture and platform events over Salesforce's Pub/Sub
// API (gRPC service eventbus.v1.PubSub, Avro payloads), with its replay ids, 72 hours of retention, flow control, gap
// events and errors (Change Data Capture guide; github.com/forcedotcom/pub-sub-api).
//
// It is a leaf: the org describes its entities by callback and publishes each committed transaction once.
//
//	bus := pubsub.New(pubsub.Options{
//		Now: org.Now, OrgID: org.ID, Authorize: org.checkToken,
//		Entity: org.entity, Selected: org.isSelected,
//	})
//	bus.Register(grpcServer)
//	err := bus.Publish(pubsub.Transaction{
//		Key: "…", CommitTime: now, CommitNumber: 10, User: "005…", Origin: "com/salesforce/api/rest/65.0;client=x",
//		Changes: []pubsub.Change{{Entity: "Account", IDs: []string{"001…"}, Type: pubsub.Update,
//			Values: map[string]any{"BillingStreet": "1 Main St", "LastModifiedDate": now}, Changed: []string{"BillingStreet"}}},
//	})
package pubsub
