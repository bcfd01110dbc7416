// Package tidy holds the rules of the house that a compiler does not: which
// package may import which, how large a function and a file may grow, and what
// a text of the project may not say. It has tests only; nothing imports it.
//
// The arrows between packages stand in one table (layers_test.go). Its test holds the
// code to them, and holds the linter's copy in .golangci.yml to the table, so
// that an editor shows a forbidden import at the line. After a change of the
// table, or to write down that a large function has become smaller:
//
//	go test ./internal/tidy -update
package tidy
