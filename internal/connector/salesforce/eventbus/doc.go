// Package eventbus is the generated client of Salesforce's Pub/Sub API
// (service eventbus.v1.PubSub), from the messages of pubsub.proto.
package eventbus

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative pubsub.proto
