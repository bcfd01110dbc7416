// Package fleet lets any number of processes share the work on one PostgreSQL store. The
// unit of work is an account group: the connections that share an org or a portal, since
// budgets belong to accounts. River keeps one job for each group, hands it to a worker, and
// to another one when the first falls silent; a hold is what a worker has while it runs such
// a job: a leased view of the store, and a heartbeat.
//
// It may know of the store, and nothing of what is done under a hold. It never decides who
// may write: the lease in the store does, checked in each transaction.
package fleet
