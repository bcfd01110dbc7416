package policy

import "time"

// callsWithoutLimit is where automatic retries stop in 24 hours if no share of
// the API is set (ERR-10).
const callsWithoutLimit = 5000

// RetryAt is when a record with an error is tried again by itself: after every,
// unless the API is used too far (ERR-10). UsedShare is the used part of our
// allocation, 0 to 1; stopShare is where retries stop. Without an allocation
// (limitSet false) they stop at 5,000 calls in 24 hours. ok is false where no
// automatic retry is due; a person may still ask for one.
func RetryAt(now time.Time, every time.Duration, usedShare, stopShare float64, limitSet bool, callsToday int) (at time.Time, ok bool) {
	stopped := usedShare >= stopShare
	if !limitSet {
		stopped = callsToday >= callsWithoutLimit
	}
	if stopped {
		return time.Time{}, false
	}
	return now.Add(every), true
}
