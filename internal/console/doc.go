// Package console is the part of the daemon that people see in a browser: how each
// connection stands, one record with why it did or did not sync, and what keeps records
// from syncing, with the actions that belong to them.
//
// Pages are rendered on the server and work without scripts; htmx keeps parts of them
// fresh by server-sent events. Everything that a browser needs is in the binary. The
// console decides nothing: it asks the engine, by the functions of a [Desk] where the
// process has to reach a side, and writes who asked for what into the audit log.
//
// Who may use it: accounts with a role, made by one-time links; the first link is printed
// by the process itself. Every request but signing in needs a session, every change needs
// a request from the console's own pages.
package console

//go:generate templ generate
