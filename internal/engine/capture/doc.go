// Package capture is the room of what happened: events, pushes, the journal and polls
// become marks in the dirty set, in the transaction that moves the cursor. It may know
// links, bases, entries and intents, by which it tells an echo of our own write from
// news. It says only which records to look at again, never what becomes of them; what is
// erased on request it erases at once.
package capture
