// Package notify tells people outside the console what needs them: by mail, and by a signed
// request to an address of theirs. It compares how each connection stands with what was told
// last, so that a restart neither repeats nor forgets anything, and stores what is to be told
// before it sends it. One process of a store tells.
//
// It names connections, objects, counts, runs and what to do. It never names a record or a
// value of one, and never passes on what a side has answered.
package notify
