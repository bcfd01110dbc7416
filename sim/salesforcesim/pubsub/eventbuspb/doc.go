// Package eventbuspb holds the generated messages and service stubs of the Pub/Sub API.
package eventbuspb

//go:generate protoc --go_out=. --go_opt=paths=source_relative --go-grpc_out=. --go-grpc_opt=paths=source_relative salesforcesim_eventbus.proto
