package cli

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

const (
	// maxDelivery is above any delivery of HubSpot's: at most 100 events of at most
	// 64 KiB of value each.
	maxDelivery = 8 << 20
	// freeDelivery may be read of every delivery and is more than most have; above it
	// all deliveries together may hold heldDeliveries.
	freeDelivery   = 64 << 10
	heldDeliveries = 8 * maxDelivery
)

var errDeliveriesFull = errors.New("other deliveries hold all the memory there is for them")

// delivery is the body of a webhook while it is read. A signature covers the whole
// body, so that all of it is held before anything is known of its sender; what
// strangers can have held is bounded, by delivery and in all.
type delivery struct {
	body io.Reader
	held *atomic.Int64 // by all deliveries, above the free part of each
	mine int64         // of that
	got  int64
}

// take reads the body of a request whose length is not above the bound by its own
// word. free has to be called after the last use of the body.
func (d *delivery) take(rw http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxDelivery {
		return nil, &http.MaxBytesError{Limit: maxDelivery} // not a byte of it is read
	}
	d.body = http.MaxBytesReader(rw, r.Body, maxDelivery)
	return io.ReadAll(d)
}

// Read implements io.Reader and counts what is held.
func (d *delivery) Read(p []byte) (int, error) {
	n, err := d.body.Read(p)
	d.got += int64(n)
	if more := max(d.got-freeDelivery, 0) - d.mine; more > 0 {
		d.mine += more
		if d.held.Add(more) > heldDeliveries {
			return n, errDeliveriesFull
		}
	}
	return n, err
}

// free gives back what the delivery held.
func (d *delivery) free() { d.held.Add(-d.mine) }

// unreadStatus is the answer to a delivery that could not be read. HubSpot sends
// again what is not answered by 2xx.
func unreadStatus(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errDeliveriesFull):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}
