// Package clients runs clients that others wrote, unmodified and at pinned
// versions, against the simulators: the vendors' own and those that many
// integrations are built on. A simulator that one of them finds out is wrong.
//
// The packages and the Node.js they run on are those of package-lock.json,
// installed by scripts/clients. A test starts a simulator on loopback, runs a
// script of its folder with [Node], and judges by the simulator's ledger or by
// what another call reads back.
package clients
